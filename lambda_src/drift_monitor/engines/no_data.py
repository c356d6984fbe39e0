"""Runs without data: a window with no file, or with too few rows. It is told, and is no drift."""

from datetime import datetime

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import CurrentTable
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.results.words import window_words
from drift_monitor.tables.table import Table
from drift_monitor.tables.window import Window, window_summary


def why_no_data(monitor: Monitor, pair: TablePair) -> str | None:
    """Say why there is nothing to compare; None where there is enough on both sides.

    Raises:
        DriftMonitorError: a table without a window has too few rows: waiting brings no more.
    """
    found = [
        _lack("reference", pair.reference, pair.reference_window, monitor),
        _lack("current", pair.current, pair.window, monitor),
    ]
    lacks = [lack for lack in reversed(found) if lack is not None]
    if not lacks:
        return None
    return f"{'; '.join(lacks)}: check that the table was written, and its location"


def without_data(
    monitor: Monitor, scheduled_at: datetime, pair: TablePair, why: str
) -> DriftResult:
    """Put the result of a run without data together."""
    return DriftResult(
        monitor=monitor.name,
        run_id=run_id(scheduled_at),
        scheduled_at=scheduled_at,
        window=window_summary(pair.window),
        reference_window=window_summary(pair.reference_window),
        reference=pair.reference.summary,
        current=pair.current.summary,
        transform=pair.transform,
        status="no_data",
        reason=why,
        scored_columns=0,
        drifted_columns=0,
        drifted_share=0.0,
        drifted_share_threshold=monitor.drift.drifted_share,
        critical_share_threshold=monitor.drift.critical_share,
        columns=[],
    )


def _lack(side: str, table: Table, window: Window | None, monitor: Monitor) -> str | None:
    if table.rows >= monitor.minimum_rows:
        return None
    rows = "1 row" if table.rows == 1 else f"{table.rows:,} rows"
    if monitor.transform is not None:
        rows += f" after {monitor.transform}"
    few = f"fewer than minimum_rows ({monitor.minimum_rows:,})"
    if window is None:
        raise DriftMonitorError(
            f"{side} has {rows} at {table.location}, {few}: check that the table was written "
            "whole, or lower minimum_rows"
        )
    when = window_words(window_summary(window))
    if not table.summary.files:
        return f"{side} has no {_smallest_part(monitor.current)} for {when}"
    return f"{side} has {rows} for {when}, {few}"


def _smallest_part(current: CurrentTable) -> str:
    """Return what the window's table would have had at least one of."""
    if current.sql is not None:
        return "row"
    return "finished folder" if current.wait_for_success else "file"
