"""Comparing two tables, column by column: each column of either comes out with a status."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from drift_monitor.analysis.columns.blocks import Integers
from drift_monitor.analysis.columns.profile import new_and_vanished, profile
from drift_monitor.analysis.columns.source import ColumnSource, read_column, sampled_rows
from drift_monitor.analysis.columns.values import ColumnValues, Numbers
from drift_monitor.analysis.drift.score import ColumnPair, score_column
from drift_monitor.analysis.drift.triage import (
    ScoringTask,
    all_columns,
    blank,
    or_error,
    scored,
    triage,
)
from drift_monitor.analysis.drift.verdict import correct
from drift_monitor.config.engines import BYTES_PER_ROW
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import ColumnError
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.results.severity import worst_first

DEFAULT_MEMORY = 2 << 30

Progress = Callable[[int, int], None]
"""Told after each column how many are done, of how many."""

OnColumn = Callable[[str, ColumnValues], None]
"""Shown each column of current that was read, once, by any thread: what it keeps stays in memory.
"""


@dataclass(frozen=True)
class PlotSample:
    """Some rows of a scored column, for the report's pictures; the same rows for all columns."""

    reference: list[pa.Array]
    current: list[pa.Array]


@dataclass(frozen=True)
class ComparedColumns:
    """Some columns of two tables, each compared by itself.

    Attributes:
        columns: what became of each, its threshold not yet corrected for how many there are.
        samples: some rows of each scored column, by its name.
    """

    columns: list[ColumnDrift]
    samples: dict[str, PlotSample]


@dataclass(frozen=True)
class Comparison:
    """Two tables compared.

    Attributes:
        columns: each column of either table: drifted first, the furthest out first.
        samples: some rows of each scored column, by its name.
        sampled_rows: how many rows those are, of reference and of current.
    """

    columns: list[ColumnDrift]
    samples: dict[str, PlotSample]
    sampled_rows: tuple[int, int]


@dataclass(frozen=True)
class _Tables:
    """What each column's comparison needs to know."""

    reference: ColumnSource
    current: ColumnSource
    monitor: Monitor
    sampled: tuple[Integers, Integers]
    on_column: OnColumn
    samples: dict[str, PlotSample] = field(default_factory=dict)


def compare(
    reference: ColumnSource,
    current: ColumnSource,
    monitor: Monitor,
    *,
    memory: int = DEFAULT_MEMORY,
    progress: Progress = lambda _done, _of: None,
    on_column: OnColumn = lambda _column, _side: None,
) -> Comparison:
    """Compare two tables. One bad column never ends it: its status and reason say what happened.

    Args:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: which columns, and how.
        memory: bytes to spend on columns; with more, more of them are scored at once.
        progress: told after each column.
        on_column: shown each column of current that is read.
    """
    names = all_columns(reference, current, monitor)
    compared = compare_columns(
        reference, current, monitor, names, memory=memory, progress=progress, on_column=on_column
    )
    return judge_columns(reference, current, monitor, compared)


def compare_columns(
    reference: ColumnSource,
    current: ColumnSource,
    monitor: Monitor,
    names: Sequence[str],
    *,
    memory: int = DEFAULT_MEMORY,
    threads: int | None = None,
    progress: Progress = lambda _done, _of: None,
    on_column: OnColumn = lambda _column, _side: None,
) -> ComparedColumns:
    """Compare some columns of two tables, as `compare` does with all of them.

    Args:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: which columns, and how.
        names: the columns.
        memory: bytes to spend on columns; with more, more of them are scored at once.
        threads: the most columns at once; left out, as many as there are cores.
        progress: told after each column.
        on_column: shown each column of current that is read.
    """
    tables = _Tables(reference, current, monitor, _sampled(reference, current, monitor), on_column)
    columns: list[ColumnDrift] = []
    rows = reference.rows + current.rows
    with ThreadPoolExecutor(at_once(rows * BYTES_PER_ROW, memory, threads)) as pool:
        for column in pool.map(partial(_compare_column, tables=tables), names):
            columns.append(column)
            progress(len(columns), len(names))
    return ComparedColumns(columns, tables.samples)


def judge_columns(
    reference: ColumnSource, current: ColumnSource, monitor: Monitor, compared: ComparedColumns
) -> Comparison:
    """Judge the columns of two tables together, once all of them were compared."""
    columns = correct(compared.columns, monitor.drift.correction)
    columns.sort(key=lambda column: worst_first(column.column, column))
    before, after = _sampled(reference, current, monitor)
    return Comparison(columns, compared.samples, (len(before), len(after)))


def at_once(per_column: int, memory: int, threads: int | None = None) -> int:
    """Return how many columns to score at once: as many as threads, within the memory.

    Args:
        per_column: the bytes that a column takes meanwhile.
        memory: the bytes that there are.
        threads: left out, as many as there are cores.
    """
    return max(1, min(threads or os.cpu_count() or 1, memory // max(per_column, 1)))


def _sampled(
    reference: ColumnSource, current: ColumnSource, monitor: Monitor
) -> tuple[Integers, Integers]:
    columns = len(all_columns(reference, current, monitor))
    return sampled_rows(reference.rows, columns), sampled_rows(current.rows, columns)


def _compare_column(name: str, tables: _Tables) -> ColumnDrift:
    return or_error(blank(name, tables.monitor), partial(_settle_or_score, tables=tables))


def _settle_or_score(column: ColumnDrift, tables: _Tables) -> ColumnDrift:
    settled = triage(column, tables.reference, tables.current, tables.monitor)
    return _score(settled, tables) if isinstance(settled, ScoringTask) else settled


def _score(wanted: ScoringTask, tables: _Tables) -> ColumnDrift:
    """Read and score a column of both tables; add what can be said of it even without a score."""
    pair, samples = _read(wanted, tables)
    tables.on_column(wanted.name, pair.current)
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
    tables.samples[column.column] = samples
    is_constant = isinstance(pair.reference, Numbers) and len(pair.reference.distinct(2)) == 1
    return scored(column, score, wanted.rule, is_constant=is_constant)


def _read(wanted: ScoringTask, tables: _Tables) -> tuple[ColumnPair, PlotSample]:
    name = wanted.name
    reference, current = (
        read_column(table, name, wanted.kind, rows)
        for table, rows in zip((tables.reference, tables.current), tables.sampled, strict=True)
    )
    pair = ColumnPair(
        wanted.scored_as,
        reference=reference.side,
        current=current.side,
        reread=lambda: (tables.reference.read(name), tables.current.read(name)),
    )
    return pair, PlotSample(reference.samples, current.samples)
