"""The demo's commands, as a newcomer runs them: real processes, a folder for a site."""

import json
import subprocess
from pathlib import Path

import pytest
from e2e.conftest import ROOT, drift_monitor

pytestmark = pytest.mark.xdist_group("demo")

MONITOR = ROOT / "examples" / "flights.yaml"


def backfill(flights: Path, site: Path, start: str, end: str) -> subprocess.CompletedProcess[str]:
    where = ["--site", str(site), "--emails", str(site.with_name("emails"))]
    return drift_monitor(
        "backfill", str(MONITOR), "--from", start, "--to", end, *where, cwd=flights
    )


@pytest.fixture(scope="module")
def site(flights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Backfill the two newest weeks."""
    folder = tmp_path_factory.mktemp("demo") / "site"
    done = backfill(flights, folder, "2013-06-24", "2013-07-01")
    assert done.returncode == 0, done.stderr
    assert f"drift-monitor serve {folder}" in done.stdout
    return folder


def front_run(site: Path) -> str:
    run: str = json.loads((site / "monitors/flights/drift.json").read_text())["run_id"]
    return run


def test_the_newest_run_is_the_front_page(site: Path) -> None:
    front = (site / "index.html").read_text()
    assert front_run(site) == "20130701T093000Z"
    assert "24 to 30 Jun 2013" in front
    assert "6,701 rows against 80,789" in front
    assert "Drift is detected for 46.154% of columns" in front


def test_every_column_of_the_flights_is_accounted_for(site: Path) -> None:
    result = json.loads((site / "monitors/flights/drift.json").read_text())
    by_name = {column["column"]: column for column in result["columns"]}
    assert len(by_name) == 19
    assert by_name["arr_delay"]["role"] == "target"
    assert by_name["arr_delay"]["status"] == "drifted"
    assert by_name["tailnum"]["reason"] == "names a row"
    assert by_name["year"]["reason"] == "left out by the monitor"


def test_each_run_left_an_email_that_says_the_verdict_and_then_the_json(site: Path) -> None:
    emails = sorted(site.with_name("emails").iterdir())
    assert [email.name for email in emails] == [
        "flights-20130624T093000Z.txt",
        "flights-20130701T093000Z.txt",
    ]
    text = emails[-1].read_text()
    assert text.startswith("Subject: Drift: flights, 6 of 13 columns (2013-07-01)")
    assert json.loads(text[text.index("\n{") :])["run_id"] == "20130701T093000Z"


def test_an_older_week_joins_the_history_and_leaves_the_front_page(
    site: Path, flights: Path
) -> None:
    done = backfill(flights, site, "2013-06-17", "2013-07-01")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("done before") == 2
    assert front_run(site) == "20130701T093000Z"
    assert "24 to 30 Jun 2013" in (site / "index.html").read_text()
    history = json.loads((site / "monitors/flights/history/2013.json").read_text())
    assert [run["run_id"] for run in history["runs"]] == [
        "20130617T093000Z",
        "20130624T093000Z",
        "20130701T093000Z",
    ]


def test_a_week_without_files_is_a_run_without_data(site: Path, flights: Path) -> None:
    done = backfill(flights, site, "2013-07-15", "2013-07-15")
    assert done.returncode == 0, done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert "No data: current has no file for 8 to 14 Jul 2013: check that the table was" in said
    assert front_run(site) == "20130715T093000Z"
    assert "current has no file for 8 to 14 Jul 2013" in (site / "index.html").read_text()
