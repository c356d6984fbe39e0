"""What `preview-email` prints is what a run would send."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import CommandLine, drift_monitor

from drift_monitor.results.run import DriftResult

__all__ = ["drift_monitor"]  # the fixture
pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
OK, DRIFTED = "2013-06-24T09:30Z", "2013-07-01T09:30Z"
ROWS = 40


def _write_monitor(alerts: str) -> None:
    Path("m.yaml").write_text(
        "name: flights\nminimum_rows: 10\nreference: {location: r.parquet}\n"
        'current: {location: "daily/{date:%Y-%m-%d}.parquet", window: 7d}\n'
        f"alerts: {alerts}\n",
        encoding="utf-8",
    )


@pytest.fixture(autouse=True)
def _folder(write_table: WriteTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a monitor whose table drifts from 24 June on."""
    monkeypatch.chdir(tmp_path)
    write_table("r.parquet", {"x": range(ROWS)})
    write_table("daily/2013-06-20.parquet", {"x": range(ROWS)})
    write_table("daily/2013-06-27.parquet", {"x": range(100, 100 + ROWS)})
    _write_monitor("{when: on_drift}")


def _files() -> set[Path]:
    return {path for path in Path().rglob("*") if path.is_file()}


def test_without_a_site_the_monitor_is_run_and_nothing_is_written(
    drift_monitor: CommandLine,
) -> None:
    before = _files()
    done = drift_monitor("preview-email", "m.yaml", "--as-of", DRIFTED)
    assert done.code == 0
    assert done.out.startswith(
        "Subject: Drift: flights, 1 of 1 columns (2013-07-01)\n\nDrift: 1 of"
    )
    assert "run of 2013-07-01 09:30 UTC (not published): drift has begun" in done.err
    assert _files() == before


def test_it_prints_what_the_run_has_sent(drift_monitor: CommandLine) -> None:
    for moment in (OK, DRIFTED):
        drift_monitor("run", "m.yaml", "--as-of", moment, "--emails", "mail")
    sent = Path("mail/flights-20130701T093000Z.txt").read_text(encoding="utf-8")
    before = _files()
    for arguments in ([], ["--as-of", DRIFTED]):
        done = drift_monitor("preview-email", "m.yaml", *arguments)
        assert done.out == f"{sent}\n"
        assert "(in site): drift has begun" in done.err
    assert _files() == before


def test_the_runs_before_it_are_the_sites(drift_monitor: CommandLine) -> None:
    drift_monitor("run", "m.yaml", "--as-of", OK)
    done = drift_monitor("preview-email", "m.yaml", "--as-of", DRIFTED)
    assert "Since the run of 24 Jun 2013\nNewly drifted: x\n" in done.out


def test_where_nothing_would_be_sent_it_says_why(drift_monitor: CommandLine) -> None:
    done = drift_monitor("preview-email", "m.yaml", "--as-of", OK)
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "Nothing would be sent for the run of 2013-06-24 09:30 UTC (not published): "
        "there is no drift\n"
    )


def test_json_is_what_machines_get(drift_monitor: CommandLine) -> None:
    done = drift_monitor("preview-email", "m.yaml", "--as-of", DRIFTED, "--json")
    assert DriftResult.model_validate_json(done.out).drifted_columns == 1


def test_chat_is_what_the_channel_gets(drift_monitor: CommandLine) -> None:
    _write_monitor("{chat: true}")
    done = drift_monitor("preview-email", "m.yaml", "--as-of", DRIFTED, "--chat")
    assert json.loads(done.out)["metadata"]["threadId"] == "drift-monitor-flights"


def test_a_monitor_without_a_chat_sends_nothing_there(drift_monitor: CommandLine) -> None:
    done = drift_monitor("preview-email", "m.yaml", "--as-of", DRIFTED, "--chat")
    assert (done.code, done.out) == (0, "")
    assert "set alerts.chat to true" in done.err
