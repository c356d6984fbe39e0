"""A newcomer's first monitor: of the demo's tables, checked and run in real processes."""

import json
import re
from pathlib import Path

import pytest
from e2e.conftest import ROOT, drift_monitor

pytestmark = pytest.mark.xdist_group("demo")

DOCS = (ROOT / "docs" / "first-monitor.md").read_text(encoding="utf-8")


def test_the_page_shows_what_is_written_and_that_runs(flights: Path, tmp_path: Path) -> None:
    (said,) = re.findall(r"```sh\ndrift-monitor (init .*?)\n```", DOCS)
    (shown,) = re.findall(r"```yaml .*?\n(.*?)```", DOCS, re.DOTALL)
    written = flights / "monitors" / "flights.yaml"
    done = drift_monitor(*said.split(), cwd=flights)
    assert done.returncode == 0, done.stderr
    assert written.read_text(encoding="utf-8") == shown
    assert drift_monitor("check", str(written), cwd=flights).returncode == 0
    (again,) = re.findall("# To run it again: drift-monitor (.*)", shown)
    ran = drift_monitor(*again.split(), "--site", str(tmp_path), cwd=flights)
    assert ran.returncode == 0, ran.stderr
    result = json.loads((tmp_path / "monitors/flights/drift.json").read_text(encoding="utf-8"))
    (counts,) = re.findall(r"columns\. .*: (\d+) of (\d+) columns drifted", shown)
    assert (result["drifted_columns"], result["scored_columns"]) == tuple(map(int, counts))
    drifted = [column for column in result["columns"] if column["status"] == "drifted"]
    assert re.findall(r"^#   (\S+): ", shown, re.MULTILINE) == [
        column["column"] for column in drifted
    ]


def test_one_table_of_days_makes_a_monitor_that_runs(flights: Path, tmp_path: Path) -> None:
    done = drift_monitor("init", "demo/data/daily", cwd=flights)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "daily.yaml"
    file.write_text(done.stdout, encoding="utf-8")
    (as_of,) = re.findall("--as-of (.*)", done.stdout)
    ran = drift_monitor("run", str(file), "--as-of", as_of, "--site", str(tmp_path), cwd=flights)
    assert ran.returncode == 0, ran.stderr
    assert "24 to 30 Jun 2013" in (tmp_path / "index.html").read_text(encoding="utf-8")
