"""`drift-monitor init`: where it writes, and what it refuses."""

from pathlib import Path

import pytest
from support.command_line import CommandLine, drift_monitor

from drift_monitor.config.load import load_monitor

__all__ = ["drift_monitor"]  # the fixture

ROWS = 200
WRITTEN = Path("monitors/my-flights.yaml")


@pytest.fixture(autouse=True)
def _tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, first in (("reference", 0), ("current", 100)):
        rows = "\n".join(f"{number}.5,{number % 2}" for number in range(first, first + ROWS))
        Path(f"{name}.csv").write_text(f"delay,late\n{rows}\n", encoding="utf-8")


def test_the_file_is_all_that_stdout_gets(drift_monitor: CommandLine) -> None:
    done = drift_monitor("init", "reference.csv", "current.csv")
    assert done.code == 0
    Path("m.yaml").write_text(done.out, encoding="utf-8")
    assert load_monitor(Path("m.yaml")).reference.location == "reference.csv"
    assert "# 2 columns. Drift: 1 of 2 columns drifted, the worst first:" in done.out
    assert "drift-monitor run MONITOR.yaml" in done.out


def test_a_file_is_written_named_and_good(drift_monitor: CommandLine) -> None:
    done = drift_monitor(
        "init", "reference.csv", "current.csv", "--output", "monitors/My_Flights.yaml"
    )
    assert done.code == 0
    assert done.out.splitlines() == [
        "monitors/My_Flights.yaml is written. First run: Drift: 1 of 2 columns drifted",
        "Look at what is marked as a guess in it.",
    ]
    assert drift_monitor("check", "monitors/My_Flights.yaml").code == 0
    assert load_monitor(Path("monitors/My_Flights.yaml")).name == "my-flights"


def test_a_file_that_is_there_is_written_over_only_by_force(drift_monitor: CommandLine) -> None:
    WRITTEN.parent.mkdir()
    WRITTEN.write_text("mine", encoding="utf-8")
    done = drift_monitor("init", "current.csv", "--output", WRITTEN)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"{WRITTEN} is there: name another, or add --force to write over it\n"
    assert WRITTEN.read_text(encoding="utf-8") == "mine"
    assert drift_monitor("init", "current.csv", "--output", WRITTEN, "--force").code == 0
    assert load_monitor(WRITTEN).current.location == "current.csv"


def test_a_file_with_a_space_in_its_name_is_quoted_for_the_shell(
    drift_monitor: CommandLine,
) -> None:
    drift_monitor("init", "reference.csv", "current.csv", "--output", "my flights.yaml")
    text = Path("my flights.yaml").read_text(encoding="utf-8")
    assert "# To run it again: drift-monitor run 'my flights.yaml'\n" in text


def test_an_editor_is_told_of_the_schema_where_it_lies(drift_monitor: CommandLine) -> None:
    drift_monitor("init", "current.csv", "--output", "other/m.yaml")
    assert "schema" not in Path("other/m.yaml").read_text(encoding="utf-8")
    Path("schemas").mkdir()
    Path("schemas/monitor.schema.json").touch()
    drift_monitor("init", "current.csv", "--output", "m.yaml")
    assert "schema" not in Path("m.yaml").read_text(encoding="utf-8")
    drift_monitor("init", "current.csv", "--output", WRITTEN)
    first = WRITTEN.read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=../schemas/monitor.schema.json"


@pytest.mark.parametrize("output", ["current.csv/m.yaml", "folder"])
def test_a_place_that_cannot_be_written_is_one_sentence(
    drift_monitor: CommandLine, output: str
) -> None:
    Path("folder").mkdir()
    done = drift_monitor("init", "current.csv", "--output", output, "--force")
    assert (done.code, done.out) == (1, "")
    assert done.err.strip().startswith(output.partition("/")[0])
    assert len(done.err.strip().splitlines()) == 1


def test_what_cannot_be_read_is_one_sentence(drift_monitor: CommandLine) -> None:
    done = drift_monitor("init", "nowhere", "--output", WRITTEN)
    assert (done.code, done.out) == (1, "")
    assert done.err.strip() == (
        "nowhere has no file: check the location, and that the table was written"
    )
    assert not WRITTEN.exists()


def test_there_are_two_sides_and_no_more(drift_monitor: CommandLine) -> None:
    done = drift_monitor("init", "a", "b", "c")
    assert done.code == 2
    assert "give one table, or two" in done.err
