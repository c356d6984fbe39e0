"""Iceberg tables at a snapshot or a time, read by their metadata, without a catalog."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    GreaterThanOrEqual,
    LessThan,
    Reference,
)
from pyiceberg.io.pyarrow import ArrowScan, PyArrowFileIO, schema_to_pyarrow
from pyiceberg.io.pyarrow import _read_all_delete_files as read_deletes
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import DataScan, FileScanTask, StaticTable
from pyiceberg.table.snapshots import Snapshot as Commit

from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import aws_session, s3_endpoint
from drift_monitor.tables.arrow_storage import StoredFile, storage_of
from drift_monitor.tables.files import TableRequest
from drift_monitor.tables.lakes.snapshot import Range, Snapshot, named_to_libraries, range_of
from drift_monitor.tables.readers.source import no_rows

_METADATA = ".metadata.json"
_NUMBERED = re.compile(r"v?(\d+)[^/]*\.metadata\.json(\.gz)?")


def read_iceberg(request: TableRequest) -> Snapshot:
    """Open an Iceberg table.

    Raises:
        DriftMonitorError: there is none, or not in this version or at this time.
    """
    table = _open(request.location)
    commit = _commit(table, request)
    scan = table.scan(snapshot_id=commit.snapshot_id if commit else None)
    schema = schema_to_pyarrow(scan.projection())
    scan = scan.filter(_filter(range_of(request, schema)))
    tasks = sorted(scan.plan_files(), key=lambda task: task.file.file_path)
    files = [
        StoredFile(
            task.file.file_path, task.file.file_size_in_bytes, f"snapshot {scan.snapshot_id}"
        )
        for task in tasks
    ]
    sizes = [file.size for file in files]
    return Snapshot(
        scan.snapshot_id, files, sizes, lambda first, stop: _batches(scan, tasks[first:stop])
    )


def _open(location: Location) -> StaticTable:
    place = named_to_libraries(location)
    if not place.endswith((_METADATA, f"{_METADATA}.gz")):
        place = _newest_metadata(location)
    # With our properties alone: the table's own could name other endpoints and other classes.
    io = PyArrowFileIO(_properties(location))
    return StaticTable(
        identifier=("static-table", place),
        metadata=FromInputFile.table_metadata(io.new_input(place)),
        metadata_location=place,
        io=io,
        catalog=NoopCatalog("static-table"),
    )


def _newest_metadata(location: Location) -> str:
    """Return the path of a table folder's metadata with the highest number.

    Raises:
        DriftMonitorError: there is none, or two writers wrote one each.
    """
    place = named_to_libraries(location).rstrip("/")
    found: dict[int, list[str]] = {}
    for file in storage_of(location).below(f"{place.removeprefix('s3://')}/metadata/"):
        name = file.path.rpartition("/")[2]
        if numbered := _NUMBERED.fullmatch(name):
            found.setdefault(int(numbered[1]), []).append(name)
    if not found:
        raise DriftMonitorError(
            f"{location.text} is no Iceberg table, it has no metadata/…{_METADATA}: check the "
            "location, or name the file"
        )
    newest = sorted(found[max(found)])
    if len(newest) > 1:
        raise DriftMonitorError(
            f"{location.text} has two newest states, metadata/{newest[0]} and {newest[1]}: only "
            "its catalog knows which one counts; name the file in the location"
        )
    return f"{place}/metadata/{newest[0]}"


def _properties(location: Location) -> dict[str, str]:
    """Return whom and where the library asks: as boto3 does."""
    if location.bucket is None:
        return {}
    session, credentials = aws_session(location.text)
    frozen = credentials.get_frozen_credentials()
    properties = {
        "s3.access-key-id": frozen.access_key,
        "s3.secret-access-key": frozen.secret_key,
        "s3.session-token": frozen.token,
        "s3.region": session.region_name,
        "s3.endpoint": s3_endpoint(),
    }
    return {name: value for name, value in properties.items() if value}


def _commit(table: StaticTable, request: TableRequest) -> Commit | None:
    """Return the snapshot that is wanted; None for a table without any row yet."""
    text, table_format = request.location.text, request.table_format
    if table_format.version is not None:
        found, missing = table.snapshot_by_id(table_format.version), f"{table_format.version}"
    elif table_format.as_of is not None:
        moment = table_format.as_of
        found = table.snapshot_as_of_timestamp(int(moment.timestamp() * 1000))
        missing = f"of {moment:%Y-%m-%d %H:%M} (as_of)"
    else:
        return table.current_snapshot()
    if found is None:
        known = [f"{each.snapshot_id} of {_time(each.timestamp_ms)}" for each in table.history()]
        raise DriftMonitorError(
            f"{text} has no snapshot {missing}; its newest: {', '.join(known[-3:]) or 'none yet'}"
        )
    return found


def _time(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _filter(times: Range | None) -> BooleanExpression:
    """Return what leaves out files and rows of other times."""
    if times is None:
        return AlwaysTrue()
    column = Reference(times.column)
    return And(
        GreaterThanOrEqual(term=column, value=times.start), LessThan(term=column, value=times.end)
    )


def _batches(scan: DataScan, tasks: list[FileScanTask]) -> Iterator[pa.RecordBatch]:
    schema = schema_to_pyarrow(scan.projection())
    reader = ArrowScan(scan.table_metadata, scan.io, scan.projection(), scan.row_filter)
    yield no_rows(schema)
    for task in tasks:
        # Its own to_record_batches() reads files ahead without end: all of the table, in memory.
        batches = reader._record_batches_from_scan_tasks_and_deletes(  # noqa: SLF001
            [task], read_deletes(scan.io, [task])
        )
        for batch in batches:
            yield batch.cast(schema)
