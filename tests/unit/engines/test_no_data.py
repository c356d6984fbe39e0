"""A window with no file or too few rows: a result of its own, told and shown, and never drift."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.builders import MONDAY, WEEK, a_monitor

from drift_monitor.alerts.notifiers import Message
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.run import run
from drift_monitor.site.history import read_year
from drift_monitor.site.rebuild import rebuild
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
ROWS = 40
RUN = "20130624T093000Z"


class Mailbox:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.emails: list[Message] = []

    def send(self, email: Message) -> None:
        self.emails.append(email)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(Folder(tmp_path / "site"), "https://example.com/")


@pytest.fixture
def days(write_table: WriteTable, tmp_path: Path) -> Callable[..., Monitor]:
    """Write days of June (and more) with so many rows each; return a monitor of weeks of them."""

    def write(
        days: dict[str, int], reference: dict[str, Any] | None = None, **more: object
    ) -> Monitor:
        write_table("reference.parquet", {"x": range(ROWS)})
        for day, rows in days.items():
            write_table(f"daily/2013-{day}.parquet", {"x": range(rows)})
        return a_monitor(
            reference=reference or {"location": str(tmp_path / "reference.parquet")},
            current={"location": f"{tmp_path}/daily/{{date:%Y-%m-%d}}.parquet", "window": "7d"},
            minimum_rows=ROWS,
            **more,
        )

    return write


Days = Callable[..., Monitor]


@pytest.mark.parametrize(
    ("found", "rows", "reason"),
    [
        ({}, 0, "current has no file for 17 to 23 Jun 2013: check that the table was written"),
        (
            {"06-20": 1},
            1,
            "current has 1 row for 17 to 23 Jun 2013, fewer than minimum_rows (40): check that",
        ),
        (
            {"06-19": 20, "06-20": 19, "06-24": 40},
            39,
            "current has 39 rows for 17 to 23 Jun 2013, fewer than minimum_rows (40): check that",
        ),
    ],
)
def test_too_little_in_the_window_is_a_result_that_is_published_and_told(
    days: Days, site: Site, tmp_path: Path, found: dict[str, int], rows: int, reason: str
) -> None:
    mailbox = Mailbox()
    monitor = days(found, alerts={"when": "on_drift", "chat": True})
    result = run(monitor, MONDAY, site=site, notifier=mailbox)
    assert (result.status, result.current.rows, result.reference.rows) == ("no_data", rows, ROWS)
    assert (result.reason or "").startswith(reason)
    assert (result.columns, result.scored_columns, result.severity) == ([], 0, None)
    assert len(result.current.missing_files) == 7 - sum(day < "06-24" for day in found)
    folder = tmp_path / "site"
    for drift_json in (f"monitors/flights/runs/{RUN}/drift.json", "monitors/flights/drift.json"):
        assert DriftResult.model_validate_json((folder / drift_json).read_bytes()) == result
    for page in ("index.html", "monitors/flights/index.html", f"reports/flights/{RUN}/index.html"):
        assert reason in (folder / page).read_text(encoding="utf-8")
    assert "no data" in (folder / "monitors/flights/history.html").read_text(encoding="utf-8")
    (entry,) = read_year(site.store, "flights", 2013).runs
    assert (entry.status, entry.current_rows) == ("no_data", rows)
    overview = json.loads((folder / "overview.json").read_bytes())
    assert overview["monitors"]["flights"]["newest"]["status"] == "no_data"
    assert [email.attributes["status"] for email in mailbox.emails] == ["no_data", "no_data"]


@pytest.mark.parametrize(
    ("window", "found", "reason"),
    [
        ("previous", {"06-20": ROWS}, "reference has no file for 10 to 16 Jun 2013: check"),
        ("14d", {"06-20": ROWS, "06-10": 2}, "reference has 2 rows for 3 to 16 Jun 2013, fewer"),
        ("year_before", {"06-20": ROWS}, "reference has no file for 18 to 24 Jun 2012: check"),
        (
            "previous",
            {},
            "current has no file for 17 to 23 Jun 2013; reference has no file for 10 to 16 Jun",
        ),
    ],
)
def test_a_reference_that_is_a_window_may_have_no_data_either(
    days: Days, site: Site, window: str, found: dict[str, int], reason: str
) -> None:
    result = run(days(found, {"window": window}), MONDAY, site=site, notifier=None)
    assert result.status == "no_data"
    assert (result.reason or "").startswith(reason)


def test_a_reference_that_is_a_window_is_compared_and_said(days: Days, site: Site) -> None:
    monitor = days({"06-20": ROWS, "06-12": ROWS, "06-05": ROWS}, {"window": "previous"})
    result = run(monitor, MONDAY, site=site, notifier=None)
    assert (result.status, result.reference.files, result.reference.rows) == ("ok", 1, ROWS)
    assert len(result.reference.missing_files) == 6
    window = json.loads(result.model_dump_json())["reference_window"]
    assert window == {
        "start": "2013-06-10T00:00:00Z",
        "end": "2013-06-17T00:00:00Z",
        "timezone": "UTC",
    }


def test_a_run_without_data_says_what_its_rows_would_have_gone_through(
    days: Days, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.py").write_text("def transform(table):\n    return table[['x']]\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    result = run(days({}, transform="t.py"), MONDAY, site=site, notifier=None)
    assert result.status == "no_data"
    assert result.transform is not None
    assert result.transform.file == "t.py"


def test_rows_are_counted_as_they_are_chosen_by_their_time(
    write_table: WriteTable, site: Site
) -> None:
    times = [MONDAY - WEEK] * ROWS + [MONDAY - 2 * WEEK] * (ROWS - 1)
    table = write_table("t.parquet", {"time": times, "x": range(len(times))})
    current = {"location": table, "window": "7d", "timestamp": "time"}
    monitor = a_monitor(reference={"window": "previous"}, current=current, minimum_rows=ROWS)
    result = run(monitor, MONDAY, site=site, notifier=None)
    assert (result.status, result.current.rows, result.reference.rows) == (
        "no_data",
        ROWS,
        ROWS - 1,
    )
    enough = monitor.model_copy(update={"minimum_rows": ROWS - 1})
    result = run(enough, MONDAY, site=site, notifier=None)
    assert (result.status, result.current.rows, result.reference.rows) == (
        "drifted",
        ROWS,
        ROWS - 1,
    )


@pytest.mark.parametrize(
    ("wait", "files"),
    [(True, ["daily/2013-06-20/1.parquet"]), (True, []), (False, ["daily/2013-06-20/_SUCCESS"])],
)
def test_folders_that_are_still_being_written_are_no_data_yet(
    write_table: WriteTable, tmp_path: Path, site: Site, files: list[str], *, wait: bool
) -> None:
    reference = write_table("reference.parquet", {"x": range(ROWS)})
    for file in files:
        write_table(file, {"x": range(ROWS)})
    current = {
        "location": f"{tmp_path}/daily/{{date:%Y-%m-%d}}/",
        "window": "7d",
        "wait_for_success": wait,
    }
    monitor = a_monitor(reference={"location": reference}, current=current)
    what = "finished folder" if wait else "file"
    result = run(monitor.model_copy(update={"minimum_rows": 1}), MONDAY, site=site, notifier=None)
    assert (result.reason or "").startswith(f"current has no {what} for 17 to 23 Jun 2013")
    if files and wait:
        assert f"{tmp_path}/daily/2013-06-20 (it has no _SUCCESS)" in result.current.missing_files


def test_data_that_came_late_takes_the_place_of_none_and_is_told_of(days: Days, site: Site) -> None:
    mailbox = Mailbox()
    run(days({}), MONDAY, site=site, notifier=mailbox)
    result = run(days({"06-20": ROWS}), MONDAY, site=site, notifier=mailbox)
    assert result.status == "ok"
    assert [entry.status for entry in read_year(site.store, "flights", 2013).runs] == ["ok"]
    assert [email.attributes["status"] for email in mailbox.emails] == ["no_data", "ok"]


def test_a_run_after_one_without_data_is_compared_with_the_one_before_it(
    days: Days, site: Site
) -> None:
    mailbox = Mailbox()
    monitor = days({"06-20": ROWS, "07-04": ROWS})
    for week in range(3):
        run(monitor, MONDAY + week * WEEK, site=site, notifier=mailbox)
    states = [email.attributes["status"] for email in mailbox.emails]
    assert states == ["ok", "no_data", "ok"]
    assert "Since the run of 24 Jun 2013\n" in getattr(mailbox.emails[-1], "body", "")


def test_a_site_with_runs_without_data_is_rebuilt_as_it_was(
    days: Days, site: Site, tmp_path: Path
) -> None:
    monitor = days({"06-20": ROWS})
    for week in range(2):
        run(monitor, MONDAY + week * WEEK, site=site, notifier=None)
    files = sorted((tmp_path / "site").glob("monitors/**/*.json"))
    before = {file: file.read_bytes() for file in files}
    rebuild(site.store, "flights")
    assert {file: file.read_bytes() for file in before} == before


@pytest.mark.parametrize("side", ["reference", "current"])
def test_without_a_window_nothing_there_is_a_failed_run(
    days: Days, site: Site, tmp_path: Path, side: str
) -> None:
    monitor = days({"06-20": ROWS})
    gone = {"location": "gone.parquet", "window": None}
    table = getattr(monitor, side).model_copy(update=gone)
    with pytest.raises(DriftMonitorError, match=r"gone\.parquet has no file: check the location"):
        run(monitor.model_copy(update={side: table}), MONDAY, site=site, notifier=None)
    assert not list((tmp_path / "site").glob("**/*.json"))


def test_a_pinned_reference_that_is_too_small_fails_though_current_has_no_data(
    days: Days, site: Site, write_table: WriteTable
) -> None:
    monitor = days({}, {"location": write_table("few.parquet", {"x": [1]})})
    with pytest.raises(
        DriftMonitorError, match=r"reference has 1 row at .*fewer than minimum_rows"
    ):
        run(monitor, MONDAY, site=site, notifier=None)


def test_a_window_that_cannot_be_read_is_a_failed_run(
    days: Days, site: Site, tmp_path: Path
) -> None:
    monitor = days({"06-20": ROWS})
    (tmp_path / "daily/2013-06-20.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DriftMonitorError, match="cannot be read"):
        run(monitor, MONDAY, site=site, notifier=None)


def test_results_from_before_there_were_time_zones_and_reasons_are_read(
    days: Days, site: Site
) -> None:
    result = run(days({"06-20": ROWS}), MONDAY, site=site, notifier=None)
    old = json.loads(result.model_dump_json())
    del old["reason"], old["reference_window"], old["window"]["timezone"]
    assert DriftResult.model_validate(old) == result
