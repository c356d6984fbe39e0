"""One Spark for all tests. `make test-spark` runs these; `make test` does not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from both import a_spark_monitor
from pyarrow import parquet as pq
from pyspark.sql import SparkSession

from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.spark.session import open_session

MonitorOf = Callable[..., Monitor]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Start Spark with a driver that takes next to nothing from its tasks."""
    SparkSession.builder.config("spark.driver.maxResultSize", "4m")
    with open_session() as session:
        yield session


@pytest.fixture
def monitor_of(tmp_path: Path) -> MonitorOf:
    """Write two tables as Parquet, a row group for each 500 rows; return their monitor."""

    def write(reference: object, current: object, **parts: object) -> Monitor:
        paths = []
        for name, columns in (("reference", reference), ("current", current)):
            table = columns if isinstance(columns, pa.Table) else pa.table(columns)
            paths.append(tmp_path / f"{name}.parquet")
            pq.write_table(table, paths[-1], row_group_size=500)
        return a_spark_monitor(*paths, **parts)

    return write
