"""A window that fits a table, and how often to look at it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from drift_monitor.cli.first_monitor.partitions import Partitions
from drift_monitor.config.spans import Span, begin_of

_DAY, _WEEK = timedelta(days=1), 7
_ENOUGH_ROWS = 2000
"""In each of two windows: a shift of 0.1 standard deviations is then told from chance."""
_ALMOST_TWICE = 1.9
_LONG, _SHORT = {"7d": 7, "1mo": 30, "12mo": 365}, {"7d": 7, "1d": 1, "1h": 1 / 24}
"""Windows of rows by their times, and how many days they are."""
_OF_PARTITIONS = {"hour": ["24h", "1h"], "week": ["1w"], "month": ["1mo"], "year": ["12mo"]}
_DAILY = ("cron(30 9 * * ? *)", "each day at 09:30")
_WEEKLY = ("cron(30 9 ? * MON *)", "Mondays at 09:30")
_SCHEDULES = {
    "1h": ("cron(30 * * * ? *)", "each hour"),
    "24h": _DAILY,
    "1d": _DAILY,
    "1mo": ("cron(30 9 2 * ? *)", "on the 2nd of each month at 09:30"),
    "12mo": ("cron(30 9 2 1 ? *)", "on 2 January at 09:30"),
}


@dataclass(frozen=True)
class Rhythm:
    """What a monitor reads, and how often.

    Attributes:
        newest: the scheduled time whose run reads the newest data.
        window: as a monitor says it; None for all that lies there.
    """

    newest: datetime
    window: str | None = None

    @property
    def schedule(self) -> tuple[str, str]:
        """As often as the window is long: the cron expression, and the same in words."""
        return _SCHEDULES.get(self.window or "", _WEEKLY)


def rhythm_of_partitions(partitions: Partitions, now: datetime, *, times: int) -> Rhythm:
    """Choose the longest window that the partitions have so many times, or else the shortest.

    Args:
        partitions: the table's.
        now: what lies in the future is not read.
        times: 2 where the window before is the reference.
    """
    windows = _OF_PARTITIONS.get(partitions.unit)
    if windows is None:  # days, of which a window holds at least one
        gaps = [(after - before) / _DAY for before, after in pairwise(partitions.files)]
        apart = median(gaps or [1])
        windows = ["1mo"] if apart > _WEEK else ["7d"] if apart > 1 else ["7d", "1d"]
    newest = min(now, partitions.end_of(max(partitions.files)))
    for window in windows:
        start = begin_of(partitions.unit, newest, UTC)
        for _ in range(times):
            start = Span.parse(window).before(start, UTC)
        if start >= min(partitions.files):
            return Rhythm(newest, window)
    return Rhythm(newest, windows[-1])


def rhythm_of_times(span: tuple[datetime, datetime] | None, rows: int, now: datetime) -> Rhythm:
    """Choose a window of which there are two in a table; none where not even an hour fits.

    A week, or longer where a week has few rows, or shorter where there are no two weeks.

    Args:
        span: the first and the last of the rows' times; None where they have none.
        rows: how many they are.
        now: what lies in the future is not read.
    """
    if span is None:
        return Rhythm(now)
    first, last = span
    days = (last - first) / _DAY
    enough = [
        (window, length)
        for window, length in _LONG.items()
        if rows * length / max(days, length) >= _ENOUGH_ROWS
    ]
    for window, length in [*enough[:1], *_SHORT.items()]:
        if days >= _ALMOST_TWICE * length:
            end = begin_of("hour", last, UTC) + timedelta(hours=1)
            if window != "1h":
                end = begin_of("day", last, UTC) + _DAY
            return Rhythm(min(now, end), window)
    return Rhythm(now)
