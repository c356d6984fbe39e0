"""Spooling: rows whose columns cannot be read alone, copied once as Parquet files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pyarrow as pa
from pyarrow import parquet as pq

from drift_monitor.config.formats import FormatType
from drift_monitor.errors import as_user_error, first_line
from drift_monitor.tables.arrow_storage import READERS, LocalStorage, Storage, StoredFile
from drift_monitor.tables.files import FoundFiles
from drift_monitor.tables.flat import flattened
from drift_monitor.tables.formats import NAMES
from drift_monitor.tables.readers.arrow_files import read_arrow
from drift_monitor.tables.readers.avro import read_avro
from drift_monitor.tables.readers.capture import read_capture
from drift_monitor.tables.readers.delimited import read_csv
from drift_monitor.tables.readers.json_lines import read_json_lines
from drift_monitor.tables.readers.source import Reader, Source
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


class Rows(Protocol):
    """A table's rows in parts that can be read apart, in this process or in another one.

    Attributes:
        sizes: how many bytes each part is, about.
    """

    @property
    def sizes(self) -> list[int]:
        """How many bytes each part is, about."""

    def read(self, first: int, stop: int) -> Iterator[pa.RecordBatch]:
        """Read some parts that follow each other, nested columns by their dotted paths."""

    def explained(self, first: int) -> AbstractContextManager[None]:
        """Say in a sentence what goes wrong while parts from this one on are read and written."""


Copier = Callable[[Rows, TextTypes | None], AbstractContextManager[Copies]]
"""Copies rows as Parquet, and looks at what their text may stand for where there are such types.

What it copied may be gone when the context ends.
"""


@contextmanager
def copy_here(rows: Rows, _: TextTypes | None) -> Iterator[Copies]:
    """Copy rows into a temporary folder of this machine, several parts at once."""
    with (
        TemporaryDirectory(prefix="drift-monitor-") as folder,
        ThreadPoolExecutor(READERS) as pool,
    ):

        def copy(part: int) -> list[str]:
            return copy_parts(rows, part, part + 1, Path(folder) / str(part))

        copied = pool.map(copy, range(len(rows.sizes)))
        yield Copies([path for paths in copied for path in paths], LocalStorage())


@contextmanager
def copy_in_order(rows: Rows, _: TextTypes | None) -> Iterator[Copies]:
    """Copy rows into a temporary folder of this machine, one part after the other."""
    with TemporaryDirectory(prefix="drift-monitor-") as folder:
        yield Copies(copy_parts(rows, 0, len(rows.sizes), Path(folder) / "0"), LocalStorage())


def copy_parts(rows: Rows, first: int, stop: int, stem: Path) -> list[str]:
    """Copy parts that follow each other, in bounded memory; return the copies' paths, in order.

    Raises:
        DriftMonitorError: they cannot be read, or not be written as Parquet.
    """
    with rows.explained(first):
        return write_parts(rows.read(first, stop), stem)


@dataclass(frozen=True)
class SourceRows:
    """The rows of files that are not Parquet: each file is a part.

    Attributes:
        found: the files.
        format_type: what they are.
    """

    found: FoundFiles
    format_type: FormatType

    @property
    def sizes(self) -> list[int]:
        """How many bytes each file has."""
        return [file.size for file in self.found.files]

    def read(self, first: int, stop: int) -> Iterator[pa.RecordBatch]:
        """Read some of the files.

        Raises:
            DriftMonitorError: a file is not what it should be.
        """
        reader, table_format = _READERS[self.format_type], self.found.request.table_format
        for file in self.found.files[first:stop]:
            with readable(file, self.format_type):
                yield from map(flattened, reader(Source(self.found.storage, file), table_format))

    def explained(self, first: int) -> AbstractContextManager[None]:
        """Raise an error for the user where a file cannot be copied."""
        return readable(self.found.files[first], self.format_type)


def readable(file: StoredFile, format_type: FormatType) -> AbstractContextManager[None]:
    """Raise an error for the user where a file is not what it should be."""
    sentence = f"{file.path} cannot be read as {NAMES[format_type]}"
    return as_user_error(sentence, OSError, UnicodeError, pa.ArrowException, explain=_reason)


def _reason(error: Exception) -> str:
    reason = first_line(error)
    return reason + next((advice for sign, advice in _ADVICE.items() if sign in reason), "")


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
