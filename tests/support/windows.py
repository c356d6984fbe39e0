"""Windows of time for the tests: of tables laid out in several ways, in many zones."""

from datetime import UTC, datetime

from hypothesis import strategies as st
from support.builders import MONDAY

from drift_monitor.config.locations import Location
from drift_monitor.config.tables import CurrentTable
from drift_monitor.tables.window import Window, window_at

DAILY = "t/{date:%Y-%m-%d}.csv"
HOURLY = "t/{date:%Y-%m-%d/%H}.csv"
WEEKLY = "t/{date:%G-W%V}/"
MONTHLY = "t/year={date:%Y}/month={date:%m}/"
ANY_TIME = "t.parquet"

# Clocks change by an hour (at 2, at midnight), by half an hour, by two, or never.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Asia/Kolkata",
]
RUNS = st.datetimes(
    datetime.fromisoformat("2000-01-01"),
    datetime.fromisoformat("2037-12-31"),
    timezones=st.just(UTC),
)


def window_of(location: str, window: str, scheduled_at: datetime = MONDAY, **more: str) -> Window:
    current = CurrentTable.model_validate({"location": location, "window": window, **more})
    found = window_at(current, scheduled_at)
    assert found is not None
    return found


def shown(window: Window) -> tuple[str, str]:
    """Write down a window as the clock in its zone shows it."""
    start, end = (moment.astimezone(window.zone) for moment in (window.start, window.end))
    return f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}"


def places(location: str, window: Window) -> list[str]:
    place = Location.parse(location)
    return list(dict.fromkeys(place.on(moment).path for moment in window.moments))


PARTITIONS = {
    DAILY: ("d", "w", "mo"),
    HOURLY: ("h", "d", "w", "mo"),
    WEEKLY: ("w",),
    MONTHLY: ("mo",),
}


@st.composite
def any_windows(draw: st.DrawFn, *, is_timed: bool = False) -> tuple[CurrentTable, datetime]:
    location = draw(st.sampled_from(sorted(PARTITIONS)))
    unit = draw(st.sampled_from(["h", "d", "w", "mo"] if is_timed else PARTITIONS[location]))
    table: dict[str, str] = {
        "location": location,
        "window": f"{draw(st.integers(1, 40 if unit in 'hd' else 14))}{unit}",
        "timezone": draw(st.sampled_from(ZONES)),
    }
    if is_timed:
        table["timestamp"] = "t"
    return CurrentTable.model_validate(table), draw(RUNS)


def at(current: CurrentTable, scheduled_at: datetime) -> Window:
    found = window_at(current, scheduled_at)
    assert found is not None
    return found
