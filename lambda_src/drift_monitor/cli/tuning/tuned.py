"""A monitor tuned: its past windows, the thresholds that follow, and what they still find."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from drift_monitor.analysis.drift.past import FEWEST_RUNS
from drift_monitor.cli.replayed import replay
from drift_monitor.cli.tuning.changes import CHANGES
from drift_monitor.cli.tuning.past_windows import PastWindow, past_windows
from drift_monitor.cli.tuning.proposal import FEWEST_WINDOWS, Proposal, propose
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.schedule import Schedule
from drift_monitor.engines.importance import with_importance
from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import Files
from drift_monitor.text import count

PROVED = 4
"""Windows, the last ones, in which changes are made."""
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Found:
    """In which share of columns and windows a change is found.

    Attributes:
        change: what was changed.
        now: as the file is.
        then: with the thresholds that are proposed.
    """

    change: str
    now: float
    then: float


@dataclass(frozen=True)
class Tuned:
    """What a past says of a monitor's thresholds.

    Attributes:
        proposal: the thresholds.
        found: what is found of changes that were made; nothing where none were.
    """

    proposal: Proposal
    found: Sequence[Found]


def tune_on_tables(
    monitor: Monitor,
    times: Sequence[datetime],
    alarms_a_year: float,
    *,
    memory: int,
    on_skipped: Callable[[datetime, str], None],
    on_scored: Callable[[], None],
) -> Tuned:
    """Score a monitor's windows now, make changes in the last of them, and propose thresholds.

    Args:
        monitor: what to compare, and how.
        times: the scheduled times, in order.
        alarms_a_year: the budget.
        memory: bytes to spend on columns.
        on_skipped: called with the time of a window without data, or that cannot be read, and why.
        on_scored: called after each window.

    Raises:
        DriftMonitorError: too few windows have data.
    """
    windows = []
    for window in past_windows(monitor, times, proved=PROVED, memory=memory, on_skipped=on_skipped):
        windows.append(window)
        on_scored()
    return _tuned(monitor, windows, alarms_a_year, "or name an earlier --from")


def tune_on_history(monitor: Monitor, store: Files, alarms_a_year: float) -> Tuned:
    """Propose thresholds from the runs that a site has.

    Raises:
        DriftMonitorError: too few of them had data.
    """
    runs = [each.run for each in replay(with_importance(monitor), store)]
    windows = [PastWindow(run, []) for run in runs if run.status != "no_data"]
    more = "or name the --site that has its history, or days to score now by --from and --to"
    return _tuned(monitor, windows, alarms_a_year, more)


def _tuned(
    monitor: Monitor, windows: Sequence[PastWindow], alarms_a_year: float, advice: str
) -> Tuned:
    # Until it has a past, the calibrated judge decides in the history judge's place.
    without_past = FEWEST_RUNS if monitor.drift.judge == "history" else 0
    found, windows = len(windows), windows[without_past:]
    if len(windows) < FEWEST_WINDOWS:
        raise DriftMonitorError(
            f"{monitor.name} has {count(found, 'window')} with data, too few to be tuned: it takes "
            f"{without_past + FEWEST_WINDOWS}, and 26 say more; wait for more, {advice}"
        )
    a_year = _runs_a_year(monitor, windows[-1].run.scheduled_at)
    allowed = round(len(windows) * alarms_a_year / a_year)
    proposal = propose([window.run for window in windows], allowed)
    return Tuned(proposal, _found(proposal, windows))


def _runs_a_year(monitor: Monitor, moment: datetime) -> float:
    """Return how often a monitor runs in a year, by its next hundred times."""
    schedule, last = Schedule(monitor.schedule), moment
    for _ in range(100):
        last = schedule.next_after(last)
    return 100 * _DAYS_A_YEAR / ((last - moment).total_seconds() / 86_400)


def _found(proposal: Proposal, windows: Sequence[PastWindow]) -> list[Found]:
    found = []
    for change in CHANGES:
        tried = [each for window in windows for each in window.tried if each.change is change]
        if not tried:
            continue
        now = [each.failed or each.score is not None for each in tried]
        then = [
            each.failed
            or (each.score is not None and each.score >= proposal.thresholds.get(each.column, -inf))
            for each in tried
        ]
        found.append(Found(change.name, sum(now) / len(now), sum(then) / len(then)))
    return found
