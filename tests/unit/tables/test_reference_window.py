"""A reference that is current's table at another time."""

from datetime import datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from support.builders import MONDAY
from support.windows import DAILY, HOURLY, MONTHLY, WEEKLY, any_windows, at, shown

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.spans import Span
from drift_monitor.config.tables import CurrentTable, ReferenceTable
from drift_monitor.tables.window import reference_window, window_at


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
    current = CurrentTable(location=location, window=window)
    found = reference_window(ReferenceTable(window=reference), current, window_at(current, MONDAY))
    assert found is not None
    assert shown(found) == (start, end)


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
    current = CurrentTable(location=location, window=window)
    moment = datetime.fromisoformat(f"{run}+00:00")
    found = reference_window(
        ReferenceTable(window="year_before"), current, window_at(current, moment)
    )
    assert found is not None
    assert shown(found) == (start, end)


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
