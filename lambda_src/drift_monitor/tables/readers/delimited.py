"""CSV and other delimited text: delimiter and encoding from the first block, unless given."""

import codecs
import csv as python_csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import pyarrow as pa
from pyarrow import csv

from drift_monitor.config.formats import TableFormat
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.formats import unpacked_name
from drift_monitor.tables.readers.source import Source, no_rows

_FIRST_BLOCK = 1 << 16
_BLOCK = 1 << 20
_TAIL = 64
_RECORDS = 50
_DELIMITERS = ",;\t|"
_UTF_8 = "utf8"
_MARKS = {
    codecs.BOM_UTF8: _UTF_8,
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class _Dialect:
    """How a file is to be parsed, and the names in its header."""

    encoding: str
    delimiter: str
    quote: str
    names: list[str]


def read_csv(source: Source, table_format: TableFormat) -> Iterator[pa.RecordBatch]:
    """Read a CSV file, all values as text.

    Raises:
        DriftMonitorError: a quote is not closed.
    """
    with source.stream() as stream:
        dialect = _detect(_first_block(stream), source.path, table_format)
    with source.stream() as stream:
        rows = _open(stream, dialect, table_format)
        if rows.schema.names == dialect.names:
            yield from _closed(rows, dialect, source)
            return
    # The header is longer than the first block, or odd: then Arrow's reading of it counts.
    dialect = replace(dialect, names=rows.schema.names)
    with source.stream() as stream:
        rows = _open(stream, dialect, table_format)
        yield from _closed(rows, dialect, source)


def _closed(
    rows: csv.CSVStreamingReader, dialect: _Dialect, source: Source
) -> Iterator[pa.RecordBatch]:
    """Pass rows on; refuse a quote that is not closed: Arrow takes the rest of the file for it.

    Raises:
        DriftMonitorError: there is one.
    """
    yield no_rows(rows.schema)
    last: str | None = None
    for batch in rows:
        last = batch.column(batch.num_columns - 1)[-1].as_py() if len(batch) else last
        yield batch
    # Only a value of several lines is read twice.
    if last and not {"\n", "\r"}.isdisjoint(last) and not _ends_in_quote(source, dialect):
        raise DriftMonitorError(
            f"{source.path} cannot be read as CSV: its last value is in quotes that are not "
            "closed, and may have rows in it: mend the file, or name another quote by "
            "format: {quote: …}"
        )


def _ends_in_quote(source: Source, dialect: _Dialect) -> bool:
    tail = b""
    with source.stream() as stream:
        while piece := stream.read(_BLOCK):
            tail = (tail + piece)[-_TAIL:]
    return tail.decode(dialect.encoding, "replace").rstrip("\r\n").endswith(dialect.quote)


def _open(
    stream: pa.NativeFile, dialect: _Dialect, table_format: TableFormat
) -> csv.CSVStreamingReader:
    return csv.open_csv(
        stream,
        read_options=csv.ReadOptions(encoding=dialect.encoding),
        parse_options=csv.ParseOptions(
            delimiter=dialect.delimiter, quote_char=dialect.quote, newlines_in_values=True
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(dialect.names, pa.string()),
            strings_can_be_null=True,
            null_values=table_format.null_values,
        ),
    )


def _first_block(stream: pa.NativeFile) -> bytes:
    """Read the first block; a packed file's may come in pieces."""
    block = b""
    while len(block) < _FIRST_BLOCK and (piece := stream.read(_FIRST_BLOCK - len(block))):
        block += piece
    return block


def _detect(block: bytes, path: str, table_format: TableFormat) -> _Dialect:
    encoding = _known(table_format.encoding) if table_format.encoding else _encoding_of(block)
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == _UTF_8 else encoding)
    text = decoder(errors="replace").decode(block)
    quote = table_format.quote or '"'
    delimiter = table_format.delimiter
    if delimiter is None:
        is_cut = len(block) == _FIRST_BLOCK
        delimiter = (
            "\t"
            if unpacked_name(path).endswith(".tsv")
            else _delimiter_of(text, quote, is_cut=is_cut)
        )
    header = next(iter(_records(text, delimiter, quote)), [])
    return _Dialect(encoding, delimiter, quote, header)


def _known(encoding: str) -> str:
    """Return an encoding by the name that Arrow reads without help where it is UTF-8."""
    name = codecs.lookup(encoding).name
    return _UTF_8 if name in ("utf-8", "utf-8-sig") else name


def _encoding_of(block: bytes) -> str:
    """Tell UTF-8, UTF-16 and, where it is neither, the Western one byte to a character."""
    for mark, encoding in _MARKS.items():
        if block.startswith(mark):
            return encoding
    sample = block[:1024]
    if sample.count(0) > len(sample) // 4:
        return "utf-16-be" if sample[0] == 0 else "utf-16-le"
    for encoding in (_UTF_8, "cp1252"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(block)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _delimiter_of(text: str, quote: str, *, is_cut: bool) -> str:
    """Choose what parts all records into as many values as the header has, and the most of them."""

    def fit(delimiter: str) -> tuple[bool, int]:
        records = _records(text, delimiter, quote)
        if is_cut and 1 < len(records) < _RECORDS:
            del records[-1]
        widths = [len(record) for record in records] or [0]
        return len(set(widths)) == 1 and widths[0] > 1, widths[0]

    return max(_DELIMITERS, key=fit)


def _records(text: str, delimiter: str, quote: str) -> list[list[str]]:
    lines = io.StringIO(text, newline=None)  # a line may also end in \r alone
    reader = python_csv.reader(lines, delimiter=delimiter, quotechar=quote)
    try:
        return [record for record in islice(reader, _RECORDS) if record]
    except python_csv.Error:  # a value of more than 131,072 characters: it is Arrow's to read
        return []
