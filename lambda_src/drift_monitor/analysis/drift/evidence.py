"""What a column's values show against chance: how far it moved, and how far chance alone would.

Everything here assumes independent rows. Where nothing moved, both tables are samples of one
population, so that what differs between them is chance alone:

- the distance of two quantile functions tends to an integral of a Brownian bridge over the
  population's quantile function (del Barrio, Giné and Utzet 2005), drawn here from
  seeded paths;
- given how many rows of both tables have a category, how many of them are current's is
  hypergeometric (Fisher 1935), exactly;
- the total variation of many categories tends to a normal law, whose mean and variance follow from
  the mean deviation of each category's rows (De Moivre's formula).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Protocol

import numpy as np
import numpy.typing as npt

from drift_monitor.analysis.columns.blocks import Floats
from drift_monitor.analysis.columns.values import Counts

_PATHS, LEVELS = 4096, 128
"""How many bridges are drawn, and at how many levels of the quantile functions."""
_LEVELS = np.arange(1, LEVELS) / LEVELS
_TAIL = 0.04
"""The share of the paths from which the quantiles beyond them follow."""
_RATIO_FLOOR = 0.004
"""Shares below this count as this, so that a new category counts from 0.8 % on: one of 1 % is found
in spite of chance."""
_POINTS_PER_DOUBLING = 0.05
_KEPT = 20
"""Categories that are kept as evidence: so many by effect, and so many by how improbable they are.
"""
_TWO = 2
_MANY = 20
"""Categories from which their total variation tends to a normal law."""
_COVARIANCE = 1 - 2 / math.pi
_COUNTED_EXACTLY = 2000.0
"""Standard deviations of a count, in rows, up to which its tail is summed exactly."""


class Change(Protocol):
    """One way in which a column moved."""

    @property
    def effect(self) -> float:
        """Return how far it moved, in the unit of the score."""

    def noise(self, alpha: float) -> float:
        """Return how far chance alone moves it, but for this share of tables.

        Infinite where no count of the rows would be beyond chance.
        """


@dataclass(frozen=True)
class Evidence:
    """The ways in which a column may have moved.

    Attributes:
        changes: those that were measured.
        tests: how many could have been found, among which alpha is shared (Bonferroni).
        rows: of reference and of current, with a value.
    """

    changes: Sequence[Change]
    tests: int
    rows: tuple[int, int]

    @property
    def largest(self) -> float:
        """The largest effect, by chance or not."""
        return max(change.effect for change in self.changes)

    def strongest(self, threshold: float, alpha: float) -> tuple[float, float]:
        """Return effect and noise of the largest change beyond chance; else of the largest."""
        largest = max(self.changes, key=lambda change: change.effect)
        beyond = self._beyond(alpha, threshold)
        shown = max(beyond, key=lambda change: change.effect) if beyond else largest
        return shown.effect, shown.noise(alpha / self.tests)

    def is_beyond_chance(self, alpha: float) -> bool:
        """Return whether the column moved at all, further than chance moves it."""
        return bool(self._beyond(alpha, 0.0))

    def _beyond(self, alpha: float, threshold: float) -> list[Change]:
        return [
            change
            for change in self.changes
            if change.effect >= threshold
            and change.effect > 0
            and change.effect >= change.noise(alpha / self.tests)
        ]


@dataclass(frozen=True)
class Shift:
    """The distance between the quantile functions of two tables' numbers.

    Attributes:
        effect: the distance, in robust standard deviations.
        start: the square of chance's distance that `_TAIL` of the tables exceed.
        slope: by how much that square grows as their share falls by a factor of e.
        skew: the skewness that the smaller table gives it where most of the distance lies to one
            side, as where 99 % of the numbers are zero.
    """

    effect: float
    start: float
    slope: float
    skew: float

    def noise(self, alpha: float) -> float:
        """Return the distance that this share of the tables exceeds by chance.

        The tail of the integral is Gaussian, so its square's is exponential; the skewness is
        corrected as by Cornish and Fisher (1938).
        """
        distance = math.sqrt(self.start + self.slope * max(0.0, math.log(_TAIL / alpha)))
        z = NormalDist().inv_cdf(1 - alpha / 2)
        return distance * (1 + self.skew * (z**2 - 1) / (6 * z))


def shift_of(effect: float, pooled: Floats, rows: tuple[int, int]) -> Shift:
    """Return a distance with what chance makes of it.

    Args:
        effect: the mean distance between the quantile functions.
        pooled: the quantiles of both tables together, at the middle of each of `LEVELS` levels, in
            the unit of the effect.
        rows: of reference and of current.
    """
    steps = np.diff(pooled)
    # Not by BLAS, whose threads would wait for each other beside those of other columns.
    drawn = np.einsum("ij,j->i", _bridges(), steps.astype(np.float32))
    beyond = round(_PATHS * _TAIL)
    drawn.partition(_PATHS - beyond)
    tail = np.square(drawn[_PATHS - beyond :].astype(np.float64))
    start = tail.min()
    slope = (tail - start).mean()
    first, second = (1 / max(each - 1, 1) for each in rows)
    variance = first + second
    deviations = np.sqrt(_LEVELS * (1 - _LEVELS))
    weights = steps * deviations
    one_sided = abs(float((weights * (1 - 2 * _LEVELS) / deviations).sum()))
    total = float(weights.sum())
    skew = one_sided / total * abs(first - second) / math.sqrt(variance) if total else 0.0
    return Shift(effect, float(start) * variance, float(slope) * variance, skew)


def smallest_shift(rows: tuple[int, int], alpha: float) -> float:
    """Return the shift of a normal column, in standard deviations, that chance alone gives.

    Args:
        rows: of reference and of current.
        alpha: in which share of the tables chance gives more.
    """
    return shift_of(0.0, _normal_quantiles(), rows).noise(alpha)


@cache
def _normal_quantiles() -> Floats:
    return np.array([NormalDist().inv_cdf((n + 0.5) / LEVELS) for n in range(LEVELS)])


def rows_that_do(noise: float, threshold: float, rows: tuple[int, int]) -> int | None:
    """Return with how many rows of current noise falls to a threshold; two digits of it.

    Args:
        noise: what chance gives now.
        threshold: what is to be told from chance.
        rows: of reference and of current, now.

    Returns:
        None where reference has too few rows for that.
    """
    against, there = rows
    left = (threshold / noise) ** 2 * (1 / against + 1 / there) - 1 / against
    if left <= 0:
        return None
    unit: int = 10 ** max(0, math.floor(-math.log10(left)) - 1)
    return math.ceil(1 / left / unit) * unit


@cache
def _bridges() -> npt.NDArray[np.float32]:
    """Draw the absolute values of Brownian bridges between the levels: a path per row."""
    steps = np.random.default_rng(0).standard_normal((_PATHS, LEVELS), dtype=np.float32)
    paths = np.cumsum(steps, axis=1, out=steps)
    bridges = paths[:, :-1] - paths[:, -1:] * _LEVELS.astype(np.float32)
    scaled: npt.NDArray[np.float32] = np.abs(bridges / np.sqrt(np.float32(LEVELS)))
    return scaled


@dataclass(frozen=True)
class ShareChange:
    """The change of one category's share.

    Attributes:
        before: how many rows of reference have it.
        after: how many rows of current.
        rows: of reference and of current.
        unit: what a point of a share counts in the score.
    """

    before: int
    after: int
    rows: tuple[int, int]
    unit: float = 1.0

    @property
    def effect(self) -> float:
        """The change in points of a share, where twice as much counts as 5 points."""
        return self._effect_of(self.after)

    def _effect_of(self, after: int) -> float:
        """Return the effect if so many of the rows that have it were current's."""
        p, q = (self.before + self.after - after) / self.rows[0], after / self.rows[1]
        return self.unit * float(share_effects(np.array(p), np.array(q)))

    def noise(self, alpha: float) -> float:
        """Return the smallest effect, to the same side, that is beyond chance."""
        m, n = self.rows
        total = self.before + self.after
        rises = self.after * m > self.before * n
        if not rises:  # a fall of current is a rise of what it lacks
            m, n = n, m
        fewest = fewest_beyond_chance(total, m, n, alpha / 2)
        if fewest is None:
            return math.inf
        return self._effect_of(fewest if rises else total - fewest)


def share_effects(p: Floats, q: Floats) -> Floats:
    """Return the change of shares in points, where twice as much counts as 5 points.

    Args:
        p: shares in reference.
        q: the same in current.
    """
    larger = np.maximum(np.maximum(p, q), _RATIO_FLOOR)
    smaller = np.maximum(np.minimum(p, q), _RATIO_FLOOR)
    doublings: Floats = np.log2(larger / smaller)
    return np.maximum(np.abs(p - q), _POINTS_PER_DOUBLING * doublings)


def fewest_beyond_chance(total: int, m: int, n: int, alpha: float) -> int | None:
    """Return the fewest rows of a sample that are too many by chance.

    Args:
        total: how many rows of both samples have a category.
        m: the other sample's rows.
        n: this sample's rows.
        alpha: how probable so many or more may be, where both are samples of one population.

    Returns:
        The smallest count whose upper hypergeometric tail is no more than alpha; None where there
        is none.
    """
    mean = total * n / (m + n)
    variance = mean * (m / (m + n)) * ((m + n - total) / max(m + n - 1, 1))
    deviation = math.sqrt(variance)
    if deviation > _COUNTED_EXACTLY:
        return math.ceil(mean + NormalDist().inv_cdf(1 - alpha) * deviation)
    lowest = max(0, total - m, math.floor(mean - 10 * deviation - 20))
    highest = min(total, n, math.ceil(mean + 12 * deviation + 40))
    counts = np.arange(lowest, highest, dtype=np.float64)
    ratios = np.log((total - counts) * (n - counts)) - np.log(
        (counts + 1) * (m - total + counts + 1)
    )
    logs = np.concatenate([[0.0], np.cumsum(ratios)])
    masses = np.exp(logs - logs.max())
    tails = np.cumsum(masses[::-1])[::-1] / masses.sum()
    beyond = np.flatnonzero(tails <= alpha)
    return lowest + int(beyond[0]) if len(beyond) else None


@dataclass(frozen=True)
class Variation:
    """The total variation of all categories' shares.

    Attributes:
        distance: as it was measured.
        mean: what chance alone gives on average.
        deviation: by how much that varies.
    """

    distance: float
    mean: float
    deviation: float

    @property
    def effect(self) -> float:
        """Half of what is beyond chance's mean: 10 points of rows elsewhere count as 5."""
        return self._effect_of(self.distance)

    def _effect_of(self, distance: float) -> float:
        # As of what is independent, the squares of what moved and of chance add up.
        return math.sqrt(max(0.0, distance**2 - self.mean**2)) / 2

    def noise(self, alpha: float) -> float:
        """Return the effect that this share of the tables exceeds by chance."""
        return self._effect_of(self.mean + NormalDist().inv_cdf(1 - alpha) * self.deviation)


def evidence_of_counts(before: Counts, after: Counts) -> Evidence:
    """Return what the rows of each category show.

    Args:
        before: how many rows of reference have each category.
        after: the same of current.
    """
    m, n = int(before.sum()), int(after.sum())
    if len(before) <= _TWO:  # what one of two gains, the other loses: the rarer counts
        place = int(np.argmin(before + after))
        return Evidence([ShareChange(int(before[place]), int(after[place]), (m, n))], 1, (m, n))
    # Whether a category's share could change by as much as counts follows from its rows alone.
    counts = np.flatnonzero(before + after >= _RATIO_FLOOR * min(m, n))
    p, q = before[counts] / m, after[counts] / n
    pooled = (before[counts] + after[counts]) / (m + n)
    deviations = np.abs(p - q) / np.sqrt(pooled * (1 - pooled) + 1 / (m + n))
    orders = (np.argsort(-each, kind="stable") for each in (share_effects(p, q), deviations))
    kept = np.unique(np.concatenate([counts[order[:_KEPT]] for order in orders]))
    changes: list[Change] = [
        ShareChange(int(before[place]), int(after[place]), (m, n)) for place in kept
    ]
    if _effective_number(before + after) < _MANY:  # those single changes show as much
        return Evidence(changes, len(counts), (m, n))
    return Evidence([*changes, _variation(before, after)], len(counts) + 1, (m, n))


def _effective_number(totals: Counts) -> float:
    """Return how many categories there are, those with few rows counting less."""
    deviations = np.sqrt(totals / totals.sum())
    return float(deviations.sum() ** 2)


def _variation(before: Counts, after: Counts) -> Variation:
    """Return the total variation, and what chance alone makes of it.

    Given a category's rows in both tables, those of current are binomial, but for what is drawn
    without putting it back; their mean deviation is De Moivre's. What one category gains others
    lose: the covariance of two absolute deviations is at most 1 - 2/pi of their squared
    correlation.
    """
    m, n = int(before.sum()), int(after.sum())
    share, per_row = n / (m + n), 1 / m + 1 / n
    totals, times = np.unique(before + after, return_counts=True)
    variances = totals * share * (1 - share) * (m + n - totals) / (m + n - 1)
    means = _mean_deviations(totals, share) * np.sqrt((m + n - totals) / (m + n - 1))
    mean = float((times * means).sum()) * per_row / 2
    odds = totals / (m + n - totals + 1)  # the squared correlation of two is the product of theirs
    joint = (times * odds * np.sqrt(variances)).sum() ** 2 - (times * odds**2 * variances).sum()
    variance = (times * (variances - means**2).clip(0)).sum() + _COVARIANCE * max(joint, 0.0)
    deviation = math.sqrt(float(variance)) * per_row / 2
    variation = float(np.abs(before / m - after / n).sum()) / 2
    return Variation(variation, mean, deviation)


def _mean_deviations(totals: Counts, share: float) -> Floats:
    """Return the mean distance of binomial counts from their mean, by how many are drawn."""
    means = totals * share
    least = np.floor(means) + 1
    choices = np.array(
        [
            math.lgamma(total + 1) - math.lgamma(some + 1) - math.lgamma(total - some + 1)
            if some <= total
            else -math.inf
            for total, some in zip(totals.tolist(), least.tolist(), strict=True)
        ]
    )
    logs = choices + least * math.log(share) + (totals - least + 1) * math.log1p(-share)
    deviations: Floats = 2 * least * np.exp(logs)
    return deviations
