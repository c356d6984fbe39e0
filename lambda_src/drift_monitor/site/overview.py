"""The overview: each monitor's newest run and its next, in one JSON at the site's root."""

from collections.abc import Collection
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from drift_monitor.config.schedule import Schedule
from drift_monitor.results.run import RunStatus
from drift_monitor.site.history import HistoryRun
from drift_monitor.site.layout import OVERVIEW
from drift_monitor.storage import Files

RECENT_RUNS = 26
"""Half a year of weeks: the runs that a small chart shows."""


class RecentRun(BaseModel):
    """One run as a point of a chart."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    status: RunStatus
    drifted_share: float


class MonitorOverview(BaseModel):
    """One monitor.

    Attributes:
        schedule: as of its newest run; None where none starts it, or where the site was rebuilt
            since without its overview.
        next_run: the scheduled time after the newest run, past when that run did not come.
        newest: the run of the latest scheduled time.
        recent: the newest runs, the oldest first.
    """

    model_config = ConfigDict(frozen=True)

    schedule: str | None
    next_run: AwareDatetime | None
    newest: HistoryRun
    recent: list[RecentRun]

    @classmethod
    def of(cls, runs: list[HistoryRun], schedule: str | None) -> Self:
        """Make the overview of a monitor from its newest runs, the oldest first."""
        return cls(
            schedule=schedule,
            next_run=Schedule(schedule).next_after(runs[-1].scheduled_at) if schedule else None,
            newest=runs[-1],
            recent=[RecentRun(**run.model_dump()) for run in runs[-RECENT_RUNS:]],
        )

    def including(self, run: HistoryRun, schedule: str | None) -> Self:
        """Return the overview with a run in it, in place of an earlier run of the same time."""
        is_newest = run.run_id >= self.newest.run_id
        newest = self.of([run], schedule) if is_newest else self
        others = [recent for recent in self.recent if recent.run_id != run.run_id]
        recent = sorted([*others, RecentRun(**run.model_dump())], key=lambda run: run.run_id)
        return newest.model_copy(update={"recent": recent[-RECENT_RUNS:]})


class Overview(BaseModel):
    """All monitors, by name."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    monitors: dict[str, MonitorOverview] = {}

    @classmethod
    def from_json(cls, body: bytes | None) -> Self:
        """Read the file; None where there is none yet."""
        return cls.model_validate_json(body) if body else cls()

    def to_json(self) -> bytes:
        """Return the file."""
        in_order = dict(sorted(self.monitors.items()))
        return self.model_copy(update={"monitors": in_order}).model_dump_json().encode()

    def including(self, monitor: str, run: HistoryRun, schedule: str | None) -> Self:
        """Return the overview with a monitor's run in it."""
        before = self.monitors.get(monitor)
        now = before.including(run, schedule) if before else MonitorOverview.of([run], schedule)
        return self.with_monitor(monitor, now)

    def of_only(self, names: Collection[str]) -> Self:
        """Return the overview without the monitors that have another name."""
        kept = {name: monitor for name, monitor in self.monitors.items() if name in names}
        return self.model_copy(update={"monitors": kept})

    def with_monitor(self, monitor: str, now: MonitorOverview) -> Self:
        """Return the overview with a monitor as it is now."""
        return self.model_copy(update={"monitors": {**self.monitors, monitor: now}})


def read_overview(store: Files) -> Overview:
    """Return the site's overview; an empty one where nothing ran yet."""
    stored = store.read(OVERVIEW)
    return Overview.from_json(stored.body if stored else None)
