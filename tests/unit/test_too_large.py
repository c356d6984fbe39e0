"""`check` says beforehand that tables are too large for the function."""

from collections.abc import Callable
from pathlib import Path

import pytest
from builders import MONDAY, a_monitor
from command_line import CommandLine, drift_monitor

from drift_monitor import too_large
from drift_monitor.too_large import why_too_large

__all__ = ["drift_monitor"]  # the fixture

WriteTable = Callable[..., str]


@pytest.fixture
def tables(write_table: WriteTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a reference of 1,000 rows and a day of 500, of two columns."""
    monkeypatch.chdir(tmp_path)
    write_table("r/1.parquet", {"x": range(1000), "y": range(1000)})
    write_table("c/2013-06-23.parquet", {"x": range(500), "y": range(500)})
    return tmp_path


def _monitor(**parts: object) -> object:
    return a_monitor(
        **{
            "reference": {"location": "r/"},
            "current": {"location": "c/{date:%Y-%m-%d}.parquet", "window": "1d"},
            **parts,
        }
    )


@pytest.mark.usefixtures("tables")
def test_small_tables_need_no_advice() -> None:
    assert why_too_large(_monitor(), MONDAY) is None


@pytest.mark.usefixtures("tables")
def test_a_column_that_fits_into_no_function_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(too_large, "_MEMORY", 1500 * 12 - 1)
    advice = why_too_large(_monitor(), MONDAY)
    assert advice is not None
    assert advice.startswith("a column of about 1,500 rows takes")
    assert advice.endswith("set engine: spark")
    assert why_too_large(_monitor(engine="spark"), MONDAY) is None


@pytest.mark.usefixtures("tables")
def test_advice_says_what_spark_would_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(too_large, "_MEMORY", 100)
    advice = why_too_large(_monitor(slices={"by": ["x"]}), MONDAY)
    assert advice is not None
    assert advice.endswith(
        "set engine: spark, but slices are not compared by engine: spark: leave slices out, or "
        "engine"
    )


@pytest.mark.usefixtures("tables")
def test_more_values_than_there_are_minutes_for_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(too_large, "_VALUES_PER_SECOND", 1)
    monkeypatch.setattr(too_large, "_PROCESSORS", 1)
    advice = why_too_large(_monitor(), MONDAY)
    assert advice is not None
    assert advice.startswith("comparing about 3,000 values would take the largest function 50 min")
    assert why_too_large(_monitor(columns={"exclude": ["*"]}), MONDAY) is None


@pytest.mark.parametrize(
    "parts",
    [
        {"reference": {"location": "nowhere/"}},
        {"reference": {"location": "s3://amzn-s3-demo-bucket/r/"}},
        {"current": {"location": "c", "window": "1d", "timestamp": "x"}},
    ],
)
@pytest.mark.usefixtures("tables")
def test_what_cannot_be_seen_is_not_told(parts: dict[str, object]) -> None:
    assert why_too_large(_monitor(**parts), MONDAY) is None


@pytest.mark.usefixtures("tables")
def test_check_says_so(drift_monitor: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(too_large, "_MEMORY", 100)
    Path("m.yaml").write_text(
        "name: flights\nreference: {location: r/}\ncurrent: {location: c/}\n", encoding="utf-8"
    )
    done = drift_monitor("check", "m.yaml")
    assert done.code == 0
    good, advice = done.out.strip().splitlines()
    assert good.startswith("m.yaml: good. ")
    assert advice.startswith("m.yaml: a column of about 1,500 rows takes ")
