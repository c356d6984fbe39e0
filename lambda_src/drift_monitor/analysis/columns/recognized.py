"""Columns that no comparison can judge, recognized by name and values: ids, free texts, clocks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from drift_monitor.analysis.columns.values import (
    Categories,
    ColumnValues,
    Numbers,
    starts_of_values,
)
from drift_monitor.config.methods import Kind

TIME_PARTS = ("timestamp", "time", "date", "at")
TIME_WORDS = {*TIME_PARTS, "ts", "dt", "datetime", "epoch", "unix", "day"}
IDS = {"id", "ids", "uuid", "guid", "key", "uid", "pk"}
_ROW_NUMBERS = {"index", "row", "rownum", "rownumber", "sequence", "serial", "unnamed"}
_CALENDAR = {"year", "month", "day", "week", "quarter", "day of year", "dayofyear", "yday"}
_AS_TIMES = [
    (20_000_101, 21_001_231),
    *((631_152_000 * per, 4_102_444_800 * per) for per in (1, 10**3, 10**6, 10**9)),
]
"""Numbers that may stand for times: 20261123, or (milli-, micro-, nano-) seconds since 1970, from
1990 to 2100."""

_FEWEST_VALUES = 20
"""With fewer, values say nothing."""
_NEARLY_ALL, _MOST_TEXTS = 0.9, 0.5
_MOST_CODES = 1000
_BY_NAME = "by its name"


@dataclass(frozen=True)
class ColumnPreview:
    """What a column, or some rows of it, hold.

    Attributes:
        name: the column's.
        kind: how it is compared; None where it holds nothing.
        values: how many values were read.
        distinct: how many different ones.
        is_whole: all are whole numbers.
        is_numbered: all are whole numbers, each one once, and hardly one is left out.
        has_decimal_comma: all are texts such as 1,5.
        may_be_times: all are texts such as 2026-11-23T09:30, or numbers that may stand for times.
    """

    name: str
    kind: Kind | None
    values: int = 0
    distinct: int = 0
    is_whole: bool = False
    is_numbered: bool = False
    has_decimal_comma: bool = False
    may_be_times: bool = False

    @property
    def words(self) -> list[str]:
        """The words in its name: of passengerId, passenger_id and Passenger ID the same."""
        parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.name)
        return re.findall(r"[^\W_]+", parted.lower())

    def begins_or_ends_with(self, words: Iterable[str]) -> bool:
        """Tell whether the first or the last word of its name is one of these."""
        return not {*self.words[:1], *self.words[-1:]}.isdisjoint(words)

    @property
    def is_of_calendar(self) -> bool:
        """Whether it is a part of a date by its name, such as a month."""
        return " ".join(self.words) in _CALENDAR

    @property
    def is_clock(self) -> bool:
        """Whether its numbers are times, by its name and by how large they are."""
        is_named = not TIME_WORDS.isdisjoint(self.words)
        return self.kind is Kind.NUMERIC and self.may_be_times and is_named


def may_be_times(least: float, most: float) -> bool:
    """Return whether numbers from `least` to `most` may stand for times."""
    return any(first <= least and most <= last for first, last in _AS_TIMES)


def why_id(column: ColumnPreview) -> str | None:
    """Tell whether a column names a row: by its name, its values, or both."""
    is_text = column.kind is Kind.CATEGORICAL and column.values > 0
    if not (is_text or column.is_whole):
        return None
    is_named = column.begins_or_ends_with(IDS)
    is_judged = column.values >= _FEWEST_VALUES
    if is_judged and column.distinct >= _NEARLY_ALL * column.values:
        if is_text or is_named:
            return "nearly every row has a value of its own"
        return "it numbers the rows" if column.is_numbered else None
    if is_named and (not is_judged or column.distinct > _MOST_CODES):
        return _BY_NAME
    if is_text and is_judged and column.distinct >= _MOST_TEXTS * column.values:
        return f"{column.distinct:,} different texts in {column.values:,} rows"
    return None


def moves_with_time(name: str, reference: ColumnValues, current: ColumnValues) -> bool:
    """Return whether a column is a part of a date, or times as numbers, so that it moves anyway."""
    before, now = (_ends_of(name, values) for values in (reference, current))
    return before.is_of_calendar or (before.is_clock and now.is_clock)


def why_not_compared(name: str, reference: ColumnValues, current: ColumnValues) -> str | None:
    """Return why no comparison of a column says anything; None where one does.

    An id or a free text is one in both tables: what becomes one in current alone has changed. A
    clock is one whose times in current are all later, or all earlier, than those of reference.

    Args:
        name: the column's.
        reference: its values in reference.
        current: its values in current.
    """
    if not (reference.size and current.size):
        return None
    before = _preview_of(name, reference)
    why = why_id(before) if before.values >= _FEWEST_VALUES else None
    if why not in (None, _BY_NAME) and current.size >= _FEWEST_VALUES:
        why = why if why_id(_preview_of(name, current)) else None
    if why is None and _is_clock_that_went_on(name, reference, current):
        why = "times as numbers: it moves with the calendar"
    return why


def _is_clock_that_went_on(name: str, reference: ColumnValues, current: ColumnValues) -> bool:
    if not (isinstance(reference, Numbers) and isinstance(current, Numbers)):
        return False
    if not (_ends_of(name, reference).is_clock and _ends_of(name, current).is_clock):
        return False
    (first, last), (start, end) = (
        (float(each.blocks.lowest[0]), float(each.blocks.highest[-1]))
        for each in (reference, current)
    )
    return last < start or end < first


def _ends_of(name: str, values: ColumnValues) -> ColumnPreview:
    """Return what the ends of the numbers show, of which nothing is read."""
    if isinstance(values, Categories) or not values.size:
        return ColumnPreview(name, Kind.CATEGORICAL if isinstance(values, Categories) else None)
    ends = float(values.blocks.lowest[0]), float(values.blocks.highest[-1])
    return ColumnPreview(name, Kind.NUMERIC, values.size, may_be_times=may_be_times(*ends))


def _preview_of(name: str, values: ColumnValues) -> ColumnPreview:
    """Return what a column holds; of numbers that are no ids by their name only their count."""
    if isinstance(values, Categories):
        return ColumnPreview(name, Kind.CATEGORICAL, values.size, len(values.values))
    size, lowest = values.size, values.blocks.lowest
    found = ColumnPreview(name, Kind.NUMERIC, size)
    is_named = found.begins_or_ends_with(IDS | _ROW_NUMBERS)
    if not size or not is_named or not (lowest == np.floor(lowest)).all():
        return found
    distinct = len(starts_of_values(values.sorted))
    is_dense = bool(values.blocks.highest[-1] - lowest[0] < 2 * size)
    return ColumnPreview(
        name,
        Kind.NUMERIC,
        size,
        distinct,
        is_whole=bool((values.sorted == np.floor(values.sorted)).all()),
        is_numbered=is_dense and distinct == size,
    )
