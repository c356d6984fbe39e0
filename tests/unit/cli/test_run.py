"""The command line's runs, on small tables."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import CommandLine, drift_monitor

from drift_monitor.results.run import DriftResult

__all__ = ["drift_monitor"]  # the fixture
pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
MONDAY = "2013-06-24T09:30Z"
ROWS = 40


@pytest.fixture(autouse=True)
def monitor(write_table: WriteTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a monitor whose table drifts from 24 June on."""
    monkeypatch.chdir(tmp_path)
    write_table("r.parquet", {"x": range(ROWS)})
    write_table("daily/2013-06-20.parquet", {"x": range(ROWS)})
    write_table("daily/2013-06-27.parquet", {"x": range(100, 100 + ROWS)})
    file = tmp_path / "m.yaml"
    file.write_text(
        "name: flights\nminimum_rows: 10\nreference: {location: r.parquet}\n"
        'current: {location: "daily/{date:%Y-%m-%d}.parquet", window: 7d}\n',
        encoding="utf-8",
    )
    return file


def test_a_run_writes_the_site_and_tells_the_verdict(drift_monitor: CommandLine) -> None:
    done = drift_monitor("run", "m.yaml", "--as-of", MONDAY)
    assert done.code == 0
    assert "No drift: flights, 0 of 1 columns (2013-06-24)" in done.out
    assert Path("site/index.html").is_file()


def test_json_is_all_that_stdout_gets(drift_monitor: CommandLine) -> None:
    done = drift_monitor("run", "m.yaml", "--as-of", MONDAY, "--json")
    assert done.code == 0
    result = DriftResult.model_validate_json(done.out)
    assert result.run_id == "20130624T093000Z"
    assert json.loads(Path("site/monitors/flights/drift.json").read_bytes()) == json.loads(done.out)


@pytest.mark.parametrize(
    ("as_of", "arguments", "code"),
    [
        (MONDAY, ["--fail-on-drift"], 0),
        ("2013-07-01T09:30Z", ["--fail-on-drift"], 3),
        ("2013-07-01T09:30Z", ["--fail-on-drift", "--json"], 3),
        ("2013-07-01T09:30Z", [], 0),
        ("2013-07-08T09:30Z", ["--fail-on-drift"], 4),
        ("2013-07-08T09:30Z", ["--fail-on-drift", "--json"], 4),
        ("2013-07-08T09:30Z", [], 0),
    ],
)
def test_drift_is_3_and_no_verdict_4_where_they_are_to_fail_a_pipeline(
    drift_monitor: CommandLine, as_of: str, arguments: list[str], code: int
) -> None:
    done = drift_monitor("run", "m.yaml", "--as-of", as_of, *arguments)
    assert done.code == code
    assert Path("site/index.html").is_file()


def test_a_run_that_scored_no_column_passes_no_pipeline(
    drift_monitor: CommandLine, monitor: Path
) -> None:
    everything = "columns: {exclude: [x]}\n"
    monitor.write_text(monitor.read_text(encoding="utf-8") + everything, encoding="utf-8")
    done = drift_monitor("run", "m.yaml", "--as-of", MONDAY, "--fail-on-drift")
    assert (done.code, "Not scored: flights" in done.out) == (4, True)


def test_no_data_is_told_with_its_reason(drift_monitor: CommandLine) -> None:
    done = drift_monitor("run", "m.yaml", "--as-of", "2013-07-08T09:30Z", "--emails", "mail")
    said = "flights: No data: current has no file for 1 to 7 Jul 2013: check that the table was"
    assert " ".join(done.out.split()).startswith(said)


def test_emails_go_to_their_folder(drift_monitor: CommandLine) -> None:
    done = drift_monitor("run", "m.yaml", "--as-of", MONDAY, "--emails", "mail")
    assert done.out == "flights: No drift: 0 of 1 columns drifted\n"
    text = Path("mail/flights-20130624T093000Z.txt").read_text(encoding="utf-8")
    assert text.startswith("Subject: No drift: flights")
    assert str(Path("site").resolve().as_uri()) in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("r.parquet", "gone.parquet"), "gone.parquet has no file: check the location"),
        (("r.parquet", "s3://bucket/r.parquet"), "s3://bucket/r.parquet cannot be listed: "),
        (("minimum_rows: 10", "minimum_rows: 99"), "reference has 40 rows at r.parquet, fewer"),
    ],
)
def test_what_a_user_can_mend_is_1_and_one_sentence(
    drift_monitor: CommandLine, monitor: Path, change: tuple[str, str], sentence: str
) -> None:
    monitor.write_text(monitor.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    done = drift_monitor("run", "m.yaml", "--as-of", MONDAY)
    assert (done.code, done.out) == (1, "")
    assert sentence in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not Path("site/index.html").exists()


@pytest.mark.parametrize("option", ["--site", "--emails"])
def test_a_place_to_write_that_is_a_file_is_one_sentence(
    drift_monitor: CommandLine, option: str
) -> None:
    Path("taken").touch()
    done = drift_monitor("run", "m.yaml", "--as-of", MONDAY, option, "taken")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("taken cannot be made")
    assert len(done.err.strip().splitlines()) == 1


@pytest.mark.parametrize("place", ["s3://bucket", "s3://bucket/below", "s3://", "s3://No_Bucket"])
def test_a_site_in_s3_that_cannot_be_written_is_one_sentence(
    drift_monitor: CommandLine, place: str
) -> None:
    done = drift_monitor(
        "run", "m.yaml", "--as-of", MONDAY, "--site", place, "--site-url", "http://x"
    )
    assert done.code in (1, 2)
    assert done.out == ""
    if done.code == 1:
        assert len(done.err.strip().splitlines()) == 1


def test_a_backfill_runs_each_scheduled_time_and_resumes(drift_monitor: CommandLine) -> None:
    days = ["--from", "2013-06-18", "--to", "2013-07-01"]
    done = drift_monitor("backfill", "m.yaml", *days)
    assert done.code == 0
    assert "2013-06-24 09:30  No drift: 0 of 1 columns drifted" in done.out + done.err
    assert "2013-07-01 09:30  Drift: 1 of 1 columns drifted" in done.out + done.err
    assert "drift-monitor serve site" in done.out
    again = drift_monitor("backfill", "m.yaml", *days)
    assert again.code == 0
    assert (again.out + again.err).count("done before") == 2
    history = json.loads(Path("site/monitors/flights/history/2013.json").read_bytes())
    assert [run["status"] for run in history["runs"]] == ["ok", "drifted"]


def test_a_backfill_goes_on_past_a_failed_run_and_ends_with_1(drift_monitor: CommandLine) -> None:
    Path("daily/2013-06-27.parquet").write_bytes(b"PAR1 and no more")
    done = drift_monitor("backfill", "m.yaml", "--from", "2013-06-24", "--to", "2013-07-14")
    assert done.code == 1
    said = " ".join((done.out + done.err).split())
    assert "2013-07-01 09:30 failed: daily/2013-06-27.parquet cannot be read: " in said
    assert "2013-07-08 09:30 No data: current has no file for 1 to 7 Jul 2013: check" in said
    assert "1 of 3 runs failed, for the reasons above" in done.err
    assert Path("site/monitors/flights/runs/20130708T093000Z/drift.json").is_file()


@pytest.mark.parametrize(
    ("start", "end"), [("2013-06-25", "2013-06-25"), ("2013-07-01", "2013-06-24")]
)
def test_a_backfill_without_a_scheduled_time_is_one_sentence(
    drift_monitor: CommandLine, start: str, end: str
) -> None:
    done = drift_monitor("backfill", "m.yaml", "--from", start, "--to", end)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"cron(30 9 ? * MON *) has no time from {start} to {end}\n"
