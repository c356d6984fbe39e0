"""From the status of each column to the verdict on the table."""

from datetime import datetime

from drift_monitor.monitor import Monitor
from drift_monitor.results import (
    ColumnDrift,
    DriftResult,
    Status,
    TableSummary,
    WindowSummary,
    run_id,
)


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
