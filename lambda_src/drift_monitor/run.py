"""One run of a monitor, from its tables to its email: what Lambda and the command line call."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from drift_monitor.alerts.alert import alert
from drift_monitor.alerts.notifiers import Notifier
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.column_engine import by_columns
from drift_monitor.engines.engine import Engine, EngineOutput
from drift_monitor.engines.scored_run import ScoredRun
from drift_monitor.engines.scoring import score_run
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.results.run import DriftResult
from drift_monitor.site.pages.report import NO_REPORT
from drift_monitor.site.past import judged_by_past, read_past
from drift_monitor.site.publish import publish
from drift_monitor.site.store import Site
from drift_monitor.slow_imports import load_renderer

logger = logging.getLogger(__name__)


def run(
    monitor: Monitor,
    scheduled_at: datetime,
    *,
    site: Site,
    notifier: Notifier | None,
    engine: Engine = by_columns,
) -> DriftResult:
    """Compare a monitor's tables, publish what was found, and send its messages once.

    Running it again for the same time writes the same files and sends no second email, but where
    it had no data and now has.

    Args:
        monitor: what to compare, and how.
        scheduled_at: the run's time (aware). It decides the window and names the run.
        site: where to publish.
        notifier: sends the messages; None to send none.
        engine: what compares the tables.

    Raises:
        DriftMonitorError: something the user can mend; nothing was published.
    """
    scored_run = score_run(monitor, scheduled_at, _while_importing_evidently(engine))
    return finish(monitor, scored_run, site=site, notifier=notifier)


def _while_importing_evidently(engine: Engine) -> Engine:
    """Let an engine compare while Evidently is imported, which takes seconds, for the report."""

    def compare(monitor: Monitor, pair: TablePair) -> EngineOutput:
        with ThreadPoolExecutor(1) as background:
            background.submit(load_renderer)
            return engine(monitor, pair)

    return compare


def finish(
    monitor: Monitor, scored_run: ScoredRun, *, site: Site, notifier: Notifier | None
) -> DriftResult:
    """Render and publish what was found in a monitor's tables, and send its messages once.

    Args:
        monitor: whose scores they are.
        scored_run: what was found.
        site: where to publish.
        notifier: sends the messages; None to send none.
    """
    if monitor.drift.judge == "history":
        scored_run = _judged_by_past(monitor, scored_run, site)
    result, report = scored_run.result, NO_REPORT
    if result.status != "no_data":
        render = load_renderer().render_report
        report = render(scored_run.comparison, _share_of(monitor, result))
    schedule = monitor.schedule if site.is_scheduled else None
    publish(site.store, result, report, schedule=schedule, retention=site.retention)
    if notifier is not None:
        alert(monitor, result, site, notifier)
    logger.info(result.outcome, extra={"run_id": result.run_id, "status": result.status})
    return result


def _share_of(monitor: Monitor, result: DriftResult) -> float:
    """Return the share of drifted columns from which Evidently's page says drift.

    Where the monitor has none, it is one with which the page agrees with the verdict.
    """
    share = monitor.drift.needed_share
    if share is None:
        needed = result.drifted_columns + (result.status != "drifted")
        share = min(1.0, max(1, needed) / max(1, result.scored_columns))
    return share


def _judged_by_past(monitor: Monitor, scored_run: ScoredRun, site: Site) -> ScoredRun:
    """Judge a run by the earlier ones that the site has, its report's columns, too."""
    result = scored_run.result
    result = judged_by_past(monitor, result, read_past(site.store, monitor.name, result.run_id))
    return ScoredRun(result, replace(scored_run.comparison, columns=result.columns))
