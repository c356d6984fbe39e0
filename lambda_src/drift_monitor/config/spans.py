"""Spans of time by a calendar: hours, days, weeks and months before a moment, in a time zone.

A moment is in UTC. What a clock on the wall shows is a time without a zone. Hours are real hours; a
day is from midnight to midnight, so of 23 or 25 hours where the clock is changed.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

Unit = Literal["hour", "day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = ("hour", "day", "week", "month", "year")
"""From fine to coarse."""

SPAN = "[1-9][0-9]{0,3}(h|d|w|mo)"
"""What a span looks like in a monitor's file: 24h, 7d, 4w, 3mo."""
_SpanUnit = Literal["hour", "day", "month"]
_LETTERS: dict[str, _SpanUnit] = {"h": "hour", "d": "day", "mo": "month"}
_HOURS_A_DAY, _DAYS_A_WEEK, _MONTHS_A_YEAR = 24, 7, 12
_A_YEAR: dict[_SpanUnit, int] = {"hour": 52 * 7 * 24, "day": 52 * 7, "month": _MONTHS_A_YEAR}


@dataclass(frozen=True)
class Span:
    """A number of hours, days or months.

    Attributes:
        count: how many.
        unit: of what. A week is seven days.
    """

    count: int
    unit: _SpanUnit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a span such as 24h, 7d, 4w or 3mo."""
        letters = text.lstrip("0123456789")
        count = int(text.removesuffix(letters))
        if letters == "w":
            return cls(count * _DAYS_A_WEEK, "day")
        return cls(count, _LETTERS[letters])

    @property
    def is_longer_than_a_year(self) -> bool:
        """Whether it reaches back beyond the same time a year before."""
        return self.count > _A_YEAR[self.unit]

    @property
    def days(self) -> float:
        """How many days it has; of a month 31."""
        return self.count * {"hour": 1 / _HOURS_A_DAY, "day": 1, "month": 31}[self.unit]

    def year_before(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the same time a year before; of hours and days 52 weeks: weekdays agree."""
        unit: _SpanUnit = "month" if self.unit == "month" else "day"
        return type(self)(_A_YEAR[unit], unit).before(moment, zone)

    def in_whole(self, unit: Unit) -> Self | None:
        """Return this span in whole units of the calendar; None where it is none.

        24 hours are a day here, though not when the clock is changed: what is written by the day
        can only be read by the day.
        """
        if unit == "hour" or (unit == "day" and self.unit != "hour"):
            return self
        if unit in ("month", "year"):
            months = 1 if unit == "month" else _MONTHS_A_YEAR
            return self if self.unit == "month" and self.count % months == 0 else None
        hours = _HOURS_A_DAY if self.unit == "hour" else 1
        days, rest = divmod(self.count, hours)
        is_whole = self.unit != "month" and not rest and (unit == "day" or not days % _DAYS_A_WEEK)
        return type(self)(days, "day") if is_whole else None

    def before(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return the moment this long before another; a day that its month lacks is its last."""
        if self.unit == "hour":
            return moment - timedelta(hours=self.count)
        wall = _wall(moment, zone)
        if self.unit == "day":
            return _moment(wall - timedelta(days=self.count), zone)
        months = wall.year * _MONTHS_A_YEAR + wall.month - 1 - self.count
        year, month = divmod(months, _MONTHS_A_YEAR)
        day = min(wall.day, monthrange(year, month + 1)[1])
        return _moment(wall.replace(year=year, month=month + 1, day=day), zone)


def begin_of(unit: Unit, moment: datetime, zone: tzinfo) -> datetime:
    """Return when the hour, day, week (from Monday), month or year of a moment began."""
    local = moment.astimezone(zone)
    if unit == "hour":
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    day = datetime.combine(local.date(), time())
    if unit == "week":
        day -= timedelta(days=day.weekday())
    elif unit == "month":
        day = day.replace(day=1)
    elif unit == "year":
        day = day.replace(month=1, day=1)
    return _moment(day, zone)


def days_from(start: datetime, end: datetime, zone: tzinfo) -> list[datetime]:
    """Return `start`, and when each day after it begins, up to but without `end`."""
    first = datetime.combine(start.astimezone(zone).date(), time())
    last = end.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range(1, (last - first.date()).days + 1)]
    return [start, *(day for day in (_moment(day, zone) for day in days) if day < end)]


def clock_at(moment: datetime, zone: tzinfo) -> datetime:
    """Return what a clock shows first at a moment, without a zone, and never goes back.

    When the clock is put back it shows an hour twice. Of times without a zone nobody knows which
    is meant, so all of them count as the first: in the second the clock stands at the hour's end.
    A day begins at midnight, even where the clock skips it: dates stand for their midnights.
    """
    local, wall = moment.astimezone(zone), _wall(moment, zone)
    while local.fold and _is_shown_twice(wall, zone):
        wall = wall.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return wall


def time_zone(name: str) -> str:
    """Check the name of a time zone.

    Raises:
        ValueError: there is none of this name; the message says what comes near.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(name, available_timezones(), n=1, cutoff=0.5)
        advice = f"; did you mean {near[0]}?" if near else ", such as Europe/Berlin"
        raise ValueError(f"{name} is not the name of a time zone{advice}") from None
    return name


def _is_shown_twice(wall: datetime, zone: tzinfo) -> bool:
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.astimezone(UTC) < second.astimezone(UTC)


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    """Return what a clock shows; midnight when the day begins, even where the clock skips it."""
    local = moment.astimezone(zone)
    midnight = datetime.combine(local.date(), time())
    return midnight if _moment(midnight, zone) == moment else local.replace(tzinfo=None, fold=0)


def _moment(wall: datetime, zone: tzinfo) -> datetime:
    """Return when a clock shows this, the first time of two; of a midnight skipped, the skip."""
    return wall.replace(tzinfo=zone).astimezone(UTC)
