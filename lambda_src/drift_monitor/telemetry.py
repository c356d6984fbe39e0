"""What CloudWatch is told of each run: JSON lines on stdout that it reads as metrics.

The stack sets the namespace and the dimension `service` in the environment. CloudWatch bills each
name with each set of dimensions, so scores by column are a monitor's own choice.
"""

import logging
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from drift_monitor.config.monitor import Monitor
from drift_monitor.results.run import DriftResult

logger = logging.getLogger(__name__)

NAMESPACE = "DriftMonitor"
"""Where the environment names none, as on a laptop."""

# CloudWatch's limit on a dimension's value.
_LONGEST_VALUE = 1024


def record_success(monitor: Monitor, result: DriftResult, seconds: float) -> None:
    """Write the metrics of a run that succeeded; what goes wrong here is logged, never raised.

    Args:
        monitor: what was run.
        result: what it found. Without a verdict there is no drifted share to tell.
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
    """Let the run's own outcome stand, whatever becomes of its metrics."""
    try:
        yield
    except Exception:
        logger.exception("the run's metrics could not be written")


def _dimension_value(column: str) -> str:
    """Write a name as CloudWatch takes it: ASCII, not blank, not beginning with a colon."""
    value = column.encode("unicode_escape").decode("ascii")[:_LONGEST_VALUE]
    return value if value.strip() and not value.startswith(":") else repr(value)
