"""EventBridge's cron, as its user guide defines it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_monitor.config.schedule import Schedule

MONDAYS = "cron(30 9 ? * MON *)"
MONDAY = datetime(2013, 6, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("rate(1 day)", "is not a cron expression such as"),
        ("30 9 ? * MON *", "is not a cron expression such as"),
        ("", "is not a cron expression such as"),
        ("cron(30 9 ? * MON)", "has 5 fields, EventBridge wants six"),
        ("cron(30 9 ? * MON * *)", "has 7 fields, EventBridge wants six"),
        ("cron(30 9 * * MON *)", "put \\? in either day of month or day of week"),
        ("cron(30 9 ? * ? *)", "put \\? in either day of month or day of week"),
        ("cron(30 9 ? * MON 2030)", "the year must be \\*"),
        ("cron(30 9 15W * ? *)", "15W is not supported as day of month"),
        ("cron(30 9 LW * ? *)", "LW is not supported as day of month"),
        ("cron(30 9 L-3 * ? *)", "L-3 is not supported as day of month"),
        ("cron(30 9 ? * 0 *)", "day of week 0 is not between 1 \\(Sunday\\) and 7"),
        ("cron(30 9 ? * 8 *)", "day of week 8 is not between 1 \\(Sunday\\) and 7"),
        ("cron(60 9 ? * MON *)", "Bad minute"),
        ("cron(30 24 ? * MON *)", "Bad hour"),
        ("cron(30 9 32 * ? *)", "Bad day-of-month"),
        ("cron(30 9 30 FEB ? *)", "Bad day-of-month"),
        ("cron(30 9 ? 13 MON *)", "Bad month"),
        ("cron(30 9 ? * MOON *)", "Bad day-of-week"),
        ("cron(30 9 ? * 2#6 *)", "Bad day-of-week"),
        ("cron(0/0 9 ? * MON *)", "Bad minute"),
    ],
)
def test_an_expression_that_eventbridge_refuses_is_refused_with_the_reason(
    expression: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Schedule(expression)


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        # June 2013 began on a Saturday.
        ("cron(0 0 ? 6 1 *)", [2, 9, 16, 23, 30]),  # 1 is Sunday
        ("cron(0 0 ? 6 SUN *)", [2, 9, 16, 23, 30]),
        ("cron(0 0 ? 6 2 *)", [3, 10, 17, 24]),
        ("cron(0 0 ? 6 7 *)", [1, 8, 15, 22, 29]),  # 7 is Saturday
        ("cron(0 0 ? 6 sat *)", [1, 8, 15, 22, 29]),
        ("cron(0 0 ? 6 L *)", [1, 8, 15, 22, 29]),  # the week's last day
        ("cron(0 0 ? 6 2,4 *)", [3, 5, 10, 12, 17, 19, 24, 26]),
        ("cron(0 0 ? 6 5-7 *)", [1, 6, 7, 8, 13, 14, 15, 20, 21, 22, 27, 28, 29]),
        ("cron(0 0 ? JUN MON-TUE *)", [3, 4, 10, 11, 17, 18, 24, 25]),
        ("cron(0 0 ? 6 6L *)", [28]),  # the month's last Friday
        ("cron(0 0 ? 6 2#3 *)", [17]),  # the third Monday
        ("cron(0 0 ? 6 1#5 *)", [30]),  # the fifth Sunday
        ("cron(0 0 ? 6 3#1 *)", [4]),
        ("cron(0 0 L 6 ? *)", [30]),
        ("cron(0 0 1,15 6 ? *)", [1, 15]),
        ("cron(0 0 1/10 6 ? *)", [1, 11, 21]),
        ("cron(0 0 10-12 6 ? *)", [10, 11, 12]),
        ("cron(0 0 ? 6 2/2 *)", [3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]),  # Mon, Wed, Fri
        ("cron(0 0 ? 6 MON/3 *)", [3, 6, 10, 13, 17, 20, 24, 27]),  # Mon, Thu
    ],
)
def test_days_are_those_that_eventbridge_runs(expression: str, days: list[int]) -> None:
    june = datetime(2013, 6, 1, tzinfo=UTC), datetime(2013, 6, 30, 23, 59, tzinfo=UTC)
    assert [moment.day for moment in Schedule(expression).between(*june)] == days


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("cron(0/20 9 ? * * *)", ["09:00", "09:20", "09:40"]),
        ("cron(*/30 9-10 * * ? *)", ["09:00", "09:30", "10:00", "10:30"]),
        ("cron(15 0/12 * * ? *)", ["00:15", "12:15"]),
        ("cron(0 6,18 ? * MON *)", ["06:00", "18:00"]),
    ],
)
def test_steps_ranges_and_lists_work_for_hours_and_minutes(
    expression: str, times: list[str]
) -> None:
    midnight = MONDAY.replace(hour=0, minute=0)
    found = Schedule(expression).between(midnight, midnight + timedelta(hours=23, minutes=59))
    assert [f"{moment:%H:%M}" for moment in found] == times


def test_both_ends_of_between_count() -> None:
    assert Schedule(MONDAYS).between(MONDAY, MONDAY + timedelta(days=7)) == [
        MONDAY,
        MONDAY + timedelta(days=7),
    ]


def test_between_nothing_is_nothing() -> None:
    assert Schedule(MONDAYS).between(MONDAY + timedelta(seconds=1), MONDAY) == []


def test_between_leaves_out_a_time_a_fraction_of_a_second_before_its_start() -> None:
    assert (
        Schedule(MONDAYS).between(MONDAY + timedelta(milliseconds=1), MONDAY.replace(hour=10)) == []
    )


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=6)])
def test_the_last_time_until_a_moment_may_be_the_moment_itself(late: timedelta) -> None:
    assert Schedule(MONDAYS).last_until(MONDAY + late) == MONDAY


def test_the_last_time_just_before_a_scheduled_one_is_the_week_before() -> None:
    just_before = MONDAY - timedelta(microseconds=1)
    assert Schedule(MONDAYS).last_until(just_before) == MONDAY - timedelta(days=7)


def test_the_next_time_is_after_the_moment_even_when_that_is_scheduled() -> None:
    assert Schedule(MONDAYS).next_after(MONDAY) == MONDAY + timedelta(days=7)


def test_a_rare_day_is_found_years_away() -> None:
    leap_day = Schedule("cron(0 0 29 2 ? *)")
    assert leap_day.next_after(MONDAY) == datetime(2016, 2, 29, tzinfo=UTC)
    assert leap_day.last_until(MONDAY) == datetime(2012, 2, 29, tzinfo=UTC)


def test_moments_in_other_zones_count_as_the_utc_they_are() -> None:
    in_new_york = MONDAY.astimezone(timezone(timedelta(hours=-4)))
    assert Schedule(MONDAYS).last_until(in_new_york) == MONDAY
    assert Schedule(MONDAYS).next_after(in_new_york).utcoffset() == timedelta(0)


moments = st.datetimes(
    datetime.fromisoformat("2000-01-01"),
    datetime.fromisoformat("2060-01-01"),
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
weekdays = st.one_of(
    st.sampled_from(["*", "MON", "2", "2-6", "1,4", "6L", "2#2", "L", "TUE-THU"]),
    st.integers(1, 7).map(str),
)
schedules = st.builds(
    lambda minute, hour, weekday: Schedule(f"cron({minute} {hour} ? * {weekday} *)"),
    st.integers(0, 59),
    st.one_of(st.integers(0, 23), st.sampled_from(["*", "0/6", "9-17"])),
    weekdays,
)


@settings(max_examples=60, deadline=None)
@given(schedule=schedules, start=moments, length=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_next_and_last_walk_through_exactly_the_times_between(
    schedule: Schedule, start: datetime, length: timedelta
) -> None:
    end = start + length
    times = schedule.between(start, end)
    assert times == sorted(set(times))
    assert all(start <= moment <= end for moment in times)
    assert all(schedule.last_until(moment) == moment for moment in times)
    assert [schedule.next_after(moment) for moment in times[:-1]] == times[1:]
    assert schedule.next_after(end) > end
    last = schedule.last_until(end)
    assert last == times[-1] if times else last < start
