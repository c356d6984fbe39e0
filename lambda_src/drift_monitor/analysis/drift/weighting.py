"""What each column weighs in the table's verdict."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from drift_monitor.results.drift import ColumnDrift, Status


def weighed(
    columns: list[ColumnDrift], importance: Mapping[str, float] | None
) -> list[ColumnDrift]:
    """Give each covariate its importance: 0 where it has none. Without any, all weigh alike."""
    if importance is None:
        return columns
    return [
        column.model_copy(update={"importance": abs(importance.get(column.column, 0.0))})
        if column.role == "covariate"
        else column
        for column in columns
    ]


def drifted_share(columns: Iterable[ColumnDrift], *, is_weighted: bool) -> float | None:
    """Return the share of drifted among the scored columns; None where none of them weighs.

    Args:
        columns: all that the table has.
        is_weighted: a column counts by its importance, and one without counts nothing; otherwise
            each scored column counts alike, as in Evidently.
    """
    scored = [column for column in columns if column.is_scored]
    weights = [_weight(column) if is_weighted else Fraction(1) for column in scored]
    every = sum(weights)
    if not every:
        return None
    drifted = sum(
        weight
        for column, weight in zip(scored, weights, strict=True)
        if column.status is Status.DRIFTED
    )
    return float(drifted / every)


def _weight(column: ColumnDrift) -> Fraction:
    """Return the importance as it is written: 0.1 is a tenth, and three of them are 0.3."""
    return Fraction(repr(column.importance or 0.0))
