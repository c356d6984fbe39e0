"""Comparison of two tables, column by column: each column of either gets a status."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from drift_monitor.analysis.columns.blocks import Integers
from drift_monitor.analysis.columns.profile import new_and_vanished, profile, spelled_otherwise
from drift_monitor.analysis.columns.recognized import why_not_compared
from drift_monitor.analysis.columns.source import (
    ColumnSource,
    SampledColumn,
    read_column,
    sampled_rows,
)
from drift_monitor.analysis.columns.values import Categories, ColumnValues, Numbers
from drift_monitor.analysis.drift.score import ColumnPair, Score, score_column
from drift_monitor.analysis.drift.triage import (
    ScoringTask,
    all_columns,
    are_few_codes,
    as_evidently_infers,
    or_error,
    triage,
    unscored,
)
from drift_monitor.analysis.drift.verdict import ComparedColumn, ScoredColumn, judge
from drift_monitor.config.engines import BYTES_PER_ROW
from drift_monitor.config.methods import Kind, MethodName
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import ColumnError
from drift_monitor.results.drift import CategoryChange, ColumnDrift, Status
from drift_monitor.results.severity import worst_first
from drift_monitor.text import count

DEFAULT_MEMORY = 2 << 30

_ASK = (
    "to compare it all the same, name it in columns.include, columns.categorical or drift.columns"
)

Progress = Callable[[int, int], None]
"""Called after each column with how many are done, of how many."""

OnColumn = Callable[[str, Kind, ColumnValues, ColumnValues], None]
"""Called with each column, its kind and its values in reference and in current, once both are read,
by any thread. What it keeps stays in memory."""


@dataclass(frozen=True)
class PlotSample:
    """Some rows of a scored column, for the report's plots; the same rows for all columns."""

    reference: list[pa.Array]
    current: list[pa.Array]


@dataclass(frozen=True)
class ComparedColumns:
    """Some columns of two tables, each compared by itself.

    Attributes:
        columns: their scores, or why they have none; not yet judged.
        samples: some rows of each scored column, by its name.
    """

    columns: list[ComparedColumn]
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


NOTHING_COMPARED = Comparison([], {}, (0, 0))


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
    on_column: OnColumn = lambda *_: None,
) -> Comparison:
    """Compare two tables. One bad column never ends it: its status and reason say what happened.

    Args:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: which columns, and how.
        memory: bytes to spend on columns; with more, more of them are scored at once.
        progress: called after each column.
        on_column: called with each column that is read.
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
    on_column: OnColumn = lambda *_: None,
) -> ComparedColumns:
    """Compare some columns of two tables, as `compare` does with all of them.

    Args:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: which columns, and how.
        names: the columns.
        memory: bytes to spend on columns; with more, more of them are scored at once.
        threads: the most columns at once; left out, as many as there are cores.
        progress: called after each column.
        on_column: called with each column that is read.
    """
    tables = _Tables(reference, current, monitor, _sampled(reference, current, monitor), on_column)
    columns: list[ComparedColumn] = []
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
    columns = judge(compared.columns, monitor)
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


def _compare_column(name: str, tables: _Tables) -> ComparedColumn:
    def failed(reason: str) -> ColumnDrift:
        return unscored(name, tables.monitor, Status.ERROR, reason)

    return or_error(name, partial(_triage_and_score, name, tables), failed)


def _triage_and_score(name: str, tables: _Tables) -> ComparedColumn:
    task = triage(name, tables.reference, tables.current, tables.monitor)
    return _score(task, tables) if isinstance(task, ScoringTask) else task


def _score(task: ScoringTask, tables: _Tables) -> ComparedColumn:
    """Read and score a column of both tables. Its profiles are there even without a score."""
    name = task.name
    reference, current = _read(task, tables)
    tables.on_column(name, task.kind, reference.values, current.values)
    inferred = as_evidently_infers(task, current.values, tables.monitor)
    if inferred is not task:
        as_codes = _read(inferred, tables)
        # As floats, which were counted so far, large numbers may be equal that are not.
        if are_few_codes(as_codes[1].values):
            task, (reference, current) = inferred, as_codes
    pair = ColumnPair(
        task.scored_as,
        reference=reference.values,
        current=current.values,
        reread=lambda: (tables.reference.read(name), tables.current.read(name)),
    )
    profiles = profile(pair.reference), profile(pair.current)
    changes = new_and_vanished(pair.reference, pair.current)

    def without_score(status: Status, reason: str) -> ColumnDrift:
        return ColumnDrift(
            column=name,
            role=task.role,
            kind=task.kind,
            status=status,
            importance=task.importance,
            reason=reason,
            reference=profiles[0],
            current=profiles[1],
            new_categories=changes[0],
            vanished_categories=changes[1],
        )

    judge = tables.monitor.drift.judge
    if judge != "evidently" and not task.is_asked_for:
        why = why_not_compared(name, pair.reference, pair.current)
        if why is not None:
            return without_score(Status.SKIPPED, f"{why}: {_ASK}")
    try:
        _require_values(pair)
        score = score_column(pair, task.rule, judge)
    except ColumnError as error:
        return without_score(Status.ERROR, str(error))
    tables.samples[name] = PlotSample(reference.sample, current.sample)
    remarks = [_remark(score, pair.reference), _spelling(pair, changes[0])]
    remark = "; ".join(filter(None, remarks)) or None
    return ScoredColumn(task, score, remark, *profiles, *changes)


def _read(task: ScoringTask, tables: _Tables) -> tuple[SampledColumn, SampledColumn]:
    before, after = tables.sampled
    return (
        read_column(tables.reference, task.name, task.kind, before),
        read_column(tables.current, task.name, task.kind, after),
    )


def _spelling(pair: ColumnPair, new: CategoryChange | None) -> str | None:
    """Say which frequent new categories are categories of reference in another spelling."""
    if new is None or not new.examples or not isinstance(pair.reference, Categories):
        return None
    return spelled_otherwise(pa.array(new.examples, pa.large_string()), pair.reference.values)


def _require_values(pair: ColumnPair) -> None:
    for values, table in ((pair.reference, "reference"), (pair.current, "current")):
        if not values.size and isinstance(values, Numbers) and values.infinite:
            said = "all infinite" if values.infinite == values.nulls else "all infinite or null"
            raise ColumnError(f"{table} has {count(values.nulls, 'value')}, {said}")


def _remark(score: Score, reference: ColumnValues) -> str | None:
    """Return what to know about the score of a column that is constant in reference."""
    is_constant = isinstance(reference, Numbers) and len(reference.distinct(2)) == 1
    if is_constant and score.method == MethodName.WASSERSTEIN:
        return (
            "constant in reference: the score is the distance over 0.001, Evidently's floor, as "
            "there is no standard deviation"
        )
    return None
