"""Thresholds for an alarm budget: above what all but the worst windows of a past show."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drift_monitor.config.methods import METHODS
from drift_monitor.results.drift import Status
from drift_monitor.results.severity import excess
from drift_monitor.site.history import ColumnEntry, RunEntry

FEWEST_WINDOWS = 8
"""Windows that say something of alarms to come, at least."""
_ABOVE = 1.1
"""A threshold is so much above the highest score that must not alarm."""


@dataclass(frozen=True)
class Proposal:
    """Thresholds for a past in which nothing was wrong.

    Attributes:
        windows: how many it rests on.
        alarms_allowed: how many of them may alarm.
        alarms: how many do, as the file is.
        alarms_left: how many do with the thresholds.
        drifted_in: in how many windows each column drifted; those that never did are left out.
        thresholds: the new ones, by column; where they are as they were, left out.
        not_raised: columns that drift too often by a p-value, which is no distance to raise.
    """

    windows: int
    alarms_allowed: int
    alarms: int
    alarms_left: int
    drifted_in: Mapping[str, int]
    thresholds: Mapping[str, float]
    not_raised: Sequence[str]


def propose(runs: Sequence[RunEntry], allowed: int) -> Proposal:
    """Propose thresholds with which only so many of the windows alarm.

    The windows that are furthest out may alarm. Of the others, no column's score reaches its
    threshold any more.

    Args:
        runs: one per window, with their columns.
        allowed: how many may alarm.
    """
    alarmed = [run for run in runs if run.status == "drifted"]
    quiet = sorted(alarmed, key=_furthest)[: max(0, len(alarmed) - allowed)]
    highest: dict[str, ColumnEntry] = {}
    for run in quiet:
        for name, column in _drifted(run).items():
            if name not in highest or (column.score or 0) > (highest[name].score or 0):
                highest[name] = column
    is_p_value = {name: METHODS[column.method or ""].is_p_value for name, column in highest.items()}
    thresholds = {
        name: _rounded_up((column.score or 0.0) * _ABOVE)
        for name, column in sorted(highest.items())
        if not is_p_value[name]
    }
    drifted_in: dict[str, int] = {}
    for run in runs:
        for name in _drifted(run):
            drifted_in[name] = drifted_in.get(name, 0) + 1
    return Proposal(
        windows=len(runs),
        alarms_allowed=allowed,
        alarms=len(alarmed),
        alarms_left=sum(_still_alarms(run, thresholds) for run in alarmed),
        drifted_in=dict(sorted(drifted_in.items(), key=lambda each: (-each[1], each[0]))),
        thresholds=thresholds,
        not_raised=sorted(name for name, is_one in is_p_value.items() if is_one),
    )


def _drifted(run: RunEntry) -> dict[str, ColumnEntry]:
    return {name: column for name, column in run.columns.items() if column.status is Status.DRIFTED}


def _furthest(run: RunEntry) -> float:
    return max((excess(column) for column in _drifted(run).values()), default=0.0)


def _still_alarms(run: RunEntry, thresholds: Mapping[str, float]) -> bool:
    """Tell whether a column of a window drifts with the new thresholds, too."""
    return any(
        (column.score or 0.0) >= thresholds.get(name, -math.inf)
        for name, column in _drifted(run).items()
    )


def _rounded_up(value: float) -> float:
    """Return a number of two digits that is not below."""
    if not value:
        return value
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / step) * step:.2g}")
