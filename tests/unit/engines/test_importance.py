"""Importances from a file: what it may look like, and what is told of one that cannot be read."""

from pathlib import Path

import pytest
from support.builders import a_monitor

from drift_monitor.engines.importance import with_importance
from drift_monitor.errors import DriftMonitorError


def _read(file: Path, text: str | bytes) -> object:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return with_importance(a_monitor(columns={"importance": str(file)})).columns.importance


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "feature,importance\nx,0.5\ny,-2\n"),
        ("a.csv", '\ufeffrank,importance,feature\r\n1,5e-1,x\r\n2,-2,"y"\r\n'),
        ("a.csv", "feature,importance\rx,0.5\ry,-2\r"),
        ("a.json", '{"x": 0.5, "y": -2}'),
        ("a.json", '{\n  "x": "0.5",\n  "y": -2\n}\n'),
    ],
)
def test_a_file_gives_what_could_stand_in_its_place(tmp_path: Path, name: str, text: str) -> None:
    assert _read(tmp_path / name, text) == {"x": 0.5, "y": -2}


def test_a_monitor_without_a_file_stays_as_it_is() -> None:
    for monitor in (a_monitor(), a_monitor(columns={"importance": {"x": 1}})):
        assert with_importance(monitor) is monitor


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "", "should have the columns feature and importance"),
        ("a.csv", "x,0.5\n", "should have the columns feature and importance"),
        ("a.csv", "feature,importance\nx,high\n", "the importance of x should be a number"),
        ("a.csv", "feature,importance\nx\n", "the importance of x should be a number"),
        ("a.csv", "feature,importance\nx,nan\n", "the importance of x should be a number"),
        ("a.csv", "feature,importance\nx,1\nx,2\n", "has x twice"),
        ("a.csv", "feature,importance\nx,0\n", "no feature with an importance other than 0"),
        ("a.csv", b"feature,importance\n\xff,1\n", "is not UTF-8 text"),
        ("a.csv", f"feature,importance\n{'x' * 200_000},1\n", "is not CSV: field larger than"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[1]", "should be one JSON object"),
        ("a.json", '{"x": true}', "the importance of x should be a number"),
        ("a.json", '{"x": {"y": 1}}', "the importance of x should be a number"),
        ("a.json", '{"x": 1, "x": 2}', "has x twice"),
        ("a.json", "{}", "no feature with an importance other than 0"),
        ("a.csv", b"#" * (11 << 20), "is over 10 MB"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(
    tmp_path: Path, name: str, text: str | bytes, problem: str
) -> None:
    with pytest.raises(DriftMonitorError, match=f"{tmp_path / name}.*{problem}"):
        _read(tmp_path / name, text)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("location", ["nowhere.csv", "s3://no-such-bucket/weights.csv"])
def test_a_file_that_is_not_there_is_named(location: str) -> None:
    with pytest.raises(DriftMonitorError, match=f"{location} cannot be read: "):
        with_importance(a_monitor(columns={"importance": location}))
