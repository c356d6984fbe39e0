"""A reader never meets half a run, and no link leads nowhere."""

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from builders import MONDAY, WEEK, a_column, a_result

from drift_monitor.history import read_history
from drift_monitor.publish import publish
from drift_monitor.report.evidently_report import Report
from drift_monitor.results import DriftResult
from drift_monitor.store import FolderStore

pytestmark = pytest.mark.xdist_group("evidently")

REPORT = Report("<html><head></head><body></body></html>", [], (1, 1))


class Recording(FolderStore):
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


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def _links(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each page's links as the keys that they lead to."""
    for page in folder.rglob("*.html"):
        key = str(page.relative_to(folder))
        for link in re.findall(r'href="([^"]*)"', page.read_text(encoding="utf-8")):
            if urlsplit(link).scheme == "":
                yield key, posixpath.normpath(posixpath.join("/", posixpath.dirname(key), link))[1:]


def test_a_run_leaves_exactly_these_files(tmp_path: Path) -> None:
    publish(FolderStore(tmp_path), _result(), REPORT)
    assert list(_files(tmp_path)) == [
        "error.html",
        "index.html",
        "monitors/flights/drift.json",
        "monitors/flights/history.html",
        "monitors/flights/history.json",
        "monitors/flights/index.html",
        "monitors/flights/runs/20130624T093000Z/drift.json",
        "reports/flights/20130624T093000Z/index.html",
    ]


@pytest.mark.parametrize("monitors", [["flights"], ["flights", "weather"]])
def test_every_link_of_every_page_leads_to_a_file(tmp_path: Path, monitors: list[str]) -> None:
    for monitor in monitors:
        for week in (0, 1):
            publish(FolderStore(tmp_path), _result(week, monitor), REPORT)
    links = list(_links(tmp_path))
    assert len({page for page, _ in links}) == len(list(tmp_path.rglob("*.html")))
    assert [link for link in links if not (tmp_path / link[1]).is_file()] == []


def test_what_points_at_a_run_is_written_after_the_run(tmp_path: Path) -> None:
    store = Recording(tmp_path)
    publish(store, _result(), REPORT)
    own = [key for key in store.written if "/runs/" in key or key.startswith("reports/")]
    leading = ["history.json", "history.html", "monitors/flights/index.html", "index.html"]
    first_leading = min(
        position
        for position, key in enumerate(store.written)
        if key not in own and key != "error.html" and key.endswith(tuple(leading))
    )
    assert len(own) == 2
    assert max(map(store.written.index, own)) < first_leading
    assert store.written[-1] == "index.html"


def test_publishing_again_changes_no_file(tmp_path: Path) -> None:
    publish(FolderStore(tmp_path), _result(0), REPORT)
    publish(FolderStore(tmp_path), _result(1), REPORT)
    before = _files(tmp_path)
    for week in (1, 0, 1):
        publish(FolderStore(tmp_path), _result(week), REPORT)
    assert _files(tmp_path) == before


@pytest.mark.parametrize("weeks", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_in_which_runs_end_changes_no_file(
    tmp_path: Path, weeks: tuple[int, ...]
) -> None:
    for folder, order in (("in order", (0, 1, 2)), ("as they came", weeks)):
        for week in order:
            publish(FolderStore(tmp_path / folder), _result(week), REPORT)
    assert _files(tmp_path / "as they came") == _files(tmp_path / "in order")


def test_the_front_page_never_goes_back_in_time(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    publish(store, _result(1), REPORT)
    history = publish(store, _result(0, status="drifted"), REPORT)
    assert len(history.runs) == 2
    for page in ("index.html", "monitors/flights/index.html"):
        assert "runs/20130701T093000Z/drift.json" in (tmp_path / page).read_text(encoding="utf-8")
    latest = json.loads((tmp_path / "monitors/flights/drift.json").read_bytes())
    assert latest["run_id"] == "20130701T093000Z"


def test_the_home_page_is_the_report_until_there_is_a_second_monitor(tmp_path: Path) -> None:
    home = tmp_path / "index.html"
    publish(FolderStore(tmp_path), _result(), REPORT)
    assert "All monitors" not in home.read_text(encoding="utf-8")
    publish(FolderStore(tmp_path), _result(monitor="weather"), REPORT)
    overview = home.read_text(encoding="utf-8")
    assert "All monitors" in overview
    assert 'href="monitors/flights/index.html"' in overview
    assert 'href="monitors/weather/index.html"' in overview


def test_drift_json_is_the_result(tmp_path: Path) -> None:
    result = _result()
    publish(FolderStore(tmp_path), result, REPORT)
    for key in ("drift.json", "runs/20130624T093000Z/drift.json"):
        body = (tmp_path / "monitors/flights" / key).read_bytes()
        assert DriftResult.model_validate_json(body) == result


def test_a_monitors_history_is_its_own(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    publish(store, _result(monitor="a"), REPORT)
    publish(store, _result(monitor="b"), REPORT)
    assert [len(read_history(store, name).runs) for name in "ab"] == [1, 1]
