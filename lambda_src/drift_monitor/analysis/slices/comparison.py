"""Comparison of two tables' slices; each column is read once for all of them."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from drift_monitor.analysis.columns.profile import SMALLEST_GROUP
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.drift.comparison import DEFAULT_MEMORY, at_once
from drift_monitor.analysis.drift.score import ColumnPair, score_column
from drift_monitor.analysis.drift.triage import ScoringTask, or_error, unscored
from drift_monitor.analysis.drift.verdict import ComparedColumn, ScoredColumn, judge, verdict_of
from drift_monitor.analysis.slices.by_slice import rows_of, values_by_slice
from drift_monitor.analysis.slices.slicing import Slicing, slice_tables
from drift_monitor.config.drift import Judge
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.slices import SliceRules
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.results.drift import ColumnDrift, Status
from drift_monitor.results.severity import worst_first
from drift_monitor.results.slices import SliceColumn, SliceDrift
from drift_monitor.text import names, shorten

NAMED = 5
"""Columns that a slice names, of those that drifted and of those without a score."""
_LONGEST_VALUE = 100
"""Characters of a value that names a slice."""
BYTES_PER_ROW = 24
"""What a row of one column takes meanwhile: eight each for its value, for it once more in a slice
of nearly all rows, and for its chunk and place."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SlicedTables:
    """Two tables sliced, and what comparing a column in each slice needs to know.

    Attributes:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: how to compare.
        slicing: which slice each row is in.
        slices: by their numbers, not yet judged.
        compared: the numbers of the slices that are large enough.
    """

    reference: ColumnSource
    current: ColumnSource
    monitor: Monitor
    slicing: Slicing
    slices: dict[int, SliceDrift]
    compared: list[int]


@dataclass(frozen=True)
class ColumnsBySlice:
    """Some columns, compared in each slice of two tables.

    Attributes:
        slices: by their numbers, not yet judged; one that says why where there are none.
        compared: the numbers of the slices that are large enough.
        by_column: by a column's name, what became of it in each of these.
    """

    slices: dict[int, SliceDrift]
    compared: list[int]
    by_column: dict[str, list[ComparedColumn]]


def compare_slices(
    reference: ColumnSource,
    current: ColumnSource,
    monitor: Monitor,
    columns: Iterable[ColumnDrift],
    *,
    memory: int = DEFAULT_MEMORY,
) -> list[SliceDrift]:
    """Compare the slices of two tables, each as if it were a table of its own.

    Args:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: how to slice, and how to compare.
        columns: what became of the columns in the whole tables: those that were read there are
            compared, but for those that slice.
        memory: bytes to spend on columns; with more, more of them are scored at once.

    Returns:
        The slices: the one with most rows in current first, the rest last. None of them where the
        monitor wants none; one that says why where the tables cannot be sliced.
    """
    if monitor.slices is None:
        return []
    wanted = sliced_columns(columns, monitor.slices)
    sliced = slice_or_say_why_not(reference, current, monitor, monitor.slices)
    return judge_slices(compare_by_slice(sliced, wanted, memory=memory), monitor)


def sliced_columns(columns: Iterable[ColumnDrift], rules: SliceRules) -> list[ColumnDrift]:
    """Return the columns that are compared in slices: those that were read, and do not slice."""
    return [column for column in columns if _is_compared(column, rules)]


def compare_by_slice(
    sliced: SlicedTables | SliceDrift,
    columns: list[ColumnDrift],
    *,
    memory: int = DEFAULT_MEMORY,
    threads: int | None = None,
) -> ColumnsBySlice:
    """Compare some columns in each slice that is large enough.

    Args:
        sliced: the tables, or why they could not be sliced.
        columns: what became of the columns in the whole tables.
        memory: bytes to spend on columns; with more, more of them are scored at once.
        threads: the most columns at once; left out, as many as there are cores.
    """
    if isinstance(sliced, SliceDrift):
        return ColumnsBySlice({0: sliced}, [], {})
    by_column: dict[str, list[ComparedColumn]] = {}
    if sliced.compared:
        rows = sliced.reference.rows + sliced.current.rows
        with ThreadPoolExecutor(at_once(rows * BYTES_PER_ROW, memory, threads)) as pool:
            found = pool.map(partial(_compare_column, sliced=sliced), columns)
            by_column = {column.column: each for column, each in zip(columns, found, strict=True)}
    return ColumnsBySlice(sliced.slices, sliced.compared, by_column)


def judge_slices(found: ColumnsBySlice, monitor: Monitor) -> list[SliceDrift]:
    """Judge the slices, once all columns were compared in them."""
    slices = dict(found.slices)
    for place, number in enumerate(found.compared):
        of_slice = [column[place] for column in found.by_column.values()]
        slices[number] = _judged(slices[number], of_slice, monitor, len(found.compared))
    return list(slices.values())


def slice_or_say_why_not(
    reference: ColumnSource, current: ColumnSource, monitor: Monitor, rules: SliceRules
) -> SlicedTables | SliceDrift:
    """Slice the tables; where that cannot be, the run goes on without slices, and says why."""
    try:
        slicing = slice_tables(reference, current, rules)
        slices = _uncompared(slicing, rules)
        large = [number for number, each in slices.items() if _is_large(each, rules)]
        return SlicedTables(reference, current, monitor, slicing, slices, large)
    except ColumnError as error:
        reason = str(error)
    except DriftMonitorError:
        raise
    except Exception as error:  # the cause may be any library's, and may quote a value: log only
        logger.exception("the tables could not be sliced", extra={"columns": rules.by})
        reason = f"the tables could not be sliced ({type(error).__name__}): the log says more"
    return SliceDrift(by=rules.by, smallest=rules.smallest, status="error", reason=reason)


def _uncompared(slicing: Slicing, rules: SliceRules) -> dict[int, SliceDrift]:
    """Say by number which slices there are, and how large."""
    sizes = zip(slicing.reference.sizes, slicing.current.sizes, strict=True)
    return {
        number: SliceDrift(
            by=rules.by,
            values=_shown(slicing, number),
            is_other=number == len(slicing.values),
            smallest=rules.smallest,
            reference_rows=before,
            current_rows=now,
            status="too_small",
        )
        for number, (before, now) in enumerate(sizes)
        if before or now
    }


def _shown(slicing: Slicing, number: int) -> list[str | None] | None:
    """Return a slice's values, unless so few rows have them that they could be a person's."""
    sizes = slicing.reference.sizes[number], slicing.current.sizes[number]
    if number == len(slicing.values) or any(0 < rows < SMALLEST_GROUP for rows in sizes):
        return None
    values = slicing.values[number]
    return [None if value is None else shorten(value, _LONGEST_VALUE) for value in values]


def _is_large(found: SliceDrift, rules: SliceRules) -> bool:
    return min(found.reference_rows, found.current_rows) >= rules.smallest


def _is_compared(column: ColumnDrift, rules: SliceRules) -> bool:
    was_read = column.reference is not None and column.current is not None
    return was_read and column.column not in rules.by


def unscored_in_slices(column: ColumnDrift, monitor: Monitor, reason: str) -> ColumnDrift:
    """Return what a column of the whole tables is in a slice where it has no score."""
    return unscored(column.column, monitor, Status.ERROR, reason, column.kind)


def _compare_column(column: ColumnDrift, sliced: SlicedTables) -> list[ComparedColumn]:
    """Score a column in each slice; one that cannot be read has no score in any."""

    def failed(reason: str) -> ColumnDrift:
        return unscored_in_slices(column, sliced.monitor, reason)

    def score_each() -> list[ComparedColumn]:
        return [
            or_error(
                column.column, partial(_scored, task, pair, sliced.monitor.drift.judge), failed
            )
            for pair in _pairs(task, sliced)
        ]

    kind = column.kind or Kind.OTHER
    rule = sliced.monitor.drift.rule_for(column.column, kind)
    task = ScoringTask(column.column, column.role, kind, rule, column.importance)
    by_slice = or_error(column.column, score_each, failed)
    return [by_slice] * len(sliced.compared) if isinstance(by_slice, ColumnDrift) else by_slice


def _pairs(task: ScoringTask, sliced: SlicedTables) -> Iterator[ColumnPair]:
    """Read a column once, and return its values in each slice that is compared."""
    name = task.name
    tables = (
        (sliced.reference, sliced.slicing.reference),
        (sliced.current, sliced.slicing.current),
    )

    def reread(number: int) -> tuple[Iterable[pa.Array], Iterable[pa.Array]]:
        before, now = (rows_of(table, name, rows, number) for table, rows in tables)
        return before, now

    both = [
        values_by_slice(table, name, task.kind, rows, sliced.compared) for table, rows in tables
    ]
    for number, before, now in zip(sliced.compared, *both, strict=True):
        yield ColumnPair(task.scored_as, before, now, partial(reread, number))


def _scored(task: ScoringTask, pair: ColumnPair, judge_name: Judge) -> ScoredColumn:
    return ScoredColumn(task, score_column(pair, task.rule, judge_name))


def _judged(
    found: SliceDrift, compared: Sequence[ComparedColumn], monitor: Monitor, slices: int
) -> SliceDrift:
    """Judge one of some slices by its columns, as a table is judged."""
    columns = judge(compared, monitor, tables=slices)
    verdict = verdict_of(columns, monitor)
    drifted = [column for column in columns if column.status is Status.DRIFTED]
    drifted.sort(key=lambda column: worst_first(column.column, column))
    return SliceDrift(
        by=found.by,
        values=found.values,
        is_other=found.is_other,
        smallest=found.smallest,
        reference_rows=found.reference_rows,
        current_rows=found.current_rows,
        status=verdict.status,
        severity=verdict.severity,
        scored_columns=sum(column.is_scored for column in columns),
        drifted_columns=len(drifted),
        drifted_share=verdict.share,
        worst=[_worst(column) for column in drifted[:NAMED]],
        reason=_reason(columns, has_verdict=verdict.status != "error"),
    )


def _worst(column: ColumnDrift) -> SliceColumn:
    said = {"column", "method", "score", "threshold", "severity"}
    return SliceColumn.model_validate(column.model_dump(include=said))


def _reason(columns: list[ColumnDrift], *, has_verdict: bool) -> str | None:
    """Say why a slice has no verdict, and which columns have no score, as without a value there."""
    without_score = [column.column for column in columns if not column.is_scored]
    reasons = []
    if not columns:
        reasons.append("no column is left to compare")
    elif not has_verdict and len(without_score) < len(columns):
        reasons.append("no scored column has an importance")
    if without_score:
        reasons.append(f"no score for {names(without_score, NAMED)}")
    return "; ".join(reasons) or None
