"""Reads the rows of a table that are of a window, by their column t."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from support.builders import whole

from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2013, 6, 17, tzinfo=UTC)
WEEK = Window(START, START + 7 * DAY)


def read(
    location: object, window: Window = WEEK, column: str = "n", **options: object
) -> list[object]:
    with open_table(str(location), window, timestamp="t", **options) as table:  # type: ignore[arg-type]
        values = whole(table, column).to_pylist() if table.columns else []
        assert table.rows == table.summary.rows == len(values)
        return values
