"""Iceberg tables are read as their own library reads them, in S3 as in a folder."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import Table
from support.lake_tables import FIRST, LATE, SECOND, WINDOW, make_iceberg, read
from support.lakes import delete_from_iceberg

from drift_monitor.errors import DriftMonitorError


@pytest.fixture(params=["folder", "s3"])
def iceberg(request: pytest.FixtureRequest, aws: str, tmp_path: Path) -> Table:
    """Make an Iceberg table of one commit."""
    in_folder = request.param == "folder"
    warehouse = str(tmp_path) if in_folder else f"s3://{request.getfixturevalue('bucket')}/lake"
    return make_iceberg(warehouse, aws, pa.table(FIRST))


def append_second(table: Table) -> None:
    """Commit once more, with a column that the first commit's files lack."""
    with table.update_schema() as update:
        update.union_by_name(pa.table(SECOND).schema)
    table.append(pa.table(SECOND))


def test_an_iceberg_table_is_read_without_its_catalog(iceberg: Table) -> None:
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


def test_rows_deleted_by_their_place_in_an_iceberg_file_are_not_read(iceberg: Table) -> None:
    before = iceberg.metadata_location
    after = delete_from_iceberg(iceberg, [0, 2], DataFileContent.POSITION_DELETES)
    assert read(after, "x", type="iceberg") == [(2,)]
    assert len(read(before, "x", type="iceberg")) == 3


def test_deletes_that_the_library_cannot_follow_are_refused(iceberg: Table) -> None:
    after = delete_from_iceberg(iceberg, [0], DataFileContent.EQUALITY_DELETES)
    with pytest.raises(DriftMonitorError, match=r"cannot be read as Iceberg: .*equality deletes"):
        read(after, "x", type="iceberg")


def test_a_column_renamed_since_is_one_column(iceberg: Table) -> None:
    with iceberg.update_schema() as update:
        update.rename_column("x", "n")
    iceberg.append(pa.table(FIRST).rename_columns({"x": "n"}))
    assert read(iceberg.location(), "n", type="iceberg") == [(1,), (1,), (2,), (2,), (3,), (3,)]


def test_two_newest_states_are_not_chosen_between(iceberg: Table) -> None:
    path = f"{iceberg.location()}/metadata/00001-other.metadata.json"
    with iceberg.io.new_output(path).create() as stream:
        stream.write(b"{}")
    with pytest.raises(DriftMonitorError, match=r"two newest states, .*; name the file in the loc"):
        read(iceberg.location(), "x", type="iceberg")


def test_of_an_iceberg_table_only_the_windows_files_are_read(iceberg: Table) -> None:
    append_second(iceberg)
    iceberg.append(pa.table(LATE))
    for task in iceberg.scan(row_filter="at > '2013-06-30T00:00:00+00:00'").plan_files():
        iceberg.io.delete(task.file.file_path)
    rows = [(1, "a"), (2, "b"), (4, "c")]
    assert read(iceberg.location(), "x", "day", window=WINDOW, type="iceberg") == rows
    with pytest.raises(DriftMonitorError, match=r"t cannot be read as Iceberg: .*\.parquet"):
        read(iceberg.location(), "x", type="iceberg")
