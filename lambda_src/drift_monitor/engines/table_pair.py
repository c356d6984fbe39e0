"""The two tables that a run compares, opened."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import CurrentTable
from drift_monitor.config.transforms import digest_of
from drift_monitor.engines.cache.cached_reference import open_cached
from drift_monitor.results.tables import TransformSummary
from drift_monitor.tables.athena import open_query
from drift_monitor.tables.files import TableRequest
from drift_monitor.tables.lakes.lake import find_table
from drift_monitor.tables.spool import Copier
from drift_monitor.tables.table import Table, open_table
from drift_monitor.tables.window import Window, reference_window, window_at


@dataclass(frozen=True)
class TablePair:
    """A monitor's two tables at one scheduled time.

    Attributes:
        reference: the table that the model was trained on.
        current: the table that it sees now.
        window: the time that current covers; None where it is all that lies there.
        reference_window: the time that reference covers, where it is current's table at another
            time.
        transform: what the rows of both went through.
    """

    reference: Table
    current: Table
    window: Window | None
    reference_window: Window | None = None
    transform: TransformSummary | None = None


@contextmanager
def open_pair(
    monitor: Monitor, scheduled_at: datetime, copier: Copier | None = None
) -> Iterator[TablePair]:
    """Open a monitor's two tables, as of a scheduled time (aware).

    Args:
        monitor: says where they are.
        scheduled_at: the run's time.
        copier: copies what is not Parquet, or goes through a transform; left out, this process.

    Raises:
        DriftMonitorError: one of them cannot be read, or changed while it was read.
    """
    window = window_at(monitor.current, scheduled_at)
    before = reference_window(monitor.reference, monitor.current, window)
    with (
        _open_kept_reference(monitor, before, copier) as reference,
        _open_current(monitor, window, copier) as current,
    ):
        yield TablePair(reference, current, window, before, _summary_of_transform(monitor))


def _open_kept_reference(
    monitor: Monitor, window: Window | None, copier: Copier | None
) -> AbstractContextManager[Table]:
    """Open the reference, from its cache if the monitor says so."""
    pinned = monitor.reference
    if pinned.location is None or not pinned.cache:
        return open_reference(monitor, window, copier)
    place = Location.parse(pinned.location)
    found = find_table(TableRequest(place, None, pinned.format, pinned.wait_for_success))
    return open_cached(monitor, found, partial(open_reference, monitor), copier)


def open_reference(
    monitor: Monitor, window: Window | None = None, copier: Copier | None = None
) -> AbstractContextManager[Table]:
    """Open the reference; for one that is not pinned, current's table in a window."""
    pinned = monitor.reference
    if pinned.window is not None:
        opened = _current(monitor.current, window, copier)
    elif pinned.location is None:
        opened = open_query(pinned)
    else:
        opened = open_table(
            pinned.location,
            table_format=pinned.format,
            wait_for_success=pinned.wait_for_success,
            copier=copier,
        )
    return _transformed(opened, monitor, "reference", copier)


def _open_current(
    monitor: Monitor, window: Window | None, copier: Copier | None
) -> AbstractContextManager[Table]:
    return _transformed(_current(monitor.current, window, copier), monitor, "current", copier)


def _current(
    table: CurrentTable, window: Window | None, copier: Copier | None
) -> AbstractContextManager[Table]:
    """Open current's table as it is stored."""
    if table.location is None:
        return open_query(table, window, table.timestamp)
    return open_table(
        table.location,
        window,
        table_format=table.format,
        wait_for_success=table.wait_for_success,
        timestamp=table.timestamp,
        copier=copier,
    )


def _transformed(
    opened: AbstractContextManager[Table], monitor: Monitor, side: str, copier: Copier | None
) -> AbstractContextManager[Table]:
    """Apply the monitor's transform to a table, if it has one."""
    if monitor.transform is None:
        return opened
    from drift_monitor.tables.transformed import (  # noqa: PLC0415 - brings pandas
        load_transform,
        open_transformed,
    )

    return open_transformed(opened, load_transform(monitor.transform), side, copier)


def _summary_of_transform(monitor: Monitor) -> TransformSummary | None:
    if monitor.transform is None:
        return None
    return TransformSummary(file=monitor.transform, sha256=digest_of(monitor.transform))
