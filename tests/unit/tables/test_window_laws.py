"""What holds of any window, whatever the layout, the zone and the time of the run."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.windows import ANY_TIME, DAILY, HOURLY, RUNS, ZONES, any_windows, at, places, window_of

from drift_monitor.config.locations import Location
from drift_monitor.config.tables import CurrentTable


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
