"""Reading a folder of monitors."""

from pathlib import Path

import pytest

from drift_monitor.config.load import InvalidMonitorError, load_monitors
from drift_monitor.errors import DriftMonitorError

GOOD = "name: {}\nreference: {{location: r.csv}}\ncurrent: {{location: c.csv}}\n"


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _mistakes(folder: Path) -> list[str]:
    with pytest.raises(InvalidMonitorError) as caught:
        load_monitors(folder)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def test_monitors_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {"1.yaml": GOOD.format("zoo"), "2.yml": GOOD.format("ark"), "README.md": "no monitor"},
    )
    assert [monitor.name for monitor in load_monitors(tmp_path)] == ["ark", "zoo"]


@pytest.mark.parametrize("folder", ["", "gone"])
def test_an_empty_or_missing_folder_is_one_sentence(tmp_path: Path, folder: str) -> None:
    with pytest.raises(
        DriftMonitorError, match="has no monitor: put one YAML file per table there"
    ):
        load_monitors(tmp_path / folder)


def test_a_name_used_twice_is_a_mistake_at_the_later_files_name(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": GOOD.format("x"), "b.yaml": "# the same\n" + GOOD.format("x")})
    (mistake,) = _mistakes(tmp_path)
    assert mistake == "b.yaml:2: name: x is another monitor's name"


def test_the_mistakes_of_all_files_are_listed_file_by_file(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "a.yaml": GOOD.format("A") + "minimum_rows: 0\n",
            "b.yaml": GOOD.format("B") + "minimum_rows: 0\n",
            "good.yaml": GOOD.format("good"),
        },
    )
    assert [mistake[:9] for mistake in _mistakes(tmp_path)] == [
        "a.yaml:1:",
        "a.yaml:4:",
        "b.yaml:1:",
        "b.yaml:4:",
    ]


def test_a_file_that_cannot_be_read_hides_no_mistake_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\xfd")
    _write(tmp_path, {"b.yaml": GOOD.format("B")})
    with pytest.raises(DriftMonitorError) as caught:
        load_monitors(tmp_path)
    assert "a.yaml cannot be read" in str(caught.value)
    assert "b.yaml:1: name" in str(caught.value)
