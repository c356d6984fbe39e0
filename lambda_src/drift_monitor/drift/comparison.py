"""Comparing two tables, column by column: each column of either comes out with a status."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from drift_monitor.drift.columns import (
    Numbers,
    Side,
    as_arrow,
    common_kind,
    read_categories,
    read_numbers,
)
from drift_monitor.drift.methods import Kind
from drift_monitor.drift.profile import new_and_vanished, profile
from drift_monitor.drift.score import ColumnPair, score_column
from drift_monitor.drift.severity import worst_first
from drift_monitor.drift.verdict import correct
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.monitor import Monitor
from drift_monitor.results import ColumnDrift, Status

PICTURE_ROWS = 5_000
"""Rows behind the report's pictures, per side: enough for a histogram, and a quick page."""
_PICTURE_CELLS = 200_000
_FEWEST_PICTURE_ROWS = 1_000
"""A wide table's pictures have fewer rows, so that its page stays quick and its memory small."""

DEFAULT_MEMORY = 2 << 30
_BYTES_PER_ROW = 12
"""What a row of one column takes while it is scored: eight for the value, some for its chunk."""

Progress = Callable[[int, int], None]
"""Told after each column how many are done, of how many."""

logger = logging.getLogger(__name__)


class ColumnSource(Protocol):
    """A table that is read one column at a time, by several threads."""

    rows: int
    columns: list[str]

    def type_of(self, column: str) -> pa.DataType:
        """Return the type of a column, or raise ColumnError."""

    def read(self, column: str) -> Iterator[pa.Array]:
        """Read one column, chunk by chunk, or raise ColumnError."""


@dataclass(frozen=True)
class Pictured:
    """Some rows of a scored column, for the report's pictures; the same rows for all columns."""

    reference: list[pa.Array]
    current: list[pa.Array]


@dataclass(frozen=True)
class Comparison:
    """Two tables compared.

    Attributes:
        columns: each column of either table: drifted first, the furthest out first.
        pictured: some rows of each scored column, by its name.
        sampled_rows: how many rows those are, of reference and of current.
    """

    columns: list[ColumnDrift]
    pictured: dict[str, Pictured]
    sampled_rows: tuple[int, int]


@dataclass(frozen=True)
class _Tables:
    """What each column's comparison needs to know."""

    reference: ColumnSource
    current: ColumnSource
    monitor: Monitor
    sampled: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    pictured: dict[str, Pictured] = field(default_factory=dict)


def compare(
    reference: ColumnSource,
    current: ColumnSource,
    monitor: Monitor,
    *,
    memory: int = DEFAULT_MEMORY,
    progress: Progress = lambda _done, _of: None,
) -> Comparison:
    """Compare two tables. One bad column never ends it: its status and reason say what happened.

    Args:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: which columns, and how.
        memory: bytes to spend on columns; with more, more of them are scored at once.
        progress: told after each column.
    """
    names = _all_columns(reference, current, monitor)
    sampled = _sampled_rows(reference.rows, len(names)), _sampled_rows(current.rows, len(names))
    tables = _Tables(reference, current, monitor, sampled)
    columns: list[ColumnDrift] = []
    with ThreadPoolExecutor(_at_once(tables, memory)) as pool:
        for column in pool.map(partial(_compare_column, tables=tables), names):
            columns.append(column)
            progress(len(columns), len(names))
    columns = correct(columns, monitor.drift.correction)
    columns.sort(key=lambda column: worst_first(column.column, column))
    return Comparison(columns, tables.pictured, (len(sampled[0]), len(sampled[1])))


def _at_once(tables: _Tables, memory: int) -> int:
    """Return how many columns to score at once: as many as cores, within the memory."""
    per_column = (tables.reference.rows + tables.current.rows) * _BYTES_PER_ROW
    return max(1, min(os.cpu_count() or 1, memory // max(per_column, 1)))


def _all_columns(reference: ColumnSource, current: ColumnSource, monitor: Monitor) -> list[str]:
    """List the columns of either table, and those the monitor names though neither has them."""
    named = sorted(monitor.named_columns)
    return list(dict.fromkeys([*reference.columns, *current.columns, *named]))


def _compare_column(name: str, tables: _Tables) -> ColumnDrift:
    column = ColumnDrift(
        column=name, role=tables.monitor.columns.role_of(name), status=Status.ERROR
    )
    settled = _settled_unread(name, tables)
    if settled is not None:
        status, reason = settled
        return column.model_copy(update={"status": status, "reason": reason})
    try:
        return _score_column(column, tables)
    except ColumnError as error:
        return column.model_copy(update={"reason": str(error)})
    except DriftMonitorError:
        raise
    except Exception as error:  # the cause may be any library's, and may quote a value: log only
        logger.exception("column could not be compared", extra={"column": name})
        reason = f"could not be compared ({type(error).__name__}): the log says more"
        return column.model_copy(update={"reason": reason})


def _settled_unread(name: str, tables: _Tables) -> tuple[Status, str] | None:
    """Settle the columns that need no reading; None for one that does."""
    in_reference, in_current = name in tables.reference.columns, name in tables.current.columns
    settled: tuple[Status, str] | None = None
    if not in_reference and not in_current:
        settled = Status.MISSING, "named by the monitor, but in neither table"
    elif not tables.monitor.columns.includes(name):
        settled = Status.SKIPPED, "left out by the monitor"
    elif not in_current:
        settled = Status.MISSING, "in reference, but not in current"
    elif not in_reference:
        settled = Status.NEW, "in current, but not in reference"
    elif tables.monitor.columns.role_of(name) == "id":
        settled = Status.SKIPPED, "names a row"
    elif tables.monitor.columns.role_of(name) == "timestamp":
        settled = Status.SKIPPED, "says when a row happened"
    return settled


def _score_column(column: ColumnDrift, tables: _Tables) -> ColumnDrift:
    """Read and score a column of both tables; add what can be said of it even without a score."""
    kind = _kind(column.column, tables)
    column = column.model_copy(update={"kind": kind})
    rule = tables.monitor.drift.rule_for(column.column, kind)
    if kind is Kind.OTHER or (kind is Kind.TIMESTAMP and rule.method is None):
        reason = f"{kind} columns are not scored"
        return column.model_copy(update={"status": Status.SKIPPED, "reason": reason})
    pair, pictured = _read(column.column, kind, tables)
    new, vanished = new_and_vanished(pair.reference, pair.current)
    column = column.model_copy(
        update={
            "reference": profile(pair.reference),
            "current": profile(pair.current),
            "new_categories": new,
            "vanished_categories": vanished,
        }
    )
    try:
        score = score_column(pair, rule)
    except ColumnError as error:
        return column.model_copy(update={"reason": str(error)})
    tables.pictured[column.column] = pictured
    return column.model_copy(
        update={
            "status": Status.OK,  # until all columns are judged together
            "method": score.method,
            "score": score.score,
            "threshold": score.threshold,
            "critical": rule.critical,
            "reason": _remark(score.method, pair.reference),
        }
    )


def _kind(name: str, tables: _Tables) -> Kind:
    kind = common_kind(tables.reference.type_of(name), tables.current.type_of(name))
    if kind is Kind.NUMERIC and tables.monitor.columns.is_categorical(name):
        return Kind.CATEGORICAL
    return kind


def _read(name: str, kind: Kind, tables: _Tables) -> tuple[ColumnPair, Pictured]:
    sides: list[Side] = []
    pictures: list[list[pa.Array]] = []
    for table, rows in zip((tables.reference, tables.current), tables.sampled, strict=True):
        picture: list[pa.Array] = []
        chunks = _sampling(table.read(name), rows, picture)
        if kind is Kind.CATEGORICAL:
            sides.append(read_categories(chunks, table.type_of(name), table.rows))
        else:
            sides.append(read_numbers(chunks, table.type_of(name), table.rows))
        pictures.append(picture)
    pair = ColumnPair(
        Kind.CATEGORICAL if kind is Kind.CATEGORICAL else Kind.NUMERIC,
        reference=sides[0],
        current=sides[1],
        reread=lambda: (tables.reference.read(name), tables.current.read(name)),
    )
    return pair, Pictured(*pictures)


def _sampling(
    chunks: Iterable[pa.Array], rows: npt.NDArray[np.int64], kept: list[pa.Array]
) -> Iterator[pa.Array]:
    """Pass chunks on, and keep these rows of them (ascending)."""
    start = 0
    for chunk in chunks:
        first, last = np.searchsorted(rows, (start, start + len(chunk)))
        picked = chunk.take(as_arrow(rows[first:last] - start))
        # Decoded, as a dictionary would keep all of its chunk's texts in memory.
        is_dictionary = pa.types.is_dictionary(picked.type)
        kept.append(picked.dictionary_decode() if is_dictionary else picked)
        start += len(chunk)
        yield chunk


def _sampled_rows(rows: int, columns: int) -> npt.NDArray[np.int64]:
    """Choose the rows for pictures: the same for every column and every run of one table."""
    wanted = max(_FEWEST_PICTURE_ROWS, min(PICTURE_ROWS, _PICTURE_CELLS // max(columns, 1)))
    if rows <= wanted:
        return np.arange(rows)
    chosen = np.random.default_rng(0).choice(rows, wanted, replace=False, shuffle=False)
    return np.sort(chosen)


def _remark(method: str, reference: Side) -> str | None:
    """Say what a score needs said."""
    is_constant = isinstance(reference, Numbers) and len(reference.distinct(2)) == 1
    if method == "wasserstein" and is_constant:
        return (
            "constant in reference: the score is the distance over 0.001, Evidently's floor, as "
            "there is no standard deviation"
        )
    return None
