"""Delta tables are read as their own library reads them, in S3 as in a folder."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from support.lake_tables import FIRST, LATE, SECOND, START, WINDOW, read
from support.lakes import delete_from_delta

from drift_monitor.config.formats import TableFormat
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window


@pytest.fixture(params=["folder", "s3"])
def upload(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return what says where the Delta table in the folder `t` is, once it is written."""
    if request.param == "folder":
        return lambda: str(tmp_path / "t")
    bucket = request.getfixturevalue("bucket")

    def to_bucket() -> str:
        s3 = boto3.client("s3")
        for file in (path for path in (tmp_path / "t").rglob("*") if path.is_file()):
            s3.upload_file(str(file), bucket, str(file.relative_to(tmp_path)))
        return f"s3://{bucket}/t/"

    return to_bucket


@pytest.fixture
def delta(tmp_path: Path) -> Path:
    """Write a Delta table in two commits."""
    write_deltalake(tmp_path / "t", pa.table(FIRST), partition_by=["day"])
    write_deltalake(tmp_path / "t", pa.table(SECOND), mode="append", schema_mode="merge")
    return tmp_path / "t"


@pytest.mark.usefixtures("delta")
def test_a_delta_table_has_its_partitions_and_late_columns(upload: Callable[[], str]) -> None:
    location = upload()
    whole = [(1, "a", None), (2, "b", None), (3, "a", None), (4, "c", 0.5)]
    assert read(location, "x", "day", "more", type="delta") == whole
    assert read(location, "x", "day", type="delta", version=0) == [(1, "a"), (2, "b"), (3, "a")]
    newest = read(location, "x", type="delta", as_of="2100-01-01T00:00Z")
    assert newest == [(1,), (2,), (3,), (4,)]


def test_a_delta_table_is_read_as_of_a_time(delta: Path) -> None:
    for version, year in enumerate((2001, 2002)):
        written = datetime(year, 6, 1, tzinfo=UTC).timestamp()
        os.utime(delta / "_delta_log" / f"{version:020}.json", (written, written))
    assert len(read(str(delta), "x", type="delta", as_of="2002-05-31T23:00Z")) == 3
    assert len(read(str(delta), "x", type="delta", as_of="2002-06-01T02:00+01:00")) == 4
    with pytest.raises(DriftMonitorError, match=r"no version of 2001-05-31 .* is 0, of 2001-06-01"):
        read(str(delta), "x", type="delta", as_of="2001-05-31T23:00Z")


def test_rows_that_a_deletion_vector_deletes_are_not_read(
    upload: Callable[[], str], tmp_path: Path
) -> None:
    enabled = {"delta.enableDeletionVectors": "true"}
    write_deltalake(tmp_path / "t", pa.table({"x": range(10)}), configuration=enabled)
    delete_from_delta(tmp_path / "t", [0, 3, 9])
    location = upload()
    assert read(location, "x", type="delta") == [(n,) for n in (1, 2, 4, 5, 6, 7, 8)]
    assert len(read(location, "x", type="delta", version=0)) == 10


def test_of_a_delta_table_only_the_windows_files_are_read(delta: Path) -> None:
    before = set(delta.rglob("*.parquet"))
    write_deltalake(delta, pa.table(LATE), mode="append", schema_mode="merge")
    for file in set(delta.rglob("*.parquet")) - before:
        file.unlink()
    rows = [(1, "a"), (2, "b"), (4, "c")]
    assert read(str(delta), "x", "day", window=WINDOW, type="delta") == rows
    with pytest.raises(DriftMonitorError, match=r"cannot be read as Delta: .*\.parquet") as it:
        read(str(delta), "x", type="delta")
    assert "\n" not in str(it.value)


def test_a_window_without_rows_is_an_empty_table_with_its_columns(delta: Path) -> None:
    window = Window(START - timedelta(days=90), START - timedelta(days=80))
    with open_table(
        str(delta), window, table_format=TableFormat(type="delta"), timestamp="at"
    ) as table:
        assert (table.rows, sorted(table.columns)) == (0, ["at", "day", "more", "x"])


def test_the_rows_come_in_the_same_order_each_time_and_a_commit_changes_the_digest(
    delta: Path,
) -> None:
    for number in range(8):
        write_deltalake(
            delta, pa.table({"x": range(number, 1000)}), mode="append", schema_mode="merge"
        )
    tables = []
    for version in (8, 8, 9):
        table_format = TableFormat(type="delta", version=version)
        with open_table(str(delta), table_format=table_format) as table:
            values = [value for a in table.read("x") for value in a.to_pylist()]
            tables.append((table.digest, values, table.summary.files))
    assert tables[0] == tables[1] != tables[2]
    assert tables[0][0] != tables[2][0]
    assert tables[0][2] == 10


def test_a_kept_reference_notices_a_commit_that_writes_no_file(delta: Path) -> None:
    table = {"location": str(delta), "format": {"type": "delta"}}
    monitor = Monitor.model_validate(
        {"name": "m", "reference": {**table, "cache": True}, "current": table}
    )

    def rows_of_reference() -> int:
        with open_pair(monitor, START) as pair:
            return pair.reference.rows

    assert rows_of_reference() == 4
    DeltaTable(delta).delete("day = 'a'")
    assert rows_of_reference() == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"type": "delta", "version": 12}, r"t/? has no version 12: its newest is 1"),
        (
            {"type": "iceberg"},
            r"t/? is no Iceberg table, it has no metadata/….metadata.json: check",
        ),
    ],
)
@pytest.mark.usefixtures("delta")
def test_a_table_that_is_not_there_is_one_sentence(
    upload: Callable[[], str], options: dict[str, Any], sentence: str
) -> None:
    location = upload()
    with pytest.raises(DriftMonitorError, match=sentence):
        read(location, "x", **options)


def test_a_folder_that_is_no_delta_table_is_named(
    upload: Callable[[], str], tmp_path: Path
) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "1.parquet").touch()
    with pytest.raises(DriftMonitorError, match="is no Delta table, it has no _delta_log: check"):
        read(upload(), "x", type="delta")
