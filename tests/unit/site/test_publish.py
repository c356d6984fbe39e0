"""A reader never meets half a run, and no link leads nowhere."""

import json
import posixpath
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.builders import MONDAY, WEEK, a_column, a_result
from support.site_pages import VERSION_1

from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import (
    HistoryYear,
    all_run_ids,
    is_of_version_1,
    read_year,
)
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.site.pages import assets
from drift_monitor.site.pages.report import Report
from drift_monitor.site.publish import publish, removed_at
from drift_monitor.storage import Files, Folder

REPORT = Report("<html><head></head><body></body></html>", [], (1, 1))
MONDAYS = "cron(30 9 ? * MON *)"
NOW = datetime(2013, 7, 1, 9, 45, tzinfo=UTC)


ASSETS = {f"assets/{name}" for name in assets.assets()}


class Recording(Folder):
    """A folder that notes the order in which keys are written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.written: list[str] = []

    def write(self, key: str, body: bytes) -> None:
        super().write(key, body)
        self.written.append(key)


def _result(week: int = 0, monitor: str = "flights", status: str = "ok") -> DriftResult:
    scheduled_at = MONDAY + week * WEEK
    return a_result([a_column("x", status)], monitor=monitor, scheduled_at=scheduled_at)


def _publish(store: Files, result: DriftResult) -> None:
    publish(store, result, REPORT, schedule=MONDAYS, retention=timedelta(days=30), now=lambda: NOW)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def _links(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each page's links and what it loads, as the keys that they lead to."""
    for page in folder.rglob("*.html"):
        key = str(page.relative_to(folder))
        for link in re.findall(r'(?:href|src)="([^"]*)"', page.read_text(encoding="utf-8")):
            parts = urlsplit(link)
            if parts.scheme == "":
                place = posixpath.join("/", posixpath.dirname(key), parts.path)
                yield key, posixpath.normpath(place)[1:] if parts.path else key


def test_a_run_leaves_exactly_these_files(tmp_path: Path) -> None:
    _publish(Folder(tmp_path), _result())
    files = [key for key in _files(tmp_path) if key not in ASSETS]
    assert files == [
        "error.html",
        "index.html",
        "monitors/flights/column.html",
        "monitors/flights/drift.json",
        "monitors/flights/history/2013.json",
        "monitors/flights/history.html",
        "monitors/flights/index.html",
        "monitors/flights/profiles/2013.json",
        "monitors/flights/runs/20130624T093000Z/drift.json",
        "overview.json",
        "reports/flights/20130624T093000Z/index.html",
    ]


@pytest.mark.parametrize("monitors", [["flights"], ["flights", "weather"]])
def test_every_link_of_every_page_leads_to_a_file(tmp_path: Path, monitors: list[str]) -> None:
    for monitor in monitors:
        for week in (0, 1):
            _publish(Folder(tmp_path), _result(week, monitor))
    links = list(_links(tmp_path))
    assert len({page for page, _ in links}) == len(list(tmp_path.rglob("*.html")))
    assert [link for link in links if not (tmp_path / link[1]).is_file()] == []


def test_what_points_at_a_run_is_written_after_the_run(tmp_path: Path) -> None:
    store = Recording(tmp_path)
    _publish(store, _result())
    own = [key for key in store.written if "/runs/" in key or key.startswith("reports/")]
    common = {"error.html", *ASSETS}
    leading = [key for key in store.written if key not in {*own, *common}]
    position = store.written.index
    assert len(own) == 2
    assert max(map(position, [*own, *ASSETS])) < min(map(position, leading))
    assert max(map(position, [key for key in leading if key.endswith(".json")][:3])) < min(
        position(key) for key in leading if key.endswith(".html")
    )
    assert leading[0] == "monitors/flights/history/2013.json"
    assert leading[-1] == "index.html"


def test_publishing_again_changes_no_file(tmp_path: Path) -> None:
    _publish(Folder(tmp_path), _result(0))
    _publish(Folder(tmp_path), _result(1))
    before = _files(tmp_path)
    for week in (1, 0, 1):
        _publish(Folder(tmp_path), _result(week))
    assert _files(tmp_path) == before


def test_the_front_page_never_goes_back_in_time(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    _publish(store, _result(1))
    _publish(store, _result(0, status="drifted"))
    assert len(all_run_ids(store, "flights")) == 2
    for page in ("index.html", "monitors/flights/index.html"):
        assert "runs/20130701T093000Z/drift.json" in (tmp_path / page).read_text(encoding="utf-8")
    latest = json.loads((tmp_path / "monitors/flights/drift.json").read_bytes())
    assert latest["run_id"] == "20130701T093000Z"


def test_the_home_page_is_the_report_until_there_is_a_second_monitor(tmp_path: Path) -> None:
    home = tmp_path / "index.html"
    _publish(Folder(tmp_path), _result())
    assert "All monitors" not in home.read_text(encoding="utf-8")
    _publish(Folder(tmp_path), _result(monitor="weather"))
    overview = home.read_text(encoding="utf-8")
    assert "All monitors" in overview
    assert 'href="monitors/flights/index.html"' in overview
    assert 'href="monitors/weather/index.html"' in overview


def test_drift_json_is_the_result(tmp_path: Path) -> None:
    result = _result()
    _publish(Folder(tmp_path), result)
    for key in ("drift.json", "runs/20130624T093000Z/drift.json"):
        body = (tmp_path / "monitors/flights" / key).read_bytes()
        assert DriftResult.model_validate_json(body) == result


def test_a_monitors_history_is_its_own(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    _publish(store, _result(monitor="a"))
    _publish(store, _result(monitor="b"))
    assert [len(all_run_ids(store, name)) for name in "ab"] == [1, 1]


def test_a_run_touches_the_history_of_its_own_year_alone(tmp_path: Path) -> None:
    store = Recording(tmp_path)
    for week in (0, 52):
        _publish(store, _result(week))
    store.written.clear()
    _publish(store, _result(1))
    years = [key for key in store.written if "/history/" in key or "/profiles/" in key]
    assert years == ["monitors/flights/history/2013.json", "monitors/flights/profiles/2013.json"]


@pytest.mark.parametrize("week", [2, 52], ids=["in such a year", "in a new year"])
def test_a_run_writes_years_of_the_version_before_again(week: int, tmp_path: Path) -> None:
    store = Folder(tmp_path)
    years = [MonitorFiles("flights").history(year) for year in (2012, 2013)]
    before = [VERSION_1.replace(b"2013", b"2012"), VERSION_1]
    for key, body in zip(years, before, strict=True):
        store.write(key, body)
    _publish(store, _result(week))
    first, second = [(tmp_path / key).read_bytes() for key in years]
    assert first == HistoryYear.from_json(before[0]).to_json()
    assert not is_of_version_1(second)
    assert len(all_run_ids(store, "flights")) == 5


def test_the_history_says_until_when_a_report_is_kept(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    _publish(store, _result(0))
    publish(store, _result(1), REPORT, schedule=MONDAYS)
    of_s3, of_a_laptop = read_year(store, "flights", 2013).runs
    assert of_s3.report_until == datetime(2013, 8, 1, tzinfo=UTC)
    assert of_a_laptop.report_until is None


@pytest.mark.parametrize(
    ("written", "removed"),
    [
        ("2013-07-01T09:45:00+00:00", "2013-07-09T00:00:00+00:00"),
        ("2013-07-01T00:00:00+00:00", "2013-07-09T00:00:00+00:00"),
        ("2013-07-01T23:59:59+00:00", "2013-07-09T00:00:00+00:00"),
        ("2013-07-01T23:30:00-08:00", "2013-07-10T00:00:00+00:00"),
    ],
)
def test_lifecycle_removes_a_report_at_the_midnight_after_its_days(
    written: str, removed: str
) -> None:
    found = removed_at(datetime.fromisoformat(written), timedelta(days=7))
    assert found == datetime.fromisoformat(removed)
