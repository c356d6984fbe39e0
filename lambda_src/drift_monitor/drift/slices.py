"""The same comparison once more for slices of the tables: a column is read once for all of them."""

import logging
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from drift_monitor.drift.by_slice import rows_of, sides_of
from drift_monitor.drift.column_side import ColumnSource
from drift_monitor.drift.comparison import DEFAULT_MEMORY
from drift_monitor.drift.methods import Kind
from drift_monitor.drift.profile import SMALLEST_GROUP
from drift_monitor.drift.score import ColumnPair, score_column
from drift_monitor.drift.severity import worst_first
from drift_monitor.drift.slicing import Slicing, slice_tables
from drift_monitor.drift.verdict import correct, table_severity
from drift_monitor.drift.weighting import drifted_share, weighed
from drift_monitor.drift_rules import DriftRule
from drift_monitor.errors import ColumnError
from drift_monitor.monitor import Monitor
from drift_monitor.results import ColumnDrift, Status
from drift_monitor.slice_results import SliceColumn, SliceDrift
from drift_monitor.slice_rules import SliceRules

NAMED = 5
"""Columns that a slice names, of those that drifted and of those without a score."""
_LONGEST_VALUE = 100
"""Characters of a value that names a slice."""
_BYTES_PER_ROW = 24
"""What a row of one column takes meanwhile: eight each for its value, for it once more in a slice
of nearly all rows, and for its chunk and place."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Sliced:
    """What each column's comparison needs to know.

    Attributes:
        compared: the numbers of the slices that are large enough.
    """

    reference: ColumnSource
    current: ColumnSource
    monitor: Monitor
    slicing: Slicing
    compared: list[int]


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
    rules = monitor.slices
    if rules is None:
        return []
    try:
        slicing = slice_tables(reference, current, rules)
    except ColumnError as error:
        return [SliceDrift(by=rules.by, status="error", reason=str(error))]
    slices = _uncompared(slicing, rules)
    large = [number for number, each in slices.items() if _is_large(each, rules)]
    sliced = _Sliced(reference, current, monitor, slicing, large)
    by_column = _by_column(sliced, [each for each in columns if _is_compared(each, rules)], memory)
    for place, number in enumerate(large):
        scored = [column[place] for column in by_column]
        slices[number] = _judged(slices[number], scored, monitor)
    return list(slices.values())


def _uncompared(slicing: Slicing, rules: SliceRules) -> dict[int, SliceDrift]:
    """Say by number which slices there are, and how large."""
    sizes = zip(slicing.reference.sizes, slicing.current.sizes, strict=True)
    return {
        number: SliceDrift(
            by=rules.by,
            values=_shown(slicing, number),
            is_other=number == len(slicing.values),
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
    return [None if value is None else _shortened(value) for value in slicing.values[number]]


def _shortened(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}…"


def _is_large(found: SliceDrift, rules: SliceRules) -> bool:
    return min(found.reference_rows, found.current_rows) >= rules.smallest


def _is_compared(column: ColumnDrift, rules: SliceRules) -> bool:
    was_read = column.reference is not None and column.current is not None
    return was_read and column.column not in rules.by


def _by_column(sliced: _Sliced, columns: list[ColumnDrift], memory: int) -> list[list[ColumnDrift]]:
    """Score each column in each slice that is large enough."""
    if not sliced.compared:
        return []
    per_column = (sliced.reference.rows + sliced.current.rows) * _BYTES_PER_ROW
    at_once = max(1, min(os.cpu_count() or 1, memory // max(per_column, 1)))
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(partial(_compare_column, sliced=sliced), columns))


def _compare_column(column: ColumnDrift, sliced: _Sliced) -> list[ColumnDrift]:
    name, kind = column.column, column.kind or Kind.OTHER
    unscored = ColumnDrift(column=name, role=column.role, kind=kind, status=Status.ERROR)
    rule = sliced.monitor.drift.rule_for(name, kind)
    tables = (
        (sliced.reference, sliced.slicing.reference),
        (sliced.current, sliced.slicing.current),
    )

    def reread(number: int) -> tuple[Iterable[pa.Array], Iterable[pa.Array]]:
        before, now = (rows_of(table, name, rows, number) for table, rows in tables)
        return before, now

    scored_as = Kind.CATEGORICAL if kind is Kind.CATEGORICAL else Kind.NUMERIC
    sides = [sides_of(table, name, kind, rows, sliced.compared) for table, rows in tables]
    return [
        _scored(unscored, ColumnPair(scored_as, before, now, partial(reread, number)), rule)
        for number, before, now in zip(sliced.compared, *sides, strict=True)
    ]


def _scored(column: ColumnDrift, pair: ColumnPair, rule: DriftRule) -> ColumnDrift:
    try:
        score = score_column(pair, rule)
    except ColumnError:
        return column
    except Exception:  # the cause may be any library's, and may quote a value: log only
        logger.exception("column of a slice was not scored", extra={"column": column.column})
        return column
    return column.model_copy(
        update={
            "status": Status.OK,  # until all columns are judged together
            "method": score.method,
            "score": score.score,
            "threshold": score.threshold,
            "critical": rule.critical,
        }
    )


def _judged(found: SliceDrift, columns: list[ColumnDrift], monitor: Monitor) -> SliceDrift:
    """Judge a slice by its columns, as a table is judged."""
    importance = monitor.columns.importance
    weights = importance if isinstance(importance, dict) else None
    columns = weighed(correct(columns, monitor.drift.correction), weights)
    share = drifted_share(columns, is_weighted=weights is not None)
    severity = None if share is None else table_severity(share, monitor.drift)
    drifted = [column for column in columns if column.status is Status.DRIFTED]
    drifted.sort(key=lambda column: worst_first(column.column, column))
    unscored = [column.column for column in columns if not column.is_scored]
    return found.model_copy(
        update={
            "status": "error" if share is None else "drifted" if severity else "ok",
            "severity": severity,
            "scored_columns": len(columns) - len(unscored),
            "drifted_columns": len(drifted),
            "drifted_share": share or 0.0,
            "worst": [_worst(column) for column in drifted[:NAMED]],
            "reason": _without_score(unscored),
        }
    )


def _worst(column: ColumnDrift) -> SliceColumn:
    said = {"column", "method", "score", "threshold", "severity"}
    return SliceColumn.model_validate(column.model_dump(include=said))


def _without_score(names: list[str]) -> str | None:
    """Name columns that have no score in a slice, such as those without a value there."""
    if not names:
        return None
    others = f" and {len(names) - NAMED} others" if len(names) > NAMED else ""
    return f"no score for {', '.join(names[:NAMED])}{others}"
