"""A snapshot of a lake's table: its files, its rows, and the range of times to read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

import pyarrow as pa

from drift_monitor.config.locations import Location
from drift_monitor.tables.arrow_storage import StoredFile
from drift_monitor.tables.files import TableRequest

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Snapshot:
    """A table as it was after one of its commits.

    Attributes:
        version: names the commit; None for a table that has none yet.
        files: what holds its rows.
        sizes: of the parts that can be read apart, in bytes.
        read: reads parts that follow each other, by the first one and the one after the last; the
            first batch may have no row. What is deleted is not among the rows.
    """

    version: int | None
    files: list[StoredFile]
    sizes: list[int]
    read: Callable[[int, int], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Range:
    """Times from `start` up to but without `end`, written as ISO 8601 has it.

    They reach a day beyond the window, so that no row is missed whatever zone its time is in: which
    rows count is decided later, for all formats alike.

    Attributes:
        column: the column of times.
    """

    column: str
    start: str
    end: str


def named_to_libraries(location: Location) -> str:
    """Return a location as the libraries read it: to them the colon of `a: b/` ends a scheme."""
    return str(location) if location.bucket else str(Path(location.path).absolute())


def range_of(request: TableRequest, schema: pa.Schema) -> Range | None:
    """Return the times that a table need be read for; None for all of it."""
    window, timestamp = request.window, request.timestamp
    if window is None or timestamp is None or timestamp not in schema.names:
        return None
    data_type = schema.field(timestamp).type
    if pa.types.is_date(data_type):
        text = "%Y-%m-%d"
    elif pa.types.is_timestamp(data_type):
        text = "%Y-%m-%dT%H:%M:%S" + ("+00:00" if data_type.tz else "")
    else:
        return None
    start, end = (window.start - _A_DAY).astimezone(UTC), (window.end + _A_DAY).astimezone(UTC)
    return Range(timestamp, start.strftime(text), end.strftime(text))
