"""What becomes of a column, whatever engine scores it: its status, and the reason for it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import pyarrow as pa

from drift_monitor.analysis.columns.arrays import common_kind
from drift_monitor.analysis.drift.score import Score
from drift_monitor.config.drift import DriftRule
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.results.drift import ColumnDrift, Status

_Done = TypeVar("_Done")

logger = logging.getLogger(__name__)


class Described(Protocol):
    """A table, before a column of it is read."""

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""

    def type_of(self, column: str) -> pa.DataType:
        """Return the type of a column, or raise ColumnError."""


@dataclass(frozen=True)
class ScoringTask:
    """A column that is scored.

    Attributes:
        column: what is known of it before it is read.
        kind: how it is compared.
        rule: how drift is scored.
    """

    column: ColumnDrift
    kind: Kind
    rule: DriftRule

    @property
    def name(self) -> str:
        """Its name."""
        return self.column.column

    @property
    def blank(self) -> ColumnDrift:
        """What it is where it cannot be read."""
        return self.column.model_copy(update={"kind": None})

    @property
    def scored_as(self) -> Kind:
        """What the methods see: times are numbers to them."""
        return Kind.CATEGORICAL if self.kind is Kind.CATEGORICAL else Kind.NUMERIC


def all_columns(reference: Described, current: Described, monitor: Monitor) -> list[str]:
    """List the columns of either table, and those the monitor names though neither has them."""
    named = sorted(monitor.named_columns)
    return list(dict.fromkeys([*reference.columns, *current.columns, *named]))


def blank(name: str, monitor: Monitor) -> ColumnDrift:
    """Return what a column is until something is known of it."""
    return ColumnDrift(column=name, role=monitor.columns.role_of(name), status=Status.ERROR)


def or_error(column: ColumnDrift, do: Callable[[ColumnDrift], _Done]) -> _Done | ColumnDrift:
    """Do something for a column; one that fails has a status and a reason, and ends no run."""
    try:
        return do(column)
    except ColumnError as error:
        return column.model_copy(update={"reason": str(error)})
    except DriftMonitorError:
        raise
    except Exception as error:  # the cause may be any library's, and may quote a value: log only
        logger.exception("column could not be compared", extra={"column": column.column})
        return failed(column, type(error).__name__)


def failed(column: ColumnDrift, error: str) -> ColumnDrift:
    """Return a column that could not be compared for an error of this name."""
    reason = f"could not be compared ({error}): the log says more"
    return column.model_copy(update={"reason": reason})


def triage(
    column: ColumnDrift, reference: Described, current: Described, monitor: Monitor
) -> ColumnDrift | ScoringTask:
    """Settle a column that needs no reading; say how to score one that does.

    Raises:
        ColumnError: its kind changed between the tables, or neither holds a value.
    """
    settled = _settled_unread(column.column, reference, current, monitor)
    if settled is not None:
        status, reason = settled
        return column.model_copy(update={"status": status, "reason": reason})
    kind = _kind(column.column, reference, current, monitor)
    column = column.model_copy(update={"kind": kind})
    rule = monitor.drift.rule_for(column.column, kind)
    if kind is Kind.OTHER or (kind is Kind.TIMESTAMP and rule.method is None):
        reason = f"{kind} columns are not scored"
        return column.model_copy(update={"status": Status.SKIPPED, "reason": reason})
    return ScoringTask(column, kind, rule)


def scored(column: ColumnDrift, score: Score, rule: DriftRule, *, is_constant: bool) -> ColumnDrift:
    """Return a column with its score, to be judged together with all others.

    Args:
        column: what is known of it beside.
        score: what the method says.
        rule: how it was scored.
        is_constant: reference has one value only.
    """
    return column.model_copy(
        update={
            "status": Status.OK,
            "method": score.method,
            "score": score.score,
            "threshold": score.threshold,
            "critical": rule.critical,
            "reason": _remark(score.method) if is_constant else None,
        }
    )


def _settled_unread(
    name: str, reference: Described, current: Described, monitor: Monitor
) -> tuple[Status, str] | None:
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
    elif monitor.columns.role_of(name) == "id":
        settled = Status.SKIPPED, "names a row"
    elif monitor.columns.role_of(name) == "timestamp":
        settled = Status.SKIPPED, "says when a row happened"
    return settled


def _kind(name: str, reference: Described, current: Described, monitor: Monitor) -> Kind:
    kind = common_kind(reference.type_of(name), current.type_of(name))
    if kind is Kind.NUMERIC and monitor.columns.is_categorical(name):
        return Kind.CATEGORICAL
    return kind


def _remark(method: str) -> str | None:
    """Say what the score of a column that is constant in reference needs said."""
    if method == "wasserstein":
        return (
            "constant in reference: the score is the distance over 0.001, Evidently's floor, as "
            "there is no standard deviation"
        )
    return None
