"""A window that fits a table, and how often to look at it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from drift_monitor.analysis.columns.arrays import finite_floats
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.cli.first_monitor.partitions import Partitions
from drift_monitor.config.spans import Span, Unit, begin_of
from drift_monitor.errors import ColumnError

_HOUR, _DAY, _DAYS_A_WEEK = timedelta(hours=1), timedelta(days=1), 7
_ENOUGH_ROWS = 1000
_ALMOST_TWICE = 1.9
_LONG, _SHORT = {"7d": 7, "1mo": 30, "12mo": 365}, {"7d": 7, "1d": 1, "1h": 1 / 24}
"""Windows of rows by their times, and how many days they are."""
_OF_PARTITIONS = {"hour": ["24h", "1h"], "week": ["1w"], "month": ["1mo"], "year": ["12mo"]}
_HOURLY, _DAILY = ("cron(30 * * * ? *)", "each hour"), ("cron(30 9 * * ? *)", "each day at 09:30")
_WEEKLY = ("cron(30 9 ? * MON *)", "Mondays at 09:30")
_SCHEDULES = {
    "1h": _HOURLY,
    "24h": _DAILY,
    "1d": _DAILY,
    "7d": _WEEKLY,
    "1w": _WEEKLY,
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
    moments = list(partitions.files)
    apart = median([(after - before) / _DAY for before, after in pairwise(moments)] or [1])
    windows = _OF_PARTITIONS.get(partitions.unit) or _windows_of_days(apart)
    newest = min(now, partitions.end)
    whole = begin_of(partitions.unit, newest, UTC)
    fitting = [window for window in windows if _before(whole, window, times) >= moments[0]]
    return Rhythm(newest, [*fitting, windows[-1]][0])


def _windows_of_days(apart: float) -> list[str]:
    """Return the windows of days that hold a partition, where one comes every so many days."""
    if apart > _DAYS_A_WEEK:
        return ["1mo"]
    return ["7d"] if apart > 1 else ["7d", "1d"]


def rhythm_of_times(span: tuple[datetime, datetime], rows: int, now: datetime) -> Rhythm | None:
    """Choose a window of which there are two in a table; None where not even an hour fits.

    A week, or longer where a week has few rows, or shorter where there are no two weeks.

    Args:
        span: the first and the last of the rows' times.
        rows: how many they are.
        now: what lies in the future is not read.
    """
    first, last = span
    days = (last - first) / _DAY
    enough = [
        window
        for window, length in _LONG.items()
        if rows * length / max(days, length) >= _ENOUGH_ROWS
    ]
    for window in [*enough[:1], *_SHORT]:
        if days >= _ALMOST_TWICE * (_LONG | _SHORT)[window]:
            unit: Unit = "hour" if window == "1h" else "day"
            end = begin_of(unit, last + (_HOUR if unit == "hour" else _DAY), UTC)
            return Rhythm(min(now, end), window)
    return None


def _before(moment: datetime, window: str, times: int) -> datetime:
    for _ in range(times):
        moment = Span.parse(window).before(moment, UTC)
    return moment


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
        return (_moment(min(ends)), _moment(max(ends))) if ends else None
    except (ColumnError, ValueError, OverflowError, OSError):  # such times make no window
        return None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
