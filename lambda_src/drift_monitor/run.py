"""One run of a monitor, from its tables to its email. Lambda and the command line call it."""

import gc
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from drift_monitor.alarm import decide, runs_needed
from drift_monitor.chat import compose_chat
from drift_monitor.delivery import send_once
from drift_monitor.drift.comparison import DEFAULT_MEMORY, Progress, compare
from drift_monitor.drift.verdict import judge
from drift_monitor.email import compose
from drift_monitor.errors import DriftMonitorError
from drift_monitor.history import recent_runs
from drift_monitor.monitor import Monitor
from drift_monitor.monitored_tables import CurrentTable, ReferenceTable
from drift_monitor.notify import Notifier
from drift_monitor.publish import publish
from drift_monitor.results import DriftResult, WindowSummary
from drift_monitor.slow_imports import SLOW_IMPORTS
from drift_monitor.store import Site
from drift_monitor.tables.table import Table, open_table
from drift_monitor.tables.window import Window, window_at

if TYPE_CHECKING:
    from drift_monitor.report.report import Report

logger = logging.getLogger(__name__)

_RENDERER = "drift_monitor.report.evidently_report"


def run(
    monitor: Monitor,
    scheduled_at: datetime,
    *,
    site: Site,
    notifier: Notifier | None,
    memory: int = DEFAULT_MEMORY,
    progress: Progress = lambda _done, _of: None,
) -> DriftResult:
    """Compare a monitor's tables, publish what was found, and tell people once.

    Running it again for the same time writes the same files and sends no second email.

    Args:
        monitor: what to compare, and how.
        scheduled_at: the run's time (aware). It decides the window and names the run.
        site: where to publish.
        notifier: where the email goes; None to tell nobody.
        memory: bytes to spend on columns.
        progress: told after each column.

    Raises:
        DriftMonitorError: something the user can mend; nothing was published.
    """
    window = window_at(monitor.current, scheduled_at)
    with (
        _open(monitor.reference) as reference,
        _open(monitor.current, window) as current,
    ):
        _require_rows(reference, monitor, "reference")
        _require_rows(current, monitor, "current")
        # Evidently takes seconds to import: meanwhile the columns are read and scored.
        with ThreadPoolExecutor(1) as background:
            renderer = background.submit(_import_renderer)
            comparison = compare(reference, current, monitor, memory=memory, progress=progress)
        result = judge(
            monitor,
            scheduled_at,
            window=WindowSummary(start=window.start, end=window.end) if window else None,
            reference=reference.summary,
            current=current.summary,
            columns=comparison.columns,
        )
    report: Report = renderer.result().render_report(comparison, monitor.drift.drifted_share)
    schedule = monitor.schedule if site.is_scheduled else None
    publish(site.store, result, report, schedule=schedule, retention=site.retention)
    if notifier is not None:
        _tell_once(monitor, result, site, notifier)
    logger.info(result.verdict, extra={"run_id": result.run_id, "status": result.status})
    return result


def _open(
    side: ReferenceTable | CurrentTable, window: Window | None = None
) -> AbstractContextManager[Table]:
    return open_table(
        side.location,
        window,
        table_format=side.format,
        wait_for_success=side.wait_for_success,
    )


def _import_renderer() -> ModuleType:
    """Import what renders, without looking for garbage in what stays: a tenth of the time."""
    with SLOW_IMPORTS:
        if _RENDERER in sys.modules:
            return sys.modules[_RENDERER]
        gc.disable()
        try:
            return import_module(_RENDERER)
        finally:
            gc.freeze()
            gc.enable()


def _require_rows(table: Table, monitor: Monitor, side: str) -> None:
    if table.rows < monitor.minimum_rows:
        raise DriftMonitorError(
            f"{side} has {table.rows:,} rows at {table.location}, fewer than minimum_rows "
            f"({monitor.minimum_rows:,}): wait for data, widen the window or lower minimum_rows"
        )


def _tell_once(monitor: Monitor, result: DriftResult, site: Site, notifier: Notifier) -> None:
    """Send the run's messages if people want to hear of it, once however often the run is run.

    Each has a note of its own: a chat message that fails does not repeat the email when it is sent
    again.
    """
    alerts = monitor.alerts
    recent = recent_runs(site.store, result.monitor, result.run_id, runs_needed(alerts))
    decision = decide(alerts, result, recent)
    told = "Told" if decision.is_told else "Not told"
    logger.info("%s: %s, %s", told, decision.state, decision.why)
    if not decision.is_told:
        return
    folder = f"monitors/{result.monitor}/runs/{result.run_id}"
    email = compose(result, decision, site.url)
    send_once(email, notifier, site.store, f"{folder}/email.json")
    if alerts.chat:
        chat = compose_chat(result, decision, site.url)
        send_once(chat, notifier, site.store, f"{folder}/chat.json")
