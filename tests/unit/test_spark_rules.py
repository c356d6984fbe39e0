"""What of a monitor's file Spark cannot follow, and what is missing here to run it."""

import sys
from pathlib import Path

import pytest
from builders import a_monitor
from command_line import CommandLine, drift_monitor
from pydantic import ValidationError

__all__ = ["drift_monitor"]  # the fixture

PINNED = {"location": "r.parquet"}


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"checks": {}}, "checks are not made by engine: spark: leave checks out, or engine"),
        ({"slices": {"by": ["x"]}}, "slices are not compared by engine: spark"),
        (
            {
                "model_quality": {"task": "regression"},
                "columns": {"roles": {"prediction": "p", "target": "t"}},
            },
            "model_quality is not measured by engine: spark",
        ),
        ({"reference": {**PINNED, "cache": True}}, "reference.cache is not read by engine: spark"),
        (
            {"reference": {"location": "r", "format": {"type": "delta"}}},
            "reference: delta is not read by engine: spark: name a folder of Parquet",
        ),
    ],
)
def test_a_setting_that_spark_cannot_follow_is_a_mistake(
    parts: dict[str, object], sentence: str
) -> None:
    a_monitor(**parts)
    with pytest.raises(ValidationError) as invalid:
        a_monitor(engine="spark", **parts)
    (error,) = invalid.value.errors()
    assert error["loc"] == ("engine",)
    assert sentence in error["msg"]


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ValidationError, match=r"checks are not made .*; slices are not compared"):
        a_monitor(engine="spark", checks={}, slices={"by": ["x"]})


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


def test_an_option_that_a_monitor_does_not_go_with_is_refused(
    drift_monitor: CommandLine, monitor: Path
) -> None:
    monitor.write_text(f"{monitor.read_text()}slices: {{by: [x]}}\n")
    done = drift_monitor("run", monitor, "--engine", "spark")
    assert done.code == 1
    assert done.err.strip().startswith("slices are not compared by engine: spark")
