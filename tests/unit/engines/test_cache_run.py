"""A whole run with a reference's cache: what is published, and what the user is told."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.command_line import CommandLine, drift_monitor

from drift_monitor import errors

__all__ = ["drift_monitor"]  # the fixture
pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
RUN = ("run", "m.yaml", "--as-of", "2013-06-24T09:30Z")
RANDOM = re.compile(rb"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
MONITOR = """\
name: flights
reference: {location: reference.parquet, cache: true}
current: {location: current.parquet}
columns: {roles: {prediction: p, target: y}}
model_quality: {task: classification}
slices: {by: [w]}
transform: t.py
"""
TRANSFORM = """\
def transform(table):
    return table.assign(double=table["x"] * 2, p=table["p"] == "a")
"""
CACHE = Path("_reference.parquet.cache")


@pytest.fixture(autouse=True)
def monitor(write_table: WriteTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a monitor that keeps its reference's cache."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for name, shift in (("reference", 0.0), ("current", 0.3)):
        numbers = random.normal(shift, size=9_000)
        words = random.choice(["a", "b", "c"], size=9_000)
        write_table(f"{name}.parquet", {"x": numbers, "y": numbers > 0, "p": words, "w": words})
    (tmp_path / "t.py").write_text(TRANSFORM, encoding="utf-8")
    file = tmp_path / "m.yaml"
    file.write_text(MONITOR, encoding="utf-8")
    return file


def published() -> dict[str, bytes]:
    """Return the site's files, without Evidently's random names, and make way for the next one."""
    files = [path for path in Path("site").rglob("*") if path.is_file()]
    found = {str(path): RANDOM.sub(b"", path.read_bytes()) for path in files if path.name[0] != "."}
    shutil.rmtree("site")
    return found


def test_the_site_has_the_same_bytes_with_a_cache_and_without(
    monitor: Path, drift_monitor: CommandLine
) -> None:
    for _ in ("the cache is made", "and read"):
        assert drift_monitor(*RUN).code == 0
        with_cache = published()
    assert CACHE.is_dir()
    monitor.write_text(monitor.read_text(encoding="utf-8").replace("cache: true", "cache: false"))
    assert drift_monitor(*RUN).code == 0
    assert published() == with_cache
    assert any(name.endswith("drift.json") for name in with_cache)


def test_a_cache_that_cannot_be_written_is_told_on_the_terminal() -> None:
    CACHE.write_bytes(b"no folder")
    command = [str(Path(sys.executable).with_name("drift-monitor")), *RUN]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"the reference's cache {CACHE}/flights/" in done.stderr
    assert "cannot be written, so the next run reads the reference again" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert Path("site/index.html").is_file()


COMPARE = """
from datetime import UTC, datetime
from pathlib import Path

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.load import load_monitor
from drift_monitor.engines.table_pair import open_pair

monitor = load_monitor(Path("m.yaml"))
with open_pair(monitor, datetime.now(UTC)) as pair:
    columns = compare(pair.reference, pair.current, monitor).columns
print(*(column.reference.mean for column in columns if column.column == "x"))
"""


def mean_of_reference(package: Path) -> float:
    """Compare with the package that lies in a folder; return what it says of reference."""
    environment = {**os.environ, "PYTHONPATH": str(package)}
    command = [sys.executable, "-c", COMPARE]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)


def test_what_another_version_of_the_code_kept_is_not_used(monitor: Path, tmp_path: Path) -> None:
    text = monitor.read_text(encoding="utf-8")
    monitor.write_text(text[: text.index("columns:")], encoding="utf-8")
    installed, other = Path(errors.__file__).parent, tmp_path / "other" / "drift_monitor"
    shutil.copytree(installed, other, ignore=shutil.ignore_patterns("__pycache__"))
    before = mean_of_reference(installed.parent)
    assert mean_of_reference(other.parent) == before
    (before_it,) = Path(CACHE, "flights").iterdir()
    module = other / "analysis" / "columns" / "values.py"
    source = module.read_text(encoding="utf-8")
    changed = source.replace("    values.sort()\n", "    values.sort()\n    values += 1\n")
    assert changed != source
    module.write_text(changed, encoding="utf-8")
    assert mean_of_reference(other.parent) == pytest.approx(before + 1)
    assert not before_it.exists()
