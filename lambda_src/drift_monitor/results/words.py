"""How the pages and the messages say things."""

from datetime import datetime, timedelta

from drift_monitor.results.drift import CategoryChange, ColumnDrift, ColumnProfile
from drift_monitor.results.tables import WindowSummary
from drift_monitor.text import number, one_line, percent


def window_words(window: WindowSummary | None) -> str:
    """Say a window as people do: whole days by their first and last."""
    if window is None:
        return "all rows there"
    start, end = window.start, window.end
    if start.hour or end.hour:
        return f"{start:%-d %b %Y %H:%M} to {end:%-d %b %Y %H:%M} {window.timezone}"
    last = end - timedelta(days=1)
    if last.date() <= start.date():
        return f"{start:%-d %b %Y}"
    return f"{_day(start, last)} to {last:%-d %b %Y}"


def _day(start: datetime, last: datetime) -> str:
    if start.year != last.year:
        return f"{start:%-d %b %Y}"
    return f"{start:%-d %b}" if start.month != last.month else f"{start:%-d}"


_LONGEST_VALUE = 30
_NOTABLE = 0.01
"""A share that moved by less is no direction."""


def direction(column: ColumnDrift) -> list[str]:
    """Say which way a column moved: such as `mean 12.1 → 15.3`; nothing where it was not read."""
    if column.reference is None or column.current is None:
        return []
    found = [
        _moved_nulls(column.reference, column.current),
        _moved_numbers(column.reference, column.current),
        _categories("new", column.new_categories),
        _categories("vanished", column.vanished_categories),
    ]
    said = [words for words in found if words]
    return said or _moved_frequent(column.reference, column.current)


def _moved_nulls(reference: ColumnProfile, current: ColumnProfile) -> str | None:
    before, now = _null_share(reference), _null_share(current)
    if abs(now - before) < _NOTABLE:
        return None
    return f"nulls {percent(before)} → {percent(now)}"


def _null_share(side: ColumnProfile) -> float:
    rows = side.values + side.nulls
    return side.nulls / rows if rows else 0.0


def _moved_numbers(reference: ColumnProfile, current: ColumnProfile) -> str | None:
    """Say how the mean moved, or the spread where the mean did not."""
    for name in ("mean", "std"):
        before, now = getattr(reference, name), getattr(current, name)
        if before is not None and now is not None and number(before) != number(now):
            return f"{name} {number(before)} → {number(now)}"
    return None


def _categories(what: str, change: CategoryChange | None) -> str | None:
    if change is None or not change.categories:
        return None
    example = _value(change.examples[0]) if change.examples else ""
    share = f"({percent(change.share)} of rows)"
    if change.categories == 1:
        return " ".join(filter(None, [what, "category", example, share]))
    such = f", such as {example}" if example else ""
    return f"{change.categories} {what} categories {share}{such}"


def _moved_frequent(reference: ColumnProfile, current: ColumnProfile) -> list[str]:
    """Say which frequent category gained or lost most."""
    before = {each.value: each.share for each in reference.frequent or []}
    now = {each.value: each.share for each in current.frequent or []}
    both = [value for value in before if value in now]
    moved = max(both, key=lambda value: abs(now[value] - before[value]), default=None)
    if moved is None or abs(now[moved] - before[moved]) < _NOTABLE:
        return []
    return [f"{_value(moved)} {percent(before[moved])} → {percent(now[moved])}"]


def _value(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
