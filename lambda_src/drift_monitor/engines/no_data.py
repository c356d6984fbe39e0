"""Runs without data: why there is nothing to compare, such as a window without a file."""

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import CurrentTable
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.words import window_words
from drift_monitor.tables.table import Table
from drift_monitor.tables.window import Window, window_summary
from drift_monitor.text import count


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


def _lack(side: str, table: Table, window: Window | None, monitor: Monitor) -> str | None:
    if table.rows >= monitor.minimum_rows:
        return None
    rows = count(table.rows, "row")
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
