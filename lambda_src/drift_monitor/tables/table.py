"""A table on disk or in S3, read one column at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from pyarrow import fs
from pyarrow import parquet as pq

from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.location import Location
from drift_monitor.results import TableSummary
from drift_monitor.tables.files import CSV, FoundFiles, find_files
from drift_monitor.tables.text import infer_type, spool_csv
from drift_monitor.tables.window import Window

_READERS = 8
"""Files opened and read at once: S3 takes tens of milliseconds to answer, nearly all waiting."""


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
        files: dict[str, pq.ParquetFile],
        *,
        missing: list[str],
        is_text: bool,
    ) -> None:
        """Put files together.

        Args:
            location: as the monitor says it.
            files: the open files by path.
            missing: the dated places where there is no file.
            is_text: the columns hold text as yet, whose types are to be found out (CSV).
        """
        self.location = location
        self._files = files
        self._missing = missing
        self._is_text = is_text
        self.rows: int = sum(file.metadata.num_rows for file in files.values())
        self.columns: list[str] = list(
            dict.fromkeys(name for file in files.values() for name in file.schema_arrow.names)
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

    def read(self, column: str) -> pa.ChunkedArray:
        """Read one whole column; a file that does not have it counts as nulls.

        Raises:
            ColumnError: two columns have this name, or the files disagree on its type.
            DriftMonitorError: a file cannot be read.
        """
        with ThreadPoolExecutor(_READERS) as readers:
            parts = list(
                readers.map(lambda path: _read(path, self._files[path], column), self._files)
            )
        try:
            whole = pa.concat_tables(parts, promote_options="permissive").column(0)
        except pa.ArrowException as error:
            types = sorted({str(part.column(0).type) for part in parts})
            raise ColumnError(f"its files disagree on its type: {', '.join(types)}") from error
        return infer_type(whole) if self._is_text else whole


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
        files = list(pool.map(lambda path: _open(parquet, path), parquet.paths))
        by_path = dict(zip(found.paths, files, strict=True))
        yield Table(location, by_path, missing=found.missing, is_text=any(is_csv))


def _as_parquet(found: FoundFiles, folder: Path, pool: ThreadPoolExecutor) -> FoundFiles:
    """Rewrite CSV files as Parquet files of text, so that columns can be read alone."""
    copies = [str(folder / f"{number}.parquet") for number in range(len(found.paths))]
    list(pool.map(lambda path, copy: spool_csv(found.system, path, copy), found.paths, copies))
    return FoundFiles(fs.LocalFileSystem(), copies, [])


def _open(found: FoundFiles, path: str) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(found.system.open_input_file(path), pre_buffer=True)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def _read(path: str, file: pq.ParquetFile, column: str) -> pa.Table:
    """Read one file's part of a column, as a table of that column alone."""
    indices = file.schema_arrow.get_all_field_indices(column)
    if len(indices) > 1:
        raise ColumnError(f"{len(indices)} columns have this name")
    if not indices:
        return pa.table([pa.nulls(file.metadata.num_rows)], names=[column])
    try:
        # A name that is another's prefix before a dot brings that other along: pick out ours.
        part = file.read(columns=[column]).select([column])
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    if pa.types.is_dictionary(part.column(0).type):
        return part.cast(pa.schema([(column, part.column(0).type.value_type)]))
    return part


def _unreadable(path: str, error: Exception) -> DriftMonitorError:
    reason = str(error).partition("\n")[0]
    return DriftMonitorError(f"{path} cannot be read: {reason}; write the file again, or remove it")
