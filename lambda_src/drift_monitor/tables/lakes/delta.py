"""Delta tables at a version or a time, read by the deltalake library."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaProtocolError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler

from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import aws_session, s3_endpoint
from drift_monitor.tables.arrow_storage import StoredFile
from drift_monitor.tables.files import TableRequest
from drift_monitor.tables.lakes.snapshot import Range, Snapshot, named_to_libraries, range_of
from drift_monitor.tables.readers.source import no_rows

# One after the other, its files come in the same order each time: so the same rows are sampled.
_IN_ORDER = {"datafusion.execution.target_partitions": "1"}


def read_delta(request: TableRequest) -> Snapshot:
    """Open a Delta table.

    Raises:
        DriftMonitorError: there is none, or not in this version or at this time.
    """
    table = _open(request)
    version = table.version()
    files = [
        StoredFile(added["path"], added["size_bytes"], f"version {version}")
        for added in pa.table(table.get_add_actions()).to_pylist()
    ]
    times = range_of(request, pa.schema(table.schema().to_arrow()))
    sizes = [file.size for file in files]

    def read(first: int, stop: int) -> Iterator[pa.RecordBatch]:
        if (first, stop) == (0, len(sizes)):
            return _batches(table, times)
        return _batches_of(table, first, stop)

    if not _can_be_divided(table):
        sizes = [sum(sizes)]
    return Snapshot(version, files, sizes, read)


def _open(request: TableRequest) -> DeltaTable:
    text, table_format = request.location.text, request.table_format
    options = _options(request.location)
    try:
        place = named_to_libraries(request.location).rstrip("/")
        table = DeltaTable(place, storage_options=options)
    except TableNotFoundError as error:
        raise DriftMonitorError(
            f"{text} is no Delta table, it has no _delta_log: check the location"
        ) from error
    if table_format.version is not None:
        if table_format.version > table.version():
            raise DriftMonitorError(
                f"{text} has no version {table_format.version}: its newest is {table.version()}"
            )
        table.load_as_version(table_format.version)
    elif table_format.as_of is not None:
        table.load_as_version(table_format.as_of)
        _require_written(table, table_format.as_of, text, options)
    return table


def _require_written(
    table: DeltaTable, moment: datetime, text: str, options: dict[str, str] | None
) -> None:
    """Refuse a time before the table's first version: the library gives the first then."""
    commit = f"_delta_log/{table.version():020}.json"
    (found,) = DeltaStorageHandler(table.table_uri, options).get_file_info([commit])
    if found.mtime is not None and found.mtime > moment:
        raise DriftMonitorError(
            f"{text} has no version of {moment:%Y-%m-%d %H:%M} (as_of): its oldest is "
            f"{table.version()}, of {found.mtime.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        )


def _options(location: Location) -> dict[str, str] | None:
    """Return whom and where the library asks: as boto3 does."""
    if location.bucket is None:
        return None
    session, credentials = aws_session(location.text)
    frozen, endpoint = credentials.get_frozen_credentials(), s3_endpoint()
    options = {
        "aws_access_key_id": frozen.access_key,
        "aws_secret_access_key": frozen.secret_key,
        "aws_session_token": frozen.token,
        "aws_region": session.region_name,
        "aws_endpoint_url": endpoint,
        "aws_allow_http": "true" if endpoint and endpoint.startswith("http://") else None,
    }
    return {name: value for name, value in options.items() if value}


def _batches(table: DeltaTable, times: Range | None) -> Iterator[pa.RecordBatch]:
    query = "SELECT * FROM t"
    if times is not None:
        column = '"' + times.column.replace('"', '""') + '"'
        query += f" WHERE {column} >= '{times.start}' AND {column} < '{times.end}'"
    rows = _queried(table, query)
    yield no_rows(rows.schema)
    yield from rows


def _queried(table: DeltaTable, query: str) -> pa.RecordBatchReader:
    asked = QueryBuilder(_IN_ORDER).register("t", table).execute(query)
    return pa.RecordBatchReader.from_stream(asked)


def _can_be_divided(table: DeltaTable) -> bool:
    """Tell whether each file can be read alone: not where rows are deleted, or columns renamed."""
    try:
        table.to_pyarrow_dataset()
    except DeltaProtocolError:
        return False
    return True


def _batches_of(table: DeltaTable, first: int, stop: int) -> Iterator[pa.RecordBatch]:
    """Read some of the files, each with the columns and types that the whole table has."""
    schema = _queried(table, "SELECT * FROM t LIMIT 0").schema
    dataset = table.to_pyarrow_dataset()
    yield no_rows(schema)
    for fragment in list(dataset.get_fragments())[first:stop]:
        for batch in fragment.to_batches(schema=dataset.schema):
            yield batch.select(schema.names).cast(schema)
