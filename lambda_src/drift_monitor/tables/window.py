"""The window of time that current covers: from the scheduled time, never from the clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from drift_monitor.location import Location
from drift_monitor.monitored_tables import CurrentTable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """Time from `start` up to but without `end`, in whole partitions.

    Attributes:
        partition: how much time one dated file or folder covers.
    """

    start: datetime
    end: datetime
    partition: timedelta

    @property
    def partitions(self) -> list[datetime]:
        """When each of the window's partitions begins."""
        count = (self.end - self.start) // self.partition
        return [self.start + index * self.partition for index in range(count)]


def window_at(current: CurrentTable, scheduled_at: datetime) -> Window | None:
    """Return the window that ends at the scheduled time, or None where current has no window.

    The partition in which the scheduled time falls is not whole yet and is left out: a run on
    Monday at 09:30 with daily files and a window of 7d reads from last Monday to yesterday.
    """
    if current.span is None:
        return None
    partition = Location.parse(current.location).partition
    end = scheduled_at - (scheduled_at - _EPOCH) % partition
    return Window(end.astimezone(UTC) - current.span, end.astimezone(UTC), partition)
