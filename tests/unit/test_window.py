from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.monitored_tables import CurrentTable
from drift_monitor.tables.window import Window, window_at

MONDAY = datetime(2013, 6, 24, 9, 30, tzinfo=UTC)
DAILY = "t/{date:%Y-%m-%d}.csv"
HOURLY = "t/{date:%Y-%m-%d/%H}.csv"


def _window(location: str, window: str, scheduled_at: datetime = MONDAY) -> Window:
    found = window_at(CurrentTable(location=location, window=window), scheduled_at)
    assert found is not None
    return found


def test_a_week_of_days_ends_yesterday() -> None:
    window = _window(DAILY, "7d")
    assert (window.start, window.end) == (
        datetime(2013, 6, 17, tzinfo=UTC),
        datetime(2013, 6, 24, tzinfo=UTC),
    )
    assert [day.day for day in window.partitions] == [17, 18, 19, 20, 21, 22, 23]


def test_hours_end_with_the_last_whole_hour() -> None:
    window = _window(HOURLY, "2h")
    assert [f"{hour:%d %H:%M}" for hour in window.partitions] == ["24 07:00", "24 08:00"]


def test_a_run_at_midnight_reads_the_day_that_has_just_ended() -> None:
    window = _window(DAILY, "1d", MONDAY.replace(hour=0, minute=0))
    assert window.partitions == [datetime(2013, 6, 23, tzinfo=UTC)]


def test_weeks_are_seven_days_each() -> None:
    assert _window(DAILY, "4w") == _window(DAILY, "28d")


def test_the_window_is_in_utc_wherever_the_run_is_asked_for() -> None:
    in_tokyo = MONDAY.astimezone(timezone(timedelta(hours=9)))
    assert _window(DAILY, "7d", in_tokyo) == _window(DAILY, "7d")
    assert _window(DAILY, "7d", in_tokyo).start.utcoffset() == timedelta(0)


def test_without_a_window_everything_there_is_read() -> None:
    assert window_at(CurrentTable(location="t.csv"), MONDAY) is None


@given(
    location=st.sampled_from([DAILY, HOURLY]),
    days=st.integers(1, 40),
    scheduled_at=st.datetimes(datetime.fromisoformat("2000-01-01"), timezones=st.just(UTC)),
)
def test_a_window_is_whole_partitions_and_ends_less_than_one_before_the_run(
    location: str, days: int, scheduled_at: datetime
) -> None:
    window = _window(location, f"{days}d", scheduled_at)
    assert timedelta(0) <= scheduled_at - window.end < window.partition
    assert window.partitions[0] == window.start
    assert window.partitions[-1] + window.partition == window.end
    assert len(window.partitions) * window.partition == timedelta(days=days)


def test_the_next_run_goes_on_where_this_one_stopped() -> None:
    this, following = _window(DAILY, "7d"), _window(DAILY, "7d", MONDAY + timedelta(days=7))
    assert following.start == this.end


@pytest.mark.parametrize("scheduled_at", [MONDAY, MONDAY.replace(hour=23, minute=59)])
def test_a_late_run_of_the_same_day_reads_the_same_days(scheduled_at: datetime) -> None:
    assert _window(DAILY, "7d", scheduled_at) == _window(DAILY, "7d")
