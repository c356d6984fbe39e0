"""Weights: what each column counts in the table's verdict."""

from collections.abc import Collection, Iterable
from fractions import Fraction

from drift_monitor.config.monitor import Monitor, Role
from drift_monitor.results.drift import ColumnDrift, Status


def importance_of(column: str, role: Role, monitor: Monitor) -> float | None:
    """Return what a covariate weighs: 0 where it has no importance, None where no column has any.

    Args:
        column: its name.
        role: what it is to the model.
        monitor: has the importances: read, if they lie in a file.
    """
    importance = monitor.columns.importance
    if role != "covariate" or not isinstance(importance, dict):
        return None
    return abs(importance.get(column, 0.0))


def drifted_share(
    columns: Iterable[ColumnDrift], broken: Collection[str] = (), *, is_weighted: bool
) -> float | None:
    """Return the share of drifted among the scored columns; None where none of them weighs.

    Args:
        columns: all that the table has.
        broken: those that count as drifted, scored or not.
        is_weighted: a column counts by its importance, and one without counts nothing; otherwise
            each scored column counts alike, as in Evidently.
    """
    scored = [column for column in columns if column.is_scored or column.column in broken]
    weights = [_weight(column) if is_weighted else Fraction(1) for column in scored]
    every = sum(weights)
    if not every:
        return None
    drifted = sum(
        weight
        for column, weight in zip(scored, weights, strict=True)
        if column.status is Status.DRIFTED or column.column in broken
    )
    return float(drifted / every)


def _weight(column: ColumnDrift) -> Fraction:
    """Return the importance as it is written: 0.1 is a tenth, and three of them are 0.3."""
    return Fraction(repr(column.importance or 0.0))
