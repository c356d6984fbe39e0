"""The stored history, judged again: which emails another file would have sent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.builders import MONDAY, WEEK
from typer.testing import CliRunner

from drift_monitor.cli.main import app
from drift_monitor.cli.replayed import ReplayedRun, replay
from drift_monitor.config.load import load_monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.run import run
from drift_monitor.site.history import RunEntry
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

if TYPE_CHECKING:
    from drift_monitor.results.run import DriftResult

pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
ROWS = 500
WEEKS = 10
FILE = """
name: sales
reference: {{location: {folder}/reference.parquet}}
current: {{location: "{folder}/weekly/{{date:%Y-%m-%d}}.parquet", window: 1d}}
"""


class Inbox:
    """Takes all messages."""

    def send(self, _message: object) -> None:
        return


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with tables, `site`, and `sales.yaml`, which ten weekly runs made."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet as pq  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("replayed")
    rng = np.random.default_rng(8)

    def write(name: str, shift: float, share: float) -> None:
        columns = {
            "price": rng.normal(shift, 1, ROWS),
            "plan": np.where(rng.random(ROWS) < share, "pro", "free"),
            "age": rng.normal(size=ROWS),
            "left": rng.normal(size=ROWS),
        }
        (folder / name).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), folder / name)

    write("reference.parquet", 0, 0.3)
    for week in range(WEEKS):
        shift, share = (0.35 if week % 2 else 0.0), (0.5 if week == WEEKS - 1 else 0.3)
        write(f"weekly/{MONDAY + week * WEEK:%Y-%m-%d}.parquet", shift, share)
    (folder / "sales.yaml").write_text(FILE.format(folder=folder))
    monitor = load_monitor(folder / "sales.yaml")
    site = Site(Folder(folder / "site"), "https://example.com/")
    for week in range(WEEKS):
        run(monitor, MONDAY + week * WEEK + WEEK / 7, site=site, notifier=Inbox())
    return folder


def replayed(history: Path, text: str = "") -> list[ReplayedRun]:
    file = history / "changed.yaml"
    file.write_text(FILE.format(folder=history) + text)
    return replay(load_monitor(file), Folder(history / "site"))


def test_the_same_file_says_what_was_said(history: Path) -> None:
    runs = replayed(history)
    assert [each.run for each in runs] == [each.was for each in runs]
    assert [each.decision.send for each in runs] == [each.was_sent for each in runs] == [True] * 10
    assert not any(each.kept for each in runs)


@pytest.mark.parametrize(
    "text",
    [
        "drift: {numeric: {threshold: 0.2}}",
        "drift: {numeric: {threshold: 0.5}, categorical: {threshold: 0.3}}",
        "drift: {columns: {plan: {threshold: 0.1, critical: 0.15}}}",
        "drift: {drifted_share: 0.5}",
        "drift: {numeric: {direction: down}}",
        "drift: {mute: [{columns: [price], since: 2013-07-15, until: 2013-08-20, reason: sale}]}",
        "drift: {judge: history}",
    ],
)
def test_another_file_says_what_its_own_runs_would_have_said(history: Path, text: str) -> None:
    site = Site(Folder(history / f"site-{abs(hash(text))}"), "https://example.com/")
    runs = replayed(history, text)
    monitor = load_monitor(history / "changed.yaml")
    for each in runs:
        result: DriftResult = run(monitor, each.was.scheduled_at, site=site, notifier=None)
        assert each.run.status == result.status
        assert each.run.severity == result.severity
        assert each.run.drifted_share == result.drifted_share
        assert each.run.verdict == RunEntry.of(result).verdict
        again = {name: (cell.status, cell.severity) for name, cell in each.run.columns.items()}
        assert again == {c.column: (c.status, c.severity) for c in result.columns}


def test_a_column_that_another_method_scored_keeps_its_verdict_and_is_named(history: Path) -> None:
    runs = replayed(history, "drift: {columns: {price: {method: ks}}}")
    assert {tuple(each.kept) for each in runs} == {("price",)}
    assert [each.run.columns["price"] for each in runs] == [
        each.was.columns["price"] for each in runs
    ]


def test_the_command_says_how_many_emails_become_how_many_and_which(history: Path) -> None:
    file = history / "quiet.yaml"
    file.write_text(
        FILE.format(folder=history)
        + "drift: {numeric: {threshold: 0.8}}\nalerts: {when: on_drift}\n"
    )
    arguments = ["replay", str(file), "--site", str(history / "site")]
    said = CliRunner().invoke(app, arguments, env={"COLUMNS": "120"})
    assert said.exit_code == 0
    assert "sales, 10 runs: 10 emails were sent, 1 with this file" in said.stdout
    assert "26 Aug 2013" in said.stdout
    assert "plan" in said.stdout

    summary = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert (summary["emails_before"], summary["emails"], len(summary["runs"])) == (10, 1, 10)
    assert [each["drifted"] for each in summary["runs"] if each["email"]] == [["plan"]]

    old = ["--was", str(history / "sales.yaml"), "--json"]
    summary = json.loads(CliRunner().invoke(app, [*arguments, *old]).stdout)
    assert (summary["emails_before"], summary["emails"]) == (10, 1)


def test_a_site_without_a_run_is_a_sentence(history: Path, tmp_path: Path) -> None:
    arguments = ["replay", str(history / "sales.yaml"), "--site", str(tmp_path)]
    said = CliRunner().invoke(app, arguments)
    assert isinstance(said.exception, DriftMonitorError)
    assert "has no run of sales" in str(said.exception)


def test_what_all_columns_showed_together_is_judged_again(tmp_path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet as pq  # noqa: PLC0415

    rng = np.random.default_rng(8)
    for name, sign in (("reference", 1), (f"weekly/{MONDAY:%Y-%m-%d}", -1)):
        a = rng.normal(size=ROWS)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        columns = {"a": a, "b": sign * a + rng.normal(size=ROWS) / 4}
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
    asked = "drift: {whole_table: {}}"
    (tmp_path / "sales.yaml").write_text(FILE.format(folder=tmp_path) + asked)
    site = Site(Folder(tmp_path / "site"), "https://example.com/")
    monitor = load_monitor(tmp_path / "sales.yaml")
    run(monitor, MONDAY + WEEK / 7, site=site, notifier=Inbox())
    (same,) = replayed(tmp_path, asked)
    assert (same.run, same.run.status) == (same.was, "drifted")
    for text in ("", "drift: {whole_table: {threshold: 0.99}}"):
        (other,) = replayed(tmp_path, text)
        assert (other.run.status, other.run.severity) == ("ok", None)
