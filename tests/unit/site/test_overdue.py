"""A run that never starts is silent: the daily look says which monitors are overdue."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.builders import MONDAY, WEEK, a_result

from drift_monitor.config.events import Watched
from drift_monitor.site.history import RunEntry
from drift_monitor.site.overdue import GRACE, overdue
from drift_monitor.site.overview import read_overview
from drift_monitor.storage import Folder

FLIGHTS = Watched(name="flights", schedule="cron(30 9 ? * MON *)")
WEATHER = Watched(name="weather", schedule="cron(0 6 * * ? *)")
LONG_AGO = MONDAY - 10 * WEEK


@pytest.fixture
def site(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def _ran(site: Folder, *times: datetime, monitor: Watched = FLIGHTS) -> None:
    overview = read_overview(site)
    for moment in times:
        run = RunEntry.of(a_result(monitor=monitor.name, scheduled_at=moment)).summary
        overview = overview.including(monitor.name, run, monitor.schedule)
    site.write("overview.json", overview.to_json())


def test_a_new_monitor_is_not_late_for_runs_before_it_was_seen(site: Folder) -> None:
    just_deployed = MONDAY + timedelta(days=1)
    assert overdue([FLIGHTS], just_deployed, site) == []
    assert overdue([FLIGHTS], just_deployed + timedelta(days=5), site) == []


def test_a_monitor_that_never_ran_is_overdue_after_its_first_time(site: Folder) -> None:
    overdue([FLIGHTS], MONDAY - timedelta(days=1), site)
    assert overdue([FLIGHTS], MONDAY + GRACE, site) == ["flights"]


def test_a_monitor_that_missed_a_run_is_overdue_until_it_runs(site: Folder) -> None:
    _ran(site, MONDAY - WEEK)
    overdue([FLIGHTS], LONG_AGO, site)
    for day in (1, 2, 6):
        assert overdue([FLIGHTS], MONDAY + timedelta(days=day), site) == ["flights"]
    _ran(site, MONDAY - WEEK, MONDAY)
    assert overdue([FLIGHTS], MONDAY + timedelta(days=6), site) == []


@pytest.mark.parametrize(
    ("late", "names"),
    [
        (timedelta(0), []),
        (GRACE - timedelta(seconds=1), []),
        (GRACE + timedelta(microseconds=1), ["flights"]),
    ],
)
def test_a_run_may_be_late_by_the_grace(site: Folder, late: timedelta, names: list[str]) -> None:
    _ran(site, MONDAY - WEEK)
    overdue([FLIGHTS], LONG_AGO, site)
    assert overdue([FLIGHTS], MONDAY + late, site) == names


def test_a_run_by_hand_after_the_missed_time_counts(site: Folder) -> None:
    overdue([FLIGHTS], LONG_AGO, site)
    _ran(site, MONDAY + timedelta(hours=5))
    assert overdue([FLIGHTS], MONDAY + timedelta(days=1), site) == []


def test_each_monitor_has_its_own_schedule_and_runs(site: Folder) -> None:
    overdue([FLIGHTS, WEATHER], LONG_AGO, site)
    _ran(site, MONDAY)
    _ran(site, MONDAY.replace(hour=6, minute=0), monitor=WEATHER)
    tuesday = MONDAY + timedelta(days=1)
    assert overdue([FLIGHTS, WEATHER], tuesday, site) == ["weather"]


def test_a_removed_monitor_is_forgotten_and_new_again_when_it_comes_back(
    site: Folder,
) -> None:
    overdue([FLIGHTS, WEATHER], LONG_AGO, site)
    overdue([WEATHER], LONG_AGO, site)
    stored = site.read("watch.json")
    assert stored is not None
    assert b"flights" not in stored.body
    assert "flights" not in overdue([FLIGHTS, WEATHER], MONDAY + timedelta(days=1), site)


def test_no_monitors_is_nothing_overdue(site: Folder) -> None:
    assert overdue([], datetime(2013, 1, 1, tzinfo=UTC), site) == []


def test_the_look_reads_one_file_whatever_the_number_of_monitors(
    site: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ran(site, MONDAY)
    read: list[str] = []
    really = site.read
    monkeypatch.setattr(site, "read", lambda key: read.append(key) or really(key))
    overdue([FLIGHTS, WEATHER], MONDAY, site)
    assert [key for key in read if key != "watch.json"] == ["overview.json"]


def test_a_run_on_spark_may_be_later(site: Folder) -> None:
    on_spark = Watched(name="flights", schedule=FLIGHTS.schedule, grace_minutes=300)
    _ran(site, MONDAY - WEEK)
    overdue([on_spark], LONG_AGO, site)
    assert overdue([on_spark], MONDAY + timedelta(minutes=299), site) == []
    assert overdue([on_spark], MONDAY + timedelta(minutes=301), site) == ["flights"]
