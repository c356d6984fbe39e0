"""A chart as small as a word: the drifted share of a monitor's newest runs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from drift_monitor.results.run import RunStatus
from drift_monitor.site.overview import RECENT_RUNS, RecentRun
from drift_monitor.text import percent

PLACES = RECENT_RUNS
_LOWEST = 4
"""The height of a bar without drift, of 100: still there to be seen."""
_LACKS: dict[RunStatus, str] = {"no_data": "data", "error": "score"}
"""What a run without a share of drifted columns lacks."""


@dataclass(frozen=True)
class Bar:
    """One run.

    Attributes:
        status: the run's.
        height: of 100.
        words: the same in words.
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
            f"{run.run_id}: {_said(run)}",
        )
        for run in recent[-PLACES:]
    ]


def in_words(recent: Sequence[RecentRun]) -> str:
    """Return the chart in words, for readers who cannot see it."""
    runs = recent[-PLACES:]
    shares = [run.drifted_share for run in runs if run.status not in _LACKS]
    lacks = Counter(_LACKS[run.status] for run in runs if run.status in _LACKS)
    if not shares:
        return f"No {' or '.join(sorted(lacks))} yet"
    if len(runs) == 1:
        return f"One run: {percent(shares[0])} of columns drifted"
    without = "".join(f", {count} without {what}" for what, count in sorted(lacks.items()))
    return (
        f"Drifted columns in the last {len(runs)} runs{without}: from {percent(min(shares))} to "
        f"{percent(max(shares))}, last {percent(shares[-1])}"
    )


def _said(run: RecentRun) -> str:
    lack = _LACKS.get(run.status)
    return f"no {lack}" if lack else percent(run.drifted_share)
