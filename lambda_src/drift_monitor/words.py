"""How the page and the email say things."""

from datetime import datetime, timedelta

from drift_monitor.results import WindowSummary


def window_words(window: WindowSummary | None) -> str:
    """Say a window as people do: whole days by their first and last."""
    if window is None:
        return "all rows there"
    start, end = window.start, window.end
    if start.hour or end.hour:
        return f"{start:%-d %b %Y %H:%M} to {end:%-d %b %Y %H:%M} UTC"
    last = end - timedelta(days=1)
    if last <= start:
        return f"{start:%-d %b %Y}"
    return f"{_day(start, last)} to {last:%-d %b %Y}"


def _day(start: datetime, last: datetime) -> str:
    if start.year != last.year:
        return f"{start:%-d %b %Y}"
    return f"{start:%-d %b}" if start.month != last.month else f"{start:%-d}"
