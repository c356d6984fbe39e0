"""One run of a monitor, from its tables to its email. Lambda and the command line call it."""

import gc
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from importlib import import_module
from types import ModuleType

from drift_monitor.alarm import decide, runs_needed
from drift_monitor.chat import compose_chat
from drift_monitor.checks.baseline_file import find_baseline
from drift_monitor.checks.contract import Contract
from drift_monitor.checks.result import failed_first
from drift_monitor.delivery import send_once
from drift_monitor.drift.comparison import DEFAULT_MEMORY, Progress, compare
from drift_monitor.drift.slices import compare_slices
from drift_monitor.email import compose
from drift_monitor.history import recent_runs
from drift_monitor.monitor import Monitor
from drift_monitor.no_data import NO_REPORT
from drift_monitor.notify import Notifier
from drift_monitor.publish import publish
from drift_monitor.quality.limits import quality_checks
from drift_monitor.quality.measure import measure_quality
from drift_monitor.results import DriftResult
from drift_monitor.scores import Scores
from drift_monitor.scoring import Compared, Engine, score_tables
from drift_monitor.sides import Sides
from drift_monitor.slow_imports import SLOW_IMPORTS
from drift_monitor.store import Site

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
    engine: Engine | None = None,
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
        engine: what compares the tables, if not this process, column by column.

    Raises:
        DriftMonitorError: something the user can mend; nothing was published.
    """
    engine = engine or partial(_by_columns, memory=memory, progress=progress)
    scores = score_tables(monitor, scheduled_at, engine)
    return finish(monitor, scores, site=site, notifier=notifier)


def finish(
    monitor: Monitor, scores: Scores, *, site: Site, notifier: Notifier | None
) -> DriftResult:
    """Render and publish what was found out from a monitor's tables, and tell people once.

    Args:
        monitor: whose scores they are.
        scores: what was found.
        site: where to publish.
        notifier: where the email goes; None to tell nobody.
    """
    result, report = scores.result, NO_REPORT
    if result.status != "no_data":
        render = _import_renderer().render_report
        report = render(scores.comparison, monitor.drift.drifted_share)
    schedule = monitor.schedule if site.is_scheduled else None
    publish(site.store, result, report, schedule=schedule, retention=site.retention)
    if notifier is not None:
        _tell_once(monitor, result, site, notifier)
    logger.info(result.outcome, extra={"run_id": result.run_id, "status": result.status})
    return result


def _by_columns(monitor: Monitor, sides: Sides, *, memory: int, progress: Progress) -> Compared:
    """Compare the tables in this process, and all that a monitor asks for beside."""
    reference, current = sides.reference, sides.current
    contract = Contract(monitor, find_baseline(monitor))
    # Evidently takes seconds to import: meanwhile the columns are read and scored.
    with ThreadPoolExecutor(1) as background:
        background.submit(_import_renderer)
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
    checks = [*contract.results(reference.digest, current), *quality_checks(monitor, quality)]
    beside = {
        "checks": sorted(checks, key=failed_first),
        "model_quality": quality,
        "slices": slices,
    }
    return Compared(comparison, beside)


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
