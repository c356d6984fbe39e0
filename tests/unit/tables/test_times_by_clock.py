"""Rows chosen by their times are those that a naive filter keeps, whatever clock they are by."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq
from support.timed_rows import BERLIN, DAY, HOUR, START, read

from drift_monitor.tables.window import Window

WriteTable = Callable[..., str]


# A week before the clocks are changed: in Berlin back, in Cairo forward and back.
CHANGES = [
    datetime.fromisoformat(f"{day}T00:00Z") for day in ("2013-10-21", "2024-04-19", "2024-10-25")
]
TYPES = [
    *(pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC")),
    pa.timestamp("us", "America/New_York"),
    pa.date32(),
    pa.date64(),
]


@st.composite
def _times(draw: st.DrawFn) -> tuple[pa.Array, Window]:
    """Make up times and a window among them; many when clocks are changed."""
    first = draw(st.sampled_from([START, *CHANGES]))
    seconds = draw(st.lists(st.none() | st.integers(0, 14 * 24 * 3600), max_size=40))
    if draw(st.booleans()):
        seconds.sort(key=lambda second: (second is None, second or 0))
    clock = first.replace(tzinfo=None)
    times = [clock, *(None if s is None else clock + timedelta(seconds=s) for s in seconds)]
    array = pa.array(times, pa.timestamp("us")).cast(draw(st.sampled_from(TYPES)), safe=False)
    start = first + draw(st.integers(-100, 400)) * HOUR
    zone = draw(st.sampled_from([UTC, BERLIN, ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Kolkata")]))
    return array, Window(start, start + draw(st.integers(1, 300)) * HOUR, zone=zone)


@settings(max_examples=200, deadline=None)
@given(
    asked=_times(),
    cuts=st.sets(st.integers(0, 41), max_size=3),
    row_group_size=st.integers(1, 42),
    has_statistics=st.booleans(),
)
def test_rows_are_those_that_a_naive_filter_keeps(
    asked: tuple[pa.Array, Window],
    cuts: set[int],
    row_group_size: int,
    has_statistics: bool,  # noqa: FBT001 - hypothesis gives it
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    times, window = asked
    table = pa.table({"t": times, "n": list(range(len(times)))})
    folder = tmp_path_factory.mktemp("t")
    edges = [0, *sorted(cut for cut in cuts if cut < len(times)), len(times)]
    for number, (first, last) in enumerate(pairwise(edges)):
        pq.write_table(
            table.slice(first, last - first),
            folder / f"{number}.parquet",
            row_group_size=row_group_size,
            write_statistics=has_statistics,
        )
    kept = [n for n, time in enumerate(times.to_pylist()) if _is_inside(time, window)]
    assert read(folder, window) == kept


def _is_inside(time: datetime | date | None, window: Window) -> bool:
    if time is None:
        return False
    if not isinstance(time, datetime):
        time = datetime(time.year, time.month, time.day)  # noqa: DTZ001 - a clock's, as here
    if time.tzinfo is None:
        time = time.replace(tzinfo=window.zone)
    return window.start <= time.astimezone(UTC) < window.end


def test_times_without_a_zone_are_those_of_the_window(write_table: WriteTable) -> None:
    midnight = datetime(2013, 6, 17)  # noqa: DTZ001 - a clock's
    times = [midnight - timedelta(seconds=1), midnight, midnight + DAY]
    location = write_table("t.parquet", {"t": times, "n": [1, 2, 3]})
    day = Window(START - 2 * HOUR, START + 22 * HOUR, zone=BERLIN)
    assert read(location, day) == [2]


def test_in_the_hour_that_a_clock_shows_twice_all_times_are_the_first(
    write_table: WriteTable,
) -> None:
    # In Berlin, on 27 October 2013, it is half past two at 00:30 and at 01:30 in UTC.
    times = [datetime(2013, 10, 27, hour, 30) for hour in (1, 2, 2, 3)]  # noqa: DTZ001
    location = write_table("t.parquet", {"t": times, "n": [1, 2, 3, 4]})
    hours = [datetime(2013, 10, 26, 23, tzinfo=UTC) + n * HOUR for n in range(5)]
    found = [read(location, Window(*pair, zone=BERLIN)) for pair in pairwise(hours)]
    assert found == [[1], [2, 3], [], [4]]


@pytest.mark.parametrize("data_type", [pa.date32(), pa.timestamp("us")])
def test_a_date_is_of_its_day_though_the_clock_skips_its_midnight(
    write_table: WriteTable, data_type: pa.DataType
) -> None:
    # In Cairo, on 26 April 2024, one o'clock came right after midnight.
    cairo = ZoneInfo("Africa/Cairo")
    dates = pa.array([date(2024, 4, day) for day in (25, 26, 27)]).cast(data_type)
    location = write_table("t.parquet", {"t": dates, "n": [25, 26, 27]})
    days = [datetime(2024, 4, day, tzinfo=cairo).astimezone(UTC) for day in (25, 26, 27, 28)]
    found = [read(location, Window(*pair, zone=cairo)) for pair in pairwise(days)]
    assert found == [[25], [26], [27]]
