"""The history judge: what a run finds in a column, held against what earlier runs found in it.

What a column is like in a run is a few measures: its mean, spread, quantiles, share of nulls and so
on. Each is expected to be as in the runs just before, or as in those of the same hour or weekday,
whichever has foretold the earlier runs best; how far those were from what was expected says how far
a run usually is. A measure is unusual where it is three times as far out, is not as it was in that
season of an earlier year, and is far enough out for people to care. docs/verdicts.md says what that
finds and how often it errs.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from drift_monitor.analysis.columns.blocks import Floats
from drift_monitor.text import number, percent

FEWEST_RUNS = 8
"""Earlier runs without which nothing is usual."""
_RUNS = 52
"""Earlier runs that say what is usual, at most: the last ones."""
_RECENT = 8
"""Runs whose median is expected of the next one."""
_CYCLES = (timedelta(days=1), timedelta(days=7))
_A_CYCLE = 0.9
"""Runs are more frequent than a cycle where they are nearer than this, in cycles."""
_SAME_TIME, _FEWEST_OF_SAME_TIME = 4, 2
"""Runs of the same hour or weekday whose median is expected, at most and at least."""
_SEASON = timedelta(days=15)
"""Runs so near the same day of earlier years are of the same season."""
_YEAR = timedelta(days=365.25)

_USUAL_SHARE = 0.9
_NORMAL_AT_USUAL = 1.6448536
"""So many standard deviations hold that share of a normal distribution's errors."""
_TIMES_USUAL = 3.0
_FEW_RUNS = 4.0
"""Of n runs an error's spread is known to about 1 + 4/n."""
_FURTHEST = 1000.0
"""Multiples beyond which nobody asks by how much."""
_BY_CHANCE = 4.5
"""Standard errors of a sample of independent rows that chance does not reach."""

Measures = Mapping[str, float]
"""What a column is like in a run, by the measure's name; a measure that it has not is left out."""


@dataclass(frozen=True)
class PastRun:
    """An earlier run's column.

    Attributes:
        time: when it was scheduled (aware).
        measures: what it was like, in finite numbers.
    """

    time: datetime
    measures: Measures


@dataclass(frozen=True)
class Unusual:
    """The measure of a column that is furthest from what is usual.

    Attributes:
        times: how far, in multiples of what would be unusual.
        words: the measure, and what is usual.
    """

    times: float
    words: str


@dataclass(frozen=True)
class _Measure:
    """How a measure is judged and worded.

    Attributes:
        title: in words.
        least: a change that nobody needs to hear of; of `in_spreads` in standard deviations.
        in_spreads: it is in the column's own unit.
        is_share: it is a share of rows.
        is_log: it is the logarithm of what is said.
        is_distance: it is never below 0.
        error: the standard error of a sample of one row, in the unit of `least`; that of a share
            follows from the share.
    """

    title: str
    least: float
    in_spreads: bool = False
    is_share: bool = False
    is_log: bool = False
    is_distance: bool = False
    error: float = 0.0

    def says(self, value: float) -> str:
        """Return a value in words."""
        if self.is_share:
            return percent(min(max(value, 0.0), 1.0))
        if self.is_distance:
            value = max(value, 0.0)
        return number(math.exp(value) if self.is_log else value)


MEASURES = {
    "null_share": _Measure("nulls", 0.05, is_share=True),
    "mean": _Measure("mean", 0.1, in_spreads=True, error=1.0),
    "log_std": _Measure("standard deviation", 0.1, is_log=True, error=1.0),
    "q05": _Measure("5 % quantile", 0.2, in_spreads=True, error=2.1),
    "q25": _Measure("25 % quantile", 0.2, in_spreads=True, error=1.4),
    "q50": _Measure("median", 0.2, in_spreads=True, error=1.3),
    "q75": _Measure("75 % quantile", 0.2, in_spreads=True, error=1.4),
    "q95": _Measure("95 % quantile", 0.2, in_spreads=True, error=2.1),
    "log_distinct": _Measure("distinct values", 0.4, is_log=True),
    "top_share": _Measure("most frequent category", 0.05, is_share=True),
    "new_share": _Measure("new categories", 0.01, is_share=True),
    "score": _Measure("distance from the reference", 0.05, is_distance=True),
}
"""The measures of a column. Those of numbers are in units of the standard deviation that is usual.
Standard errors are of normal values."""


def unusual(now: Measures, rows: int, time: datetime, past: Sequence[PastRun]) -> Unusual | None:
    """Return the measure that is furthest from what is usual; None where too few runs say that.

    Args:
        now: what the column is like.
        rows: how many rows have a value.
        time: when the run is scheduled (aware).
        past: earlier runs, the oldest first.
    """
    foretold = _foretold(now, _considered(past, time), time)
    found = [_judged(name, now[name], rows, each, past, time) for name, each in foretold.items()]
    return max(filter(None, found), key=lambda each: each.times, default=None)


def _considered(past: Sequence[PastRun], time: datetime) -> Sequence[PastRun]:
    """Return the last runs, and of frequent ones those before that are of their hour or weekday."""
    recent = past[-_RUNS:]
    cycles = [cycle for cycle in _CYCLES if recent and time - recent[-1].time < cycle * _A_CYCLE]
    if not cycles:
        return recent
    first = recent[0].time - max(cycles) * (_SAME_TIME + 1)
    return [run for run in past if run.time >= first]


@dataclass(frozen=True)
class _Foretold:
    """What a measure is expected to be.

    Attributes:
        expected: the value.
        error: how far runs usually are from what is expected of them: a standard deviation, with an
            allowance for few runs.
        runs: how many say so.
        std: the standard deviation that the column usually has; 0 where it has none.
    """

    expected: float
    error: float
    runs: int
    std: float


def _judged(
    name: str,
    value: float,
    rows: int,
    foretold: _Foretold,
    past: Sequence[PastRun],
    time: datetime,
) -> Unusual | None:
    measure, expected = MEASURES[name], foretold.expected
    unit = foretold.std if measure.in_spreads else 1.0
    if not unit:  # a column of one number: what is new in it shows in the other measures
        return None
    usual = _TIMES_USUAL * foretold.error
    error_of_a_row = measure.error * unit
    if measure.is_share:
        share = min(max((value + expected) / 2, 0.0), 1.0)
        error_of_a_row = math.sqrt(share * (1 - share))
    chance = _BY_CHANCE * error_of_a_row / math.sqrt(max(rows, 1))
    allowed = max(usual, chance, measure.least * unit)
    distance = abs(value - expected)
    if distance >= allowed:
        of_season = [
            run.measures[name]
            for run in past
            if name in run.measures and _is_of_season(run.time, time)
        ]
        expected = min([expected, *of_season], key=lambda each: abs(value - each))
        distance = abs(value - expected)
    low, high = measure.says(expected - allowed), measure.says(expected + allowed)
    said = f"{measure.title} {measure.says(value)}, usually {low} to {high} ({foretold.runs} runs)"
    return Unusual(min(distance / allowed, _FURTHEST), said)


def _foretold(
    names: Collection[str], runs: Sequence[PastRun], time: datetime
) -> dict[str, _Foretold]:
    """Return what runs lead to expect of measures: of those that enough of them have."""
    of_runs: dict[tuple[int, ...], list[str]] = {}
    for name in names:
        places = tuple(place for place, run in enumerate(runs) if name in run.measures)
        of_runs.setdefault(places, []).append(name)
    found: dict[str, _Foretold] = {}
    for places, alike in of_runs.items():
        if len(places) < FEWEST_RUNS:
            continue
        chosen = [runs[place] for place in places]
        values = np.array([[run.measures[name] for name in alike] for run in chosen])
        recent = values[-_RUNS:]
        ways = [(np.median(recent[-_RECENT:], axis=0), _usual_error(_errors_of_recent(recent)))]
        ways += _by_cycles(time, [run.time for run in chosen], values)
        best = np.argmin([error for _, error in ways], axis=0).tolist()
        std = _usual_std(chosen[-_RUNS:])
        found |= {
            name: _Foretold(
                float(ways[way][0][place]), float(ways[way][1][place]), len(recent), std
            )
            for place, (name, way) in enumerate(zip(alike, best, strict=True))
        }
    return found


def _by_cycles(
    time: datetime, times: Sequence[datetime], values: Floats
) -> list[tuple[Floats, Floats]]:
    """Return what runs of the same hour, and of the same weekday, lead to expect, and how well.

    Not of runs that are a cycle apart or more: the runs just before are those.
    """
    ways = []
    for cycle in _CYCLES:
        if time - times[-1] >= cycle * _A_CYCLE:
            continue
        alike: dict[int, list[int]] = {}
        errors = []
        for place, at in enumerate(times):
            before = alike.setdefault(_phase(at - time, cycle), [])
            if place >= len(times) - _RUNS and len(before) >= _FEWEST_OF_SAME_TIME:
                errors.append(values[place] - np.median(values[before[-_SAME_TIME:]], axis=0))
            before.append(place)
        now = alike.get(0, [])
        if len(now) >= _FEWEST_OF_SAME_TIME and len(errors) >= FEWEST_RUNS:
            expected = np.median(values[now[-_SAME_TIME:]], axis=0)
            ways.append((expected, _usual_error(np.abs(np.array(errors)))))
    return ways


def _phase(age: timedelta, cycle: timedelta) -> int:
    """Return where in a cycle a run is, in hundredths; 0 at a whole number of cycles."""
    return round(age / cycle % 1 * 100) % 100


def _errors_of_recent(values: Floats) -> Floats:
    """Return how far each run was from the median of those before it.

    Of the first runs, which have too few before them, from that of those around.
    """
    first = min(_RECENT, len(values))
    around = min(_RECENT + 1, len(values))
    others = np.array([[each for each in range(around) if each != run] for run in range(first)])
    expected = np.median(values[others], axis=1)
    if len(values) > _RECENT:
        windows = np.lib.stride_tricks.sliding_window_view(values, _RECENT, axis=0)[:-1]
        expected = np.concatenate([expected, np.median(windows, axis=-1)])
    errors: Floats = np.abs(values - expected)
    return errors


def _usual_error(errors: Floats) -> Floats:
    """Return the standard deviation of errors, by the one that nine of ten do not exceed.

    With an allowance for few of them.
    """
    usual = np.quantile(errors, _USUAL_SHARE, axis=0) / _NORMAL_AT_USUAL
    allowed: Floats = usual * (1 + _FEW_RUNS / len(errors))
    return allowed


def _usual_std(past: Sequence[PastRun]) -> float:
    stds = [math.exp(run.measures["log_std"]) for run in past if "log_std" in run.measures]
    return float(np.median(stds)) if stds else 0.0


def _is_of_season(time: datetime, now: datetime) -> bool:
    years = (now - time) / _YEAR
    return round(years) >= 1 and abs(years - round(years)) * _YEAR <= _SEASON
