"""A table on disk or in S3, read one column and one row group at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pyarrow as pa

from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.location import Location
from drift_monitor.results import TableSummary
from drift_monitor.table_format import FormatType, TableFormat
from drift_monitor.tables.files import FoundFiles, Wanted, find_files
from drift_monitor.tables.lake import spool_lake
from drift_monitor.tables.parquet_file import ParquetFile, RowGroup, footer_of, is_text
from drift_monitor.tables.spool import Copier, Copies, copy_here
from drift_monitor.tables.storage import READERS, Folder, Storage
from drift_monitor.tables.text import ANY_TYPE, TIMES, Fits, TextTypes
from drift_monitor.tables.times import Times, choose_rows, type_of_times
from drift_monitor.tables.window import Window

_Part = tuple[ParquetFile, RowGroup]
_Wanted = TypeVar("_Wanted")


class Table:
    """The rows of some files that make one table, in the order of the files' paths.

    Attributes:
        location: where the table lies, as the monitor says it.
        digest: names this state of its files.
        found: its files as they were listed.
        files: their footers, or those of their copies.
        storage: where these are.
        texts: what the columns of text may turn out to hold; None where they are text.
        rows: how many rows it has.
        columns: the name of each column that any file has, once, in order of appearance; a nested
            one by its dotted path.
    """

    def __init__(
        self,
        found: FoundFiles,
        files: list[ParquetFile],
        storage: Storage,
        readers: ThreadPoolExecutor,
        *,
        texts: TextTypes | None,
        fits: Mapping[str, Fits] | None = None,
    ) -> None:
        """Put files together.

        Args:
            found: the files as the monitor names them.
            files: their footers, or those of their copies.
            storage: where these are.
            readers: fetch ahead what is not on this machine.
            texts: what the columns of text may turn out to hold; None where they are text.
            fits: by column, what all of its text may stand for, if somebody has looked.
        """
        self.location = found.wanted.location.text
        self.digest = found.digest
        self.found = found
        self.files = files
        self.storage = storage
        self._readers = readers
        self.texts = texts
        self._fits = fits
        self._types: dict[str, pa.DataType] = {}
        self.rows: int = sum(group.rows for file in files for group in file.groups)
        self.columns: list[str] = _column_names(files)

    @property
    def summary(self) -> TableSummary:
        """What a result says of this table."""
        return TableSummary(
            location=self.location,
            files=len(self.found.files),
            missing_files=self.found.missing,
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
        types = self.texts or AS_IT_IS
        return (types.retyped(chunk, data_type) for chunk in self._chunks(column))

    def read_rows(self, at_once: int) -> Iterator[pa.RecordBatch]:
        """Read all columns together, so many rows at once or fewer; text is plain.

        Raises:
            ColumnError: two columns have one name, or the files disagree on a column's type; the
                message names the column.
            DriftMonitorError: a file cannot be read.
        """
        schema = pa.schema([(column, self._named_type(column)) for column in self.columns])
        types = self.texts or AS_IT_IS
        for file in self.files:
            for group in file.groups:
                for batch in file.read_rows(self.storage, group, at_once):
                    columns = [
                        types.retyped(batch.column(field.name), field.type)
                        if field.name in file.columns
                        else pa.nulls(len(batch), field.type)
                        for field in schema
                    ]
                    yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _named_type(self, column: str) -> pa.DataType:
        try:
            return self.type_of(column)
        except ColumnError as error:
            raise ColumnError(f"{column}: {error}") from error

    def type_of(self, column: str) -> pa.DataType:
        """Return the type that fits a column in all files; null where it holds nothing.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
        """
        if column not in self._types:
            self._types[column] = self._find_type(column)
        return self._types[column]

    def _find_type(self, column: str) -> pa.DataType:
        types = list(dict.fromkeys(_type_in(file, column) for file in self.files))
        try:
            schemas = [pa.schema([(column, data_type)]) for data_type in types]
            unified = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
        except pa.ArrowException as error:
            if self.texts is not None:
                return _mixed(types)
            names = sorted({str(data_type) for data_type in types})
            raise ColumnError(f"its files disagree on its type: {', '.join(names)}") from error
        if self.texts is None or not is_text(unified):
            return unified
        if self._fits is not None:
            return self.texts.decided(self._fits.get(column, Fits(())), types)
        return self.texts.infer(self._chunks(column), types)

    def _chunks(self, column: str) -> Iterator[pa.Array]:
        def read(part: _Part) -> pa.ChunkedArray:
            file, group = part
            return file.read(self.storage, group, column)

        parts = ((file, group) for file in self.files for group in file.groups)
        if self.storage.is_local:
            chunks: Iterable[pa.ChunkedArray] = map(read, parts)
        else:
            chunks = ahead(self._readers, read, parts)
        return (array for chunk in chunks for array in chunk.chunks)

    def within(self, window: Window, timestamp: str) -> "Table":
        """Return the table of the rows whose time is in a window.

        Raises:
            DriftMonitorError: the column of times is not there, has no value or none that is a
                time; or a file cannot be read.
        """
        if not self.rows:
            return self
        texts = self.texts or AS_IT_IS
        try:
            data_type = type_of_times(timestamp, self.columns, self.type_of)
            times = Times(timestamp, window, lambda chunk: texts.retyped(chunk, data_type))
            files = choose_rows(self.files, times, self.storage, self._readers)
        except ColumnError as error:
            raise DriftMonitorError(
                f"{self.location}: rows are chosen by the column {timestamp} (timestamp), "
                f"but {error}"
            ) from error
        return Table(self.found, files, self.storage, self._readers, texts=self.texts)


AS_IT_IS = TextTypes(())
"""Of a table whose text is text."""


@contextmanager
def open_table(
    location: str | Location,
    window: Window | None = None,
    *,
    table_format: TableFormat = TableFormat(),  # noqa: B008 - it is frozen
    wait_for_success: bool = False,
    timestamp: str | None = None,
    copier: Copier = copy_here,
) -> Iterator[Table]:
    """Open the table at a location; with a window, only its files or only its rows.

    Of Parquet no rows are read yet; other files are copied as Parquet, into a temporary folder if
    `copier` knows no other place.

    Raises:
        DriftMonitorError: there is no file, one cannot be read, or one changed while it was read:
            of Parquet files, that shows at the end.
    """
    place = Location.parse(location) if isinstance(location, str) else location
    wanted = Wanted(place, window, table_format, wait_for_success, timestamp)
    with ThreadPoolExecutor(READERS) as pool:
        if table_format.is_lake:
            with TemporaryDirectory(prefix="drift-monitor-") as folder:
                found, paths = spool_lake(wanted, Path(folder))
                yield _together(found, Copies(paths, Folder()), pool, texts=None)
            return
        found = find_files(wanted)
        kind = found.format_type if found.files else "parquet"
        if kind == "parquet":
            paths = [file.path for file in found.files]
            with found.unchanged():
                yield _together(found, Copies(paths, found.storage), pool, texts=None)
        else:
            texts = _texts_of(kind, table_format)
            with ExitStack() as stack:
                with found.unchanged():
                    copies = stack.enter_context(copier(found, kind, texts))
                yield _together(found, copies, pool, texts=texts)


def _texts_of(kind: FormatType, table_format: TableFormat) -> TextTypes | None:
    """Return what a format's text may stand for: in CSV for anything, in JSON for times.

    Captured payloads are either.
    """
    if kind == "csv":
        return TextTypes(ANY_TYPE, table_format.decimal or ".")
    if kind == "sagemaker_capture":
        return TextTypes(ANY_TYPE, are_cells_marked=True)
    return TextTypes(TIMES) if kind == "jsonl" else None


def _together(
    found: FoundFiles, copies: Copies, pool: ThreadPoolExecutor, *, texts: TextTypes | None
) -> Table:
    storage = copies.storage
    files = list(pool.map(lambda path: footer_of(storage, path), copies.paths))
    table = Table(found, files, storage, pool, texts=texts, fits=copies.fits)
    window, timestamp = found.wanted.window, found.wanted.timestamp
    return table if window is None or timestamp is None else table.within(window, timestamp)


def _column_names(files: list[ParquetFile]) -> list[str]:
    """List the columns of all files, but for what is null in one file and a struct in another."""
    names = dict.fromkeys(name for file in files for name in file.columns)
    structs = {name[:end] for name in names for end, sign in enumerate(name) if sign == "."}
    empty = {
        name
        for name in structs & names.keys()
        if all(pa.types.is_null(found) for file in files for _, found in file.columns.get(name, []))
    }
    return [name for name in names if name not in empty]


def _type_in(file: ParquetFile, column: str) -> pa.DataType:
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


def ahead(
    pool: ThreadPoolExecutor,
    read: Callable[[_Wanted], pa.ChunkedArray],
    parts: Iterable[_Wanted],
) -> Iterator[pa.ChunkedArray]:
    """Read parts in order, some of them ahead."""
    under_way: deque[Future[pa.ChunkedArray]] = deque()
    for part in parts:
        under_way.append(pool.submit(read, part))
        if len(under_way) == READERS:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()
