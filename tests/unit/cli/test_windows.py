"""`drift-monitor init` chooses a window that a table fills."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from support.builders import InMemory

from drift_monitor.cli.first_monitor.partitions import Partitions, find_partitions
from drift_monitor.cli.first_monitor.preview import span_of_times
from drift_monitor.cli.first_monitor.windows import rhythm_of_partitions, rhythm_of_times
from drift_monitor.config.locations import Location
from drift_monitor.tables.arrow_storage import StoredFile

FIRST = datetime(2026, 9, 28, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def partitions(layout: str, step: timedelta, count: int) -> Partitions:
    files = [StoredFile(f"t/{FIRST + n * step:{layout}}", 1, "") for n in range(count)]
    found = find_partitions(files, Location.parse("t"))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("layout", "step", "count", "times", "window"),
    [
        ("%Y-%m-%d.csv", DAY, 14, 2, "7d"),
        ("%Y-%m-%d.csv", DAY, 13, 2, "1d"),
        ("%Y-%m-%d.csv", DAY, 7, 1, "7d"),
        ("%Y-%m-%d.csv", DAY, 6, 1, "1d"),
        ("%Y-%m-%d.csv", DAY, 1, 2, "1d"),
        ("%Y-%m-%dT%H.csv", HOUR, 48, 2, "24h"),
        ("%Y-%m-%dT%H.csv", HOUR, 47, 2, "1h"),
    ],
)
def test_a_window_is_one_that_is_there_often_enough(
    layout: str, step: timedelta, count: int, times: int, window: str
) -> None:
    found = partitions(layout, step, count)
    assert rhythm_of_partitions(found, LATER, times=times).window == window


def test_what_is_still_being_written_is_not_looked_at() -> None:
    found = partitions("%Y-%m-%d.csv", DAY, 30)
    today = max(found.files) + 9 * HOUR
    rhythm = rhythm_of_partitions(found, today, times=2)
    assert (rhythm.newest, rhythm.window) == (today, "7d")


@pytest.mark.parametrize(
    ("apart", "rows", "window"),
    [
        (HOUR, 24 * 40, "7d"),
        (HOUR, 24 * 10, "1d"),
        (HOUR, 24, "1h"),
        (HOUR / 60, 60 * 24 * 60, "7d"),
        (DAY / 70, 70 * 90, "1mo"),
        (DAY / 6, 6 * 365 * 3, "12mo"),
        (DAY, 90, "7d"),
        (HOUR / 60, 60, None),
    ],
)
def test_rows_with_times_get_a_window_that_they_fill_twice(
    apart: timedelta, rows: int, window: str | None
) -> None:
    table = InMemory({"t": pa.array([NOON - n * apart for n in range(rows)])})
    span = span_of_times(table, "t", NOON + DAY)
    assert span is not None
    assert rhythm_of_times(span, rows, NOON + DAY).window == window


def test_times_to_come_make_no_window() -> None:
    never = datetime(9999, 12, 31, tzinfo=UTC)
    table = InMemory({"t": pa.array([NOON, never, NOON - DAY, None])})
    assert span_of_times(table, "t", NOON + HOUR) == (NOON - DAY, NOON)
    assert span_of_times(InMemory({"t": pa.array([never])}), "t", NOON) is None
