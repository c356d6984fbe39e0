"""A table on disk or in S3, read one column and one row group at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from pyarrow import fs
from pyarrow import parquet as pq

from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.location import Location
from drift_monitor.results import TableSummary
from drift_monitor.tables.files import CSV, FoundFiles, find_files
from drift_monitor.tables.text import infer_type, retyped, spool_csv
from drift_monitor.tables.window import Window

_READERS = 8
"""Requests under way at once: S3 takes tens of milliseconds to answer, nearly all waiting."""
_OPEN_FILES = 256


@dataclass(frozen=True)
class _File:
    """A Parquet file's footer: with it, each read is one request for one part of the file."""

    name: str
    path: str
    metadata: pq.FileMetaData
    schema: pa.Schema


class Table:
    """The rows of some files that make one table, in the order of the files' paths.

    Attributes:
        location: where the table lies, as the monitor says it.
        rows: how many rows it has.
        columns: the name of each column that any file has, once, in order of appearance.
    """

    def __init__(
        self,
        location: str,
        files: list[_File],
        system: fs.FileSystem,
        readers: ThreadPoolExecutor,
        *,
        missing: list[str],
        is_text: bool,
    ) -> None:
        """Put files together.

        Args:
            location: as the monitor says it.
            files: their footers.
            system: where they are.
            readers: fetch ahead what is not on this machine.
            missing: the dated places where there is no file.
            is_text: the columns hold text as yet, whose types are to be found out (CSV).
        """
        self.location = location
        self._files = files
        self._system = system
        self._readers = readers
        self._missing = missing
        self._is_text = is_text
        self._handle: Callable[[str], pa.NativeFile] = lru_cache(_OPEN_FILES)(
            system.open_input_file
        )
        self._types: dict[str, pa.DataType] = {}
        self.rows: int = sum(file.metadata.num_rows for file in files)
        self.columns: list[str] = list(
            dict.fromkeys(name for file in files for name in file.schema.names)
        )

    @property
    def summary(self) -> TableSummary:
        """What a result says of this table."""
        return TableSummary(
            location=self.location,
            files=len(self._files),
            missing_files=self._missing,
            rows=self.rows,
        )

    def read(self, column: str) -> Iterator[pa.Array]:
        """Read one column, chunk by chunk; a file that does not have it counts as nulls.

        Text comes as dictionaries where the file has them.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
            DriftMonitorError: a file cannot be read.
        """
        data_type = self.type_of(column)
        return (retyped(chunk, data_type) for chunk in self._chunks(column))

    def type_of(self, column: str) -> pa.DataType:
        """Return the type that fits a column in all files; null where it holds nothing.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
        """
        if column not in self._types:
            self._types[column] = self._find_type(column)
        return self._types[column]

    def _find_type(self, column: str) -> pa.DataType:
        types = [_type_in(file, column) for file in self._files]
        try:
            schemas = [pa.schema([(column, data_type)]) for data_type in types]
            unified = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
        except pa.ArrowException as error:
            names = sorted({str(data_type) for data_type in types})
            raise ColumnError(f"its files disagree on its type: {', '.join(names)}") from error
        return infer_type(self._chunks(column)) if self._is_text else unified

    def _chunks(self, column: str) -> Iterator[pa.Array]:
        parts = (
            (file, group) for file in self._files for group in range(file.metadata.num_row_groups)
        )
        if isinstance(self._system, fs.LocalFileSystem):
            chunks: Iterable[pa.ChunkedArray] = (self._part(*part, column) for part in parts)
        else:
            chunks = _ahead(self._readers, lambda part: self._part(*part, column), parts)
        return (array for chunk in chunks for array in chunk.chunks)

    def _part(self, file: _File, group: int, column: str) -> pa.ChunkedArray:
        """Read one row group's part of a column."""
        if column not in file.schema.names:
            return pa.chunked_array([pa.nulls(file.metadata.row_group(group).num_rows)])
        try:
            source = self._handle(file.path)
            opened = pq.ParquetFile(
                source,
                metadata=file.metadata,
                read_dictionary=[column] if _is_text(file.schema.field(column).type) else None,
                pre_buffer=True,
            )
            # A name that is another's prefix before a dot brings that other along: pick ours.
            part = opened.read_row_group(group, columns=[column], use_threads=False)
            return part.column(part.schema.get_field_index(column))
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(file.name, error) from error


@contextmanager
def open_table(location: str, window: Window | None = None) -> Iterator[Table]:
    """Open the table at a location, for a dated one in a window. Reads no rows, but of CSV.

    Raises:
        DriftMonitorError: there is no file, or one cannot be read.
    """
    found = find_files(Location.parse(location), window)
    is_csv = [path.endswith(CSV) for path in found.paths]
    if any(is_csv) and not all(is_csv):
        raise DriftMonitorError(f"{location} holds both Parquet and CSV: keep one format there")
    with (
        TemporaryDirectory(prefix="drift-monitor-") as folder,
        ThreadPoolExecutor(_READERS) as pool,
    ):
        parquet = _as_parquet(found, Path(folder), pool) if any(is_csv) else found
        paths = zip(found.paths, parquet.paths, strict=True)
        files = list(pool.map(lambda path: _footer(parquet.system, *path), paths))
        yield Table(
            location, files, parquet.system, pool, missing=found.missing, is_text=any(is_csv)
        )


def _as_parquet(found: FoundFiles, folder: Path, pool: ThreadPoolExecutor) -> FoundFiles:
    """Rewrite CSV files as Parquet files of text, so that columns can be read alone."""
    copies = [str(folder / f"{number}.parquet") for number in range(len(found.paths))]
    list(pool.map(lambda path, copy: spool_csv(found.system, path, copy), found.paths, copies))
    return FoundFiles(fs.LocalFileSystem(), copies, [])


def _footer(system: fs.FileSystem, name: str, path: str) -> _File:
    try:
        with system.open_input_file(path) as source:
            opened = pq.ParquetFile(source)
            return _File(name, path, opened.metadata, opened.schema_arrow)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(name, error) from error


def _type_in(file: _File, column: str) -> pa.DataType:
    indices = file.schema.get_all_field_indices(column)
    if len(indices) > 1:
        raise ColumnError(f"{len(indices)} columns have this name")
    if not indices:
        return pa.null()
    data_type = file.schema.field(indices[0]).type
    return data_type.value_type if pa.types.is_dictionary(data_type) else data_type


def _is_text(data_type: pa.DataType) -> bool:
    return bool(pa.types.is_string(data_type) or pa.types.is_large_string(data_type))


def _ahead(
    pool: ThreadPoolExecutor,
    read: Callable[[tuple[_File, int]], pa.ChunkedArray],
    parts: Iterable[tuple[_File, int]],
) -> Iterator[pa.ChunkedArray]:
    """Read parts in order, some of them ahead."""
    under_way: deque[Future[pa.ChunkedArray]] = deque()
    for part in parts:
        under_way.append(pool.submit(read, part))
        if len(under_way) == _READERS:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def _unreadable(path: str, error: Exception) -> DriftMonitorError:
    reason = str(error).partition("\n")[0]
    return DriftMonitorError(f"{path} cannot be read: {reason}; write the file again, or remove it")
