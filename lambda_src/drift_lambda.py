"""The Lambda function: environment and event in, one run out. Whatever goes wrong is raised.

Lambda retries a raised error twice; then the event goes to the dead-letter queue and an
alarm speaks. A returned `{"statusCode": 500}` would count as success.
"""

import logging
import os
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.config import Config

from drift_monitor.alerts.notifiers import SnsNotifier
from drift_monitor.config.events import RunEvent, WatchEvent
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.site.overdue import overdue
from drift_monitor.site.store import Site, site_bucket
from drift_monitor.storage import Bucket
from drift_monitor.telemetry import record_failure, record_success, run_log, set_levels

if TYPE_CHECKING:
    from drift_monitor.engines.scored_run import ScoredRun

logger = logging.getLogger(__name__)

# A service that stalls is given up in a minute and a half, not in the function's 15.
S3_CALLS = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4}
)
# An email is given up before the claim on sending it ends: see drift_monitor/alerts/delivery.py.
SNS_CALLS = Config(
    connect_timeout=4, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3}
)

# Half of the function's memory; the other half is for Evidently and its page. Lambda sets it in MB.
_MEMORY_FOR_COLUMNS = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")) * (1 << 19)


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Run a monitor, or look which monitors are overdue."""
    set_levels()
    site = site_bucket(boto3.client("s3", config=S3_CALLS), os.environ["SITE_BUCKET"])
    if "watch" in event:
        return _watch(WatchEvent.model_validate(event), site)
    return _run(RunEvent.model_validate(event), site)


def _run(event: RunEvent, site: Bucket) -> dict[str, object]:
    monitor, run = event.monitor.name, run_id(event.scheduled_at)
    with run_log(monitor=monitor, run_id=run, event_id=event.event_id):
        started = time.monotonic()
        try:
            result = _result_of(event, site)
        except Exception:
            record_failure(monitor, run)
            raise
        record_success(event.monitor, result, time.monotonic() - started)
    return result.model_dump(mode="json", include={"monitor", "run_id", "status"})


def _result_of(event: RunEvent, site: Bucket) -> DriftResult:
    logger.info("The run begins")
    # Imported here: it brings Evidently, which takes longer than the 10 s of Lambda's init phase.
    from drift_monitor.engines.column_engine import by_columns  # noqa: PLC0415
    from drift_monitor.run import finish, run  # noqa: PLC0415

    target = Site(site, os.environ["SITE_URL"].rstrip("/") + "/", _retention())
    notifier = SnsNotifier(boto3.client("sns", config=SNS_CALLS), os.environ["TOPIC_ARN"])
    if event.scores is not None:
        scored_run = _scored_run_of(event, event.scores)
        return finish(event.monitor, scored_run, site=target, notifier=notifier)
    if event.monitor.engine == "spark":
        raise DriftMonitorError(
            "the monitor's engine is spark, and the event names no scores: start the state machine "
            "that the monitor's rule starts, with this event"
        )
    return run(
        event.monitor,
        event.scheduled_at,
        site=target,
        notifier=notifier,
        engine=partial(by_columns, memory=_MEMORY_FOR_COLUMNS),
    )


def _scored_run_of(event: RunEvent, folder: str) -> "ScoredRun":
    """Read what the run's Spark job has written into a folder.

    Raises:
        DriftMonitorError: there is nothing, or it is another run's.
    """
    from drift_monitor.engines.scored_run import read_scored_run  # noqa: PLC0415 - brings pyarrow

    scored_run = read_scored_run(folder)
    found = scored_run.result.monitor, scored_run.result.run_id
    if found != (event.monitor.name, run_id(event.scheduled_at)):
        raise DriftMonitorError(
            f"{folder} has the scores of {found[0]}, {found[1]}: name this run's own"
        )
    return scored_run


def _retention() -> timedelta | None:
    """Return how long the bucket keeps a report, as the stack says; by hand nobody need."""
    days = os.environ.get("REPORT_RETENTION_DAYS")
    return timedelta(days=int(days)) if days else None


def _watch(event: WatchEvent, site: Bucket) -> dict[str, object]:
    late = overdue(event.watch, event.looked_at, site)
    for name in late:
        logger.error("monitor is overdue", extra={"monitor": name})
    # Namespace and service come from the environment, where the stack sets them for its alarm.
    with single_metric(name="OverdueMonitors", unit=MetricUnit.Count, value=len(late)):
        pass
    return {"overdue": late}
