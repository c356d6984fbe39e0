"""`drift-monitor baseline`: what it writes, and what it says of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.command_line import CommandLine, drift_monitor

from drift_monitor.analysis.checks.baseline import Baseline

__all__ = ["drift_monitor"]  # the fixture
pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
WRITTEN = Path("t/_reference.parquet.baseline.json")
FIRST = datetime(2013, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monitor(write_table: WriteTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a monitor whose current table lacks a column."""
    monkeypatch.chdir(tmp_path)
    columns: dict[str, object] = {"x": [*range(30), None, 1], "id": range(32)}
    write_table("now.parquet", columns)
    more = {
        "carrier [bold]": ["AA", "UA"] * 16,
        "when": [FIRST + timedelta(days=day) for day in range(32)],
        "tags": [["a"]] * 32,
    }
    write_table("t/reference.parquet", {**columns, **more})
    file = tmp_path / "m.yaml"
    file.write_text(
        "name: flights\nminimum_rows: 10\nreference: {location: t/reference.parquet}\n"
        "current: {location: now.parquet}\ncolumns: {roles: {id: [id]}}\n",
        encoding="utf-8",
    )
    return file


def test_it_says_what_it_found_and_where_it_wrote(drift_monitor: CommandLine) -> None:
    done = drift_monitor("baseline", "m.yaml")
    assert done.code == 0
    assert done.out.splitlines() == [
        "t/reference.parquet: 32 rows in 1 file",
        "",
        "x               int64                  3.12% null, 0 to 29",
        "id              int64                  not compared: its type alone",
        "carrier [bold]  string                 0% null, 2 categories",
        "when            timestamp[us, tz=UTC]  0% null, 2013-01-01 00:00 to 2013-02-01 00:00",
        "tags            list<element: string>  not compared: its type alone",
        "",
        "0% of rows repeat the ids id",
        "",
        f"Written to {WRITTEN}",
    ]
    assert Baseline.model_validate_json(WRITTEN.read_bytes()).rows == 32


def test_json_is_all_that_stdout_gets(drift_monitor: CommandLine) -> None:
    done = drift_monitor("baseline", "m.yaml", "--json")
    assert done.code == 0
    assert json.loads(done.out) == json.loads(WRITTEN.read_bytes())


def test_another_monitors_part_of_the_baseline_is_kept(
    drift_monitor: CommandLine, monitor: Path
) -> None:
    drift_monitor("baseline", "m.yaml")
    other = monitor.read_text(encoding="utf-8").replace("{roles: {id: [id]}}", "{include: [id]}")
    Path("other.yaml").write_text(other, encoding="utf-8")
    assert drift_monitor("baseline", "other.yaml").code == 0
    columns = Baseline.model_validate_json(WRITTEN.read_bytes()).columns
    assert (columns["x"].max, columns["id"].max) == (29, 31)


def test_times_at_the_end_of_all_time_are_said(
    drift_monitor: CommandLine, write_table: WriteTable
) -> None:
    never = datetime.max.replace(tzinfo=UTC)
    write_table("t/reference.parquet", {"valid to": [FIRST, never], "two\nlines": [1, 2]})
    done = drift_monitor("baseline", "m.yaml")
    assert done.code == 0
    assert "0% null, 2013-01-01 00:00 to 10000-01-01 00:00" in done.out
    assert "two lines  int64" in done.out
    assert "\nid not counted: it has no id\n" in done.out


@pytest.mark.parametrize(
    ("checks", "arguments", "code"),
    [
        ("{}", ["--fail-on-drift"], 5),
        ("{}", ["--fail-on-drift", "--json"], 5),
        ("{}", [], 0),
        ("{missing_columns: warn}", ["--fail-on-drift"], 0),
    ],
)
def test_a_critical_check_that_fails_is_5_where_drift_is_to_fail_a_pipeline(
    drift_monitor: CommandLine, monitor: Path, checks: str, arguments: list[str], code: int
) -> None:
    text = monitor.read_text(encoding="utf-8")
    monitor.write_text(f"{text}checks: {checks}\n", encoding="utf-8")
    drift_monitor("baseline", "m.yaml")
    assert drift_monitor("run", "m.yaml", "--as-of", "2013-06-24T09:30Z", *arguments).code == code


def test_a_critical_check_that_fails_is_5_whatever_drifted(
    drift_monitor: CommandLine, write_table: WriteTable
) -> None:
    drift_monitor("baseline", "m.yaml")
    write_table("now.parquet", {"x": range(1_000, 1_032), "id": range(32)})
    run = ("run", "m.yaml", "--as-of", "2013-06-24T09:30Z", "--json", "--fail-on-drift")
    done = drift_monitor(*run)
    assert (done.code, json.loads(done.out)["status"]) == (5, "drifted")


def test_a_damaged_baseline_is_written_again(drift_monitor: CommandLine) -> None:
    WRITTEN.write_bytes(b"damaged")
    assert drift_monitor("baseline", "m.yaml").code == 0
    assert Baseline.model_validate_json(WRITTEN.read_bytes()).rows == 32


def test_the_next_run_tells_what_failed_first(drift_monitor: CommandLine) -> None:
    as_of = ("--as-of", "2013-06-24T09:30Z")
    assert "Check failed" not in drift_monitor("run", "m.yaml", *as_of).out
    drift_monitor("baseline", "m.yaml")
    done = drift_monitor("run", "m.yaml", *as_of, "--site", "other")
    assert done.code == 0
    assert done.out.startswith("Broken: flights, 3 columns (2013-06-24)\n")
    assert "\nBroken: 3 of 4 columns. No drift: 0 of 1 others drifted" in done.out
    assert "when: missing_columns (critical)\n  in the baseline, but not in current" in done.out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("t/reference.parquet", "t/gone.parquet"), "t/gone.parquet has no file"),
        (("current:", "chekcs: {}\ncurrent:"), "chekcs: is not a key here"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    drift_monitor: CommandLine, monitor: Path, change: tuple[str, str], sentence: str
) -> None:
    monitor.write_text(monitor.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    done = drift_monitor("baseline", "m.yaml")
    assert (done.code, done.out) == (1, "")
    assert sentence in done.err


def test_a_reference_that_moves_has_no_baseline(drift_monitor: CommandLine, monitor: Path) -> None:
    monitor.write_text(
        "name: flights\nreference: {window: previous}\n"
        'current: {location: "{date:%Y-%m-%d}.parquet", window: 7d}\n',
        encoding="utf-8",
    )
    done = drift_monitor("baseline", "m.yaml")
    assert done.code == 1
    assert "a baseline needs a reference that stays" in done.err
