"""What is missing here to run Spark is one sentence."""

import sys
from pathlib import Path

import pytest
from support.command_line import CommandLine, drift_monitor

__all__ = ["drift_monitor"]  # the fixture


@pytest.fixture
def monitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "m.yaml"
    file.write_text(
        "name: m\nreference: {location: r.parquet}\ncurrent: {location: c.parquet}\n",
        encoding="utf-8",
    )
    return file


def test_a_missing_pyspark_is_one_sentence(
    drift_monitor: CommandLine, monitor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "pyspark.sql", raising=False)
    done = drift_monitor("run", monitor, "--engine", "spark")
    assert done.code == 1
    assert "engine: spark needs pyspark: pip install 'drift-monitor[spark]'" in done.err
    assert "\n" not in done.err.strip()


def test_a_missing_java_is_one_sentence(
    drift_monitor: CommandLine, monitor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyspark", reason="Spark 3.5 needs Python 3.11")
    monkeypatch.setenv("JAVA_HOME", str(monitor.parent / "no-java"))
    done = drift_monitor("run", monitor, "--engine", "spark")
    assert done.code == 1
    assert "engine: spark needs Java 17, and there is none at" in done.err
    assert "\n" not in done.err.strip()


def test_a_sketch_is_no_longer_allowed(drift_monitor: CommandLine, monitor: Path) -> None:
    monitor.write_text(f"{monitor.read_text()}engine: spark\nsketch: 0.001\n", encoding="utf-8")
    done = drift_monitor("check", monitor)
    assert done.code == 1
    assert done.err.strip() == (
        f"{monitor}:5: sketch: is no longer a key: engine: spark computes exact scores faster; "
        "leave it out"
    )
