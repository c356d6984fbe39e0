"""The scores of the calibrated judge, each with its evidence: one rule for tables of any size.

Numbers that take few values, and categories, are judged by the shares of rows that have them; other
numbers by how far their quantiles moved, in robust standard deviations. docs/verdicts.md says why.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drift_monitor.analysis.columns.blocks import BLOCK, Floats, Integers
from drift_monitor.analysis.columns.values import ColumnValues, Counts, Numbers, aligned_counts
from drift_monitor.analysis.drift.evidence import (
    LEVELS,
    Change,
    Evidence,
    ShareChange,
    evidence_of_counts,
    shift_of,
)
from drift_monitor.config.methods import MethodName
from drift_monitor.errors import ColumnError

_FEW_VALUES = 5
"""Numbers of no more distinct values than this are compared as categories, as Evidently does."""
_TRIMMED = 0.005
"""The share of values at either end that is moved in to the one next to it (winsorized)."""
_FEWEST_BEYOND = 2
"""Rows of the smaller table that are moved in beside: one alone shows nothing."""
_NORMAL_IQR = 1.3489795003921634
"""The interquartile range of a normal distribution of standard deviation 1."""
_NORMAL_MIDDLE = 1.989915804
"""The same of its quantiles at 16 and 84 %."""
_SENTINEL_SHARE, _SENTINEL_DISTANCE, _MOST_SENTINELS = 0.001, 10.0, 10
"""A value of so many rows, and so many standard deviations out, stands for something else."""
_SENTINEL_UNIT = 2.0
"""What a point of a sentinel's share counts in standard deviations: 5 points are 0.1."""
_INTERPOLATED = 1 << 18
"""From so many values on, quantiles are taken from the first value of each block."""

_STEPS = 2 * LEVELS
_MIDDLES = (np.arange(_STEPS) + 0.5) / _STEPS
"""The levels at which quantile functions are compared: twice as many as noise is drawn at."""
_NOISE_MIDDLES = (np.arange(LEVELS) + 0.5) / LEVELS


@dataclass(frozen=True)
class Sentinel:
    """A number far out that many rows have, such as -9999: it stands for something else.

    Attributes:
        value: the number.
        before: how many rows of reference have it.
        after: how many rows of current.
    """

    value: float
    before: int
    after: int


@dataclass(frozen=True)
class Judged:
    """What is judged of a column.

    Attributes:
        method: the score that the evidence is of.
        evidence: what the values show against chance.
        sentinels: the numbers that were set apart.
    """

    method: MethodName
    evidence: Evidence
    sentinels: Sequence[Sentinel] = ()


def counts_of_few(reference: ColumnValues, current: ColumnValues) -> tuple[Counts, Counts] | None:
    """Return how often each value occurs in both tables; None where there are many numbers."""
    if isinstance(reference, Numbers) and isinstance(current, Numbers):
        few = _FEW_VALUES + 1
        if len({*reference.distinct(few), *current.distinct(few)}) > _FEW_VALUES:
            return None
    return aligned_counts(reference, current)


def judged_by_counts(before: Counts, after: Counts) -> Judged:
    """Return what the rows of each category, or of each of a few numbers, show."""
    return Judged(MethodName.SHARE_CHANGE, evidence_of_counts(before, after))


def judged_by_shift(reference: Numbers, current: Numbers) -> Judged:
    """Return what two tables' numbers show; each has at least one.

    Raises:
        ColumnError: the numbers are too large to be told apart.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        judged = _by_shift(reference, current)
    return _by_middle_value(reference, current) if judged is None else judged


def _by_middle_value(reference: Numbers, current: Numbers) -> Judged:
    """Return how many rows have the value that nearly all of reference's have."""
    middle = float(reference.values[np.array([reference.size // 2])][0])
    counts = [
        np.array([rows, column.size - rows])
        for column in (reference, current)
        for rows in [_rows_of(column, np.array([middle]))[0]]
    ]
    return judged_by_counts(*counts)


def _by_shift(reference: Numbers, current: Numbers) -> Judged | None:
    """Return how far the quantiles moved; None where reference's numbers have no spread."""
    sentinels = _sentinels(reference, current)
    values = [sentinel.value for sentinel in sentinels]
    before, after = (_Quantiles(column, values) for column in (reference, current))
    spread = _spread(before)
    if not spread:
        return None
    p, q = before.at(_MIDDLES), after.at(_MIDDLES)
    trimmed = _TRIMMED + _FEWEST_BEYOND / min(before.size, after.size)
    low, high = _mixed(p, q, (1, 1), np.array([trimmed, 1 - trimmed]))
    p, q = np.clip(p, low, high), np.clip(q, low, high)
    rows = (before.size, after.size)
    effect = float(np.abs(p - q).mean() / spread)
    if not math.isfinite(effect):
        raise ColumnError("the numbers are too large to be compared")
    changes: list[Change] = [shift_of(effect, _mixed(p, q, rows, _NOISE_MIDDLES) / spread, rows)]
    sizes = (reference.size, current.size)
    changes += [ShareChange(each.before, each.after, sizes, _SENTINEL_UNIT) for each in sentinels]
    evidence = Evidence(changes, len(changes), sizes)
    return Judged(MethodName.ROBUST_WASSERSTEIN, evidence, sentinels)


def _mixed(p: Floats, q: Floats, weights: tuple[int, int], levels: Floats) -> Floats:
    """Return quantiles of two tables together, from those of each at the middles of the levels."""
    values = np.concatenate([p, q])
    weight = np.repeat(np.array(weights) / (sum(weights) * _STEPS), _STEPS)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order]) - weight[order] / 2
    mixed: Floats = np.interp(levels, below, values[order])
    return mixed


def _spread(reference: "_Quantiles") -> float:
    """Return reference's robust standard deviation; 0 where nearly all numbers are the same.

    Where half of them are the same, it is that of the middle two thirds, else of all but the ends.
    """
    lowest, low, middle_low, middle_high, high, highest = reference.at(
        np.array([_TRIMMED, 0.16, 0.25, 0.75, 0.84, 1 - _TRIMMED])
    )
    if middle_high > middle_low:
        return float(middle_high - middle_low) / _NORMAL_IQR
    if high > low:
        return float(high - low) / _NORMAL_MIDDLE
    return float(np.clip(reference.at(_MIDDLES), lowest, highest).std())


class _Quantiles:
    """The quantile function of a table's numbers, without some that are set apart."""

    def __init__(self, numbers: Numbers, without: Sequence[float]) -> None:
        self._numbers = numbers
        wanted = np.array(sorted(without))
        starts = numbers.rank(wanted, "left") if len(wanted) else np.array([], np.int64)
        lengths = _rows_of(numbers, wanted) if len(wanted) else np.array([], np.int64)
        self._gaps = lengths
        self._starts = starts - np.concatenate([[0], np.cumsum(lengths)[:-1]])[: len(lengths)]
        self.size = numbers.size - int(lengths.sum())

    def at(self, levels: Floats) -> Floats:
        """Interpolate between the two nearest values, as numpy does."""
        positions = levels * (self.size - 1)
        if self._numbers.size >= _INTERPOLATED:
            return self._interpolated(positions)
        below = positions.astype(np.int64)
        above = np.minimum(below + 1, self.size - 1)
        low, high = (
            self._numbers.sorted[self._placed(below)],
            self._numbers.sorted[self._placed(above)],
        )
        quantiles: Floats = low + (high - low) * (positions - below)
        return quantiles

    def _placed(self, positions: Integers) -> Integers:
        """Return where the numbers are among all, by their places among those that are kept."""
        skipped = np.searchsorted(self._starts, positions, "right")
        placed: Integers = positions + np.concatenate([[0], np.cumsum(self._gaps)])[skipped]
        return placed

    def _interpolated(self, positions: Floats) -> Floats:
        """Interpolate between the first values of blocks, so that none of a file is read."""
        blocks, size = self._numbers.blocks, self._numbers.size
        places = np.append(np.arange(len(blocks.lowest)) * BLOCK, size - 1)
        values = np.append(blocks.lowest, blocks.highest[-1])
        whole = positions.astype(np.int64)
        quantiles: Floats = np.interp(self._placed(whole) + positions - whole, places, values)
        return quantiles


def _sentinels(reference: Numbers, current: Numbers) -> list[Sentinel]:
    """Return the numbers far out that many rows of either table have, apart from all others."""
    middle, spread = _middle_and_spread(reference)
    if not spread:
        return []
    found = {
        value
        for column in (reference, current)
        for value in _frequent_far_out(column, middle, spread)
    }
    values = np.array(sorted(found))
    if not len(values):
        return []
    before, after = _rows_of(reference, values), _rows_of(current, values)
    order = np.argsort(-(before / reference.size + after / current.size), kind="stable")
    return [
        Sentinel(float(values[place]), int(before[place]), int(after[place]))
        for place in order[:_MOST_SENTINELS]
    ]


def _middle_and_spread(reference: Numbers) -> tuple[float, float]:
    quantiles = _Quantiles(reference, [])
    return float(quantiles.at(np.array([0.5]))[0]), _spread(quantiles)


def _frequent_far_out(column: Numbers, middle: float, spread: float) -> list[float]:
    """Return values that no other is near, and that so many rows have.

    A run of so many equal values covers one of the places that are looked at.
    """
    rows = max(2, math.ceil(_SENTINEL_SHARE * column.size))
    values = np.unique(column.values[np.arange(0, column.size, rows)])
    far = values[np.abs(values - middle) > _SENTINEL_DISTANCE * spread]
    if not len(far):
        return []
    start, stop = column.rank(far, "left"), column.rank(far, "right")
    near_start, near_stop = column.rank(far - spread, "left"), column.rank(far + spread, "right")
    is_apart = (near_start == start) & (near_stop == stop) & (stop - start >= rows)
    apart: list[float] = far[is_apart].tolist()
    return apart


def _rows_of(column: Numbers, values: Floats) -> Integers:
    """Return how many rows have each of these numbers."""
    return column.rank(values, "right") - column.rank(values, "left")
