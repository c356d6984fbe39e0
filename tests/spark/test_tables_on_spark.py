"""Tables of other formats, broken files, and rows chosen by their time."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from both import SMALL, Both, assert_same
from builders import MONDAY, a_monitor
from conftest import WriteBoth
from pyarrow import csv, feather
from pyarrow import parquet as pq
from pyspark.sql import SparkSession

from drift_monitor.checks.baseline import profile_table
from drift_monitor.checks.baseline_file import baseline_place, write_baseline
from drift_monitor.checks.rules import DEFAULTS
from drift_monitor.drift.comparison import compare as by_columns
from drift_monitor.errors import DriftMonitorError
from drift_monitor.scoring import score_tables
from drift_monitor.spark.comparison import compare as by_spark
from drift_monitor.spark.engine import by_spark as engine
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

ROWS = 900
TABLE = {
    "n": [n % 37 for n in range(ROWS)],
    "x": [None if n % 9 == 0 else n / 8 for n in range(ROWS)],
    "w": [["red", "green", None][n % 3] for n in range(ROWS)],
    "flag": [n % 2 == 0 for n in range(ROWS)],
}
SHORT = {name: values[:40] for name, values in TABLE.items()}


def _write(path: Path, rows: pa.Table) -> None:
    if path.suffix == ".csv":
        csv.write_csv(rows, path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows.to_pylist())), encoding="utf-8")
    else:
        feather.write_feather(rows, path)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "arrow"])
def test_other_formats_are_read_as_ever(spark: SparkSession, tmp_path: Path, suffix: str) -> None:
    for side, rows in (("r", pa.table(TABLE)), ("c", pa.table(TABLE).slice(300))):
        (tmp_path / side).mkdir()
        for part in range(3):
            _write(tmp_path / side / f"{part}.{suffix}", rows.slice(part * 200, 200))
    both = Both(str(tmp_path / "r"), str(tmp_path / "c"))
    assert_same(both.by_spark(spark, a_monitor()), both.by_columns(a_monitor()))


def test_a_file_that_breaks_is_named_in_a_sentence(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    both = write_both(TABLE, TABLE)
    file = Path(both.current)
    broken = bytearray(file.read_bytes())
    broken[4:400] = b"\xff" * 396
    file.write_bytes(broken)  # but for its footer, which is read first
    with pytest.raises(DriftMonitorError) as raised:
        both.by_spark(spark, a_monitor())
    assert str(raised.value).startswith(f"{file} cannot be read: ")
    assert "\n" not in str(raised.value)


def test_a_column_that_cannot_be_brought_to_one_type_costs_only_itself(
    spark: SparkSession, tmp_path: Path
) -> None:
    for side in ("r", "c"):
        (tmp_path / side).mkdir()
        pq.write_table(
            pa.table({"u": pa.array([2**64 - 1] * 40, pa.uint64()), **SHORT}),
            tmp_path / side / "1.parquet",
        )
        pq.write_table(
            pa.table({"u": pa.array([-1] * 40, pa.int64()), **SHORT}), tmp_path / side / "2.parquet"
        )
    both = Both(str(tmp_path / "r"), str(tmp_path / "c"))
    columns = both.by_columns(a_monitor())
    assert_same(both.by_spark(spark, a_monitor()), columns)
    assert "could not be compared (Arrow" in str([column.reason for column in columns.columns])


def test_rows_chosen_by_their_time_are_the_same(spark: SparkSession, tmp_path: Path) -> None:
    start = datetime(2013, 6, 20, tzinfo=UTC)
    times = [start + timedelta(minutes=7 * n) for n in range(ROWS)]
    pq.write_table(pa.table({**TABLE, "at": times}), tmp_path / "r.parquet", row_group_size=70)
    window = Window(start + timedelta(hours=9), start + timedelta(hours=77))
    with (
        open_table(str(tmp_path / "r.parquet")) as before,
        open_table(str(tmp_path / "r.parquet"), window, timestamp="at") as after,
    ):
        assert 0 < after.rows < before.rows
        expected = by_columns(before, after, a_monitor())
        assert_same(by_spark(spark, before, after, a_monitor(), sizes=SMALL), expected)


def test_the_checks_that_a_baseline_asks_for_are_said_not_to_be_made(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    both = write_both(TABLE, TABLE)
    monitor = a_monitor(
        reference={"location": both.reference}, current={"location": both.current}, engine="spark"
    )
    compare = partial(engine, spark=spark, sizes=SMALL)
    assert score_tables(monitor, MONDAY, compare).result.checks == []
    with open_table(both.reference) as reference:
        baseline = profile_table(reference, monitor, files=1)
    write_baseline(baseline_place(monitor), baseline)
    checks = score_tables(monitor, MONDAY, compare).result.checks
    assert {check.check for check in checks} == set(DEFAULTS)
    assert {check.passed for check in checks} == {None}
    assert {check.reason for check in checks} == {"checks are not made by engine: spark"}
