"""A table on disk or in S3, read one column and one row group at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from pyarrow import parquet as pq

from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.location import Location
from drift_monitor.results import TableSummary
from drift_monitor.table_format import FormatType, TableFormat
from drift_monitor.tables.files import FoundFiles, Wanted, find_files
from drift_monitor.tables.flat import ColumnPath, column_at, paths_of
from drift_monitor.tables.spool import spool
from drift_monitor.tables.storage import READERS, Folder, Storage
from drift_monitor.tables.text import ANY_TYPE, TIMES, TextTypes
from drift_monitor.tables.window import Window


@dataclass(frozen=True)
class _File:
    """A Parquet file's footer: with it, each read is one request for one part of the file.

    Attributes:
        columns: by its dotted path, each column's type and the names that lead there; more than
            one where columns clash.
    """

    path: str
    metadata: pq.FileMetaData
    columns: dict[str, list[tuple[ColumnPath, pa.DataType]]]


class Table:
    """The rows of some files that make one table, in the order of the files' paths.

    Attributes:
        location: where the table lies, as the monitor says it.
        digest: names this state of its files.
        rows: how many rows it has.
        columns: the name of each column that any file has, once, in order of appearance; a nested
            one by its dotted path.
    """

    def __init__(
        self,
        found: FoundFiles,
        files: list[_File],
        storage: Storage,
        readers: ThreadPoolExecutor,
        *,
        texts: TextTypes | None,
    ) -> None:
        """Put files together.

        Args:
            found: the files as the monitor names them.
            files: their footers, or those of their copies.
            storage: where these are.
            readers: fetch ahead what is not on this machine.
            texts: what the columns of text may turn out to hold; None where they are text.
        """
        self.location = found.wanted.location.text
        self.digest = found.digest
        self._found = found
        self._files = files
        self._storage = storage
        self._readers = readers
        self._texts = texts
        self._types: dict[str, pa.DataType] = {}
        self.rows: int = sum(file.metadata.num_rows for file in files)
        self.columns: list[str] = _column_names(files)

    @property
    def summary(self) -> TableSummary:
        """What a result says of this table."""
        return TableSummary(
            location=self.location,
            files=len(self._found.files),
            missing_files=self._found.missing,
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
        types = self._texts or _AS_IT_IS
        return (types.retyped(chunk, data_type) for chunk in self._chunks(column))

    def type_of(self, column: str) -> pa.DataType:
        """Return the type that fits a column in all files; null where it holds nothing.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
        """
        if column not in self._types:
            self._types[column] = self._find_type(column)
        return self._types[column]

    def _find_type(self, column: str) -> pa.DataType:
        types = list(dict.fromkeys(_type_in(file, column) for file in self._files))
        try:
            schemas = [pa.schema([(column, data_type)]) for data_type in types]
            unified = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
        except pa.ArrowException as error:
            if self._texts is not None:
                return _mixed(types)
            names = sorted({str(data_type) for data_type in types})
            raise ColumnError(f"its files disagree on its type: {', '.join(names)}") from error
        if self._texts is not None and _is_text(unified):
            return self._texts.infer(self._chunks(column))
        return unified

    def _chunks(self, column: str) -> Iterator[pa.Array]:
        parts = (
            (file, group) for file in self._files for group in range(file.metadata.num_row_groups)
        )
        if self._storage.is_local:
            chunks: Iterable[pa.ChunkedArray] = (self._part(*part, column) for part in parts)
        else:
            chunks = _ahead(self._readers, lambda part: self._part(*part, column), parts)
        return (array for chunk in chunks for array in chunk.chunks)

    def _part(self, file: _File, group: int, column: str) -> pa.ChunkedArray:
        """Read one row group's part of a column."""
        if column not in file.columns:
            return pa.chunked_array([pa.nulls(file.metadata.row_group(group).num_rows)])
        ((path, data_type),) = file.columns[column]
        try:
            opened = pq.ParquetFile(
                self._storage.open(file.path),
                metadata=file.metadata,
                read_dictionary=[column] if _is_text(data_type) else None,
                pre_buffer=True,
            )
            # A name that is another's prefix before a dot brings that other along: pick ours.
            part = opened.read_row_group(group, columns=[column], use_threads=False)
            return column_at(part.column(part.schema.get_field_index(path[0])), path)
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(file.path, error) from error


_AS_IT_IS = TextTypes(())


@contextmanager
def open_table(
    location: str,
    window: Window | None = None,
    *,
    table_format: TableFormat = TableFormat(),  # noqa: B008 - it is frozen
    wait_for_success: bool = False,
) -> Iterator[Table]:
    """Open the table at a location, for a dated one in a window.

    Of Parquet no rows are read yet; other files are copied as Parquet into a temporary folder.

    Raises:
        DriftMonitorError: there is no file, one cannot be read, or one changed while it was read:
            of Parquet files, that shows at the end.
    """
    found = find_files(Wanted(Location.parse(location), window, table_format, wait_for_success))
    kind = found.format_type
    with ThreadPoolExecutor(READERS) as pool:
        if kind == "parquet":
            paths = [file.path for file in found.files]
            with found.unchanged():
                yield _together(found, paths, found.storage, pool, texts=None)
        else:
            with TemporaryDirectory(prefix="drift-monitor-") as folder:
                with found.unchanged():
                    copies = spool(found, kind, Path(folder), pool)
                texts = _texts_of(kind, table_format)
                yield _together(found, copies, Folder(), pool, texts=texts)


def _texts_of(kind: FormatType, table_format: TableFormat) -> TextTypes | None:
    """Return what a format's text may stand for: in CSV for anything, in JSON for times."""
    if kind == "csv":
        return TextTypes(ANY_TYPE, table_format.decimal or ".")
    return TextTypes(TIMES) if kind == "jsonl" else None


def _together(
    found: FoundFiles,
    paths: list[str],
    storage: Storage,
    pool: ThreadPoolExecutor,
    *,
    texts: TextTypes | None,
) -> Table:
    files = list(pool.map(lambda path: _footer(storage, path), paths))
    return Table(found, files, storage, pool, texts=texts)


def _footer(storage: Storage, path: str) -> _File:
    try:
        opened = pq.ParquetFile(storage.open(path))
        columns: dict[str, list[tuple[ColumnPath, pa.DataType]]] = {}
        for names, data_type in paths_of(opened.schema_arrow):
            columns.setdefault(".".join(names), []).append((names, data_type))
        return _File(path, opened.metadata, columns)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def _column_names(files: list[_File]) -> list[str]:
    """List the columns of all files, but for what is null in one file and a struct in another."""
    names = dict.fromkeys(name for file in files for name in file.columns)
    structs = {name[:end] for name in names for end, sign in enumerate(name) if sign == "."}
    empty = {
        name
        for name in structs & names.keys()
        if all(pa.types.is_null(found) for file in files for _, found in file.columns.get(name, []))
    }
    return [name for name in names if name not in empty]


def _type_in(file: _File, column: str) -> pa.DataType:
    found = file.columns.get(column, [])
    if len(found) > 1:
        nested = ", a nested one by its path" if any(len(path) > 1 for path, _ in found) else ""
        raise ColumnError(f"{len(found)} columns have this name{nested}: rename one")
    if not found:
        return pa.null()
    data_type = found[0][1]
    if pa.types.is_string_view(data_type):
        return pa.string()
    return data_type.value_type if pa.types.is_dictionary(data_type) else data_type


def _mixed(types: list[pa.DataType]) -> pa.DataType:
    """Return the type of values of several types: text, but for lists, which are not read."""
    return next((found for found in types if pa.types.is_nested(found)), pa.string())


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
        if len(under_way) == READERS:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def _unreadable(path: str, error: Exception) -> DriftMonitorError:
    reason = str(error).partition("\n")[0]
    return DriftMonitorError(f"{path} cannot be read: {reason}; write the file again, or remove it")
