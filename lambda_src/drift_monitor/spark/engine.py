"""Spark as the engine of a run."""

from pyspark.sql import SparkSession

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
    return Compared(compare(spark, reference, current, monitor, sizes=sizes, progress=progress))
