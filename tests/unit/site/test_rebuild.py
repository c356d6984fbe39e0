"""What is made from the runs can be made again: the same bytes, as far as they can be known."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pytest
from support.builders import MONDAY, WEEK, a_column, a_result
from support.command_line import CommandLine, drift_monitor

from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import read_year
from drift_monitor.site.overview import read_overview
from drift_monitor.site.pages.report import Report
from drift_monitor.site.publish import publish
from drift_monitor.site.rebuild import monitors_of, rebuild
from drift_monitor.storage import Folder

REPORT = Report("<html><head></head><body></body></html>", [], (1, 1))
MONDAYS = "cron(30 9 ? * MON *)"
RETENTION = timedelta(days=30)
WEEKS = (-60, -30, 0, 1, 60)

__all__ = ["drift_monitor"]  # a fixture


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "site")


def _result(week: int, monitor: str = "flights") -> DriftResult:
    columns = [a_column("x", "drifted" if week % 2 else "ok", week + 1 / 3), a_column("id", "new")]
    return a_result(columns, monitor=monitor, scheduled_at=MONDAY + week * WEEK)


def _publish(store: Folder, *weeks: int, monitor: str = "flights") -> None:
    for week in weeks:
        result = _result(week, monitor)
        publish(store, result, REPORT, schedule=MONDAYS, retention=RETENTION)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def _remove_what_is_made_from_runs(site: Path) -> None:
    for path in [path for path in site.rglob("*") if path.is_file()]:
        if not {"runs", "reports"} & set(path.parts) and path.name not in (
            "overview.json",  # the schedule is in no run
            ".lock",
        ):
            path.unlink()


@pytest.mark.parametrize("monitors", [["flights"], ["flights", "weather"]])
def test_all_that_is_made_from_runs_is_made_again_as_it_was(
    store: Folder, tmp_path: Path, monitors: list[str]
) -> None:
    for monitor in monitors:
        _publish(store, *WEEKS, monitor=monitor)
    before = _files(tmp_path / "site")
    _remove_what_is_made_from_runs(tmp_path / "site")
    assert monitors_of(store) == monitors
    assert [rebuild(store, name, retention=RETENTION) for name in monitors] == [5] * len(monitors)
    assert _files(tmp_path / "site") == before


def test_without_an_overview_only_the_schedule_is_lost(store: Folder, tmp_path: Path) -> None:
    _publish(store, *WEEKS)
    before = read_overview(store).monitors["flights"]
    (tmp_path / "site/overview.json").unlink()
    rebuild(store, "flights", retention=RETENTION)
    now = read_overview(store).monitors["flights"]
    assert now == before.model_copy(update={"schedule": None, "next_run": None})
    _publish(store, WEEKS[-1])
    assert read_overview(store).monitors["flights"] == before


def test_the_overview_keeps_the_newest_runs_of_several_years(store: Folder) -> None:
    _publish(store, *range(0, 60, 2))
    before = read_overview(store)
    rebuild(store, "flights", retention=RETENTION)
    assert read_overview(store) == before
    assert len(before.monitors["flights"].recent) == 26


def test_how_long_a_report_stays_is_counted_from_when_it_was_written(
    store: Folder, tmp_path: Path
) -> None:
    _publish(store, 0, 1)
    report = tmp_path / "site/reports/flights/20130624T093000Z/index.html"
    written = datetime(2013, 6, 24, 10, tzinfo=UTC).timestamp()
    os.utime(report, (written, written))
    rebuild(store, "flights", retention=timedelta(days=3))
    until = read_year(store, "flights", 2013).runs[0].report_until
    assert until == datetime(2013, 6, 28, tzinfo=UTC)
    rebuild(store, "flights")
    assert [run.report_until for run in read_year(store, "flights", 2013).runs] == [None, None]


def test_a_report_that_was_removed_is_past_and_its_front_page_stays(
    store: Folder, tmp_path: Path
) -> None:
    _publish(store, 0, 1)
    front = (tmp_path / "site/index.html").read_bytes()
    rmtree(tmp_path / "site/reports")
    rebuild(store, "flights", retention=RETENTION)
    runs = read_year(store, "flights", 2013).runs
    assert [run.report_until for run in runs] == [run.scheduled_at for run in runs]
    assert (tmp_path / "site/index.html").read_bytes() == front


def test_a_run_whose_folder_was_removed_is_in_no_file_any_more(
    store: Folder, tmp_path: Path
) -> None:
    _publish(store, 0, 1)
    before = _files(tmp_path / "site")
    _publish(store, 60)
    for folder in ("monitors/flights/runs", "reports/flights"):
        rmtree(tmp_path / "site" / folder / "20140818T093000Z")
    rebuild(store, "flights", retention=RETENTION)
    now = _files(tmp_path / "site")
    emptied = {f"monitors/flights/{name}/2014.json" for name in ("history", "profiles")}
    with_years = {"monitors/flights/history.html", "monitors/flights/column.html"}
    assert now.keys() == before.keys() | emptied
    assert {key for key in before if now[key] != before[key]} <= with_years
    assert read_year(store, "flights", 2014).runs == []


def test_a_monitor_whose_folder_was_removed_leaves_the_overview(
    store: Folder, tmp_path: Path
) -> None:
    _publish(store, 0)
    _publish(store, 0, monitor="weather")
    rmtree(tmp_path / "site/monitors/weather")
    rebuild(store, "flights", retention=RETENTION)
    assert list(read_overview(store).monitors) == ["flights"]
    assert "runs/20130624T093000Z/drift.json" in (tmp_path / "site/index.html").read_text()


def test_only_the_monitor_asked_for_is_rebuilt(store: Folder, tmp_path: Path) -> None:
    _publish(store, 0)
    _publish(store, 0, monitor="weather")
    for name in ("flights", "weather"):
        (tmp_path / f"site/monitors/{name}/history/2013.json").unlink()
    rebuild(store, "weather", retention=RETENTION)
    assert read_year(store, "flights", 2013).runs == []
    assert len(read_year(store, "weather", 2013).runs) == 1


@pytest.mark.parametrize("body", ["", "{", '{"version": 1}'])
def test_a_damaged_run_is_named(store: Folder, tmp_path: Path, body: str) -> None:
    _publish(store, 0, 1)
    (tmp_path / "site/monitors/flights/runs/20130701T093000Z/drift.json").write_text(body)
    with pytest.raises(
        DriftMonitorError,
        match=r"monitors/flights/runs/20130701T093000Z/drift.json is no result .* Run this run",
    ):
        rebuild(store, "flights")


def test_a_damaged_overview_is_named(store: Folder) -> None:
    _publish(store, 0)
    store.write("overview.json", b"{")
    with pytest.raises(DriftMonitorError, match=r"overview\.json is damaged: remove it"):
        rebuild(store, "flights")


class Meanwhile(Folder):
    """A folder in which others act once, when a key is first read, or before it is written."""

    def __init__(self, folder: Path, key: str, act: Callable[[], None]) -> None:
        super().__init__(folder)
        self._key, self._acts = key, [act]

    def read(self, key: str) -> object:  # type: ignore[override]
        found = super().read(key)
        self._act(key)
        return found

    def _act(self, key: str) -> None:
        if key.endswith(self._key) and self._acts:
            self._acts.pop()()


@pytest.mark.parametrize(
    "key",
    [
        "runs/20130701T093000Z/drift.json",  # while the runs are read
        "overview.json",
        "history/2013.json",
        "reports/flights/20130701T093000Z/index.html",  # while the front page is made
    ],
)
@pytest.mark.parametrize("week", [0, 2, 60])
def test_runs_that_are_published_meanwhile_are_not_lost(
    store: Folder, tmp_path: Path, key: str, week: int
) -> None:
    _publish(store, 1)
    busy = Meanwhile(tmp_path / "site", key, lambda: _publish(store, week))
    rebuild(busy, "flights", retention=RETENTION)
    found = _files(tmp_path / "site")
    in_order = Folder(tmp_path / "in order")
    _publish(in_order, *sorted({1, week}))
    assert found == _files(tmp_path / "in order")


def test_the_command_rebuilds_all_monitors_or_those_named(
    store: Folder, tmp_path: Path, drift_monitor: CommandLine
) -> None:
    _publish(store, 0, 1)
    _publish(store, 0, monitor="weather")
    site = tmp_path / "site"
    before = _files(site)
    _remove_what_is_made_from_runs(site)
    done = drift_monitor("rebuild", "--site", site, "--retention-days", 30)
    assert (done.code, done.out) == (0, "")
    assert done.err.split("\n")[:2] == [
        "flights: rebuilt from 2 runs",
        "weather: rebuilt from 1 run",
    ]
    assert _files(site) == before
    named = drift_monitor("rebuild", "weather", "--site", site)
    assert "flights" not in named.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [([], "has no run: name the site"), (["gone"], "there is no run of gone below monitors/gone/")],
)
def test_the_command_says_where_there_is_nothing(
    tmp_path: Path, drift_monitor: CommandLine, arguments: list[str], sentence: str
) -> None:
    done = drift_monitor("rebuild", *arguments, "--site", tmp_path / "site")
    assert done.code == 1
    assert sentence in done.err


def test_a_site_that_is_not_there_is_not_made(
    drift_monitor: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = drift_monitor("rebuild", "--site", "stie")
    assert (done.code, done.err) == (1, "stie has no run: name the site with --site\n")
    assert list(tmp_path.iterdir()) == []
