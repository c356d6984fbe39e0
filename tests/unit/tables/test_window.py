"""Which time is read: from the scheduled time and the calendar of the monitor's time zone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from support.builders import MONDAY
from support.windows import (
    ANY_TIME,
    DAILY,
    HOURLY,
    MONTHLY,
    RUNS,
    WEEKLY,
    ZONES,
    any_windows,
    at,
    places,
    shown,
    window_of,
)

from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.spans import Span
from drift_monitor.config.tables import CurrentTable, ReferenceTable
from drift_monitor.tables.window import reference_window, window_at, window_summary


def test_a_week_of_days_ends_yesterday() -> None:
    window = window_of(DAILY, "7d")
    assert (window.start, window.end) == (
        datetime(2013, 6, 17, tzinfo=UTC),
        datetime(2013, 6, 24, tzinfo=UTC),
    )
    assert [day.day for day in window.moments] == [17, 18, 19, 20, 21, 22, 23]


def test_hours_end_with_the_last_whole_hour() -> None:
    window = window_of(HOURLY, "2h")
    assert [f"{hour:%d %H:%M}" for hour in window.moments] == ["24 07:00", "24 08:00"]


def test_a_run_at_midnight_reads_the_day_that_has_just_ended() -> None:
    window = window_of(DAILY, "1d", MONDAY.replace(hour=0, minute=0))
    assert window.moments == [datetime(2013, 6, 23, tzinfo=UTC)]


@pytest.mark.parametrize(("window", "days"), [("4w", "28d"), ("48h", "2d")])
def test_weeks_are_seven_days_each_and_24_hours_a_day_where_files_are_by_the_day(
    window: str, days: str
) -> None:
    found, expected = (window_of(DAILY, text, timezone="Europe/Berlin") for text in (window, days))
    assert found == expected


def test_the_window_is_in_utc_wherever_the_run_is_asked_for() -> None:
    in_tokyo = MONDAY.astimezone(timezone(timedelta(hours=9)))
    assert window_of(DAILY, "7d", in_tokyo) == window_of(DAILY, "7d")
    assert window_of(DAILY, "7d", in_tokyo).start.utcoffset() == timedelta(0)


def test_without_a_window_everything_there_is_read() -> None:
    assert window_at(CurrentTable(location="t.csv"), MONDAY) is None


def test_the_next_run_goes_on_where_this_one_stopped() -> None:
    this, following = window_of(DAILY, "7d"), window_of(DAILY, "7d", MONDAY + timedelta(days=7))
    assert following.start == this.end


@pytest.mark.parametrize("scheduled_at", [MONDAY, MONDAY.replace(hour=23, minute=59)])
def test_a_late_run_of_the_same_day_reads_the_same_days(scheduled_at: datetime) -> None:
    assert window_of(DAILY, "7d", scheduled_at) == window_of(DAILY, "7d")


@pytest.mark.parametrize(
    ("location", "window", "more", "start", "end"),
    [
        (DAILY, "3mo", {}, "2013-03-24 00:00", "2013-06-24 00:00"),
        (MONTHLY, "3mo", {}, "2013-03-01 00:00", "2013-06-01 00:00"),
        (WEEKLY, "4w", {}, "2013-05-27 00:00", "2013-06-24 00:00"),
        ("t/{date:%Y}/", "12mo", {}, "2012-01-01 00:00", "2013-01-01 00:00"),
        (HOURLY, "7d", {}, "2013-06-17 09:00", "2013-06-24 09:00"),
        (DAILY, "7d", {"delay": "10h"}, "2013-06-16 00:00", "2013-06-23 00:00"),
        (DAILY, "7d", {"delay": "2d"}, "2013-06-15 00:00", "2013-06-22 00:00"),
        (HOURLY, "24h", {"delay": "6h"}, "2013-06-23 03:00", "2013-06-24 03:00"),
        # 09:30 in UTC is 15:00 in Kolkata, and 23:30 of the day before on Niue.
        (HOURLY, "2h", {"timezone": "Asia/Kolkata"}, "2013-06-24 13:00", "2013-06-24 15:00"),
        (DAILY, "1d", {"timezone": "Pacific/Niue"}, "2013-06-22 00:00", "2013-06-23 00:00"),
        # Rows chosen by their time: whole hours or whole days, whatever the files are by.
        (ANY_TIME, "24h", {"timestamp": "t"}, "2013-06-23 09:00", "2013-06-24 09:00"),
        (ANY_TIME, "7d", {"timestamp": "t"}, "2013-06-17 00:00", "2013-06-24 00:00"),
        (DAILY, "36h", {"timestamp": "t"}, "2013-06-22 21:00", "2013-06-24 09:00"),
        (HOURLY, "1d", {"timestamp": "t"}, "2013-06-23 00:00", "2013-06-24 00:00"),
    ],
)
def test_a_run_on_monday_at_half_past_nine(
    location: str, window: str, more: dict[str, str], start: str, end: str
) -> None:
    assert shown(window_of(location, window, **more)) == (start, end)


@pytest.mark.parametrize(
    ("day", "before"), [("2013-03-31", "2013-02-28"), ("2012-03-31", "2012-02-29")]
)
def test_a_day_that_the_month_lacks_is_its_last(day: str, before: str) -> None:
    run = datetime.fromisoformat(f"{day}T09:30+00:00")
    assert shown(window_of(DAILY, "1mo", run))[0] == f"{before} 00:00"


def test_days_have_23_or_25_hours_when_the_clock_is_changed() -> None:
    lengths = {}
    for run in ("2013-03-30", "2013-04-01", "2013-10-28"):
        moment = datetime.fromisoformat(f"{run}T09:30+00:00")
        window = window_of(DAILY, "1d", moment, timezone="Europe/Berlin")
        lengths[run] = (window.end - window.start) / timedelta(hours=1)
        assert len(window.moments) == 1
    assert lengths == {"2013-03-30": 24, "2013-04-01": 23, "2013-10-28": 25}


@pytest.mark.parametrize(
    ("window", "start"), [("1d", "2024-04-25"), ("7d", "2024-04-19"), ("1mo", "2024-03-26")]
)
def test_a_day_whose_first_hour_the_clock_skips_begins_at_its_first_moment(
    window: str, start: str
) -> None:
    # In Cairo, on 26 April 2024, one o'clock came right after midnight.
    found = window_of(
        DAILY, window, datetime(2024, 4, 26, 9, 30, tzinfo=UTC), timezone="Africa/Cairo"
    )
    assert shown(found) == (f"{start} 00:00", "2024-04-26 01:00")


def test_hours_are_real_hours_when_the_clock_is_changed() -> None:
    monday = datetime(2013, 10, 28, 9, 30, tzinfo=UTC)
    window = window_of(HOURLY, "48h", monday, timezone="Europe/Berlin")
    assert window.end - window.start == timedelta(hours=48)
    assert shown(window) == ("2013-10-26 11:00", "2013-10-28 10:00")
    # Two of them are one hour to the clock, and one folder.
    assert (len(window.moments), len(places(HOURLY, window))) == (48, 47)


@pytest.mark.parametrize(
    ("location", "window", "expected"),
    [
        (MONTHLY, "2mo", ["t/year=2013/month=04/", "t/year=2013/month=05/"]),
        (WEEKLY, "2w", ["t/2013-W24/", "t/2013-W25/"]),
        ("t/{date:%Y%m%d}.csv", "1d", ["t/20130623.csv"]),
        ("t/{date:%b-%y}.csv", "1mo", ["t/May-13.csv"]),
        ("t/{date:%Y/%j}/", "1d", ["t/2013/174/"]),
        (
            "t/{date:%Y-%m-%d}T{date:%I%p}.csv",
            "2h",
            ["t/2013-06-24T07AM.csv", "t/2013-06-24T08AM.csv"],
        ),
    ],
)
def test_any_pattern_names_the_windows_partitions(
    location: str, window: str, expected: list[str]
) -> None:
    assert places(location, window_of(location, window)) == expected


def test_a_week_over_new_year_is_one_partition_however_it_is_named() -> None:
    run = datetime(2025, 1, 6, 9, 30, tzinfo=UTC)
    assert places(WEEKLY, window_of(WEEKLY, "1w", run)) == ["t/2025-W01/"]
    by_year = "t/{date:%Y-%W}/"
    assert places(by_year, window_of(by_year, "1w", run)) == ["t/2024-53/", "t/2025-00/"]


def test_coarser_partitions_that_overlap_are_read_where_rows_are_chosen_by_their_time() -> None:
    window = window_of(MONTHLY, "30d", timestamp="t")
    assert places(MONTHLY, window) == ["t/year=2013/month=05/", "t/year=2013/month=06/"]
    window = window_of(DAILY, "2h", MONDAY.replace(hour=1), timestamp="t")
    assert places(DAILY, window) == ["t/2013-06-23.csv", "t/2013-06-24.csv"]


def test_a_result_says_a_window_as_its_own_clock_does() -> None:
    run = datetime(2013, 10, 28, 9, 30, tzinfo=UTC)
    summary = window_summary(window_of(DAILY, "2d", run, timezone="Europe/Berlin"))
    assert summary is not None
    assert summary.model_dump(mode="json") == {
        "start": "2013-10-26T00:00:00+02:00",
        "end": "2013-10-28T00:00:00+01:00",
        "timezone": "Europe/Berlin",
    }
    in_utc = window_summary(window_of(DAILY, "7d"))
    assert in_utc is not None
    assert in_utc.model_dump(mode="json")["start"] == "2013-06-17T00:00:00Z"


def test_a_year_of_runs_reads_each_day_once_in_any_zone() -> None:
    for zone in map(ZoneInfo, ZONES):
        current = CurrentTable(location=DAILY, window="1d", timezone=str(zone))
        first = datetime(2023, 12, 31, 12, tzinfo=zone)
        found = [
            place
            for day in range(367)
            for place in places(DAILY, at(current, first + timedelta(days=day)))
        ]
        assert found == sorted(set(found))
        assert len(found) == 367


def _reference_at(moment: datetime, location: str, window: str, reference: str) -> tuple[str, str]:
    """Return where reference begins and ends, which is current's table at another time."""
    current = CurrentTable(location=location, window=window)
    found = reference_window(ReferenceTable(window=reference), current, window_at(current, moment))
    assert found is not None
    return shown(found)


@pytest.mark.parametrize(
    ("location", "window", "reference", "start", "end"),
    [
        (DAILY, "7d", "previous", "2013-06-10 00:00", "2013-06-17 00:00"),
        (DAILY, "1mo", "previous", "2013-04-24 00:00", "2013-05-24 00:00"),
        # A Monday again: 52 weeks.
        (DAILY, "7d", "year_before", "2012-06-18 00:00", "2012-06-25 00:00"),
        (HOURLY, "24h", "year_before", "2012-06-24 09:00", "2012-06-25 09:00"),
        (WEEKLY, "4w", "year_before", "2012-05-28 00:00", "2012-06-25 00:00"),
        (MONTHLY, "1mo", "year_before", "2012-05-01 00:00", "2012-06-01 00:00"),
        (DAILY, "7d", "90d", "2013-03-19 00:00", "2013-06-17 00:00"),
        (DAILY, "7d", "12mo", "2012-06-17 00:00", "2013-06-17 00:00"),
        (MONTHLY, "1mo", "12mo", "2012-05-01 00:00", "2013-05-01 00:00"),
    ],
)
def test_a_reference_may_be_current_at_another_time(
    location: str, window: str, reference: str, start: str, end: str
) -> None:
    assert _reference_at(MONDAY, location, window, reference) == (start, end)


@pytest.mark.parametrize(
    ("location", "window", "run", "start", "end"),
    [
        # 2023 has no 29 February.
        (DAILY, "1mo", "2024-02-29T09:30", "2023-01-29 00:00", "2023-02-28 00:00"),
        (DAILY, "1mo", "2024-03-29T09:30", "2023-02-28 00:00", "2023-03-29 00:00"),
        (MONTHLY, "1mo", "2024-03-01T09:30", "2023-02-01 00:00", "2023-03-01 00:00"),
        # 52 weeks before the 53rd of 2026 is the first.
        (WEEKLY, "1w", "2027-01-04T09:30", "2025-12-29 00:00", "2026-01-05 00:00"),
    ],
)
def test_a_year_before_of_a_day_or_a_week_that_was_not_there(
    location: str, window: str, run: str, start: str, end: str
) -> None:
    moment = datetime.fromisoformat(f"{run}+00:00")
    assert _reference_at(moment, location, window, "year_before") == (start, end)


@pytest.mark.parametrize(
    ("window", "run", "start"),
    [
        # In Berlin, on 26 March 2023, three o'clock came right after two; on 29 October two o'clock
        # came again after three.
        ("1h", "2024-03-24T02:30", "2023-03-26T01:00"),
        ("24h", "2024-03-24T09:30", "2023-03-25T09:00"),
        ("1h", "2024-10-27T02:30", "2023-10-29T00:00"),
    ],
)
def test_hours_of_a_year_before_are_as_many_though_the_clock_was_changed(
    window: str, run: str, start: str
) -> None:
    current = CurrentTable(location=HOURLY, window=window, timezone="Europe/Berlin")
    now = at(current, datetime.fromisoformat(f"{run}+00:00"))
    found = reference_window(ReferenceTable(window="year_before"), current, now)
    assert found is not None
    assert found.start == datetime.fromisoformat(f"{start}+00:00")
    assert found.end - found.start == now.end - now.start


@pytest.mark.parametrize(
    ("location", "window", "is_longer"),
    [
        (DAILY, "364d", False),
        (DAILY, "365d", True),
        (DAILY, "53w", True),
        (DAILY, "12mo", False),
        (MONTHLY, "13mo", True),
        (HOURLY, "8736h", False),
        (HOURLY, "8737h", True),
    ],
)
def test_a_window_longer_than_a_year_has_none_a_year_before(
    location: str, window: str, *, is_longer: bool
) -> None:
    monitor = {
        "name": "m",
        "reference": {"window": "year_before"},
        "current": {"location": location, "window": window},
    }
    if not is_longer:
        assert Monitor.model_validate(monitor).current.window == window
        return
    with pytest.raises(ValidationError, match=f"a window of {window} is longer than a year, and"):
        Monitor.model_validate(monitor)


@settings(deadline=None)
@given(any_windows() | any_windows(is_timed=True))
def test_windows_tile_time_as_previous_says(asked: tuple[CurrentTable, datetime]) -> None:
    current, _ = asked
    window = at(*asked)
    before = reference_window(ReferenceTable(window="previous"), current, window)
    assert before is not None
    assert before.start < before.end == window.start


@settings(deadline=None)
@given(any_windows() | any_windows(is_timed=True), st.sampled_from(["previous", "year_before"]))
def test_a_reference_is_over_before_current_begins(
    asked: tuple[CurrentTable, datetime], which: str
) -> None:
    current, _ = asked
    span = Span.parse(current.window or "")
    # A window of more than a year overlaps with that of the year before.
    assume(which == "previous" or span.unit != "month" or span.count <= 12)
    window = at(*asked)
    before = reference_window(ReferenceTable(window=which), current, window)
    assert before is not None
    assert before.start < before.end <= window.start
    assert (before.zone, before.step) == (window.zone, window.step)


def test_a_pinned_reference_has_no_window() -> None:
    current = CurrentTable(location=DAILY, window="7d")
    pinned = ReferenceTable(location="r.csv")
    assert reference_window(pinned, current, window_at(current, MONDAY)) is None


@settings(deadline=None)
@given(location=st.sampled_from([DAILY, HOURLY]), days=st.integers(1, 40), scheduled_at=RUNS)
def test_a_window_is_whole_partitions_and_ends_less_than_one_before_the_run(
    location: str, days: int, scheduled_at: datetime
) -> None:
    window = window_of(location, f"{days}d", scheduled_at)
    assert timedelta(0) <= scheduled_at - window.end < window.step
    assert window.moments[0] == window.start
    assert window.moments[-1] + window.step == window.end
    assert len(window.moments) * window.step == timedelta(days=days)


@settings(deadline=None)
@given(any_windows() | any_windows(is_timed=True))
def test_a_window_starts_before_it_ends_and_not_after_the_run(
    asked: tuple[CurrentTable, datetime],
) -> None:
    window = at(*asked)
    assert window.start < window.end <= asked[1]


@settings(deadline=None)
@given(any_windows() | any_windows(is_timed=True))
def test_each_moment_is_in_the_window_and_the_first_is_its_start(
    asked: tuple[CurrentTable, datetime],
) -> None:
    window = at(*asked)
    moments = [moment.astimezone(UTC) for moment in window.moments]
    assert moments[0] == window.start
    assert moments == sorted(set(moments))
    assert moments[-1] < window.end


@settings(deadline=None)
@given(any_windows() | any_windows(is_timed=True), st.integers(0, 999))
def test_any_moment_of_the_window_is_in_one_of_its_partitions(
    asked: tuple[CurrentTable, datetime], thousandths: int
) -> None:
    window = at(*asked)
    moment = window.start + (window.end - window.start) * thousandths // 1000
    place = Location.parse(asked[0].location).on(moment.astimezone(window.zone))
    assert place.path in places(asked[0].location, window)


@settings(deadline=None)
@given(any_windows())
def test_partitions_before_and_after_the_window_are_not_read(
    asked: tuple[CurrentTable, datetime],
) -> None:
    current, scheduled_at = asked
    # Half of this island's change is half an hour: an hour of the clock is then no whole hour.
    assume(current.timezone != "Australia/Lord_Howe" or current.partition != "hour")
    window = at(current, scheduled_at)
    place = Location.parse(current.location)
    shown_twice = timedelta(hours=2) if current.partition == "hour" else timedelta(0)
    for moment in (window.start - timedelta(seconds=1) - shown_twice, window.end + shown_twice):
        outside = place.on(moment.astimezone(window.zone)).path
        assert outside not in places(current.location, window)


@settings(deadline=None)
@given(
    st.sampled_from([DAILY, ANY_TIME]),
    st.sampled_from(ZONES),
    st.integers(1, 40),
    st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2037-01-01")),
)
def test_runs_as_far_apart_as_the_window_is_long_read_each_day_once(
    location: str, zone: str, days: int, noon: datetime
) -> None:
    noon = noon.replace(hour=12, tzinfo=ZoneInfo(zone))
    more = {"timestamp": "t"} if location == ANY_TIME else {}
    this, following = (
        window_of(location, f"{days}d", run, timezone=zone, **more)
        for run in (noon, noon + timedelta(days=days))
    )
    assert following.start == this.end


@settings(deadline=None)
@given(any_windows() | any_windows(is_timed=True), st.integers(1, 500))
def test_a_delay_is_a_run_so_many_hours_earlier(
    asked: tuple[CurrentTable, datetime], hours: int
) -> None:
    current, scheduled_at = asked
    late = current.model_copy(update={"delay": f"{hours}h"})
    assert at(late, scheduled_at) == at(current, scheduled_at - timedelta(hours=hours))


@pytest.mark.parametrize(
    ("location", "window", "how", "spans"),
    [
        (
            DAILY,
            "7d",
            {"years": 2, "around": "1w"},
            [("2011-06-13 00:00", "2011-07-04 00:00"), ("2012-06-11 00:00", "2012-07-02 00:00")],
        ),
        (DAILY, "7d", {"years": 1, "around": "3d"}, [("2012-06-15 00:00", "2012-06-28 00:00")]),
        (
            MONTHLY,
            "1mo",
            {"years": 2, "around": "1mo"},
            [("2011-04-01 00:00", "2011-07-01 00:00"), ("2012-04-01 00:00", "2012-07-01 00:00")],
        ),
        (HOURLY, "24h", {"years": 1, "around": "24h"}, [("2012-06-23 09:00", "2012-06-26 09:00")]),
    ],
)
def test_a_season_is_the_same_time_of_years_before_and_a_little_around(
    location: str, window: str, how: dict[str, Any], spans: list[tuple[str, str]]
) -> None:
    current = CurrentTable(location=location, window=window)
    reference = ReferenceTable(window="season", **how)
    found = reference_window(reference, current, window_at(current, MONDAY))
    assert found is not None
    assert [shown(replace(found, start=a, end=b)) for a, b in found.spans] == spans
    assert (found.start, found.end) == (found.spans[0][0], found.spans[-1][1])
    # Its files are those of its parts, and of nothing between.
    parts = [replace(found, start=a, end=b, seasons=()) for a, b in found.spans]
    assert places(location, found) == [each for part in parts for each in places(location, part)]


def test_a_season_is_of_three_years_and_two_weeks_around_where_nothing_is_said() -> None:
    current = CurrentTable(location=DAILY, window="7d")
    found = reference_window(ReferenceTable(window="season"), current, window_at(current, MONDAY))
    assert found is not None
    assert [(end - start).days for start, end in found.spans] == [35, 35, 35]


@given(any_windows(), st.integers(1, 5))
def test_seasons_do_not_overlap_nor_reach_into_current(
    asked: tuple[CurrentTable, datetime], years: int
) -> None:
    current, _ = asked
    around = {"hour": "6h", "day": "3d", "week": "1w", "month": "1mo", None: "3d"}
    if current.partition not in around:
        return
    said = {"window": "season", "years": years, "around": around[current.partition]}
    reference = ReferenceTable.model_validate(said)
    try:
        reference.require_fit(current)
    except ValueError:
        return
    window = at(*asked)
    found = reference_window(reference, current, window)
    assert found is not None
    ends = [moment for span in found.spans for moment in span]
    assert ends == sorted(ends)
    assert len(set(ends)) == 2 * years
    assert found.end <= window.start


@pytest.mark.parametrize(
    ("reference", "current", "said"),
    [
        ({"window": "previous", "years": 2}, {"window": "7d"}, "are for window: season"),
        ({"location": "r.parquet", "around": "2w"}, {"window": "7d"}, "are for window: season"),
        ({"window": "season"}, {"window": "6mo"}, "longer than half a year"),
        ({"window": "season", "around": "9w"}, {"window": "60d"}, "longer than half a year"),
        ({"window": "season", "years": 0}, {"window": "7d"}, "greater than or equal to 1"),
    ],
)
def test_a_season_that_cannot_be_is_a_mistake(
    reference: dict[str, Any], current: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Monitor.model_validate(
            {"name": "m", "reference": reference, "current": {"location": DAILY, **current}}
        )


def test_a_season_of_a_query_is_a_mistake() -> None:
    sql = "select * from t where day >= timestamp '{start}' and day < timestamp '{end}'"
    queried = {
        "sql": sql,
        "database": "d",
        "output": "s3://amzn-s3-demo-bucket/athena/",
        "window": "7d",
    }
    with pytest.raises(ValidationError, match="a season is of several years, and a query has one"):
        Monitor.model_validate({"name": "m", "reference": {"window": "season"}, "current": queried})
