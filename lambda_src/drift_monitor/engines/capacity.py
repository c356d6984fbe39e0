"""Capacity: the memory and time that tables need, and what their rows can tell from chance.

Estimated from a listing and two footers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from drift_monitor.analysis.drift.evidence import rows_that_do, smallest_shift
from drift_monitor.config.engines import BYTES_PER_ROW, worker_advice
from drift_monitor.config.locations import Location
from drift_monitor.config.methods import METHODS, Kind, MethodName
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.files import FoundFiles, TableRequest, find_files
from drift_monitor.tables.parquet_file import footer_of
from drift_monitor.tables.window import reference_window, window_at

_MEMORY = 5 << 30
"""What the largest function there is (10,240 MB) spends on columns: half of it."""
_PROCESSORS = 6
_VALUES_PER_SECOND = 27_000_000
"""What one processor scores, as measured: benchmarks/RESULTS.md, 100 million rows x 1 column."""
_BOTH = 2
_SECONDS = 600
"""Of the function's 15 minutes, what the comparison may take; the rest is for the page."""


@dataclass(frozen=True)
class _Size:
    """How large a table is, or two together.

    Attributes:
        rows: how many rows, about.
        columns: by a compared column's name, how many bytes it is, once unpacked.
    """

    rows: float
    columns: dict[str, float]

    def __add__(self, other: "_Size") -> "_Size":
        columns = {
            name: self.columns.get(name, 0.0) + other.columns.get(name, 0.0)
            for name in {**self.columns, **other.columns}
        }
        return _Size(self.rows + other.rows, columns)


def size_advice(monitor: Monitor, moment: datetime) -> str | None:
    """Say that a monitor's tables are too much for the function, or which Spark workers they need.

    Args:
        monitor: what is compared.
        moment: the run's time.

    Returns:
        None where the function does, and where that cannot be seen: it reads Parquet files only
        that can be listed from here.
    """
    size = sum(_sizes(monitor, moment), _Size(0, {}))
    if not size.columns:
        return None
    if monitor.engine == "spark":
        return f"on Spark {_worker_advice(size)}"
    at_once = min(_PROCESSORS, int(_MEMORY // max(size.rows * BYTES_PER_ROW, 1)))
    if not at_once:
        needed = size.rows * BYTES_PER_ROW / 1e9
        return (
            f"a column of about {size.rows:,.0f} rows takes {needed:.1f} GB, and the largest "
            f"function has 5 for it: set engine: spark, where {_worker_advice(size)}"
        )
    values = size.rows * len(size.columns)
    minutes = values / _VALUES_PER_SECOND / at_once / 60
    if minutes * 60 <= _SECONDS:
        return None
    return (
        f"comparing about {values:,.0f} values would take the largest function {minutes:.0f} "
        f"minutes, and it has 15: set engine: spark, where {_worker_advice(size)}"
    )


def rows_advice(monitor: Monitor, moment: datetime) -> str | None:
    """Say that the tables have too few rows to tell a shift at the threshold from chance.

    Args:
        monitor: what is compared.
        moment: the run's time.

    Returns:
        None where they have enough, where that cannot be seen, and for Evidently's judge.
    """
    sizes = _sizes(monitor, moment)
    rule = monitor.drift.rule_for("", Kind.NUMERIC)
    if monitor.drift.judge != "calibrated" or rule.method is not None or len(sizes) != _BOTH:
        return None
    rows = round(sizes[0].rows), round(sizes[1].rows)
    if not all(rows):
        return None
    threshold = rule.threshold or METHODS[MethodName.ROBUST_WASSERSTEIN].threshold
    columns = len({*sizes[0].columns} & {*sizes[1].columns})
    noise = smallest_shift(rows, monitor.drift.rate_of_a_column(columns))
    if noise <= threshold:
        return None
    would_do = rows_that_do(noise, threshold, rows)
    cure = "reference has too few rows" if would_do is None else f"{would_do:,} rows would do"
    return (
        f"about {rows[1]:,} rows against {rows[0]:,} tell a shift of {noise:.2g} standard "
        f"deviations from chance, and the threshold is {threshold:g}: {cure}; smaller shifts are "
        "unsure"
    )


def _sizes(monitor: Monitor, moment: datetime) -> list[_Size]:
    """Return how large the tables are; none where that cannot be seen."""
    try:
        return [_size(request, monitor) for request in _tables(monitor, moment)]
    except DriftMonitorError:  # the run will say what is wrong
        return []


def _worker_advice(size: _Size) -> str:
    """Say which workers the tallest column needs."""
    name, stored = max(size.columns.items(), key=lambda column: column[1])
    needed = max(stored, size.rows * BYTES_PER_ROW)
    tallest = (
        f"the tallest column, {name}, of about {size.rows:,.0f} rows in both tables, takes "
        f"{needed / 1e9:.1f} GB"
    )
    return f"{tallest}: {worker_advice(needed)}"


def _tables(monitor: Monitor, moment: datetime) -> Iterator[TableRequest]:
    reference, current = monitor.reference, monitor.current
    window = window_at(current, moment)
    if reference.location is not None:
        yield TableRequest(Location.parse(reference.location), None, reference.format)
    if current.location is None or (current.partition is None and current.timestamp is not None):
        return  # how many of the rows a window has, no listing tells
    place = Location.parse(current.location)
    if reference.window is not None:
        before = reference_window(reference, current, window)
        yield TableRequest(place, before, current.format)
    yield TableRequest(place, window, current.format)


def _size(request: TableRequest, monitor: Monitor) -> _Size:
    """Estimate a table's rows, and the bytes of the columns that are compared."""
    if request.table_format.is_lake:
        return _Size(0, {})
    found = find_files(request)
    if not found.files or found.format_type != "parquet":
        return _Size(0, {})
    return _of_parquet(found, monitor)


def _of_parquet(found: FoundFiles, monitor: Monitor) -> _Size:
    """Take the largest file's rows to a byte for all files'."""
    largest = max(found.files, key=lambda file: file.size)
    footer = footer_of(found.storage, largest.path)
    times = sum(file.size for file in found.files) / max(largest.size, 1)
    rows = sum(group.rows for group in footer.groups) * times
    sizes = {
        column: sum(footer.size_of(group, column) for group in footer.groups) * times
        for column in footer.columns
        if monitor.columns.includes(column)
    }
    return _Size(rows, sizes)
