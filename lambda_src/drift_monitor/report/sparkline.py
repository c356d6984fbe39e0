"""A chart as small as a word: the drifted share of a monitor's newest runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from drift_monitor.overview import RECENT_RUNS, RecentRun
from drift_monitor.words import percent

PLACES = RECENT_RUNS
_LOWEST = 4
"""The height of a bar without drift, of 100: still there to be seen."""


@dataclass(frozen=True)
class Bar:
    """One run.

    Attributes:
        status: the run's.
        height: of 100.
        words: what it says.
    """

    status: str
    height: float
    words: str


def bars(recent: Sequence[RecentRun]) -> list[Bar]:
    """Return a bar per run, the newest last."""
    return [
        Bar(
            run.status,
            round(max(_LOWEST, run.drifted_share * 100), 1),
            f"{run.run_id}: {percent(run.drifted_share) if _has_data(run) else 'no data'}",
        )
        for run in recent[-PLACES:]
    ]


def in_words(recent: Sequence[RecentRun]) -> str:
    """Say the chart to who cannot see it."""
    runs = recent[-PLACES:]
    shares = [run.drifted_share for run in runs if _has_data(run)]
    if not shares:
        return "No data yet"
    if len(runs) == 1:
        return f"One run: {percent(shares[0])} of columns drifted"
    lacking = len(runs) - len(shares)
    without = f", {lacking} without data" if lacking else ""
    return (
        f"Drifted columns in the last {len(runs)} runs{without}: from {percent(min(shares))} to "
        f"{percent(max(shares))}, last {percent(shares[-1])}"
    )


def _has_data(run: RecentRun) -> bool:
    return run.status != "no_data"
