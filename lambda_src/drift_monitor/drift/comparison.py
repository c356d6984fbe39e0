"""Comparing two tables, column by column: each column of either comes out with a status."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from drift_monitor.drift.column_side import ColumnSource, read_side, sampled_rows
from drift_monitor.drift.columns import Numbers, Side
from drift_monitor.drift.outline import Integers
from drift_monitor.drift.profile import new_and_vanished, profile
from drift_monitor.drift.score import ColumnPair, score_column
from drift_monitor.drift.settling import ToScore, all_columns, attempt, scored, settle, unread
from drift_monitor.drift.severity import worst_first
from drift_monitor.drift.verdict import correct
from drift_monitor.errors import ColumnError
from drift_monitor.monitor import Monitor
from drift_monitor.results import ColumnDrift

DEFAULT_MEMORY = 2 << 30
BYTES_PER_ROW = 12
"""What a row of one column takes while it is scored: eight for the value, some for its chunk."""

Progress = Callable[[int, int], None]
"""Told after each column how many are done, of how many."""

Look = Callable[[str, Side], None]
"""Shown each column of current that was read, once, by any thread: what it keeps stays in memory.
"""


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
    sampled: tuple[Integers, Integers]
    look: Look
    pictured: dict[str, Pictured] = field(default_factory=dict)


def compare(
    reference: ColumnSource,
    current: ColumnSource,
    monitor: Monitor,
    *,
    memory: int = DEFAULT_MEMORY,
    progress: Progress = lambda _done, _of: None,
    look: Look = lambda _column, _side: None,
) -> Comparison:
    """Compare two tables. One bad column never ends it: its status and reason say what happened.

    Args:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: which columns, and how.
        memory: bytes to spend on columns; with more, more of them are scored at once.
        progress: told after each column.
        look: shown each column of current that is read.
    """
    names = all_columns(reference, current, monitor)
    sampled = sampled_rows(reference.rows, len(names)), sampled_rows(current.rows, len(names))
    tables = _Tables(reference, current, monitor, sampled, look)
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
    per_column = (tables.reference.rows + tables.current.rows) * BYTES_PER_ROW
    return max(1, min(os.cpu_count() or 1, memory // max(per_column, 1)))


def _compare_column(name: str, tables: _Tables) -> ColumnDrift:
    return attempt(unread(name, tables.monitor), partial(_settle_or_score, tables=tables))


def _settle_or_score(column: ColumnDrift, tables: _Tables) -> ColumnDrift:
    settled = settle(column, tables.reference, tables.current, tables.monitor)
    return _score(settled, tables) if isinstance(settled, ToScore) else settled


def _score(wanted: ToScore, tables: _Tables) -> ColumnDrift:
    """Read and score a column of both tables; add what can be said of it even without a score."""
    pair, pictured = _read(wanted, tables)
    tables.look(wanted.name, pair.current)
    new, vanished = new_and_vanished(pair.reference, pair.current)
    column = wanted.column.model_copy(
        update={
            "reference": profile(pair.reference),
            "current": profile(pair.current),
            "new_categories": new,
            "vanished_categories": vanished,
        }
    )
    try:
        score = score_column(pair, wanted.rule)
    except ColumnError as error:
        return column.model_copy(update={"reason": str(error)})
    tables.pictured[column.column] = pictured
    is_constant = isinstance(pair.reference, Numbers) and len(pair.reference.distinct(2)) == 1
    return scored(column, score, wanted.rule, is_constant=is_constant)


def _read(wanted: ToScore, tables: _Tables) -> tuple[ColumnPair, Pictured]:
    name = wanted.name
    reference, current = (
        read_side(table, name, wanted.kind, rows)
        for table, rows in zip((tables.reference, tables.current), tables.sampled, strict=True)
    )
    pair = ColumnPair(
        wanted.scored_as,
        reference=reference.side,
        current=current.side,
        reread=lambda: (tables.reference.read(name), tables.current.read(name)),
    )
    return pair, Pictured(reference.pictured, current.pictured)
