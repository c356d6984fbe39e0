"""The rows of a table within a window, by a column of times and the files' statistics."""

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.config.spans import clock_at
from drift_monitor.errors import ColumnError
from drift_monitor.tables.arrow_storage import Storage
from drift_monitor.tables.parquet_file import ParquetFile, RowGroup
from drift_monitor.tables.window import Window

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock shows
_MICROSECOND = timedelta(microseconds=1)
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_A_DAY = 24 * 60 * 60
_LEAST, _MOST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Times:
    """The column whose times choose the rows: those from the window's start, before its end.

    Attributes:
        column: its name.
        window: the window.
        converted: makes times of a chunk of texts.
    """

    column: str
    window: Window
    converted: Callable[[pa.Array], pa.Array]


@dataclass(frozen=True)
class _Found:
    """What a row group holds.

    Attributes:
        group: the row group with the window's rows; None where it has none.
        has_times: whether any of its rows has a time, in the window or not.
    """

    group: RowGroup | None
    has_times: bool


def choose_rows(
    files: list[ParquetFile], times: Times, storage: Storage, readers: ThreadPoolExecutor
) -> list[ParquetFile]:
    """Return the files with rows of the window, with these rows only.

    The statistics of most row groups show that they are in or out. The others' times are read,
    once; what is kept of them is a bit for each row.

    Raises:
        ColumnError: no row has a time.
        DriftMonitorError: a file cannot be read.
    """

    def found_in(part: tuple[ParquetFile, RowGroup]) -> _Found:
        known = _known(*part, times)
        return known if known is not None else _read(*part, times, storage)

    parts = [(file, group) for file in files for group in file.groups]
    found = list(readers.map(found_in, parts))
    if not any(each.has_times for each in found):
        raise ColumnError("it has no value in any row")
    kept: dict[str, list[RowGroup]] = defaultdict(list)
    for (file, _), each in zip(parts, found, strict=True):
        if each.group is not None:
            kept[file.path].append(each.group)
    return [replace(file, groups=kept[file.path]) for file in files if file.path in kept]


def type_of_times(
    column: str, columns: list[str], type_of: Callable[[str], pa.DataType]
) -> pa.DataType:
    """Return the type of a column of times.

    Args:
        column: its name.
        columns: those there are.
        type_of: returns a column's type, or raises ColumnError.

    Raises:
        ColumnError: it is not there, or holds something else.
    """
    if column not in columns:
        near = get_close_matches(column, columns, n=1, cutoff=0.5)
        raise ColumnError("it is not there" + (f"; did you mean {near[0]}?" if near else ""))
    data_type = type_of(column)
    if pa.types.is_null(data_type):
        raise ColumnError("it has no value in any row")
    if not _is_time(data_type):
        raise ColumnError(
            f"it holds no times or dates but {data_type}: write it as timestamps, or name "
            "another column"
        )
    return data_type


def _known(file: ParquetFile, group: RowGroup, times: Times) -> _Found | None:
    """Return whether all rows count, or none, by the statistics; None where they do not show it."""
    if times.column not in file.columns:
        return _Found(None, has_times=False)
    ((_, data_type),) = file.columns[times.column]
    known = file.statistics(group, times.column)
    if known is None or not known.has_null_count or not _is_time(data_type):
        return None
    if known.null_count == group.rows:
        return _Found(None, has_times=False)
    if not known.has_min_max:
        return None
    spans = _bounds(times.window, data_type)
    if all(known.max_raw < start or known.min_raw >= end for start, end in spans):
        return _Found(None, has_times=True)
    is_whole = not known.null_count and any(
        start <= known.min_raw and known.max_raw < end for start, end in spans
    )
    return _Found(group, has_times=True) if is_whole else None


def _read(file: ParquetFile, group: RowGroup, times: Times, storage: Storage) -> _Found:
    chunks = file.read(storage, group, times.column).chunks
    found = [_as_times(chunk, times) for chunk in chunks]
    inside = pa.chunked_array([_inside(chunk, times.window) for chunk in found], pa.bool_())
    only = group.only(inside.combine_chunks())
    has_times = any(chunk.null_count < len(chunk) for chunk in found)
    return _Found(only if only.rows else None, has_times)


def _as_times(chunk: pa.Array, times: Times) -> pa.Array:
    """Return times as they are, and texts as the times they stand for."""
    values = chunk if _is_time(chunk.type) else times.converted(chunk)
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _inside(values: pa.Array, window: Window) -> pa.BooleanArray:
    """Tell of each time whether it is in the window; a null is not."""
    days = values.cast(pa.int32()) if pa.types.is_date32(values.type) else values
    numbers = days.cast(pa.int64())
    inside = reduce(
        pc.or_,
        (
            pc.and_(pc.greater_equal(numbers, start), pc.less(numbers, end))
            for start, end in _bounds(window, values.type)
        ),
    )
    return inside.fill_null(False)  # noqa: FBT003 - Arrow's own signature


def _is_time(data_type: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(data_type) or pa.types.is_date(data_type))


def _bounds(window: Window, data_type: pa.DataType) -> list[tuple[int, int]]:
    """Return the starts and ends of what counts as the numbers that a type has for times.

    A time without a zone is what a clock in the window's zone shows; a day is its midnight.
    """
    is_moment = pa.types.is_timestamp(data_type) and data_type.tz is not None
    zone = UTC if is_moment else window.zone
    return [
        (_number(clock_at(start, zone), data_type), _number(clock_at(end, zone), data_type))
        for start, end in window.spans
    ]


def _number(clock: datetime, data_type: pa.DataType) -> int:
    microseconds = (clock - _EPOCH) // _MICROSECOND
    if pa.types.is_date32(data_type):
        times, over = 1, _A_DAY * _PER_SECOND["us"]
    else:
        unit = "ms" if pa.types.is_date64(data_type) else data_type.unit
        times, over = _PER_SECOND[unit], _PER_SECOND["us"]
    # Rounded up, so that what lies before it still does; and within what 64 bits hold.
    return max(_LEAST, min(_MOST, -(-microseconds * times // over)))
