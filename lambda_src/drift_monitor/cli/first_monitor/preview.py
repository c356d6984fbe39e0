"""A preview of a table: what some rows of each column hold, in its newest files."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from glob import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import finite_floats, kind_of
from drift_monitor.analysis.columns.recognized import ColumnPreview, may_be_times
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.drift.comparison import Progress
from drift_monitor.cli.first_monitor.guesses import timestamp_among
from drift_monitor.cli.first_monitor.listing import ListedTable, size_of
from drift_monitor.config.formats import TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.config.methods import Kind
from drift_monitor.errors import ColumnError
from drift_monitor.tables.arrow_storage import READERS
from drift_monitor.tables.formats import format_of
from drift_monitor.tables.table import open_table
from drift_monitor.tables.text import TIMES, TextTypes

PREVIEWED_WHOLE = 256 << 20
"""Of a table, or of its newest partition, with more bytes than this one file is previewed."""
PREVIEWED_ROWS = 50_000
_DECIMAL_COMMA, _COMMA_OR_WHOLE = r"^-?\d+,(\d{1,2}|\d{4,})$", r"^-?\d+(,\d+)?$"


@dataclass(frozen=True)
class TablePreview:
    """A table's columns.

    Attributes:
        table_format: what a monitor has to say of its files.
        columns: what some of their rows hold.
        rows: how many rows the previewed files have.
        span: the first and the last of their times, where a column has times.
    """

    table_format: TableFormat
    columns: list[ColumnPreview]
    rows: int
    span: tuple[datetime, datetime] | None


def preview(listed: ListedTable, now: datetime, progress: Progress) -> TablePreview:
    """Read some rows of a table's newest files.

    Raises:
        DriftMonitorError: one of them cannot be read.
    """
    place, table_format = _newest(listed, now)
    found = _preview(place, table_format, now, progress)
    # Where the files' names do not show their format, the columns may.
    shown = table_format
    is_csv = "csv" in (table_format.type, format_of(listed.files[-1].path))
    if {"captureData", "eventMetadata"} <= {each.name.partition(".")[0] for each in found.columns}:
        shown = TableFormat(type="sagemaker_capture")
    elif is_csv and any(column.has_decimal_comma for column in found.columns):
        shown = table_format.model_copy(update={"decimal": ","})
    if shown == table_format:
        return replace(found, table_format=listed.table_format)
    return _preview(place, shown, now, progress)


def _newest(listed: ListedTable, now: datetime) -> tuple[Location, TableFormat]:
    """Return what is previewed: the newest partition or the table, or of a large one a file."""
    place, files, table_format = listed.location, listed.files, listed.table_format
    if listed.partitions is not None:
        moment = listed.partitions.newest_whole(now)
        place, files = listed.partitions.location.on(moment), listed.partitions.files[moment]
    if len(files) == 1 or size_of(files) <= PREVIEWED_WHOLE:
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


def _preview(
    place: Location, table_format: TableFormat, now: datetime, progress: Progress
) -> TablePreview:
    with open_table(place, table_format=table_format) as table:
        columns = preview_columns(table, progress)
        timestamp = timestamp_among(columns)
        span = span_of_times(table, timestamp.column, now) if timestamp is not None else None
        return TablePreview(table_format, columns, table.rows, span)


def preview_columns(table: ColumnSource, progress: Progress) -> list[ColumnPreview]:
    """Read the first rows of each column of a table.

    Raises:
        DriftMonitorError: a file cannot be read.
    """
    previews = []
    with ThreadPoolExecutor(READERS) as pool:
        for column in pool.map(partial(_preview_column, table), table.columns):
            previews.append(column)
            progress(len(previews), len(table.columns))
    return previews


def span_of_times(
    table: ColumnSource, column: str, now: datetime
) -> tuple[datetime, datetime] | None:
    """Return the first and the last of a table's times up to now; None where there is none.

    Raises:
        DriftMonitorError: a file cannot be read.
    """
    ends: list[float] = []
    try:
        for chunk in table.read(column):
            seconds = finite_floats(chunk)
            past = seconds[seconds <= now.timestamp()]
            ends += [past.min(), past.max()] if len(past) else []
        first, last = (datetime.fromtimestamp(end(ends), UTC) for end in (min, max))
    except (ColumnError, ValueError, OverflowError, OSError):  # such times make no window
        return None
    return first, last


def _preview_column(table: ColumnSource, name: str) -> ColumnPreview:
    try:
        data_type = table.type_of(name)
        kind = kind_of(data_type)
        if kind is Kind.NUMERIC:
            return _of_numbers(name, list(_first_rows(table, name)))
        if kind is Kind.CATEGORICAL and not pa.types.is_boolean(data_type):
            return _of_texts(name, list(_first_rows(table, name)))
    except ColumnError:  # the first run says so
        return ColumnPreview(name, Kind.OTHER)
    return ColumnPreview(name, kind)


def _first_rows(table: ColumnSource, name: str) -> Iterator[pa.Array]:
    left = PREVIEWED_ROWS
    for chunk in table.read(name):
        some = chunk.slice(0, left)
        yield some.dictionary_decode() if pa.types.is_dictionary(some.type) else some
        left -= len(some)
        if left <= 0:
            return


def _of_numbers(name: str, chunks: list[pa.Array]) -> ColumnPreview:
    values = np.concatenate([np.array([]), *map(finite_floats, chunks)])
    if not len(values):
        return ColumnPreview(name, Kind.NUMERIC)
    distinct, least, most = len(np.unique(values)), values.min(), values.max()
    is_whole = bool((values == np.floor(values)).all())
    is_numbered = is_whole and distinct == len(values) and most - least < 2 * len(values)
    return ColumnPreview(
        name,
        Kind.NUMERIC,
        len(values),
        distinct,
        is_whole=is_whole,
        is_numbered=bool(is_numbered),
        may_be_times=may_be_times(least, most),
    )


def _of_texts(name: str, chunks: list[pa.Array]) -> ColumnPreview:
    cast = [pc.cast(chunk, pa.large_string()) for chunk in chunks]
    texts = pa.chunked_array(cast, pa.large_string()).drop_null()
    if not len(texts):
        return ColumnPreview(name, Kind.CATEGORICAL)

    return ColumnPreview(
        name,
        Kind.CATEGORICAL,
        len(texts),
        pc.count_distinct(texts).as_py(),
        has_decimal_comma=pc.all(pc.match_substring_regex(texts, _COMMA_OR_WHOLE)).as_py()
        and pc.any(pc.match_substring_regex(texts, _DECIMAL_COMMA)).as_py(),
        may_be_times=TextTypes(TIMES).infer(texts.chunks, ()) in TIMES,
    )
