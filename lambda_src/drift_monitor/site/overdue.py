"""The check for overdue monitors: those that should have run by now, and have not.

A run that fails raises an alarm. A run that never starts does not: its rule is disabled, or a
permission is lost. CloudWatch cannot see that either, as an alarm looks back seven days at most, so
the function checks the newest run of each monitor twice a day.
"""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, TypeAdapter

from drift_monitor.config.events import Watched
from drift_monitor.config.schedule import Schedule
from drift_monitor.site.layout import WATCH
from drift_monitor.site.overview import Overview, read_overview
from drift_monitor.site.store import update
from drift_monitor.storage import Files

GRACE = timedelta(hours=2)
"""How late a run may be: a run of 15 minutes, retried twice, and the queue before it."""

_SEEN = TypeAdapter(dict[str, AwareDatetime])


def overdue(monitors: list[Watched], looked_at: datetime, site: Files) -> list[str]:
    """Return the names of monitors whose last scheduled run has not been published.

    A monitor counts from the first check that found it, so that a new one is not overdue for runs
    before it was deployed.
    """
    first_seen = _first_seen(monitors, looked_at, site)
    overview = read_overview(site)
    return [
        monitor.name
        for monitor in monitors
        if _is_overdue(monitor, first_seen[monitor.name], looked_at, overview)
    ]


def _is_overdue(monitor: Watched, seen: datetime, looked_at: datetime, overview: Overview) -> bool:
    minutes = monitor.grace_minutes
    grace = GRACE if minutes is None else timedelta(minutes=minutes)
    due = Schedule(monitor.schedule).last_until(looked_at - grace)
    ran = overview.monitors.get(monitor.name)
    return seen < due and (ran is None or ran.newest.scheduled_at < due)


def _first_seen(monitors: list[Watched], looked_at: datetime, site: Files) -> dict[str, datetime]:
    """Return when each monitor was first seen; note new ones, and forget those that are gone."""
    kept: dict[str, datetime] = {}

    def note(body: bytes | None) -> bytes:
        seen = _SEEN.validate_json(body) if body else {}
        kept.update({monitor.name: seen.get(monitor.name, looked_at) for monitor in monitors})
        return _SEEN.dump_json(kept)

    update(site, WATCH, note)
    return kept
