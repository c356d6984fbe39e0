"""Files whose columns cannot be read alone, copied once as Parquet files in a temporary folder."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from pyarrow import parquet as pq

from drift_monitor.errors import DriftMonitorError
from drift_monitor.table_format import FormatType, TableFormat
from drift_monitor.tables.arrow_files import read_arrow
from drift_monitor.tables.avro import read_avro
from drift_monitor.tables.capture import read_capture
from drift_monitor.tables.delimited import read_csv
from drift_monitor.tables.files import FoundFiles
from drift_monitor.tables.flat import flattened
from drift_monitor.tables.formats import NAMES
from drift_monitor.tables.json_lines import read_json_lines
from drift_monitor.tables.source import Reader, Source
from drift_monitor.tables.storage import READERS, Folder, Storage, StoredFile
from drift_monitor.tables.text import Fits, TextTypes

_READERS: dict[FormatType, Reader] = {
    "csv": read_csv,
    "jsonl": read_json_lines,
    "arrow": read_arrow,
    "avro": read_avro,
    "sagemaker_capture": read_capture,
}
_ROW_GROUP = 8 << 20
_ADVICE = {
    "UTF8": "; name its encoding by format: {encoding: …}",
    "straddling": "; a row may have 1 MB: write it shorter, or close its quotes",
}
"""By what Arrow says."""


@dataclass(frozen=True)
class Copies:
    """A table's files, copied as Parquet.

    Attributes:
        paths: in the order of the files' rows.
        storage: where they are.
        fits: by column, what its text may stand for; None where nobody has looked.
    """

    paths: list[str]
    storage: Storage
    fits: Mapping[str, Fits] | None = None


Copier = Callable[[FoundFiles, FormatType, TextTypes | None], AbstractContextManager[Copies]]
"""Copies a table's files as Parquet; what it copied is gone when the table is closed."""


@contextmanager
def copy_here(found: FoundFiles, format_type: FormatType, _: TextTypes | None) -> Iterator[Copies]:
    """Copy a table's files into a temporary folder of this machine."""
    with (
        TemporaryDirectory(prefix="drift-monitor-") as folder,
        ThreadPoolExecutor(READERS) as pool,
    ):
        yield Copies(spool(found, format_type, Path(folder), pool), Folder())


def spool(
    found: FoundFiles, format_type: FormatType, folder: Path, pool: ThreadPoolExecutor
) -> list[str]:
    """Copy files, in bounded memory; return the copies' paths in the order of the files' rows.

    Raises:
        DriftMonitorError: a file is not what it should be.
    """

    def copy(number: int, file: StoredFile) -> list[str]:
        source, stem = Source(found.storage, file), folder / str(number)
        with readable(file, format_type):
            return write_parts(read_source(source, format_type, found.wanted.table_format), stem)

    return [path for paths in pool.map(copy, count(), found.files) for path in paths]


def read_source(
    source: Source, format_type: FormatType, table_format: TableFormat
) -> Iterator[pa.RecordBatch]:
    """Read a file of any of these formats, nested columns by their dotted paths."""
    return map(flattened, _READERS[format_type](source, table_format))


@contextmanager
def readable(file: StoredFile, format_type: FormatType) -> Iterator[None]:
    """Say in a sentence that a file is not what it should be.

    Raises:
        DriftMonitorError: it is not.
    """
    try:
        yield
    except (OSError, UnicodeError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        advice = next((text for sign, text in _ADVICE.items() if sign in reason), "")
        raise DriftMonitorError(
            f"{file.path} cannot be read as {NAMES[format_type]}: {reason}{advice}"
        ) from error


def write_parts(batches: Iterator[pa.RecordBatch], stem: Path) -> list[str]:
    """Write rows as Parquet files: into another part wherever the columns or their types change.

    Args:
        batches: the rows.
        stem: what the parts' paths begin with.
    """
    paths: list[str] = []
    for schema, alike in _alike(batches):
        paths.append(f"{stem}-{len(paths)}.parquet")
        with pq.ParquetWriter(paths[-1], schema) as writer:
            for group in _grouped(alike):
                writer.write_table(pa.Table.from_batches(group, schema))
    return paths


def _alike(
    batches: Iterator[pa.RecordBatch],
) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """Put batches together that fit the schema of the first of them."""
    following = next(batches, None)

    def fitting(schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        nonlocal following
        while following is not None and (fitted := _fitted(following, schema)) is not None:
            yield fitted
            following = next(batches, None)

    while following is not None:
        schema = following.schema
        yield schema, fitting(schema)


def _fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch | None:
    """Return a batch with the columns of a schema, or None where that would change a value."""
    if batch.schema.equals(schema):
        return batch
    try:
        unified = pa.unify_schemas([schema, batch.schema], promote_options="permissive")
        if not unified.equals(schema):
            return None
        columns = [
            batch.column(field.name).cast(field.type)
            if field.name in batch.schema.names
            else pa.nulls(len(batch), field.type)
            for field in schema
        ]
    except pa.ArrowException:
        return None
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _grouped(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Put batches together to row groups that are worth a read each."""
    group: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        group.append(batch)
        size += batch.nbytes
        if size >= _ROW_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group
