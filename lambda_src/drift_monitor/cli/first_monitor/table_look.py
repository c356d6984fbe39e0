"""A closer look at a table: its columns, in its newest files."""

from dataclasses import dataclass, replace
from datetime import datetime
from glob import escape

from drift_monitor.analysis.drift.comparison import Progress
from drift_monitor.cli.first_monitor.column_looks import ColumnLook, look_at_columns
from drift_monitor.cli.first_monitor.guesses import timestamp_among
from drift_monitor.cli.first_monitor.listing import ListedTable, size_of
from drift_monitor.cli.first_monitor.windows import span_of_times
from drift_monitor.config.formats import TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.tables.formats import format_of
from drift_monitor.tables.table import open_table

LOOKED_AT_WHOLE = 256 << 20
"""Of a table, or of its newest partition, with more bytes than this one file is looked at."""
_CAPTURED = {"captureData", "eventMetadata"}


@dataclass(frozen=True)
class TableLook:
    """A table's columns.

    Attributes:
        table_format: what a monitor has to say of its files.
        columns: what some of their rows hold.
        rows: how many rows were there to look at.
        span: the first and the last of their times, where a column has times.
    """

    table_format: TableFormat
    columns: list[ColumnLook]
    rows: int
    span: tuple[datetime, datetime] | None


def look_at(listed: ListedTable, now: datetime, progress: Progress) -> TableLook:
    """Look at a table's newest files.

    Raises:
        DriftMonitorError: one of them cannot be read.
    """
    place, table_format = _newest(listed, now)
    look = _look_at(place, table_format, now, progress)
    better = _format_seen(look, listed)
    if better == table_format:
        return replace(look, table_format=listed.table_format)
    return _look_at(place, better, now, progress)


def _look_at(
    place: Location, table_format: TableFormat, now: datetime, progress: Progress
) -> TableLook:
    with open_table(place, table_format=table_format) as table:
        columns = look_at_columns(table, progress)
        timestamp = timestamp_among(columns)
        span = span_of_times(table, timestamp.column, now) if timestamp is not None else None
        return TableLook(table_format, columns, table.rows, span)


def _newest(listed: ListedTable, now: datetime) -> tuple[Location, TableFormat]:
    """Return what is looked at: the newest partition or the table, or of a large one a file."""
    place, files, table_format = listed.location, listed.files, listed.table_format
    moment = listed.newest_whole(now)
    if listed.partitions is not None and moment is not None:
        place, files = listed.partitions.location.on(moment), listed.partitions.files[moment]
    if len(files) == 1 or size_of(files) <= LOOKED_AT_WHOLE:
        return place, table_format
    newest = files[-1].path
    if table_format.type == "delta":
        newest = f"{str(place).rstrip('/')}/{newest}"
    elif table_format.type != "iceberg" and place.bucket is not None:
        newest = f"s3://{newest}"
    try:
        file = Location.parse(escape(newest.removeprefix("file://")))
    except ValueError:  # its name has braces, and no location can have them
        return place, table_format
    return file, TableFormat() if table_format.is_lake else table_format


def _format_seen(look: TableLook, listed: ListedTable) -> TableFormat:
    """Return the format that the columns show, where the files' names do not."""
    names = {column.name.partition(".")[0] for column in look.columns}
    if names >= _CAPTURED:
        return TableFormat(type="sagemaker_capture")
    is_csv = "csv" in (look.table_format.type, format_of(listed.files[-1].path))
    if is_csv and any(column.has_decimal_comma for column in look.columns):
        return look.table_format.model_copy(update={"decimal": ","})
    return look.table_format
