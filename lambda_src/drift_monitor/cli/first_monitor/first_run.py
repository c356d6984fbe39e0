"""The first run of a new monitor: its tables compared, and nothing published."""

from datetime import datetime

from drift_monitor.analysis.drift.comparison import Progress, compare
from drift_monitor.analysis.drift.verdict import judge
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.no_data import why_no_data, without_data
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.results.drift import ColumnDrift, Status
from drift_monitor.results.run import DriftResult
from drift_monitor.results.tables import TableSummary, WindowSummary
from drift_monitor.results.words import direction, window_words
from drift_monitor.tables.window import window_summary
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
    with open_pair(monitor, scheduled_at) as pair:
        why = why_no_data(monitor, pair)
        if why is not None:
            return without_data(monitor, scheduled_at, pair, why)
        comparison = compare(pair.reference, pair.current, monitor, progress=progress)
        return judge(
            monitor,
            scheduled_at,
            window=window_summary(pair.window),
            reference_window=window_summary(pair.reference_window),
            reference=pair.reference.summary,
            current=pair.current.summary,
            columns=comparison.columns,
        )


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
