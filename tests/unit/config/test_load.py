"""Every mistake in a monitor's file comes with its line, all at once, in words that help."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from drift_monitor.config.load import InvalidMonitorError, load_monitor, load_monitors
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError

GOOD = """\
name: flights
reference: {location: reference.parquet}
current: {location: current.parquet}
"""
ANY = "name: {}\nreference: {{location: r.csv}}\ncurrent: {{location: c.csv}}\n"


def _mistakes(folder: Path, text: str) -> list[str]:
    """Load a monitor with mistakes; return them, without the file's name."""
    file = folder / "m.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    with pytest.raises(InvalidMonitorError) as caught:
        load_monitor(file)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines)
    return [line.removeprefix(f"{file}:") for line in lines]


def _loaded(folder: Path, more: str) -> Monitor:
    file = folder / "m.yaml"
    file.write_text(GOOD + more, encoding="utf-8")
    return load_monitor(file)


def test_a_good_file_is_a_monitor(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(GOOD, encoding="utf-8")
    monitor = load_monitor(file)
    assert (monitor.name, monitor.current.location) == ("flights", "current.parquet")


@pytest.mark.parametrize("file", ["monitors/flights.yaml", "examples/flights.yaml"])
def test_the_monitors_that_come_with_the_project_are_good(file: str) -> None:
    assert load_monitor(Path(__file__).parents[3] / file).name == "flights"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("drift:\n  defualt: {}", "5: drift.defualt: is not a key here; did you mean default?"),
        ("colums: {}", "4: colums: is not a key here; did you mean columns?"),
        (
            "alerts: {zzz: 1}",
            "4: alerts.zzz: is not a key here; known here: emails, when, after, remind_every, chat",
        ),
        (
            'drift:\n  columns:\n    "*_delay": {treshold: 1}',
            "6: drift.columns.*_delay.treshold: is not a key here; did you mean threshold?",
        ),
        (
            "drift:\n  numeric:\n    method: waserstein",
            "6: drift.numeric.method: did you mean wasserstein?",
        ),
        ("alerts:\n  when: on_drfit", "5: alerts.when: did you mean on_drift?"),
        (
            "alerts: {emails: [a@b.de, nobody]}",
            "4: alerts.emails.1: nobody is not an email address",
        ),
        (
            "alerts:\n  emails:\n  - a@b.de\n  - nobody",
            "7: alerts.emails.1: nobody is not an email",
        ),
        ("schedule: cron(30 9 * * MON)", "4: schedule: cron(30 9 * * MON) has 5 fields"),
        ("minimum_rows: 0", "4: minimum_rows: should be greater than or equal to 1"),
        ("minimum_rows: many", "4: minimum_rows: should be a valid integer"),
        ("columns: [a, b]", "4: columns: should be a mapping: key: value"),
        ("columns: {include: a}", "4: columns.include: should be a valid list"),
        ("columns: {exclude: [1]}", "4: columns.exclude.0: should be text: put it in quotes"),
        ("transform: [a.py]", "4: transform: should be text"),
        ("slices: {by: []}", "4: slices.by: should have at least 1 item, not 0"),
        ("drift: {drifted_share: 40}", "4: drift.drifted_share: should be less than or equal to 1"),
        ("drift:\n  default:\n    method: ks", "4: drift: default.method: ks does not score"),
        (
            "drift:\n  numeric: {method: ks, threshold: 0.05, critical: 0.1}",
            "4: drift: numeric: critical 0.1 is not below threshold 0.05, and ks gives p-values",
        ),
        (
            "drift: {judge: evidently, critical_share: 0.3}",
            "4: drift: critical_share: 0.3 is not above",
        ),
        ("alerts: {after: 0}", "4: alerts.after: should be greater than or equal to 1"),
        ("alerts: {remind_every: 0}", "4: alerts.remind_every: should be greater than"),
        ("name: flights", "4: name: is given twice"),
        ("columns:\n  exclude: [a]\n  exclude: [b]", "6: exclude: is given twice"),
        ("drift: {columns: {a: {}, a: {}}}", "4: a: is given twice"),
        ("1: one", "4: 1"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, mistake: str) -> None:
    (found,) = _mistakes(tmp_path, GOOD + text)
    line, _, problem = mistake.partition(" ")
    assert found.startswith(line)
    field, _, words = problem.partition(": ")
    assert field in found
    assert words in found


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("name: x", ["1: reference: is missing", "1: current: is missing"]),
        (
            """\
            name: Flights
            reference: {location: s3://abc}
            current:
              location: t/{date:%Y-%m-%d}.csv
            """,
            [
                "1: name: should be lower-case letters, digits and hyphens, 48 at most",
                "2: reference.location: s3://abc: name a file, a folder or a glob in the bucket",
                "3: current: a location with {date:…} needs a window, such as window: 7d",
            ],
        ),
        (
            """\
            # the first line is a comment
            name: x
            reference:
              locaton: a.csv
            current: {location: "t/{date:%Y-%m-%d}.csv", window: 7}
            minimum_rows: 0
            """,
            [
                "4: reference.locaton: is not a key here; did you mean location?",
                "5: current.window: should be a number with h, d, w or mo: 24h, 7d, 4w, 3mo",
                "6: minimum_rows: should be greater than or equal to 1",
            ],
        ),
        (
            """\
            name: x
            reference: {location: a.csv}
            current: {location: "t/{date:%Y-%m-%d}.csv", window: 7 days}
            """,
            ["3: current.window: should be a number with h, d, w or mo: 24h, 7d, 4w, 3mo"],
        ),
        (
            """\
            name: x
            reference: {}
            current: {location: "t/{date:%Y-%m-%d}.csv", window: 7d, delay: late}
            """,
            [
                (
                    "2: reference: give a location, or a window of current's table, such as "
                    "previous, or sql"
                ),
                "3: current.delay: should be a number with h, d, w or mo: 6h, 1d",
            ],
        ),
        (
            """\
            name: x
            reference:
              window: last week
            current: {location: a.csv}
            """,
            [
                (
                    "3: reference.window: should be previous, year_before, season, or a span such "
                    "as 90d"
                ),
            ],
        ),
        (
            """\
            name: x
            reference: {location: a.csv}
            current: {location: b.csv}
            drift:
              mute:
                - {until: 20261201, reason: a}
                - {until: soon, reason: b}
                - {until: 2026-12-01T09:30, reason: c}
                - {until: [], reason: d}
            """,
            [
                f"{line}: drift.mute.{number}.until: should be a date, such as 2026-12-01"
                for number, line in enumerate((6, 7, 8, 9))
            ],
        ),
    ],
)
def test_all_mistakes_are_named_in_the_order_of_the_file(
    tmp_path: Path, text: str, mistakes: list[str]
) -> None:
    assert _mistakes(tmp_path, text) == mistakes


def test_a_key_given_twice_hides_no_other_mistake(tmp_path: Path) -> None:
    found = _mistakes(tmp_path, GOOD + "colums: {}\nname: again\n")
    assert [mistake.split(":")[0] for mistake in found] == ["4", "5"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: [a", 1),
        ("name: a\n\tcurrent: b", 2),
        ("name: a\n name: b", 2),
        ("name: *nobody", 1),
        ("name: a\n---\nname: b", 2),
        ("name: '\x1b[0m'", 1),
        ("name: {{ name }}\ncurrent: {}", 1),
        ("name: a\nreference: !Ref table", 2),
        ("name: a\nreference: 2013-02-30", 2),
        ("name: a\nminimum_rows: !!int x", 1),
        ("name: a\nminimum_rows: !!bool x", 1),
        (f"name: a\nminimum_rows: {'9' * 5000}", 1),
    ],
)
def test_what_yaml_cannot_build_is_a_mistake_with_its_line(
    tmp_path: Path, text: str, line: int
) -> None:
    assert any(mistake.startswith(f"{line}: ") for mistake in _mistakes(tmp_path, text))


@pytest.mark.parametrize("text", ["", "# nothing", "- a\n- b", "just words", "null"])
def test_what_is_no_mapping_is_a_mistake(tmp_path: Path, text: str) -> None:
    assert _mistakes(tmp_path, text) == ["1: a monitor is a mapping: name: …, and so on"]


def test_anchors_and_merges_are_resolved(tmp_path: Path) -> None:
    rules = "drift:\n  numeric: &rule {threshold: 0.2}\n  categorical: {<<: *rule}\n"
    assert _loaded(tmp_path, rules).drift.categorical.threshold == 0.2
    # An anchor may be given again: the last one before an alias counts.
    again = "columns: {exclude: &a [x], categorical: &a [y], include: *a}\n"
    assert _loaded(tmp_path, again).columns.include == ["y"]


@pytest.mark.parametrize(
    "word",
    [
        "on",
        "off",
        "yes",
        "no",
        "y",
        "N",
        "12:30:45",
        "190:20",
        "2013-06-01",
        "2013-02-30",
        "<",
        "=",
    ],
)
def test_words_that_were_once_other_than_text_are_text(tmp_path: Path, word: str) -> None:
    monitor = _loaded(tmp_path, f"columns:\n  exclude: [{word}]\n  roles: {{target: {word}}}\n")
    assert (monitor.columns.exclude, monitor.columns.roles.target) == ([word], word)


@pytest.mark.parametrize("word", ["1", "0x1F", "0o17", "1e3", "1.5", "true", "null", ".nan"])
def test_what_yaml_takes_for_another_kind_has_to_be_quoted(tmp_path: Path, word: str) -> None:
    (mistake,) = _mistakes(tmp_path, GOOD + f"columns:\n  exclude:\n    - {word}\n")
    assert mistake.startswith("6: columns.exclude.0: should be text")
    assert _loaded(tmp_path, f"columns: {{exclude: ['{word}']}}\n").columns.exclude == [word]


@pytest.mark.parametrize(
    ("written", "rows"), [("12", 12), ("012", 12), ("0o12", 10), ("0x12", 18), ("12.0", 12)]
)
def test_a_number_with_zeros_before_it_is_decimal(tmp_path: Path, written: str, rows: int) -> None:
    monitor = _loaded(tmp_path, f"minimum_rows: {written}\n")
    assert (monitor.minimum_rows, type(monitor.minimum_rows)) == (rows, int)


def test_a_number_of_minutes_is_no_clock_time(tmp_path: Path) -> None:
    (mistake,) = _mistakes(tmp_path, GOOD + "minimum_rows: 12:30\n")
    assert mistake.startswith("4: minimum_rows: should be a valid integer")


def test_a_threshold_is_a_plain_number_and_yes_is_true(tmp_path: Path) -> None:
    monitor = _loaded(tmp_path, "drift: {drifted_share: 1e-1}\nalerts: {chat: yes}\n")
    assert (type(monitor.drift.drifted_share), monitor.drift.drifted_share) == (float, 0.1)
    assert monitor.alerts.chat is True


def test_a_time_stays_a_time_with_its_zone(tmp_path: Path) -> None:
    table = "{location: t, format: {type: delta, as_of: 2013-06-01T09:30:00+02:00}}"
    file = tmp_path / "m.yaml"
    file.write_text(f"name: x\nreference: {table}\ncurrent: {{location: c}}\n", encoding="utf-8")
    as_of = load_monitor(file).reference.format.as_of
    assert as_of is not None
    assert as_of.isoformat() == "2013-06-01T09:30:00+02:00"


@pytest.mark.parametrize(
    "word",
    ["colums", "minimum_rows", "schedule", "engine", "drift", "columns", "slices", "alerts"],
)
def test_aliases_of_aliases_are_a_mistake_at_once(tmp_path: Path, word: str) -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 40)]
    text = "\n".join(["l0: &l0 [x]", *levels, f"{word}: *l39"])
    found = _mistakes(tmp_path, f"{GOOD}{text}\n")
    assert any(mistake.startswith(f"44: {word}: ") for mistake in found)


def test_merges_of_merges_are_a_mistake_at_once(tmp_path: Path) -> None:
    levels = [f"l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 9)}]}}" for n in range(1, 40)]
    text = "\n".join(["l0: &l0 {when: always}", *levels, "alerts: *l39"])
    assert _mistakes(tmp_path, f"{GOOD}{text}\n")[0].startswith("4: l0: is not a key here")


@pytest.mark.parametrize(
    "text",
    [
        "drift: &a {columns: *a}",
        "drift: &a [*a]",
        "drift: &a {<<: *a}",
        "drift: &a {columns: {<<: *a}}",
        "x: &a [[*a], *a]",
    ],
)
def test_what_contains_itself_is_a_mistake(tmp_path: Path, text: str) -> None:
    assert _mistakes(tmp_path, GOOD + text)[0].startswith("4: ")


@pytest.mark.parametrize(
    "text",
    [
        f"x: {'[' * 5000}",
        f"x: {'[' * 5000}{']' * 5000}",
        f"x: {'{a: ' * 5000}{'}' * 5000}",
        f"x: {'- ' * 5000}a",
        "".join(f"{' ' * n}a:\n" for n in range(2000)),
    ],
)
def test_ever_deeper_levels_are_a_mistake_with_its_line(tmp_path: Path, text: str) -> None:
    (mistake,) = _mistakes(tmp_path, GOOD + text)
    line, _, problem = mistake.partition(": ")
    assert int(line) >= 4
    assert problem.startswith("not YAML: ")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DriftMonitorError, match=r"gone.yaml cannot be read: No such file"):
        load_monitor(tmp_path / "gone.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DriftMonitorError, match="cannot be read: Is a directory"):
        load_monitor(tmp_path)


def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_bytes("name: Zürich".encode("latin-1"))
    with pytest.raises(DriftMonitorError, match="cannot be read: it is not UTF-8 text"):
        load_monitor(file)


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _mistakes_of_all(folder: Path) -> list[str]:
    with pytest.raises(InvalidMonitorError) as caught:
        load_monitors(folder)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def test_monitors_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {"1.yaml": ANY.format("zoo"), "2.yml": ANY.format("ark"), "README.md": "no monitor"},
    )
    assert [monitor.name for monitor in load_monitors(tmp_path)] == ["ark", "zoo"]


@pytest.mark.parametrize("folder", ["", "gone"])
def test_an_empty_or_missing_folder_is_one_sentence(tmp_path: Path, folder: str) -> None:
    with pytest.raises(
        DriftMonitorError, match="has no monitor: put one YAML file per table there"
    ):
        load_monitors(tmp_path / folder)


def test_a_name_used_twice_is_a_mistake_at_the_later_files_name(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": ANY.format("x"), "b.yaml": "# the same\n" + ANY.format("x")})
    (mistake,) = _mistakes_of_all(tmp_path)
    assert mistake == "b.yaml:2: name: x is another monitor's name"


def test_the_mistakes_of_all_files_are_listed_file_by_file(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "a.yaml": ANY.format("A") + "minimum_rows: 0\n",
            "b.yaml": ANY.format("B") + "minimum_rows: 0\n",
            "good.yaml": ANY.format("good"),
        },
    )
    assert [mistake[:9] for mistake in _mistakes_of_all(tmp_path)] == [
        "a.yaml:1:",
        "a.yaml:4:",
        "b.yaml:1:",
        "b.yaml:4:",
    ]


def test_a_file_that_cannot_be_read_hides_no_mistake_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\xfd")
    _write(tmp_path, {"b.yaml": ANY.format("B")})
    with pytest.raises(DriftMonitorError) as caught:
        load_monitors(tmp_path)
    assert "a.yaml cannot be read" in str(caught.value)
    assert "b.yaml:1: name" in str(caught.value)


def test_a_file_of_yaml_1_1_is_read_without_a_librarys_warning(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(f"%YAML 1.1\n---\n{ANY.format('x')}minimum_rows: 1e3\n", encoding="utf-8")
    load = "from sys import argv; from pathlib import Path; from drift_monitor.config import load; "
    load += "print(load.load_monitor(Path(argv[1])).minimum_rows)"
    command = [sys.executable, "-c", load, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("1000\n", "")
