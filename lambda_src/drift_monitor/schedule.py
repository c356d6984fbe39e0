"""A monitor's schedule: an EventBridge cron expression, in UTC.

EventBridge's cron differs from Unix's: six fields (minutes, hours, day of month, month, day of
week, year), days of the week numbered 1 (Sunday) to 7, and `?` in exactly one of the day fields.
Reference: Amazon EventBridge User Guide, "Cron expressions".
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile

from cronsim import CronSim, CronSimError

FIELDS = ("minutes", "hours", "day of month", "month", "day of week", "year")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# A day's number in the day-of-week field: not the step after "/", not the count after "#".
_WEEKDAY_NUMBER = re.compile(r"(?<![/#\d])\d+")


class Schedule:
    """When a monitor runs.

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
        just_before = datetime.fromtimestamp(start.timestamp() - 1, UTC)
        return list(takewhile(lambda moment: moment <= end, self._times(just_before)))

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
    def name(match: re.Match[str]) -> str:
        number = int(match[0])
        if not 1 <= number <= len(_WEEKDAYS):
            raise ValueError(f"day of week {number} is not between 1 (Sunday) and 7 (Saturday)")
        # Cronsim wants a digit before "L" and takes one everywhere else.
        return str(number - 1)

    if field == "L":  # EventBridge: the last day of the week, Saturday
        return "6"
    return _WEEKDAY_NUMBER.sub(name, field.replace("?", "*"))
