"""One run of a monitor, from its tables to its email. Lambda and the command line call it."""

import gc
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from drift_monitor.alarm import decide, runs_needed
from drift_monitor.chat import compose_chat
from drift_monitor.checks.baseline_file import find_baseline
from drift_monitor.checks.contract import Contract
from drift_monitor.checks.result import failed_first
from drift_monitor.delivery import send_once
from drift_monitor.drift.comparison import DEFAULT_MEMORY, Progress, compare
from drift_monitor.drift.slices import compare_slices
from drift_monitor.drift.verdict import judge
from drift_monitor.email import compose
from drift_monitor.history import recent_runs
from drift_monitor.monitor import Monitor
from drift_monitor.no_data import NO_REPORT, why_no_data, without_data
from drift_monitor.notify import Notifier
from drift_monitor.publish import publish
from drift_monitor.quality.limits import quality_checks
from drift_monitor.quality.measure import measure_quality
from drift_monitor.results import DriftResult
from drift_monitor.sides import Sides, open_sides
from drift_monitor.slow_imports import SLOW_IMPORTS
from drift_monitor.store import Site
from drift_monitor.tables.importance_file import with_importance
from drift_monitor.tables.window import summary_of

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
    with open_sides(monitor, scheduled_at) as sides:
        why = why_no_data(monitor, sides)
        if why is None:
            result, render = _compared(monitor, scheduled_at, sides, memory, progress)
        else:
            result, render = without_data(monitor, scheduled_at, sides, why), lambda: NO_REPORT
    report = render()
    schedule = monitor.schedule if site.is_scheduled else None
    publish(site.store, result, report, schedule=schedule, retention=site.retention)
    if notifier is not None:
        _tell_once(monitor, result, site, notifier)
    logger.info(result.outcome, extra={"run_id": result.run_id, "status": result.status})
    return result


def _compared(
    monitor: Monitor, scheduled_at: datetime, sides: Sides, memory: int, progress: Progress
) -> tuple[DriftResult, Callable[[], "Report"]]:
    """Compare the tables; return the result, and what renders its report without them."""
    reference, current = sides.reference, sides.current
    monitor = with_importance(monitor)
    contract = Contract(monitor, find_baseline(monitor))
    # Evidently takes seconds to import: meanwhile the columns are read and scored.
    with ThreadPoolExecutor(1) as background:
        renderer = background.submit(_import_renderer)
        comparison = compare(
            reference,
            current,
            monitor,
            memory=memory,
            progress=progress,
            look=contract.look,
        )
        quality = measure_quality(monitor, sides, memory=memory)
        slices = compare_slices(reference, current, monitor, comparison.columns, memory=memory)
    result = judge(
        monitor,
        scheduled_at,
        window=summary_of(sides.window),
        reference_window=summary_of(sides.reference_window),
        reference=reference.summary,
        current=current.summary,
        columns=comparison.columns,
    )
    checks = [*contract.results(reference.digest, current), *quality_checks(monitor, quality)]
    found = {
        "transform": sides.transform,
        "checks": sorted(checks, key=failed_first),
        "model_quality": quality,
        "slices": slices,
    }
    result = result.model_copy(update=found)
    share = monitor.drift.drifted_share
    return result, lambda: renderer.result().render_report(comparison, share)


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
