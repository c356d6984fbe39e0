"""What the tests of Delta and Iceberg write and read."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.table import Table

from drift_monitor.config.formats import TableFormat
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

START = datetime(2013, 6, 3, tzinfo=UTC)
FIRST = {"x": [1, 2, 3], "day": ["a", "b", "a"], "at": [START + timedelta(d) for d in (0, 1, 9)]}
SECOND = {"x": [4], "day": ["c"], "at": [START + timedelta(days=1)], "more": [0.5]}
WINDOW = Window(START, START + timedelta(days=2))
LATE = {**FIRST, "at": [START + timedelta(days=n) for n in (30, 40, 50)]}


def read(
    location: str, *names: str, window: Window | None = None, **options: object
) -> list[tuple[object, ...]]:
    """Read a table's rows, those of the window by the column `at`; in the order of their values."""
    table_format = TableFormat.model_validate(options)
    timestamp = "at" if window else None
    with open_table(location, window, table_format=table_format, timestamp=timestamp) as table:
        columns = [[value for a in table.read(n) for value in a.to_pylist()] for n in names]
        assert table.rows == len(columns[0])
    return sorted(zip(*columns, strict=True), key=str)


def make_iceberg(warehouse: str, endpoint: str, table: pa.Table) -> Table:
    """Make an Iceberg table of one commit, in Glue's catalog."""
    catalog = GlueCatalog(
        "glue", **{"warehouse": warehouse, "s3.endpoint": endpoint, "s3.region": "eu-west-1"}
    )
    catalog.create_namespace("db")
    made = catalog.create_table("db.t", table.schema)
    made.append(table)
    return made
