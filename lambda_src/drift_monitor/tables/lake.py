"""Delta and Iceberg: tables whose own log says what they are made of, read by their libraries."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

import pyarrow as pa

from drift_monitor.errors import DriftMonitorError
from drift_monitor.location import Location
from drift_monitor.tables.files import FoundFiles, Wanted, find_files
from drift_monitor.tables.flat import flattened
from drift_monitor.tables.formats import NAMES
from drift_monitor.tables.spool import write_parts
from drift_monitor.tables.storage import Folder, StoredFile

_A_DAY = timedelta(days=1)
_LIBRARIES = {"delta": "deltalake", "iceberg": "pyiceberg"}
_COLORS = re.compile(r"\x1b\[[0-9;]*m|↳")


@dataclass(frozen=True)
class Snapshot:
    """A table as it was after one of its commits.

    Attributes:
        files: what holds its rows.
        batches: its rows, the first batch maybe without any; what is deleted is not among them.
    """

    files: list[StoredFile]
    batches: Iterator[pa.RecordBatch]


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


def range_of(wanted: Wanted, schema: pa.Schema) -> Range | None:
    """Return the times that a table need be read for; None for all of it."""
    window, timestamp = wanted.window, wanted.timestamp
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


def find_table(wanted: Wanted) -> FoundFiles:
    """Return what a table of whatever format is made of; no row is read for it.

    Raises:
        DriftMonitorError: it is not there, or not in the version that is wanted; for a lake also:
            its library is not installed, or its log cannot be read.
    """
    if not wanted.table_format.is_lake:
        return find_files(wanted)
    with _in_a_sentence(wanted):
        return _found(wanted, _open(wanted))


def spool_lake(wanted: Wanted, folder: Path) -> tuple[FoundFiles, list[str]]:
    """Copy a table's rows as Parquet, in bounded memory; return what it is made of, and the copies.

    Raises:
        DriftMonitorError: as above, or a file cannot be read.
    """
    with _in_a_sentence(wanted):
        snapshot = _open(wanted)
        return _found(wanted, snapshot), write_parts(map(flattened, snapshot.batches), folder / "0")


def _open(wanted: Wanted) -> Snapshot:
    if wanted.table_format.type == "delta":
        from drift_monitor.tables.delta import read_delta  # noqa: PLC0415 - an extra

        return read_delta(wanted)
    from drift_monitor.tables.iceberg import read_iceberg  # noqa: PLC0415 - an extra

    return read_iceberg(wanted)


def _found(wanted: Wanted, snapshot: Snapshot) -> FoundFiles:
    return FoundFiles(wanted, Folder(), snapshot.files, missing=[])


@contextmanager
def _in_a_sentence(wanted: Wanted) -> Iterator[None]:
    """Say what the libraries raise, of a broken table whatever they stumble over, in our words."""
    text, kind = wanted.location.text, wanted.table_format.type or "delta"
    try:
        yield
    except DriftMonitorError:
        raise
    except ImportError as error:
        raise DriftMonitorError(
            f"{text} cannot be read: {_LIBRARIES[kind]} is not installed; pip install it here, and "
            f"for the function name {kind} under extras in cdk.json"
        ) from error
    except Exception as error:
        reason = " ".join(_COLORS.sub("", str(error)).split())
        raise DriftMonitorError(f"{text} cannot be read as {NAMES[kind]}: {reason}") from error
