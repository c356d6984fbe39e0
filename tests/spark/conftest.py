"""One Spark for all tests. `make test-spark` runs these; `make test` does not."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from both import Both
from pyarrow import parquet as pq
from pyspark.sql import SparkSession

from drift_monitor.spark.session import open_session

# Samples and builders are those of the column engine's own tests.
sys.path.append(str(Path(__file__).parents[1] / "unit"))

WriteBoth = Callable[..., Both]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Start Spark with a driver that takes next to nothing from its tasks."""
    SparkSession.builder.config("spark.driver.maxResultSize", "4m")
    with open_session(1 << 30) as session:
        yield session


@pytest.fixture
def write_both(tmp_path: Path) -> WriteBoth:
    """Write two tables as Parquet files, a row group for each so many rows."""

    def write(reference: object, current: object, group_rows: int = 500) -> Both:
        paths = []
        for name, columns in (("reference", reference), ("current", current)):
            table = columns if isinstance(columns, pa.Table) else pa.table(columns)
            paths.append(tmp_path / f"{name}.parquet")
            pq.write_table(table, paths[-1], row_group_size=group_rows)
        return Both(*map(str, paths))

    return write
