"""Spark as the engine of a run."""

from pyspark.sql import SparkSession

from drift_monitor.drift.comparison import Progress
from drift_monitor.monitor import Monitor
from drift_monitor.scoring import Compared
from drift_monitor.sides import Sides
from drift_monitor.spark.comparison import compare


def by_spark(
    monitor: Monitor,
    sides: Sides,
    *,
    spark: SparkSession,
    progress: Progress = lambda _done, _of: None,
) -> Compared:
    """Compare the tables on Spark."""
    comparison = compare(spark, sides.reference, sides.current, monitor, progress=progress)
    return Compared(comparison)
