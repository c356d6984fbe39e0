"""A table on disk or in S3, read one column and one row group at a time."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pyarrow as pa

from drift_monitor.config.formats import TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.results.tables import TableSummary
from drift_monitor.tables.ahead import ahead
from drift_monitor.tables.arrow_storage import REQUESTS, Storage
from drift_monitor.tables.column_types import column_names, mixed, retyped, types_in, unified
from drift_monitor.tables.files import FoundFiles, TableRequest, find_files
from drift_monitor.tables.lakes.lake import LakeRows
from drift_monitor.tables.parquet_file import ParquetFile, RowGroup, footer_of
from drift_monitor.tables.spool import Copier, Copies, SourceRows, copy_here, copy_in_order
from drift_monitor.tables.text import AS_IT_IS, Fits, TextTypes, is_text, texts_of
from drift_monitor.tables.times import Times, choose_rows, type_of_times
from drift_monitor.tables.window import Window

_FILES_LOOKED_AT = 16
_Part = tuple[ParquetFile, RowGroup]


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
        self.location = found.request.location.text
        self.digest = found.digest
        self.found = found
        self.files = files
        self.storage = storage
        self._readers = readers
        self.texts = texts
        self._fits = fits
        self._types: dict[str, pa.DataType] = {}
        self.rows: int = sum(group.rows for file in files for group in file.groups)
        self.columns: list[str] = column_names(files)

    def __getstate__(self) -> dict[str, Any]:
        """Return all but the threads: another process reads the same files with its own."""
        return {name: value for name, value in vars(self).items() if name != "_readers"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Be the same table in another process."""
        vars(self).update(state, _readers=ThreadPoolExecutor(REQUESTS))

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

    @property
    def parts(self) -> list[tuple[ParquetFile, RowGroup]]:
        """The row groups that hold its rows, in their order."""
        return [(file, group) for file in self.files for group in file.groups]

    def read_rows(
        self, at_once: int, first: int = 0, stop: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Read all columns together, so many rows at once or fewer; text is plain.

        Args:
            at_once: how many rows.
            first: the first of the row groups to read.
            stop: the one after the last of them; left out, all that follow are read.

        Raises:
            ColumnError: two columns have one name, or the files disagree on a column's type; the
                message names the column.
            DriftMonitorError: a file cannot be read.
        """
        schema = pa.schema([(column, self._named_type(column)) for column in self.columns])
        types = self.texts or AS_IT_IS
        for file, group in self.parts[first:stop]:
            for batch in file.read_rows(self.storage, group, at_once):
                columns = [_column_of(batch, field, types) for field in schema]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _named_type(self, column: str) -> pa.DataType:
        with _named(column):
            return self.type_of(column)

    def type_of(self, column: str) -> pa.DataType:
        """Return the type that fits a column in all files; null where it holds nothing.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
        """
        if column not in self._types:
            self._types[column] = self._find_type(column)
        return self._types[column]

    def _find_type(self, column: str) -> pa.DataType:
        types = types_in(self.files, column)
        try:
            data_type = unified(types)
        except ColumnError:
            if self.texts is None:
                raise
            return mixed(types)
        if self.texts is None or not is_text(data_type):
            return data_type
        if self._fits is not None:
            return self.texts.decided(self._fits.get(column, Fits(())), types)
        return self.texts.infer(self._chunks(column), types)

    def _chunks(self, column: str) -> Iterator[pa.Array]:
        def read(part: _Part) -> pa.ChunkedArray:
            file, group = part
            return file.read(self.storage, group, column)

        if self.storage.is_local:
            chunks: Iterable[pa.ChunkedArray] = map(read, self.parts)
        else:
            chunks = ahead(
                self._readers, read, self.parts, lambda part: part[0].size_of(part[1], column)
            )
        return (array for chunk in chunks for array in chunk.chunks)

    def size_of(self, column: str) -> int:
        """Return about how many bytes a column is, once unpacked: some of the files tell."""
        some = self.files[:: len(self.files) // _FILES_LOOKED_AT + 1]
        rows = sum(group.rows for file in some for group in file.groups)
        size = sum(file.size_of(group, column) for file in some for group in file.groups)
        return size * self.rows // max(rows, 1)

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
        # What text may stand for is of all rows, and so not told: these may hold less.
        return Table(self.found, files, self.storage, self._readers, texts=self.texts)


@contextmanager
def open_table(
    location: str | Location,
    window: Window | None = None,
    *,
    table_format: TableFormat = TableFormat(),  # noqa: B008 - it is frozen
    wait_for_success: bool = False,
    timestamp: str | None = None,
    copier: Copier | None = None,
) -> Iterator[Table]:
    """Open the table at a location; with a window, only its files or only its rows.

    Of Parquet no rows are read yet; other files are copied as Parquet, into a temporary folder if
    no `copier` knows another place.

    Raises:
        DriftMonitorError: there is no file, one cannot be read, or one changed while it was read:
            of Parquet files, that shows at the end.
    """
    place = Location.parse(location) if isinstance(location, str) else location
    request = TableRequest(place, window, table_format, wait_for_success, timestamp)
    with ThreadPoolExecutor(REQUESTS) as pool:
        if table_format.is_lake:
            rows = LakeRows(request)
            with (copier or copy_in_order)(rows, None) as copies:
                yield _of_copies(rows.found, copies, pool, texts=None)
            return
        found = find_files(request)
        kind = found.format_type if found.files else "parquet"
        if kind == "parquet":
            with found.unchanged():
                yield _where_it_lies(found, pool)
        else:
            texts = texts_of(kind, table_format)
            with ExitStack() as stack:
                with found.unchanged():
                    copy = copier or copy_here
                    copies = stack.enter_context(copy(SourceRows(found, kind), texts))
                yield _of_copies(found, copies, pool, texts=texts)


def _where_it_lies(found: FoundFiles, pool: ThreadPoolExecutor) -> Table:
    storage = found.storage
    files = pool.map(lambda file: footer_of(storage, file.path, file.size), found.files)
    return _in_window(Table(found, list(files), storage, pool, texts=None))


def _of_copies(
    found: FoundFiles, copies: Copies, pool: ThreadPoolExecutor, *, texts: TextTypes | None
) -> Table:
    storage = copies.storage
    files = pool.map(lambda path: footer_of(storage, path), copies.paths)
    return _in_window(Table(found, list(files), storage, pool, texts=texts, fits=copies.fits))


def _in_window(table: Table) -> Table:
    window, timestamp = table.found.request.window, table.found.request.timestamp
    return table if window is None or timestamp is None else table.within(window, timestamp)


@contextmanager
def _named(column: str) -> Iterator[None]:
    """Name the column that an error is of."""
    try:
        yield
    except ColumnError as error:
        raise ColumnError(f"{column}: {error}") from error


def _column_of(batch: pa.RecordBatch, field: pa.Field, types: TextTypes) -> pa.Array:
    if field.name not in batch.schema.names:
        return pa.nulls(len(batch), field.type)
    with _named(field.name):
        return retyped(batch.column(field.name), field.type, types)
