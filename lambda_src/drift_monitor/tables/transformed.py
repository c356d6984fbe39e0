"""A table whose rows went through the user's `transform`: docs/transform.md."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from sys import modules
from tempfile import TemporaryDirectory
from traceback import extract_tb
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow as pa

from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.tables.flat import flattened
from drift_monitor.tables.parquet_file import footer_of
from drift_monitor.tables.spool import write_parts
from drift_monitor.tables.storage import Folder
from drift_monitor.tables.table import Table
from drift_monitor.transform_file import check_transform, find_transform

PART_ROWS = 50_000
"""Rows that `transform` is given at once, at most."""
_PART_CELLS = 2_000_000
"""Of a wide table it is given fewer rows, so that a part stays small."""
_OF_PANDAS = (pd.IntervalDtype, pd.PeriodDtype)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Transform:
    """A user's function, loaded.

    Attributes:
        path: its file.
        sha256: of the file's content.
        function: takes some rows of a table and returns what is compared in their place.
    """

    path: Path
    sha256: str
    function: Callable[[pd.DataFrame], object]


def load_transform(name: str) -> Transform:
    """Execute a transform's file, and return the function that it defines.

    Raises:
        DriftMonitorError: it is not there or defines no `transform`, or executing it fails; the
            message names file and line.
    """
    check_transform(name)
    path = find_transform(name)
    source = path.read_bytes()
    digest = sha256(source).hexdigest()
    module = ModuleType(f"drift_monitor_transform_{digest}")
    module.__file__ = str(path)
    modules[module.__name__] = module  # where dataclasses, for one, look for it
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - the file is the deployer's own
    except (Exception, SystemExit) as error:
        raise DriftMonitorError(
            f"{path}:{_line(error, path)}: cannot be executed ({type(error).__name__}: {error}): "
            "mend the file"
        ) from error
    return Transform(path, digest, module.transform)


@contextmanager
def open_transformed(
    opened: AbstractContextManager[Table], transform: Transform, side: str
) -> Iterator[Table]:
    """Open a table, put its rows through a transform, and yield the table of what came out.

    That is a copy in a temporary folder; the table itself is open no longer than it is read. A
    window of which no row is left has no data; of another table that is an error.

    Args:
        opened: the table.
        transform: the function.
        side: reference or current, for messages.

    Raises:
        DriftMonitorError: the function failed, or did not return a table, or left no row; or the
            table cannot be read.
    """
    with (
        TemporaryDirectory(prefix="drift-monitor-") as folder,
        ThreadPoolExecutor(1) as readers,
    ):
        with opened as table:
            paths = _written(table, transform, side, Path(folder))
        copies = [footer_of(Folder(), path) for path in paths]
        after = Table(table.found, copies, Folder(), readers, texts=None)
        state = f"{table.digest} {transform.sha256}"
        after.digest = sha256(state.encode()).hexdigest()[:16]
        yield after


def _written(table: Table, transform: Transform, side: str, folder: Path) -> list[str]:
    """Put a table through a transform into files; return their paths."""
    try:
        paths = write_parts(_parts(table, transform, side), folder / side)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise DriftMonitorError(
            f"{transform.path}: what transform returned for {side} cannot be written: {reason}"
        ) from error
    if table.rows and not paths and table.found.wanted.window is None:
        raise DriftMonitorError(
            f"{transform.path}: transform left none of {side}'s {table.rows:,} rows: return those "
            "to compare"
        )
    return paths


def _parts(table: Table, transform: Transform, side: str) -> Iterator[pa.RecordBatch]:
    """Put a table through a transform, part by part."""
    rows = min(PART_ROWS, max(_PART_CELLS // max(len(table.columns), 1), 1))
    try:
        for batch in table.read_rows(rows):
            part = _as_batch(_called(transform, batch.to_pandas(), side), transform, side)
            if len(part):
                yield flattened(part)
    except (ColumnError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise DriftMonitorError(
            f"{side} cannot be given to {transform.path}: {reason}: mend its files"
        ) from error


def _called(transform: Transform, part: pd.DataFrame, side: str) -> pd.DataFrame:
    try:
        returned = transform.function(part)
    except (Exception, SystemExit) as error:  # its text may quote a value: log only
        where = f"{transform.path}:{_line(error, transform.path)}"
        logger.exception("transform failed", extra={"table": side})
        raise DriftMonitorError(
            f"{where}: transform failed on {side} ({type(error).__name__}): the log says more"
        ) from error
    if not isinstance(returned, pd.DataFrame):
        raise DriftMonitorError(
            f"{transform.path}: transform returned {type(returned).__name__} for {side}: return a "
            "pandas DataFrame"
        )
    if not len(returned.columns):
        raise DriftMonitorError(
            f"{transform.path}: transform returned no column for {side}: return those to compare"
        )
    return returned


def _as_batch(part: pd.DataFrame, transform: Transform, side: str) -> pa.RecordBatch:
    """Return what a transform returned in the form that is written, without its index."""

    def wrong(what: str) -> DriftMonitorError:
        return DriftMonitorError(f"{transform.path}: of what transform returned for {side}, {what}")

    names: list[object] = list(part.columns)
    unnamed = [name for name in names if not isinstance(name, str)]
    if unnamed:
        raise wrong(f"the column {unnamed[0]!r} has a name that is no text: rename it")
    if len(set(names)) < len(names):
        raise wrong(
            f"two columns are named {part.columns[part.columns.duplicated()][0]}: rename one"
        )
    arrays: list[pa.Array] = []
    for name in names:
        try:
            arrays.append(_as_array(part[name]))
        except Exception as error:  # of many sorts; its text may quote a value: log only
            logger.exception("a transformed column is not of one type", extra={"column": name})
            raise wrong(f"the column {name} is not of one type: the log says more") from error
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _as_array(values: "pd.Series[Any]") -> pa.Array:
    """Return a column as it is stored: of what only pandas knows, such as an interval, its text."""
    dtype = values.dtype
    if isinstance(dtype, pd.SparseDtype):
        values = values.astype(dtype.subtype)
    elif isinstance(dtype, _OF_PANDAS):
        values = values.astype("string")
    elif isinstance(dtype, pd.CategoricalDtype) and isinstance(dtype.categories.dtype, _OF_PANDAS):
        # As text of its own: a value that is missing elsewhere in the part would change the text.
        values = values.cat.rename_categories(str)
    array = pa.array(values, from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _line(error: BaseException, path: Path) -> int:
    """Return the line of a file that an error came by last: its first where it did not come by."""
    lines = [
        frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return (lines[-1] if lines else None) or 1
