"""Which tables a monitor can name, and which windows of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import CurrentTable, ReferenceTable


@pytest.mark.parametrize(
    "reference",
    [
        {"window": "previous"},
        {"sql": "SELECT 1", "database": "db", "output": "s3://my-bucket/athena/"},
    ],
)
def test_only_a_reference_with_a_location_has_a_cache(reference: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="only a reference with a location has a cache"):
        ReferenceTable.model_validate({**reference, "cache": True})


def test_the_reference_takes_no_date() -> None:
    with pytest.raises(ValidationError, match="a reference's location takes no"):
        ReferenceTable(location="t/{date:%Y-%m-%d}.csv")


@pytest.mark.parametrize(
    ("location", "window", "sentence"),
    [
        ("t/{date:%Y-%m-%d}.csv", None, "needs a window, such as window: 7d"),
        ("t.csv", "7d", "a window needs {date:…} in the location"),
        ("t/{date:%Y-%m-%d}.csv", "23h", "a window of 23h is no whole number of days, and one"),
        ("t/{date:%Y-%m-%d}.csv", "36h", "a window of 36h is no whole number of days, and one"),
        ("t/{date:%Y-%m}.csv", "4w", "a window of 4w is no whole number of months, and one"),
        ("t/{date:%G-%V}.csv", "10d", "a window of 10d is no whole number of weeks, and one"),
        ("t/{date:%G-%V}.csv", "1mo", "a window of 1mo is no whole number of weeks, and one"),
        ("t/{date:%Y}.csv", "6mo", "a window of 6mo is no whole number of years, and one"),
        ("t/{date:%d}.csv", "7d", "add what tells them apart, such as %Y"),
    ],
)
def test_window_and_date_go_together(location: str, window: str | None, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CurrentTable(location=location, window=window)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("window", ["7", "d", "0d", "-1d", "1.5d", "7 d", "7m", "99999d", "7D"])
def test_a_window_is_a_number_with_its_unit(window: str) -> None:
    with pytest.raises(ValidationError, match="window"):
        CurrentTable(location="t/{date:%Y-%m-%d}.csv", window=window)


@pytest.mark.parametrize(
    ("location", "window"),
    [
        ("t/{date:%Y-%m-%d}.csv", "24h"),
        ("t/{date:%Y-%m-%d}.csv", "3mo"),
        ("t/{date:%G-%V}.csv", "4w"),
        ("t/{date:%G-%V}.csv", "14d"),
        ("t/{date:%G-%V}.csv", "336h"),
        ("t/{date:%Y-%m}.csv", "1mo"),
        ("t/{date:%Y}.csv", "24mo"),
    ],
)
def test_a_window_is_whole_partitions(location: str, window: str) -> None:
    assert CurrentTable(location=location, window=window).window == window


@pytest.mark.parametrize("location", ["t.csv", "t/", "t/{date:%Y-%m}/"])
def test_with_a_timestamp_any_window_will_do(location: str) -> None:
    assert CurrentTable(location=location, window="36h", timestamp="t").timestamp == "t"


@pytest.mark.parametrize("part", [{"delay": "6h"}, {"timezone": "UTC"}, {"timestamp": "t"}])
def test_what_belongs_to_a_window_is_not_said_without_one(part: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=f"{next(iter(part))}: only with a window, such as"):
        CurrentTable.model_validate({"location": "t.csv", **part})


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        ("Europe/Berln", "Europe/Berln is not the name of a time zone; did you mean Europe/Berlin"),
        ("Europe", "Europe is not the name of a time zone"),
        ("../etc/passwd", "is not the name of a time zone"),
        ("", "is not the name of a time zone, such as Europe/Berlin"),
    ],
)
def test_a_time_zone_has_a_name_that_is_known(zone: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CurrentTable(location="t/{date:%Y-%m-%d}/", window="7d", timezone=zone)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ({}, "give a location, or a window of current's table, such as previous"),
        ({"location": "r.csv", "window": "previous"}, "give a location, or a window of current's"),
        ({"window": "last"}, "string_pattern_mismatch"),
        ({"window": "7"}, "string_pattern_mismatch"),
        (
            {"window": "previous", "format": {"type": "csv"}},
            "with a window the files are current's",
        ),
        ({"window": "previous", "wait_for_success": True}, "with a window the files are current's"),
    ],
)
def test_a_reference_is_pinned_or_a_window(reference: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ReferenceTable.model_validate(reference)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("window", "current", "sentence"),
    [
        ("previous", {"location": "c.csv"}, "the reference's window (previous) is counted from"),
        (
            "90d",
            {"location": "t/{date:%Y-%m}/", "window": "1mo"},
            "a window of 90d is no whole number of months",
        ),
    ],
)
def test_a_references_window_is_one_of_currents_table(
    window: str, current: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Monitor.model_validate({"name": "m", "reference": {"window": window}, "current": current})
    assert sentence in str(caught.value)
    (error,) = caught.value.errors()
    assert error["loc"] == ("current",)
