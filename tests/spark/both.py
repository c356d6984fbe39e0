"""The same run by either engine: all that is found must be the same, to the last digit."""

from datetime import datetime
from functools import partial
from pathlib import Path

from pandas.testing import assert_frame_equal
from pyspark.sql import SparkSession
from support.builders import MONDAY, a_monitor

from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.column_engine import by_columns
from drift_monitor.engines.scored_run import ScoredRun
from drift_monitor.engines.scoring import score_run
from drift_monitor.engines.spark.copies import copies_on
from drift_monitor.engines.spark.engine import by_spark
from drift_monitor.results.run import DriftResult
from drift_monitor.site.pages.plot_data import frames

MEMORY = 1 << 30


def run_on_spark(
    spark: SparkSession,
    monitor: Monitor,
    scratch: Path | None = None,
    *,
    moment: datetime = MONDAY,
    memory: int = MEMORY,
) -> ScoredRun:
    """Find out all that a monitor asks for on Spark.

    Args:
        spark: where.
        monitor: which one.
        scratch: where tasks copy what is not Parquet; None copies it in this process.
        moment: the run's time.
        memory: what a task may spend on columns.
    """
    engine = partial(by_spark, spark=spark, memory=memory)
    copier = copies_on(spark, str(scratch)) if scratch else None
    return score_run(monitor, moment, engine, copier)


def assert_same(
    spark: SparkSession,
    monitor: Monitor,
    scratch: Path | None = None,
    *,
    moment: datetime = MONDAY,
) -> DriftResult:
    """Compare all that either engine finds, and the rows for its pictures; return it."""
    found = run_on_spark(spark, monitor, scratch, moment=moment)
    expected = score_run(monitor, moment, by_columns)
    # JSON, as NaN is not equal to itself.
    assert found.result.model_dump_json(indent=1) == expected.result.model_dump_json(indent=1)
    assert found.comparison.sampled_rows == expected.comparison.sampled_rows
    scored = [column for column in expected.result.columns if column.is_scored]
    tables = zip(frames(scored, found.comparison), frames(scored, expected.comparison), strict=True)
    for ours, theirs in tables:
        assert_frame_equal(ours, theirs)
    return found.result


def a_spark_monitor(reference: object, current: object, **parts: object) -> Monitor:
    """Return a monitor of two tables of any number of rows.

    Args:
        reference: its location, or all that is said of it.
        current: the same.
        parts: what else the monitor says.
    """
    tables = {
        name: side if isinstance(side, dict) else {"location": str(side)}
        for name, side in (("reference", reference), ("current", current))
    }
    return a_monitor(**tables, engine="spark", minimum_rows=1, **parts)
