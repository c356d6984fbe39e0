"""The first run of a new monitor: its tables compared, and nothing published."""

from datetime import datetime
from functools import partial

from drift_monitor.analysis.drift.comparison import Progress
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.column_engine import by_columns
from drift_monitor.engines.scoring import score_run
from drift_monitor.results.drift import ColumnDrift, Status
from drift_monitor.results.run import DriftResult
from drift_monitor.results.tables import TableSummary, WindowSummary
from drift_monitor.results.words import direction, window_words
from drift_monitor.text import one_line

_MOST_DRIFTED = 20
_STATUSES = {
    Status.MISSING: "in reference, but not in current",
    Status.NEW: "in current, but not in reference",
    Status.ERROR: "could not be compared",
}


def first_run(monitor: Monitor, scheduled_at: datetime, progress: Progress) -> DriftResult:
    """Compare a monitor's tables as a run does, but for the report.

    Raises:
        DriftMonitorError: a table cannot be read, or there is no row in it.
    """
    return score_run(monitor, scheduled_at, partial(by_columns, progress=progress)).result


def in_words(result: DriftResult) -> list[str]:
    """Say what a run found, a line each: rows, columns, and which drifted."""
    lines = [
        _side("reference", result.reference, result.reference_window),
        _side("current", result.current, result.window),
    ]
    if result.status == "no_data":
        return [*lines, result.outcome]
    drifted = result.having(Status.DRIFTED)
    worst_first = ", the worst first:" if drifted else ""
    lines.append(f"{len(result.columns):,} columns. {result.verdict}{worst_first}")
    lines += [f"  {_drift(column)}" for column in drifted[:_MOST_DRIFTED]]
    if len(drifted) > _MOST_DRIFTED:
        lines.append(f"  and {len(drifted) - _MOST_DRIFTED:,} more")
    for status, said in _STATUSES.items():
        names = [one_line(column.column) for column in result.having(status)]
        if names:
            others = f" and {len(names) - _MOST_DRIFTED:,} more" if names[_MOST_DRIFTED:] else ""
            lines.append(f"{said}: {', '.join(names[:_MOST_DRIFTED])}{others}")
    return lines


def _side(name: str, table: TableSummary, window: WindowSummary | None) -> str:
    when = "" if window is None else f", {window_words(window)}"
    missing = f", {len(table.missing_files):,} missing" if table.missing_files else ""
    files = "1 file" if table.files == 1 else f"{table.files:,} files"
    return f"{name}: {table.rows:,} rows in {files}{missing}{when}"


def _drift(column: ColumnDrift) -> str:
    said = [f"{one_line(column.column)}: {column.bound} ({column.method})", *direction(column)]
    return ", ".join(said)
