"""`check` says beforehand that tables are too large for the function, and what Spark needs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.builders import MONDAY, a_monitor
from support.command_line import CommandLine, drift_monitor

from drift_monitor.engines import capacity
from drift_monitor.engines.capacity import rows_advice, size_advice

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
    assert size_advice(_monitor(), MONDAY) is None


@pytest.mark.usefixtures("tables")
def test_a_column_that_fits_into_no_function_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_MEMORY", 1500 * 12 - 1)
    advice = size_advice(_monitor(), MONDAY)
    assert advice is not None
    assert advice.startswith("a column of about 1,500 rows takes")
    assert "set engine: spark, where the tallest column, " in advice


@pytest.mark.usefixtures("tables")
def test_the_workers_that_spark_needs_follow_the_tallest_column(write_table: WriteTable) -> None:
    advice = size_advice(_monitor(engine="spark"), MONDAY)
    assert advice is not None
    assert advice.startswith("on Spark the tallest column, ")
    assert "of about 1,500 rows in both tables, takes 0.0 GB: workers of 4 vCPU and 8 GB" in advice
    tall = {"x": range(500), "y": [f"{number:>9000}" for number in range(500)]}
    write_table("c/2013-06-23.parquet", tall)
    advice = size_advice(_monitor(engine="spark"), MONDAY)
    assert advice is not None
    assert "the tallest column, y, " in advice


@pytest.mark.usefixtures("tables")
def test_a_column_that_no_worker_holds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "BYTES_PER_ROW", 10**9)
    advice = size_advice(_monitor(engine="spark"), MONDAY)
    assert advice is not None
    assert "takes 1500.0 GB: no worker holds it" in advice


@pytest.mark.usefixtures("tables")
def test_more_values_than_there_are_minutes_for_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_VALUES_PER_SECOND", 1)
    monkeypatch.setattr(capacity, "_PROCESSORS", 1)
    advice = size_advice(_monitor(), MONDAY)
    assert advice is not None
    assert advice.startswith("comparing about 3,000 values would take the largest function 50 min")
    assert size_advice(_monitor(columns={"exclude": ["*"]}), MONDAY) is None


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
    assert size_advice(_monitor(**parts), MONDAY) is None


@pytest.mark.usefixtures("tables")
def test_check_says_so(drift_monitor: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_MEMORY", 100)
    Path("m.yaml").write_text(
        "name: flights\nreference: {location: r/}\ncurrent: {location: c/}\n", encoding="utf-8"
    )
    done = drift_monitor("check", "m.yaml")
    assert done.code == 0
    good, size, rows = done.out.strip().splitlines()
    assert good.startswith("m.yaml: good. ")
    assert size.startswith("m.yaml: a column of about 1,500 rows takes ")
    assert rows.startswith("m.yaml: about 500 rows against 1,000 tell a shift of 0.18 ")


@pytest.mark.usefixtures("tables")
def test_too_few_rows_are_said_before_the_first_run() -> None:
    assert rows_advice(_monitor(), MONDAY) == (
        "about 500 rows against 1,000 tell a shift of 0.18 standard deviations from chance, and "
        "the threshold is 0.1: reference has too few rows; smaller shifts are unsure"
    )


@pytest.mark.usefixtures("tables")
def test_how_many_rows_would_do_is_said(write_table: WriteTable) -> None:
    write_table("r/1.parquet", {"x": range(20_000), "y": range(20_000)})
    advice = rows_advice(_monitor(), MONDAY)
    assert advice is not None
    assert advice.endswith("the threshold is 0.1: 1,200 rows would do; smaller shifts are unsure")
    for rows in (1_100, 1_200):
        write_table("c/2013-06-23.parquet", {"x": range(rows), "y": range(rows)})
        assert (rows_advice(_monitor(), MONDAY) is None) == (rows == 1_200)


@pytest.mark.parametrize(
    "parts",
    [
        {"drift": {"judge": "evidently"}},
        {"drift": {"numeric": {"threshold": 0.3}}},
        {"drift": {"numeric": {"method": "psi"}}},
        {"reference": {"location": "nowhere/"}},
    ],
)
@pytest.mark.usefixtures("tables")
def test_where_rows_are_enough_or_cannot_be_seen_nothing_is_said(parts: dict[str, object]) -> None:
    assert rows_advice(_monitor(**parts), MONDAY) is None
