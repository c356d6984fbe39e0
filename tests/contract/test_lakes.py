"""Delta and Iceberg tables are read as their own libraries read them, in S3 as in a folder."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from lakes import delete_from_delta, delete_from_iceberg
from pyarrow import parquet as pq
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import Table as IcebergTable

from drift_monitor.errors import DriftMonitorError
from drift_monitor.monitor import Monitor
from drift_monitor.sides import open_sides
from drift_monitor.table_format import TableFormat
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

START = datetime(2013, 6, 3, tzinfo=UTC)
FIRST = {"x": [1, 2, 3], "day": ["a", "b", "a"], "at": [START + timedelta(d) for d in (0, 1, 9)]}
SECOND = {"x": [4], "day": ["c"], "at": [START + timedelta(days=1)], "more": [0.5]}
Columns = dict[str, list[object]]


def read(
    location: str, *names: str, window: Window | None = None, **options: object
) -> list[tuple[object, ...]]:
    """Read a table's rows, those of the window by the column `at`; in the order of their values."""
    table_format = TableFormat.model_validate(options)
    timestamp = "at" if window else None
    with open_table(location, window, table_format=table_format, timestamp=timestamp) as table:
        columns = [[value for a in table.read(n) for value in a.to_pylist()] for n in names]
        assert table.rows == len(columns[0])
    return sorted(zip(*columns, strict=True), key=str)


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


def make_iceberg(warehouse: str, endpoint: str, table: pa.Table) -> IcebergTable:
    """Make an Iceberg table of one commit, in Glue's catalog."""
    catalog = GlueCatalog(
        "glue", **{"warehouse": warehouse, "s3.endpoint": endpoint, "s3.region": "eu-west-1"}
    )
    catalog.create_namespace("db")
    made = catalog.create_table("db.t", table.schema)
    made.append(table)
    return made


@pytest.fixture(params=["folder", "s3"])
def iceberg(request: pytest.FixtureRequest, aws: str, tmp_path: Path) -> IcebergTable:
    """Make an Iceberg table of one commit."""
    in_folder = request.param == "folder"
    warehouse = str(tmp_path) if in_folder else f"s3://{request.getfixturevalue('bucket')}/lake"
    return make_iceberg(warehouse, aws, pa.table(FIRST))


def append_second(table: IcebergTable) -> None:
    """Commit once more, with a column that the first commit's files lack."""
    with table.update_schema() as update:
        update.union_by_name(pa.table(SECOND).schema)
    table.append(pa.table(SECOND))


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


def test_an_iceberg_table_is_read_without_its_catalog(iceberg: IcebergTable) -> None:
    first, metadata = iceberg.current_snapshot(), iceberg.metadata_location
    assert first is not None
    append_second(iceberg)
    folder = iceberg.location()
    whole = [(1, "a", None), (2, "b", None), (3, "a", None), (4, "c", 0.5)]
    assert read(folder, "x", "day", "more", type="iceberg") == whole
    assert read(metadata, "x", type="iceberg") == [(1,), (2,), (3,)]
    assert read(folder, "x", type="iceberg", version=first.snapshot_id) == [(1,), (2,), (3,)]
    moment = datetime.fromtimestamp(first.timestamp_ms / 1000, UTC)
    assert read(f"{folder}/", "x", type="iceberg", as_of=moment) == [(1,), (2,), (3,)]
    with pytest.raises(DriftMonitorError, match=rf"of 2001-.*; its newest: {first.snapshot_id} of"):
        read(folder, "x", type="iceberg", as_of="2001-01-01T00:00Z")
    with pytest.raises(DriftMonitorError, match="has no snapshot 7; its newest: "):
        read(folder, "x", type="iceberg", version=7)


def test_rows_deleted_by_their_place_in_an_iceberg_file_are_not_read(iceberg: IcebergTable) -> None:
    before = iceberg.metadata_location
    after = delete_from_iceberg(iceberg, [0, 2], DataFileContent.POSITION_DELETES)
    assert read(after, "x", type="iceberg") == [(2,)]
    assert len(read(before, "x", type="iceberg")) == 3


def test_deletes_that_the_library_cannot_follow_are_refused(iceberg: IcebergTable) -> None:
    after = delete_from_iceberg(iceberg, [0], DataFileContent.EQUALITY_DELETES)
    with pytest.raises(DriftMonitorError, match=r"cannot be read as Iceberg: .*equality deletes"):
        read(after, "x", type="iceberg")


def test_a_column_renamed_since_is_one_column(iceberg: IcebergTable) -> None:
    with iceberg.update_schema() as update:
        update.rename_column("x", "n")
    iceberg.append(pa.table(FIRST).rename_columns({"x": "n"}))
    assert read(iceberg.location(), "n", type="iceberg") == [(1,), (1,), (2,), (2,), (3,), (3,)]


def test_two_newest_states_are_not_chosen_between(iceberg: IcebergTable) -> None:
    path = f"{iceberg.location()}/metadata/00001-other.metadata.json"
    with iceberg.io.new_output(path).create() as stream:
        stream.write(b"{}")
    with pytest.raises(DriftMonitorError, match=r"two newest states, .*; name the file in the loc"):
        read(iceberg.location(), "x", type="iceberg")


WINDOW = Window(START, START + timedelta(days=2))
LATE = {**FIRST, "at": [START + timedelta(days=n) for n in (30, 40, 50)]}


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


def test_of_an_iceberg_table_only_the_windows_files_are_read(iceberg: IcebergTable) -> None:
    append_second(iceberg)
    iceberg.append(pa.table(LATE))
    for task in iceberg.scan(row_filter="at > '2013-06-30T00:00:00+00:00'").plan_files():
        iceberg.io.delete(task.file.file_path)
    rows = [(1, "a"), (2, "b"), (4, "c")]
    assert read(iceberg.location(), "x", "day", window=WINDOW, type="iceberg") == rows
    with pytest.raises(DriftMonitorError, match=r"t cannot be read as Iceberg: .*\.parquet"):
        read(iceberg.location(), "x", type="iceberg")


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
@pytest.mark.parametrize("data_type", [pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.date32()])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_window_of_whatever_times_has_the_rows_that_parquet_has(
    kind: str, data_type: pa.DataType, zone: str, aws: str, tmp_path: Path
) -> None:
    at = [START + timedelta(hours=6 * step) for step in range(-12, 20)]
    clock = at if data_type == pa.timestamp("us", "UTC") else [t.replace(tzinfo=None) for t in at]
    table = pa.table({"x": range(len(at)), "at": pa.array(clock, data_type)})
    (tmp_path / "plain").mkdir()
    pq.write_table(table, tmp_path / "plain" / "t.parquet")
    if kind == "delta":
        write_deltalake(tmp_path / "lake", table)
        location = str(tmp_path / "lake")
    else:
        location = make_iceberg(str(tmp_path / "lake"), aws, table).location()
    local = ZoneInfo(zone)
    start = START.replace(tzinfo=local)
    window = Window(start.astimezone(UTC), (start + timedelta(days=2)).astimezone(UTC), zone=local)
    found = read(location, "x", window=window, type=kind)
    assert found == read(str(tmp_path / "plain"), "x", window=window, type="parquet")
    assert len(found) == 8


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
        with open_sides(monitor, START) as sides:
            return sides.reference.rows

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


@pytest.mark.parametrize(
    ("kind", "library", "module"),
    [("delta", "deltalake", "deltalake"), ("iceberg", "pyiceberg", "pyiceberg.catalog.noop")],
)
def test_without_the_library_a_sentence_says_how_to_get_it(
    kind: str, library: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, f"drift_monitor.tables.{kind}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    sentence = rf"^t cannot be read: {library} is not installed; .* name {kind} under extras"
    with pytest.raises(DriftMonitorError, match=sentence):
        read("t", "x", type=kind)
