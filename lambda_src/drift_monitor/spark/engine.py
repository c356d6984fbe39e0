"""Spark as the engine of a run."""

from pyspark.sql import SparkSession

from drift_monitor.checks.baseline_file import find_baseline
from drift_monitor.checks.result import CheckResult
from drift_monitor.checks.rules import DEFAULTS
from drift_monitor.drift.comparison import Progress
from drift_monitor.monitor import Monitor
from drift_monitor.scoring import Compared
from drift_monitor.sides import Sides
from drift_monitor.spark.comparison import compare
from drift_monitor.spark.plan import Sizes


def by_spark(
    monitor: Monitor,
    sides: Sides,
    *,
    spark: SparkSession,
    sizes: Sizes = Sizes(),  # noqa: B008 - it is frozen
    progress: Progress = lambda _done, _of: None,
) -> Compared:
    """Compare the tables on Spark."""
    reference, current = sides.reference, sides.current
    checks = _not_made(monitor)
    comparison = compare(spark, reference, current, monitor, sizes=sizes, progress=progress)
    return Compared(comparison, checks)


def _not_made(monitor: Monitor) -> list[CheckResult]:
    """Say of the checks that a baseline asks for that they were not made."""
    if find_baseline(monitor) is None:
        return []
    reason = "checks are not made by engine: spark"
    return [
        CheckResult(check=check, limit=rule.limit, severity=rule.severity, reason=reason)
        for check, rule in DEFAULTS.items()
    ]
