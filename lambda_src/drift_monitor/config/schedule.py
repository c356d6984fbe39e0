"""A monitor's schedule: an EventBridge cron expression, in UTC.

EventBridge's cron differs from Unix's: six fields (minutes, hours, day of month, month, day of
week, year), days of the week numbered 1 (Sunday) to 7, and `?` in exactly one of the day fields.
Reference: Amazon EventBridge User Guide, "Cron expressions".
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from cronsim import CronSim, CronSimError

FIELDS = ("minutes", "hours", "day of month", "month", "day of week", "year")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# A day in the day-of-week field: not the step after "/", not the count after "#".
_WEEKDAY = re.compile(rf"(?<![/#\d])\d+|{'|'.join(_WEEKDAYS)}")


class Schedule:
    """The times at which a monitor runs.

    Args:
        expression: such as `cron(30 9 ? * MON *)`.

    Raises:
        ValueError: the expression is none that EventBridge takes; the message says why.
    """

    def __init__(self, expression: str) -> None:
        """Parse the expression."""
        self.expression = expression
        self._unix = _to_unix(expression)
        try:
            CronSim(self._unix, datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise ValueError(f"{expression}: {error}") from error

    def next_after(self, moment: datetime) -> datetime:
        """Return the first scheduled time after `moment`."""
        return next(self._times(moment))

    def last_until(self, moment: datetime) -> datetime:
        """Return the latest scheduled time that is not after `moment`."""
        if moment in self.between(moment, moment):
            return moment
        earlier: Iterator[datetime] = CronSim(self._unix, moment.astimezone(UTC), reverse=True)
        return next(earlier)

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """Return the scheduled times from `start` to `end`, both included."""
        times = takewhile(lambda moment: moment <= end, self._times(start - timedelta(minutes=1)))
        return [moment for moment in times if moment >= start]

    def _times(self, after: datetime) -> Iterator[datetime]:
        times: Iterator[datetime] = CronSim(self._unix, after.astimezone(UTC))
        return times


def _to_unix(expression: str) -> str:
    """Translate EventBridge's six fields into the five of Unix."""
    match = re.fullmatch(r"cron\((.*)\)", expression.strip())
    if match is None:
        raise ValueError(f"{expression} is not a cron expression such as cron(30 9 ? * MON *)")
    fields = match[1].split()
    if len(fields) != len(FIELDS):
        raise ValueError(
            f"{expression} has {len(fields)} fields, EventBridge wants six: {', '.join(FIELDS)}"
        )
    minutes, hours, day, month, weekday, year = (field.upper() for field in fields)
    if (day == "?") == (weekday == "?"):
        raise ValueError(
            f"{expression}: put ? in either day of month or day of week, and only in one of them"
        )
    if year != "*":
        raise ValueError(
            f"{expression}: the year must be *, a monitor ends when its file is removed"
        )
    if "W" in day or day.startswith("L-"):
        raise ValueError(f"{expression}: {day} is not supported as day of month, name the days")
    return " ".join((minutes, hours, day.replace("?", "*"), month, _unix_weekday(weekday)))


def _unix_weekday(field: str) -> str:
    """Translate days numbered from 1, Sunday, to days numbered from 0."""
    if field == "L":  # EventBridge: the last day of the week, Saturday
        return "6"
    return ",".join(_unix_weekdays(term) for term in field.replace("?", "*").split(","))


def _unix_weekdays(term: str) -> str:
    days, slash, step = _WEEKDAY.sub(_unix_day, term).partition("/")
    # Cronsim's week ends with a second Sunday, the 7th day, which a step could land on.
    until_saturday = "-6" if slash and days.isdigit() else ""
    return f"{days}{until_saturday}{slash}{step}"


def _unix_day(match: re.Match[str]) -> str:
    if match[0] in _WEEKDAYS:
        return str(_WEEKDAYS.index(match[0]))
    number = int(match[0])
    if not 1 <= number <= len(_WEEKDAYS):
        raise ValueError(f"day of week {number} is not between 1 (Sunday) and 7 (Saturday)")
    return str(number - 1)
