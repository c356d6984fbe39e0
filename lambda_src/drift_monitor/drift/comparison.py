"""Comparing two tables, column by column: each column of either comes out with a status."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from drift_monitor.drift.methods import METHODS, Kind
from drift_monitor.drift.score import score_column
from drift_monitor.drift.values import as_categories, as_numbers, common_kind, without_gaps
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.monitor import Monitor
from drift_monitor.results import ColumnDrift, Status

PICTURE_ROWS = 5_000
"""Rows behind the report's pictures, per side: enough for a histogram, and a quick page."""

Progress = Callable[[int, int], None]
"""Told after each column how many are done, of how many."""

logger = logging.getLogger(__name__)


class ColumnSource(Protocol):
    """A table that is read one column at a time."""

    rows: int
    columns: list[str]

    def read(self, column: str) -> pa.ChunkedArray:
        """Read one whole column, or raise ColumnError."""


@dataclass(frozen=True)
class Comparison:
    """Two tables compared.

    Attributes:
        columns: each column of either table: drifted first, then by name.
        reference_sample: some rows of the scored columns, for pictures.
        current_sample: the same of current.
    """

    columns: list[ColumnDrift]
    reference_sample: pd.DataFrame
    current_sample: pd.DataFrame


@dataclass(frozen=True)
class _ColumnPair:
    kind: Kind
    reference: pd.Series
    current: pd.Series


def compare(
    reference: ColumnSource, current: ColumnSource, monitor: Monitor, progress: Progress
) -> Comparison:
    """Compare two tables. One bad column never ends it: its status and reason say what happened."""
    names = _all_columns(reference, current, monitor)
    sampled = (_sampled_rows(reference.rows), _sampled_rows(current.rows))
    columns: list[ColumnDrift] = []
    samples: tuple[dict[str, pd.Series], dict[str, pd.Series]] = ({}, {})
    for done, name in enumerate(names, start=1):
        column = _unread(name, reference, current, monitor)
        if column is None:
            column, pair = _read_and_score(name, reference, current, monitor)
            if pair is not None:
                samples[0][name] = pair.reference.iloc[sampled[0]].reset_index(drop=True)
                samples[1][name] = pair.current.iloc[sampled[1]].reset_index(drop=True)
        columns.append(column)
        progress(done, len(names))
    columns.sort(key=lambda column: (column.status is not Status.DRIFTED, column.column))
    return Comparison(columns, pd.DataFrame(samples[0]), pd.DataFrame(samples[1]))


def _all_columns(reference: ColumnSource, current: ColumnSource, monitor: Monitor) -> list[str]:
    """List the columns of either table, and those the monitor names though neither has them."""
    return list(
        dict.fromkeys([*reference.columns, *current.columns, *sorted(monitor.named_columns)])
    )


def _unread(
    name: str, reference: ColumnSource, current: ColumnSource, monitor: Monitor
) -> ColumnDrift | None:
    """Settle the columns that need no reading; None for one that does."""
    role = monitor.columns.role_of(name)
    in_reference, in_current = name in reference.columns, name in current.columns

    settled: tuple[Status, str] | None = None
    if not in_reference and not in_current:
        settled = Status.MISSING, "named by the monitor, but in neither table"
    elif not monitor.columns.includes(name):
        settled = Status.SKIPPED, "left out by the monitor"
    elif not in_current:
        settled = Status.MISSING, "in reference, but not in current"
    elif not in_reference:
        settled = Status.NEW, "in current, but not in reference"
    elif role == "id":
        settled = Status.SKIPPED, "names a row"
    elif role == "timestamp":
        settled = Status.SKIPPED, "says when a row happened"
    if settled is None:
        return None
    return ColumnDrift(column=name, role=role, status=settled[0], reason=settled[1])


def _read_and_score(
    name: str, reference: ColumnSource, current: ColumnSource, monitor: Monitor
) -> tuple[ColumnDrift, _ColumnPair | None]:
    """Score a column of both tables; with its values, where it got a score."""
    column = ColumnDrift(
        column=name, role=monitor.columns.role_of(name), kind=None, status=Status.ERROR
    )
    try:
        pair = _read_pair(name, reference, current, monitor)
        column = column.model_copy(update={"kind": pair.kind})
        if pair.kind not in (Kind.NUMERIC, Kind.CATEGORICAL):
            reason = f"{pair.kind} columns are not scored"
            return column.model_copy(update={"status": Status.SKIPPED, "reason": reason}), None
        return column.model_copy(update=_score(name, pair, monitor)), pair
    except ColumnError as error:
        return column.model_copy(update={"reason": str(error)}), None
    except DriftMonitorError:
        raise
    except Exception as error:  # the cause may be any library's, and may quote a value: log only
        logger.exception("column could not be compared", extra={"column": name})
        reason = f"could not be compared ({type(error).__name__}): the log says more"
        return column.model_copy(update={"reason": reason}), None


def _read_pair(
    name: str, reference: ColumnSource, current: ColumnSource, monitor: Monitor
) -> _ColumnPair:
    sides = reference.read(name), current.read(name)
    kind = common_kind(*sides)
    if kind is Kind.NUMERIC and monitor.columns.is_categorical(name):
        kind = Kind.CATEGORICAL
    if kind is Kind.NUMERIC:
        return _ColumnPair(kind, as_numbers(sides[0]), as_numbers(sides[1]))
    if kind is Kind.CATEGORICAL:
        return _ColumnPair(kind, *as_categories(*sides))
    return _ColumnPair(kind, pd.Series(), pd.Series())


def _score(name: str, pair: _ColumnPair, monitor: Monitor) -> dict[str, object]:
    """Return the fields of ColumnDrift that a score fills."""
    rule = monitor.drift.rule_for(name, pair.kind)
    if rule.method is not None and pair.kind not in METHODS[rule.method].kinds:
        raise ColumnError(f"{rule.method} does not score {pair.kind} columns")
    reference, current = without_gaps(pair.reference), without_gaps(pair.current)
    if reference.empty or current.empty:
        raise ColumnError(f"no value in {'reference' if reference.empty else 'current'}")
    scored = score_column(reference, current, pair.kind, rule)
    return {
        "status": Status.DRIFTED if scored.drifted else Status.OK,
        "method": scored.method,
        "score": scored.score,
        "threshold": scored.threshold,
    }


def _sampled_rows(rows: int) -> np.ndarray:
    """Choose the rows for pictures: the same for every column and every run of one table."""
    chosen = np.random.default_rng(0).choice(rows, min(rows, PICTURE_ROWS), replace=False)
    return np.sort(chosen)
