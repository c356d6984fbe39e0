"""From each column's score to the verdict on it and on the table."""

from datetime import datetime

from drift_monitor.drift.correction import Correction, corrected
from drift_monitor.drift.methods import METHODS
from drift_monitor.monitor import Monitor
from drift_monitor.results import (
    ColumnDrift,
    DriftResult,
    Status,
    TableSummary,
    WindowSummary,
    run_id,
)


def correct(columns: list[ColumnDrift], correction: Correction) -> list[ColumnDrift]:
    """Correct the thresholds of the columns that have a p-value, and judge them again."""
    tested = [column for column in columns if column.method and METHODS[column.method].is_p_value]
    moved = corrected(
        [column.score or 0.0 for column in tested],
        [column.threshold or 0.0 for column in tested],
        correction,
    )
    by_name = dict(zip((column.column for column in tested), moved, strict=True))
    return [_judged(column, by_name.get(column.column)) for column in columns]


def _judged(column: ColumnDrift, threshold: float | None) -> ColumnDrift:
    if threshold is None or column.score is None or column.method is None:
        return column
    drifted = METHODS[column.method].has_drifted(column.score, threshold)
    status = Status.DRIFTED if drifted else Status.OK
    return column.model_copy(update={"threshold": threshold, "status": status})


def judge(
    monitor: Monitor,
    scheduled_at: datetime,
    *,
    window: WindowSummary | None,
    reference: TableSummary,
    current: TableSummary,
    columns: list[ColumnDrift],
) -> DriftResult:
    """Put a run's result together.

    The table has drifted when the share of drifted among its scored columns reaches the monitor's
    `drifted_share`, as in Evidently.
    """
    scored = sum(column.is_scored for column in columns)
    drifted = sum(column.status is Status.DRIFTED for column in columns)
    share = drifted / scored if scored else 0.0
    has_drifted = share >= monitor.drift.drifted_share
    return DriftResult(
        monitor=monitor.name,
        run_id=run_id(scheduled_at),
        scheduled_at=scheduled_at,
        window=window,
        reference=reference,
        current=current,
        status="error" if not scored else "drifted" if has_drifted else "ok",
        scored_columns=scored,
        drifted_columns=drifted,
        drifted_share=share,
        drifted_share_threshold=monitor.drift.drifted_share,
        columns=columns,
    )
