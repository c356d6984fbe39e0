"""The telemetry of a run for CloudWatch: the fields of each log line, and metrics.

Lambda's runtime writes the records of `logging` as JSON, with the fields that are set here:
every line names its run, whichever module or thread wrote it. Metrics are JSON lines on stdout that
CloudWatch reads. The stack sets their namespace and the dimension `service` in the environment.
CloudWatch bills each name with each set of dimensions, so scores by column are a monitor's own
choice.
"""

import logging
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult

logger = logging.getLogger(__name__)

NAMESPACE = "DriftMonitor"
"""Where the environment names none, as on a laptop."""

# CloudWatch's limit on a dimension's value.
_LONGEST_VALUE = 1024

_OURS = ("drift_lambda", "drift_monitor")
_LEVELS = {**logging.getLevelNamesMapping(), "TRACE": logging.DEBUG}


def record_success(monitor: Monitor, result: DriftResult, seconds: float) -> None:
    """Write the metrics of a run that succeeded; what goes wrong here is logged, never raised.

    Args:
        monitor: what was run.
        result: what it found. Without a verdict it has no drifted share.
        seconds: how long it took.
    """
    with _harmless():
        metrics = _metrics_of(result.monitor, result.run_id)
        metrics.add_metric("RunsSucceeded", MetricUnit.Count, 1)
        has_no_data = result.status == "no_data"
        metrics.add_metric("RunsWithoutData", MetricUnit.Count, int(has_no_data))
        metrics.add_metric("RunDuration", MetricUnit.Seconds, seconds)
        metrics.add_metric("CurrentRows", MetricUnit.Count, result.current.rows)
        if result.status in ("ok", "drifted"):
            metrics.add_metric("DriftedShare", MetricUnit.NoUnit, result.drifted_share)
            metrics.add_metric("DriftedColumns", MetricUnit.Count, result.drifted_columns)
        if result.checks:
            metrics.add_metric("FailedChecks", MetricUnit.Count, result.failed_checks.total)
        metrics.flush_metrics()
        if monitor.column_metrics:
            _record_scores(result)


def record_failure(monitor: str, run_id: str) -> None:
    """Write the metric of a run that failed; what goes wrong here is logged, never raised."""
    with _harmless():
        metrics = _metrics_of(monitor, run_id)
        metrics.add_metric("RunsSucceeded", MetricUnit.Count, 0)
        metrics.flush_metrics()


def _record_scores(result: DriftResult) -> None:
    """Write a line per column: all metrics of a line have the same dimensions."""
    for column in result.columns:
        if column.score is None or not math.isfinite(column.score):
            continue
        metrics = _metrics_of(result.monitor, result.run_id)
        metrics.add_dimension("column", _dimension_value(column.column))
        metrics.add_metric("DriftScore", MetricUnit.NoUnit, column.score)
        metrics.flush_metrics()


def _metrics_of(monitor: str, run_id: str) -> EphemeralMetrics:
    metrics = EphemeralMetrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE))
    metrics.add_dimension("monitor", monitor)
    metrics.add_metadata("run_id", run_id)
    return metrics


@contextmanager
def _harmless() -> Iterator[None]:
    """Log an error in recording metrics instead of raising it."""
    try:
        yield
    except Exception:
        logger.exception("the run's metrics could not be written")


def _dimension_value(column: str) -> str:
    """Write a name as CloudWatch takes it: ASCII, not blank, not beginning with a colon."""
    value = column.encode("unicode_escape").decode("ascii")[:_LONGEST_VALUE]
    return value if value.strip() and not value.startswith(":") else repr(value)


class _Fields(logging.Filter):
    """Adds fields to every record, and lets it pass."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__()
        self._fields = fields

    def filter(self, record: logging.LogRecord) -> bool:
        vars(record).update(self._fields)
        return True


def set_levels() -> None:
    """Log ours at Lambda's application log level (INFO by default), others' from WARNING on."""
    level = _LEVELS.get(os.environ.get("AWS_LAMBDA_LOG_LEVEL", ""), logging.INFO)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    logging.getLogger().setLevel(max(level, logging.WARNING))


@contextmanager
def run_log(**fields: str) -> Iterator[None]:
    """Add fields to each log line until the end of the run, and log the error that ends it.

    They are on the root's handlers, not in a context variable, which other threads do not see. A
    function's process runs one event at a time, and then the next one: they are taken off again.
    """
    with_fields = _Fields(fields)
    handlers = list(logging.getLogger().handlers)
    for handler in handlers:
        handler.addFilter(with_fields)
    try:
        yield
    except DriftMonitorError as error:
        logger.error("%s", error)  # noqa: TRY400 - it is a sentence, and a traceback would bury it
        raise
    except Exception:
        logger.exception("The run failed")
        raise
    finally:
        for handler in handlers:
            handler.removeFilter(with_fields)
