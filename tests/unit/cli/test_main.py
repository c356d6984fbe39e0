"""The command line without a run: usage, check, event, serve. See test_cli_run.py for the rest."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import CommandLine, drift_monitor

import drift_lambda
from drift_monitor.config.load import load_monitor

__all__ = ["drift_monitor"]  # the fixture

GOOD = "name: {}\nreference: {{location: r.parquet}}\ncurrent: {{location: c.parquet}}\n"
COMMANDS = ("run", "backfill", "check", "event", "rebuild", "redrive", "serve")


@pytest.fixture
def monitor(tmp_path: Path) -> Path:
    file = tmp_path / "m.yaml"
    file.write_text(GOOD.format("flights"), encoding="utf-8")
    return file


def _words(text: str) -> str:
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_worth_reading(drift_monitor: CommandLine, command: str) -> None:
    done = drift_monitor(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert len(_words(done.out).split()) > 25


def test_help_names_every_command(drift_monitor: CommandLine) -> None:
    done = drift_monitor("--help")
    assert done.code == 0
    assert all(f" {command} " in _words(done.out) for command in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["run"],
        ["run", "m.yaml", "--surprise"],
        ["run", "m.yaml", "--as-of", "yesterday"],
        ["run", "m.yaml", "--site", "s3://bucket"],
        ["backfill", "m.yaml"],
        ["backfill", "m.yaml", "--from", "2013-13-01", "--to", "2013-02-01"],
        ["redrive"],
        ["serve", ".", "--port", "http"],
        ["serve", ".", "--port", "70000"],
        ["serve", ".", "--port", "-1"],
        ["event", "m.yaml", "--as-of", "24/06/2013"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_says_why_on_stderr(
    drift_monitor: CommandLine,
    monitor: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    monkeypatch.chdir(monitor.parent)
    done = drift_monitor(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Error" in done.err


@pytest.mark.parametrize("command", ["run", "event", "check"])
def test_a_missing_monitor_is_1_and_one_sentence(
    drift_monitor: CommandLine, tmp_path: Path, command: str
) -> None:
    done = drift_monitor(command, tmp_path / "gone.yaml")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"{tmp_path}/gone.yaml cannot be read: No such file or directory\n"


@pytest.mark.parametrize("command", ["run", "event", "check"])
def test_bad_yaml_is_1_and_a_sentence_a_line(
    drift_monitor: CommandLine, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(GOOD.format("Flights") + "colums: {}\nschedule: often\n", encoding="utf-8")
    done = drift_monitor(command, file)
    assert (done.code, done.out) == (1, "")
    lines = done.err.splitlines()
    assert [line.removeprefix(f"{file}:")[:9] for line in lines] == [
        "1: name: ",
        "4: colums",
        "5: schedu",
    ]


def test_check_says_of_a_good_monitor_when_it_runs_next(
    drift_monitor: CommandLine, monitor: Path
) -> None:
    done = drift_monitor("check", monitor)
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(
        rf"{monitor}: good\. flights runs next on Mon \d\d \w{{3}} \d{{4}} 09:30 UTC\n", done.out
    )


def test_check_names_mutes_that_have_ended_and_those_that_last_too_long(
    drift_monitor: CommandLine, monitor: Path
) -> None:
    mutes = "{until: 2013-07-01, reason: sale}, {until: 9999-01-01, reason: other}"
    monitor.write_text(monitor.read_text() + f"\ndrift: {{mute: [{mutes}]}}\n")
    done = drift_monitor("check", monitor)
    assert done.code == 0
    assert done.out.count("a mute ended") == 1
    assert f"{monitor}: a mute ended on 2013-07-01 (sale): remove it" in done.out
    assert f"{monitor}: a mute ends in over a year (other): shorten it" in done.out


def test_check_lists_all_mistakes_of_all_files(
    drift_monitor: CommandLine, tmp_path: Path, monitor: Path
) -> None:
    for name in ("a.yaml", "b.yaml"):
        text = GOOD.format("A") + "minimum_rows: 0\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = drift_monitor("check", tmp_path / "a.yaml", monitor, tmp_path / "b.yaml")
    assert done.code == 1
    assert "m.yaml: good" in done.out
    assert [line.partition(" ")[0] for line in done.err.splitlines()] == [
        f"{tmp_path}/a.yaml:1:",
        f"{tmp_path}/a.yaml:4:",
        f"{tmp_path}/b.yaml:1:",
        f"{tmp_path}/b.yaml:4:",
    ]


def test_a_file_named_in_brackets_is_named_as_it_is(
    drift_monitor: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "[old]" / "m.yaml"
    file.parent.mkdir()
    file.write_text(GOOD.format("flights"), encoding="utf-8")
    assert drift_monitor("check", file).out.startswith(f"{file}: good")


@pytest.mark.parametrize(
    ("as_of", "scheduled_at"),
    [
        ("2013-06-24T09:30Z", "2013-06-24T09:30:00Z"),
        ("2013-06-24T09:30", "2013-06-24T09:30:00Z"),
        ("2013-06-24T09:30+02:00", "2013-06-24T07:30:00Z"),
        ("2013-06-24", "2013-06-24T00:00:00Z"),
    ],
)
def test_the_event_is_what_lambda_takes(
    drift_monitor: CommandLine, monitor: Path, as_of: str, scheduled_at: str
) -> None:
    done = drift_monitor("event", monitor, "--as-of", as_of)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["scheduled_at"] == scheduled_at
    event = drift_lambda.RunEvent.model_validate_json(done.out)
    assert event.monitor == load_monitor(monitor)
    assert event.scheduled_at.utcoffset() is not None


@pytest.mark.parametrize("name", ["gone", "file"])
def test_serving_what_is_no_folder_is_one_sentence(
    drift_monitor: CommandLine, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    done = drift_monitor("serve", tmp_path / name)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"{tmp_path / name} is no folder: run a monitor first, or name its --site\n"


def test_a_port_in_use_is_one_sentence(drift_monitor: CommandLine, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = drift_monitor("serve", tmp_path, "--port", port)
    assert done.code == 1
    assert done.err == f"port {port}: Address already in use; choose another with --port\n"


def _in_a_process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("drift-monitor"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("environment", "is_coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
    ids=["a pipe", "FORCE_COLOR", "NO_COLOR"],
)
def test_the_installed_command_fails_with_1_in_colour_only_where_wanted(
    tmp_path: Path, environment: dict[str, str], *, is_coloured: bool
) -> None:
    done = _in_a_process("check", tmp_path / "gone.yaml", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert "gone.yaml cannot be read" in done.stderr
    assert ("\x1b[" in done.stderr) == is_coloured
