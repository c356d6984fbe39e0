"""What a run finds beside its columns' scores is the same too, wherever its tables lie."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from both import a_spark_monitor, assert_same, run_on_spark
from conftest import MonitorOf
from deltalake import write_deltalake
from e2e.conftest import ROOT, flights
from pyarrow import csv, feather
from pyarrow import parquet as pq
from pyiceberg.manifest import DataFileContent
from pyspark.sql import SparkSession
from support.builders import MONDAY
from support.lake_tables import make_iceberg
from support.lakes import delete_from_delta, delete_from_iceberg
from support.user_transforms import WriteTransform, write_transform

from drift_monitor.analysis.checks.baseline import profile_table
from drift_monitor.config.load import load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.baseline_file import baseline_place, write_baseline
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.table import open_table

__all__ = ["flights", "write_transform"]  # the fixtures

ROWS = 2_000


def _table(seed: int, rows: int = ROWS) -> pa.Table:
    random = np.random.default_rng(seed)
    start = datetime(2013, 6, 10, tzinfo=UTC)
    truth = random.random(rows) < 0.4
    return pa.table(
        {
            "id": np.arange(rows) + seed * rows,
            "x": pa.array(random.normal(seed, size=rows), mask=random.random(rows) < seed / 10),
            "n": random.integers(0, 500, size=rows),
            "zone": random.choice(["north", "south", f"new {seed}"], rows, p=[0.6, 0.3, 0.1]),
            "at": [start + timedelta(minutes=9 * n) for n in range(rows)],
            "guess": np.where(random.random(rows) < 0.8, truth, ~truth),
            "truth": truth,
        }
    )


REFERENCE, CURRENT = _table(1), _table(2)
ROLES = {"roles": {"id": ["id"], "timestamp": "at", "prediction": "guess", "target": "truth"}}


def _write_baseline(monitor: Monitor) -> None:
    assert monitor.reference.location
    with open_table(monitor.reference.location) as reference:
        write_baseline(baseline_place(monitor), profile_table(reference, monitor, files=1))


def test_checks_are_made(spark: SparkSession, monitor_of: MonitorOf) -> None:
    current = CURRENT.drop(["n"]).append_column("more", CURRENT["n"])
    current = pa.concat_tables([current, current.slice(0, 40)])
    monitor = monitor_of(REFERENCE, current, columns=ROLES)
    _write_baseline(monitor)
    result = assert_same(spark, monitor)
    failed = {(check.check, check.column) for check in result.checks if check.passed is False}
    assert failed >= {
        ("null_share", "x"),
        ("unseen_categories", "zone"),
        ("missing_columns", "n"),
        ("new_columns", "more"),
        ("duplicate_ids", None),
    }


@pytest.mark.parametrize("by", [["zone"], ["zone", "truth"]])
def test_slices_are_compared(spark: SparkSession, monitor_of: MonitorOf, by: list[str]) -> None:
    slices, drift = {"by": by, "top": 3, "smallest": 400}, {"drifted_share": 0.1}
    result = assert_same(spark, monitor_of(REFERENCE, CURRENT, slices=slices, drift=drift))
    assert {each.status for each in result.slices} >= {"drifted", "too_small"}


def test_tables_that_cannot_be_sliced_say_why(spark: SparkSession, monitor_of: MonitorOf) -> None:
    result = assert_same(spark, monitor_of(REFERENCE, CURRENT, slices={"by": ["nowhere"]}))
    assert [each.reason for each in result.slices] == ["nowhere is not in reference"]


def test_model_quality_is_measured(spark: SparkSession, monitor_of: MonitorOf) -> None:
    quality = {"task": "classification", "positive": True}
    monitor = monitor_of(REFERENCE, CURRENT, columns=ROLES, model_quality=quality)
    result = assert_same(spark, monitor)
    assert result.model_quality
    assert result.model_quality.rows_with_labels.current == ROWS


def test_late_labels_are_joined(spark: SparkSession, monitor_of: MonitorOf, tmp_path: Path) -> None:
    csv.write_csv(CURRENT.select(["id", "truth"]).slice(300), tmp_path / "labels.csv")
    labels = {"location": str(tmp_path / "labels.csv"), "target": "truth"}
    quality = {"task": "classification", "labels": labels}
    monitor = monitor_of(REFERENCE, CURRENT.drop(["truth"]), columns=ROLES, model_quality=quality)
    result = assert_same(spark, monitor)
    assert result.model_quality
    assert result.model_quality.rows_with_labels.current == ROWS - 300


def test_a_transform_is_run_by_tasks(
    spark: SparkSession, tmp_path: Path, write_transform: WriteTransform
) -> None:
    for side, table in (("r", REFERENCE), ("c", CURRENT)):
        (tmp_path / side).mkdir()
        for part in range(4):
            rows = table.slice(part * 500, 500)
            pq.write_table(rows, tmp_path / side / f"{part}.parquet", row_group_size=200)
    transform = write_transform(
        """
        def transform(table):
            table = table[table.zone != "south"]
            return table.assign(hour=table["at"].dt.hour, wide=table.x * 2).drop(columns="n")
        """
    )
    monitor = a_spark_monitor(tmp_path / "r", tmp_path / "c", transform=transform)
    result = assert_same(spark, monitor, tmp_path / "scratch")
    assert {"hour", "wide"} <= {column.column for column in result.columns if column.is_scored}
    assert not list((tmp_path / "scratch").rglob("*.parquet"))


def test_a_transform_that_fails_in_a_task_is_told_with_its_line(
    spark: SparkSession, monitor_of: MonitorOf, write_transform: WriteTransform, tmp_path: Path
) -> None:
    transform = write_transform('def transform(table):\n    return table["nowhere"]\n')
    monitor = monitor_of(REFERENCE, CURRENT, transform=transform)
    with pytest.raises(DriftMonitorError, match=r"t\.py:2: transform failed on reference \(KeyErr"):
        run_on_spark(spark, monitor, tmp_path / "scratch")


def _write(path: Path, rows: pa.Table) -> None:
    if path.suffix == ".csv":
        csv.write_csv(rows, path)
    elif path.suffix == ".jsonl":
        lines = (json.dumps(row, default=str) for row in rows.to_pylist())
        path.write_text("\n".join(lines), encoding="utf-8")
    else:
        feather.write_feather(rows, path)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "arrow"])
def test_other_formats_are_copied_by_tasks(
    spark: SparkSession, tmp_path: Path, suffix: str
) -> None:
    for side, table in (("r", REFERENCE), ("c", CURRENT)):
        (tmp_path / side).mkdir()
        for part in range(3):
            _write(tmp_path / side / f"{part}.{suffix}", table.slice(part * 700, 700))
    monitor = a_spark_monitor(tmp_path / "r", tmp_path / "c")
    assert_same(spark, monitor, tmp_path / "scratch")


@pytest.mark.parametrize("is_deleted", [False, True])
def test_delta_tables_are_copied_by_tasks(
    spark: SparkSession,
    tmp_path: Path,
    is_deleted: bool,  # noqa: FBT001 - pytest's own way
) -> None:
    if is_deleted:
        write_deltalake(tmp_path / "c", CURRENT)
        delete_from_delta(tmp_path / "c", [3, 5, 8])
    for side, table in (("r", REFERENCE),) if is_deleted else (("r", REFERENCE), ("c", CURRENT)):
        for part in range(3):
            rows = table.slice(part * 700, 700)
            mode = "append" if part else "error"
            write_deltalake(tmp_path / side, rows, mode=mode, partition_by=["zone"])
    formats = {"type": "delta"}
    tables = [{"location": str(tmp_path / side), "format": formats} for side in ("r", "c")]
    result = assert_same(spark, a_spark_monitor(*tables), tmp_path / "scratch")
    assert result.current.rows == ROWS - 3 * is_deleted


@pytest.mark.parametrize("is_deleted", [False, True])
def test_iceberg_tables_are_copied_by_tasks(
    spark: SparkSession,
    aws: str,
    tmp_path: Path,
    is_deleted: bool,  # noqa: FBT001 - pytest's own way
) -> None:
    table = make_iceberg(str(tmp_path), aws, CURRENT)
    if is_deleted:
        place = delete_from_iceberg(table, [3, 5, 8], DataFileContent.POSITION_DELETES)
    else:
        table.append(CURRENT.slice(100, 400))
        place = table.metadata_location
    current = {"location": place, "format": {"type": "iceberg"}}
    pq.write_table(REFERENCE, tmp_path / "r.parquet")
    monitor = a_spark_monitor(tmp_path / "r.parquet", current)
    result = assert_same(spark, monitor, tmp_path / "scratch")
    assert result.current.rows == (ROWS - 3 if is_deleted else ROWS + 400)


def test_rows_are_chosen_by_their_time(spark: SparkSession, tmp_path: Path) -> None:
    pq.write_table(REFERENCE, tmp_path / "r.parquet", row_group_size=70)
    current = {"location": str(tmp_path / "r.parquet"), "window": "3d", "timestamp": "at"}
    monitor = a_spark_monitor({"window": "previous"}, current)
    result = assert_same(spark, monitor, moment=datetime(2013, 6, 19, tzinfo=UTC))
    assert 0 < result.current.rows < ROWS


def test_the_references_cache_is_made_and_read_by_tasks(
    spark: SparkSession, monitor_of: MonitorOf, tmp_path: Path
) -> None:
    monitor = monitor_of(REFERENCE, CURRENT, slices={"by": ["zone"], "smallest": 10})
    cached = {"location": monitor.reference.location, "cache": True}
    monitor = Monitor.model_validate({**monitor.model_dump(), "reference": cached})
    assert_same(spark, monitor)
    (manifest,) = tmp_path.rglob("manifest")
    written = {path: path.stat().st_mtime_ns for path in manifest.parent.iterdir()}
    assert len(written) > 5
    assert_same(spark, monitor)
    assert {path: path.stat().st_mtime_ns for path in manifest.parent.iterdir()} == written


def test_a_cache_that_spark_made_is_read_without_it(
    spark: SparkSession, monitor_of: MonitorOf, tmp_path: Path
) -> None:
    monitor = monitor_of(REFERENCE, CURRENT)
    cached = {"location": monitor.reference.location, "cache": True}
    monitor = Monitor.model_validate({**monitor.model_dump(), "reference": cached})
    run_on_spark(spark, monitor)
    (manifest,) = tmp_path.rglob("manifest")
    changed = manifest.stat().st_mtime_ns
    assert_same(spark, monitor)
    assert manifest.stat().st_mtime_ns == changed


def test_the_flights_are_the_same(
    spark: SparkSession, flights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(flights)
    monitor = load_monitor(ROOT / "examples" / "flights.yaml")
    for week in range(2):
        assert_same(spark, monitor, moment=MONDAY + timedelta(weeks=week))
