"""A table whose rows went through the user's `transform`: docs/transform.md."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from sys import modules
from traceback import extract_tb
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow as pa

from drift_monitor.config.transforms import check_transform, find_transform
from drift_monitor.errors import ColumnError, DriftMonitorError, as_user_error, first_line
from drift_monitor.tables.arrow_storage import REQUESTS
from drift_monitor.tables.flat import flattened
from drift_monitor.tables.parquet_file import footer_of
from drift_monitor.tables.spool import Copier, Copies, copy_in_order
from drift_monitor.tables.table import Table

PART_ROWS = 50_000
"""Rows that `transform` is given at once, at most."""
_PART_CELLS = 2_000_000
"""Of a wide table it is given fewer rows, so that a part stays small."""
_OF_PANDAS = (pd.IntervalDtype, pd.PeriodDtype)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Transform:
    """A user's file that defines a `transform`. It can be sent to another process.

    Attributes:
        path: where it is.
        source: its content.
    """

    path: Path
    source: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file's content."""
        return sha256(self.source).hexdigest()

    @property
    def function(self) -> Callable[[pd.DataFrame], object]:
        """What takes some rows of a table and returns what is compared in their place.

        The file is executed for it, once in a process.

        Raises:
            DriftMonitorError: executing it fails; the message names file and line.
        """
        return _execute(self)


@lru_cache(1)
def _execute(transform: Transform) -> Callable[[pd.DataFrame], object]:
    path = transform.path
    module = ModuleType(f"drift_monitor_transform_{transform.sha256}")
    module.__file__ = str(path)
    modules[module.__name__] = module  # where dataclasses, for one, look for it
    try:
        code = compile(transform.source, str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - the file is the deployer's own
    except (Exception, SystemExit) as error:
        raise DriftMonitorError(
            f"{path}:{_line(error, path)}: cannot be executed ({type(error).__name__}: {error}): "
            "mend the file"
        ) from error
    function: Callable[[pd.DataFrame], object] = module.transform
    return function


def load_transform(name: str) -> Transform:
    """Read a transform's file.

    Raises:
        DriftMonitorError: it is not there or defines no `transform`; the message names the line.
    """
    check_transform(name)
    path = find_transform(name)
    return Transform(path, path.read_bytes())


@contextmanager
def open_transformed(
    opened: AbstractContextManager[Table],
    transform: Transform,
    side: str,
    copier: Copier | None = None,
) -> Iterator[Table]:
    """Open a table, put its rows through a transform, and yield the table of what came out.

    That is a copy, in a temporary folder if no `copier` knows another place; the table itself is
    open no longer than it is read. A window of which no row is left has no data; of another table
    that is an error.

    Args:
        opened: the table.
        transform: the function.
        side: reference or current, for messages.
        copier: copies what came out.

    Raises:
        DriftMonitorError: the function failed, or did not return a table, or left no row; or the
            table cannot be read.
    """
    with ExitStack() as copied, ThreadPoolExecutor(REQUESTS) as readers:
        with opened as table:
            transform.function  # noqa: B018 - so a file that cannot be executed fails before it is needed
            rows = _TransformedRows(table, transform, side)
            copies = copied.enter_context((copier or copy_in_order)(rows, None))
        _require_rows(table, transform, side, copies)
        files = [footer_of(copies.storage, path) for path in copies.paths]
        after = Table(table.found, files, copies.storage, readers, texts=None)
        state = f"{table.digest} {transform.sha256}"
        after.digest = sha256(state.encode()).hexdigest()[:16]
        yield after


def _require_rows(table: Table, transform: Transform, side: str, copies: Copies) -> None:
    if table.rows and not copies.paths and table.found.request.window is None:
        raise DriftMonitorError(
            f"{transform.path}: transform left none of {side}'s {table.rows:,} rows: return those "
            "to compare"
        )


@dataclass(frozen=True)
class _TransformedRows:
    """What a transform returns for the rows of a table, a row group of it at a time."""

    table: Table
    transform: Transform
    side: str

    @property
    def sizes(self) -> list[int]:
        """How many bytes each row group is, once unpacked."""
        return [file.group_size(group) for file, group in self.table.parts]

    def read(self, first: int, stop: int) -> Iterator[pa.RecordBatch]:
        """Put some row groups through the transform, part by part.

        Raises:
            DriftMonitorError: the function failed or did not return a table.
        """
        rows = min(PART_ROWS, max(_PART_CELLS // max(len(self.table.columns), 1), 1))
        with as_user_error(
            f"{self.side} cannot be given to {self.transform.path}",
            ColumnError,
            pa.ArrowException,
            explain=lambda error: f"{first_line(error)}: mend its files",
        ):
            for batch in self.table.read_rows(rows, first, stop):
                returned = _called(self.transform, batch.to_pandas(), self.side)
                part = _as_batch(returned, self.transform, self.side)
                if len(part):
                    yield flattened(part)

    def explained(self, _: int) -> AbstractContextManager[None]:
        """Raise an error for the user where what came out cannot be written."""
        returned = f"{self.transform.path}: what transform returned for {self.side}"
        return as_user_error(f"{returned} cannot be written", OSError, pa.ArrowException)


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
