"""How columns are put together, and which ones are too tall for any task."""

import pytest
from both import run_on_spark
from conftest import MonitorOf
from pyspark.sql import SparkSession

from drift_monitor.config.engines import BYTES_PER_ROW
from drift_monitor.errors import DriftMonitorError

ROWS = 1_000


def test_columns_of_more_rows_than_a_task_holds_are_refused_with_the_figure(
    spark: SparkSession, monitor_of: MonitorOf
) -> None:
    monitor = monitor_of({"x": range(ROWS)}, {"x": range(ROWS)})
    needed = 2 * ROWS * BYTES_PER_ROW
    assert run_on_spark(spark, monitor, memory=needed).result.scored_columns == 1
    with pytest.raises(DriftMonitorError, match=r"a column of 2,000 rows, .*spark_worker_memory"):
        run_on_spark(spark, monitor, memory=needed - 1)


def test_slices_that_a_task_has_no_room_for_are_told(
    spark: SparkSession, monitor_of: MonitorOf
) -> None:
    table = {"x": range(ROWS), "zone": ["a", "b"] * (ROWS // 2)}
    monitor = monitor_of(table, table, slices={"by": ["zone"], "smallest": 1})
    result = run_on_spark(spark, monitor, memory=2 * ROWS * BYTES_PER_ROW).result
    assert result.scored_columns == 2
    (told,) = result.slices
    assert told.status == "error"
    assert told.reason is not None
    assert told.reason.startswith("the tables could not be sliced: a column takes ")
