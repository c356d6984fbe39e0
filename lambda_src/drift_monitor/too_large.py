"""Tables too large for the function: told beforehand, from a listing and two files' footers."""

from collections.abc import Iterator
from datetime import datetime

from drift_monitor.errors import DriftMonitorError
from drift_monitor.location import Location
from drift_monitor.monitor import Monitor
from drift_monitor.spark_rules import spark_misfits
from drift_monitor.spark_workers import BYTES_PER_ROW
from drift_monitor.tables.files import FoundFiles, Wanted, find_files
from drift_monitor.tables.parquet_file import footer_of
from drift_monitor.tables.window import reference_window, window_at

_MEMORY = 5 << 30
"""What the largest function there is (10,240 MB) spends on columns: half of it."""
_PROCESSORS = 6
_VALUES_PER_SECOND = 27_000_000
"""What one processor scores, as measured: benchmarks/RESULTS.md, 100 million rows x 1 column."""
_SECONDS = 600
"""Of the function's 15 minutes, what the comparison may take; the rest is for the page."""


def why_too_large(monitor: Monitor, moment: datetime) -> str | None:
    """Say why a monitor's tables are too much for the function, and what to do.

    Args:
        monitor: what is compared.
        moment: the run's time.

    Returns:
        None where they are not too large, and where that cannot be seen: it only looks at Parquet
        files that can be listed from here.
    """
    if monitor.engine == "spark":
        return None
    try:
        sizes = [_size(wanted, monitor) for wanted in _tables(monitor, moment)]
    except DriftMonitorError:  # the run will say what is wrong; here it may be leave to look
        return None
    rows, values = sum(rows for rows, _ in sizes), sum(values for _, values in sizes)
    at_once = min(_PROCESSORS, int(_MEMORY // max(rows * BYTES_PER_ROW, 1)))
    if not at_once:
        needed = rows * BYTES_PER_ROW / 1e9
        return (
            f"a column of about {rows:,.0f} rows takes {needed:.1f} GB, and the largest function "
            f"has 5 for it: {_advice(monitor)}"
        )
    minutes = values / _VALUES_PER_SECOND / at_once / 60
    if minutes * 60 <= _SECONDS:
        return None
    return (
        f"comparing about {values:,.0f} values would take the largest function {minutes:.0f} "
        f"minutes, and it has 15: {_advice(monitor)}"
    )


def _advice(monitor: Monitor) -> str:
    """Say what to do, and what will not go with it."""
    misfits = spark_misfits(dict(monitor))
    return "set engine: spark" + (f", but {'; '.join(misfits)}" if misfits else "")


def _tables(monitor: Monitor, moment: datetime) -> Iterator[Wanted]:
    reference, current = monitor.reference, monitor.current
    window = window_at(current, moment)
    if reference.location is not None:
        yield Wanted(Location.parse(reference.location), None, reference.format)
    if current.location is None or (current.partition is None and current.timestamp is not None):
        return  # how many of the rows a window has, no listing tells
    place = Location.parse(current.location)
    if reference.window is not None:
        before = reference_window(reference, current, window)
        yield Wanted(place, before, current.format)
    yield Wanted(place, window, current.format)


def _size(wanted: Wanted, monitor: Monitor) -> tuple[float, float]:
    """Estimate a table's rows, and the values of the columns that are compared."""
    if wanted.table_format.is_lake:
        return 0, 0
    found = find_files(wanted)
    if not found.files or found.format_type != "parquet":
        return 0, 0
    return _of_parquet(found, monitor)


def _of_parquet(found: FoundFiles, monitor: Monitor) -> tuple[float, float]:
    """Take the largest file's rows to a byte for all files'."""
    largest = max(found.files, key=lambda file: file.size)
    footer = footer_of(found.storage, largest.path)
    rows_of_it = sum(group.rows for group in footer.groups)
    rows = rows_of_it * sum(file.size for file in found.files) / max(largest.size, 1)
    compared = sum(monitor.columns.includes(column) for column in footer.columns)
    return rows, rows * compared
