"""What the tests of a user's transform share: a folder for its file, and what it made of tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from support.builders import MONDAY, a_monitor, whole

from drift_monitor.config import transforms
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.table import Table

WriteTable = Callable[..., str]
WriteTransform = Callable[[str], str]


@pytest.fixture
def write_transform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteTransform:
    """Write a transform's file into a folder of the test's own, beside the one it works in.

    Line 1 of the text is line 1 of the file; the file's name is returned.
    """
    (tmp_path / "transforms").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(transforms, "TRANSFORMS", tmp_path / "transforms")
    monkeypatch.chdir(tmp_path / "work")

    def write(text: str) -> str:
        (tmp_path / "transforms" / "t.py").write_text(dedent(text), encoding="utf-8")
        return "t.py"

    return write


@contextmanager
def transformed_sides(
    reference: str, current: str, transform: str
) -> Iterator[tuple[Table, Table]]:
    monitor = a_monitor(
        reference={"location": reference}, current={"location": current}, transform=transform
    )
    with open_pair(monitor, MONDAY) as pair:
        yield pair.reference, pair.current


def after(table: str, transform: str) -> dict[str, list[object]]:
    """Return what becomes of a table."""
    with transformed_sides(table, table, transform) as (_, current):
        return {name: whole(current, name).to_pylist() for name in current.columns}


def failure(table: str, transform: str) -> str:
    """Return what is told of a transform that fails."""
    with pytest.raises(DriftMonitorError) as failed, transformed_sides(table, table, transform):
        pass
    return str(failed.value)
