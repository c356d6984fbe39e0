"""`drift-monitor tune`: from tables or from the history to a file with other thresholds."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet as pq
from support.builders import MONDAY, WEEK
from typer.testing import CliRunner

from drift_monitor.cli.main import app
from drift_monitor.config.load import load_monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.run import run
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

pytestmark = pytest.mark.xdist_group("evidently")

ROWS, WEEKS = 500, 18
FILE = """\
name: sales
reference: {{location: {folder}/reference.parquet}}
current: {{location: "{folder}/weekly/{{date:%Y-%m-%d}}.parquet", window: 1d}}
drift:
  judge: {judge}
  columns: {{}}  # none yet
"""
Tune = Callable[..., dict[str, object]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return weeks that are all a little apart from their reference, one of them further."""
    folder = tmp_path_factory.mktemp("tuned")
    rng = np.random.default_rng(9)

    def write(name: str, shift: float) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        columns = {
            "price": rng.normal(shift, 1, ROWS),
            "steady": rng.normal(size=ROWS),
            "plan": rng.choice(["free", "pro"], ROWS),
        }
        pq.write_table(pa.table(columns), folder / name)

    write("reference.parquet", 0)
    for week in range(WEEKS):
        write(f"weekly/{MONDAY + week * WEEK:%Y-%m-%d}.parquet", 1.5 if week == 9 else 0.4)
    return folder


def _file(folder: Path, judge: str = "calibrated") -> Path:
    file = folder / f"{judge}.yaml"
    file.write_text(FILE.format(folder=folder, judge=judge))
    return file


def _tune(file: Path, *options: str) -> str:
    said = CliRunner().invoke(app, ["tune", str(file), *options], env={"COLUMNS": "120"})
    if said.exception and not isinstance(said.exception, SystemExit):
        raise said.exception
    assert said.exit_code == 0, said.output
    return said.stdout


PAST = ("--from", "2013-06-24", "--to", "2013-10-28")
SCHEDULED = "schedule: cron(0 3 ? * TUE *)\n"


def test_thresholds_are_proposed_proved_and_written_with_the_file_s_comments(folder: Path) -> None:
    file = _file(folder)
    file.write_text(SCHEDULED + file.read_text())
    text = file.read_text()
    found = json.loads(_tune(file, *PAST, "--json"))
    assert (found["windows"], found["alarms"], found["alarms_allowed"]) == (18, 18, 1)
    assert (found["alarms_left"], list(found["thresholds"])) == (1, ["price"])
    assert 0.4 < found["thresholds"]["price"] < 0.8
    proved = {each["change"]: each for each in found["found"]}
    assert proved["+1 standard deviation"]["then"] == 1
    assert proved["no value in 1 of 4 rows"]["then"] == 1
    assert proved["+0.5 standard deviations"]["now"] == 1
    assert file.read_text() == text

    words = _tune(file, *PAST, "--write")
    assert "sales, 18 windows, taken as right: 18 alarms; the budget allows 1" in words
    assert f"+    price: {{threshold: {found['thresholds']['price']}}}" in words
    assert "columns:     # none yet" in file.read_text()
    monitor = load_monitor(file)
    assert monitor.drift.columns["price"].threshold == found["thresholds"]["price"]
    again = json.loads(_tune(file, *PAST, "--json"))
    assert (again["alarms"], again["thresholds"]) == (1, {})


def test_the_history_will_do_where_nothing_is_to_be_proved(folder: Path) -> None:
    file = _file(folder)
    monitor, site = load_monitor(file), Site(Folder(folder / "site"), "https://example.com/")
    for week in range(WEEKS):
        moment = MONDAY + week * WEEK + timedelta(days=1)
        run(monitor, moment, site=site, notifier=None)
    found = json.loads(_tune(file, "--site", str(folder / "site"), "--json"))
    assert (found["windows"], found["alarms"], found["alarms_left"]) == (18, 18, 1)
    assert found["found"] == []


def test_the_history_judge_is_tuned_on_the_windows_that_have_a_past(folder: Path) -> None:
    file = _file(folder, "history")
    file.write_text(SCHEDULED + file.read_text())
    found = json.loads(_tune(file, *PAST, "--json"))
    assert found["windows"] == WEEKS - 8
    assert found["alarms"] <= 2
    proved = {each["change"]: each["now"] for each in found["found"]}
    assert proved["no value in 1 of 4 rows"] == 1


def test_too_few_windows_are_refused(folder: Path) -> None:
    file = _file(folder)
    file.write_text(SCHEDULED + file.read_text())
    with pytest.raises(
        DriftMonitorError, match="4 windows with data, too few to be tuned: it takes 8"
    ):
        _tune(file, "--from", "2013-06-24", "--to", "2013-07-20")
