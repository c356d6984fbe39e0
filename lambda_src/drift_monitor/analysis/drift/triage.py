"""Triage of columns before they are read: which are scored and how, and why the others are not."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import pyarrow as pa

from drift_monitor.analysis.columns.arrays import common_kind
from drift_monitor.analysis.columns.values import ColumnValues, Numbers
from drift_monitor.analysis.drift.weighting import importance_of
from drift_monitor.config.drift import DriftRule
from drift_monitor.config.methods import METHODS, Kind
from drift_monitor.config.monitor import Monitor, Role
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.results.drift import ColumnDrift, Status

_Done = TypeVar("_Done")

logger = logging.getLogger(__name__)

_MOST_CODES = 10
"""Whole numbers of up to so many values are categories to Evidently."""


class Described(Protocol):
    """A table, before a column of it is read."""

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""

    def type_of(self, column: str) -> pa.DataType:
        """Return the type of a column, or raise ColumnError."""


@dataclass(frozen=True)
class ScoringTask:
    """A column that is to be scored.

    Attributes:
        name: the column's.
        role: what it is to the model.
        kind: how it is compared.
        rule: how drift is scored.
        importance: what it weighs in the verdict, where the monitor gives any.
        is_asked_for: the monitor names it, so it is compared whatever it holds.
    """

    name: str
    role: Role
    kind: Kind
    rule: DriftRule
    importance: float | None = None
    is_asked_for: bool = False

    @property
    def scored_as(self) -> Kind:
        """What the methods see: times are numbers to them."""
        return Kind.CATEGORICAL if self.kind is Kind.CATEGORICAL else Kind.NUMERIC


def all_columns(reference: Described, current: Described, monitor: Monitor) -> list[str]:
    """List the columns of either table, and those the monitor names though neither has them."""
    named = sorted(monitor.named_columns)
    return list(dict.fromkeys([*reference.columns, *current.columns, *named]))


def unscored(
    name: str, monitor: Monitor, status: Status, reason: str, kind: Kind | None = None
) -> ColumnDrift:
    """Return a column without a score, and the reason for that."""
    role = monitor.columns.role_of(name)
    return ColumnDrift(
        column=name,
        role=role,
        kind=kind,
        status=status,
        importance=importance_of(name, role, monitor),
        reason=reason,
    )


def or_error(
    column: str, do: Callable[[], _Done], failed: Callable[[str], ColumnDrift]
) -> _Done | ColumnDrift:
    """Do something for a column; where that fails, the column says why, and the run goes on.

    Args:
        column: its name, for the log.
        do: reads or scores it.
        failed: makes what the column is then, of the reason.

    Raises:
        DriftMonitorError: what no column can be compared without.
    """
    try:
        return do()
    except ColumnError as error:
        return failed(str(error))
    except DriftMonitorError:
        raise
    except Exception as error:  # the cause may be any library's, and may quote a value: log only
        logger.exception("column could not be compared", extra={"column": column})
        return failed(f"could not be compared ({type(error).__name__}): the log says more")


def triage(
    name: str, reference: Described, current: Described, monitor: Monitor
) -> ColumnDrift | ScoringTask:
    """Say how to score a column; or return it without a score, where it needs no reading.

    Raises:
        ColumnError: its kind changed between the tables, or neither holds a value.
    """
    why_not = _why_not_read(name, reference, current, monitor)
    if why_not is not None:
        return unscored(name, monitor, *why_not)
    kind = common_kind(reference.type_of(name), current.type_of(name))
    if kind is Kind.NUMERIC and monitor.columns.is_categorical(name):
        kind = Kind.CATEGORICAL
    rule = monitor.drift.rule_for(name, kind)
    if kind is Kind.OTHER or (kind is Kind.TIMESTAMP and rule.method is None):
        what = "timestamp columns" if kind is Kind.TIMESTAMP else _plural(reference.type_of(name))
        return unscored(name, monitor, Status.SKIPPED, f"{what} are not scored", kind)
    role = monitor.columns.role_of(name)
    columns = monitor.columns
    is_asked_for = (
        role != "covariate"
        or name in {*columns.include, *monitor.drift.columns}
        or columns.is_categorical(name)
    )
    importance = importance_of(name, role, monitor)
    return ScoringTask(name, role, kind, rule, importance, is_asked_for)


def as_evidently_infers(task: ScoringTask, current: ColumnValues, monitor: Monitor) -> ScoringTask:
    """Return the task as Evidently's judge takes it, once the values of current are known.

    Without a data definition, Evidently takes whole numbers of few values in current for
    categories, unless one is null, for then pandas reads them as floats. A method for numbers alone
    that the monitor names for the column says that it is none.
    """
    if (
        monitor.drift.judge != "evidently"
        or not isinstance(current, Numbers)
        or not current.is_integer
        or len(current.distinct(_MOST_CODES + 1)) > _MOST_CODES
    ):
        return task
    rule = monitor.drift.rule_for(task.name, Kind.CATEGORICAL)
    if rule.method is not None and Kind.CATEGORICAL not in METHODS[rule.method].kinds:
        return task
    return replace(task, kind=Kind.CATEGORICAL, rule=rule)


def are_few_codes(current: ColumnValues) -> bool:
    """Return whether a column's whole numbers, counted as categories, are few enough for that."""
    return len(current.count_values()[0]) <= _MOST_CODES


def _plural(data_type: pa.DataType) -> str:
    """Return what values of a type that is not scored are called."""
    types = pa.types
    called = {
        "structs": types.is_struct,
        "maps": types.is_map,
        "lists": types.is_nested,
        "times of day": types.is_time,
        "durations": types.is_duration,
        "bytes": lambda each: "binary" in str(each),
    }
    return next((what for what, is_such in called.items() if is_such(data_type)), str(data_type))


def _why_not_read(
    name: str, reference: Described, current: Described, monitor: Monitor
) -> tuple[Status, str] | None:
    in_reference, in_current = name in reference.columns, name in current.columns
    why: tuple[Status, str] | None = None
    if not in_reference and not in_current:
        why = Status.MISSING, "named by the monitor, but in neither table"
    elif not monitor.columns.includes(name):
        why = Status.SKIPPED, "left out by the monitor"
    elif not in_current:
        why = Status.MISSING, "in reference, but not in current"
    elif not in_reference:
        why = Status.NEW, "in current, but not in reference"
    elif monitor.columns.role_of(name) == "id":
        why = Status.SKIPPED, "names a row"
    elif monitor.columns.role_of(name) == "timestamp":
        why = Status.SKIPPED, "says when a row happened"
    return why
