"""Windows: the spans of time that the tables cover, by the scheduled time, not the clock."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from drift_monitor.config.spans import Span, begin_of, days_from
from drift_monitor.config.tables import AROUND, YEARS, CurrentTable, ReferenceTable
from drift_monitor.results.tables import SeasonSummary, WindowSummary

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """Time from `start` up to but without `end`, both in UTC.

    Attributes:
        step: how far apart dated files or folders are looked for: an hour or a day.
        zone: the time zone of dates in paths, and of times that have none.
        seasons: the starts and ends of what counts of it, the oldest first, where not all does.
    """

    start: datetime
    end: datetime
    step: timedelta = DAY
    zone: tzinfo = UTC
    seasons: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        """The starts and ends of what counts, the oldest first."""
        return self.seasons or ((self.start, self.end),)

    @property
    def moments(self) -> list[datetime]:
        """Moments, in the window's zone, of which each partition of the window has one or more."""
        moments: list[datetime] = []
        for start, end in self.spans:
            if self.step == DAY:
                moments += days_from(start, end, self.zone)
            else:
                count = -((start - end) // self.step)
                moments += [start + index * self.step for index in range(count)]
        return [moment.astimezone(self.zone) for moment in moments]


def window_summary(window: Window | None) -> WindowSummary | None:
    """Return a window as it stands in a result."""
    if window is None:
        return None
    return WindowSummary(
        start=window.start.astimezone(window.zone),
        end=window.end.astimezone(window.zone),
        timezone=str(window.zone),
        seasons=[
            SeasonSummary(start=start.astimezone(window.zone), end=end.astimezone(window.zone))
            for start, end in window.seasons
        ],
    )


def window_at(current: CurrentTable, scheduled_at: datetime) -> Window | None:
    """Return the window that ends at the scheduled time, or None where current has no window.

    The partition in which the scheduled time falls is not whole yet and is left out: a run on
    Monday at 09:30 with daily files and a window of 7d reads from last Monday to yesterday. Where
    rows are chosen by their timestamp, it is the hour or the day that is left out.
    """
    if current.window is None:
        return None
    zone = ZoneInfo(current.timezone or "UTC")
    moment = scheduled_at.astimezone(UTC)
    if current.delay is not None:
        moment = Span.parse(current.delay).before(moment, zone)
    span = current.span_of(current.window)
    end = begin_of(current.ends_with(span), moment, zone)
    step = HOUR if current.partition == "hour" else DAY
    return Window(span.before(end, zone), end, step, zone)


def reference_window(
    reference: ReferenceTable, current: CurrentTable, window: Window | None
) -> Window | None:
    """Return the window of a reference that is current's table at another time, or None.

    Args:
        reference: says which time, if any.
        current: the table.
        window: current's.
    """
    if reference.window is None or window is None or current.window is None:
        return None
    span, zone = current.span_of(current.window), window.zone
    if reference.window == "season":
        return _seasons(reference, current, window)
    if reference.window != "year_before":
        if reference.window != "previous":
            span = current.span_of(reference.window)
        return replace(window, start=span.before(window.start, zone), end=window.start)
    start, end = (span.year_before(moment, zone) for moment in (window.start, window.end))
    if span.unit == "hour":  # as many real hours, though the clock was changed in them then
        end = start + (window.end - window.start)
    return replace(window, start=start, end=end)


def _seasons(reference: ReferenceTable, current: CurrentTable, window: Window) -> Window:
    """Return the same time of the years before, a little wider, as one window."""
    span, zone = current.span_of(current.window or ""), window.zone
    around = current.span_of(reference.around or AROUND)
    after = Span(-around.count, around.unit)
    start, end = window.start, window.end
    seasons = []
    for _ in range(reference.years or YEARS):
        start, end = (span.year_before(moment, zone) for moment in (start, end))
        seasons.append((around.before(start, zone), after.before(end, zone)))
    seasons.reverse()
    return replace(window, start=seasons[0][0], end=seasons[-1][1], seasons=tuple(seasons))
