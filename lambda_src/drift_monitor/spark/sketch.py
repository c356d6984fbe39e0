"""Sketches: values rounded before they are moved, and how far that may take a score.

Rounded to multiples of a step, a column's values are some thousands, however many rows there are.
Each is moved by half a step at most. The Wasserstein distance is what it takes to move one table's
values onto the other's: it changes by no more than all values were moved, a step for both tables.
The standard deviation, by which it is divided, changes by half a step at most. Both hold for any
values, heavy tails too.
"""

from math import floor, isfinite, log2

import numpy as np

from drift_monitor.drift.columns import as_arrow, starts_of_values
from drift_monitor.drift.distances import SMALLEST_STD
from drift_monitor.drift.outline import Floats, Integers
from drift_monitor.spark.bands import Moments
from drift_monitor.spark.tally import Tally

SKETCHED = "wasserstein"
"""The one method whose error has a bound: p-values and logarithms of shares have none."""
MANY = 1000
"""A portion with no more distinct values than this is not worth rounding."""
_SMALLEST_STEP = 1e-290


def spread_of(values: Floats, counts: Integers) -> float:
    """Return the standard deviation of a portion's values; 0.0 where they are few."""
    return Moments.of(values, counts).std if len(values) > MANY else 0.0


def step_for(most: float, spread: float) -> float:
    """Return what to round to, that a score may be off by so much; 0.0 for not at all.

    A power of two: dividing by it and multiplying with it lose no digit.

    Args:
        most: how far the score may be off, in reference's standard deviations.
        spread: that deviation, or less.
    """
    widest = most * spread / 2
    if not isfinite(widest) or widest < _SMALLEST_STEP:
        return 0.0
    return float(2.0 ** floor(log2(widest)))


def rounded(tally: Tally, step: float) -> Tally:
    """Round the numbers of a tally to multiples of a step, and count them together."""
    if not len(tally):
        return tally
    with np.errstate(over="ignore"):
        values = np.rint(tally.numbers / step) * step
    values = np.where(np.isfinite(values), values, tally.numbers)
    starts = starts_of_values(values)
    reference, current = (np.add.reduceat(counts, starts) for counts in tally.counts)
    return Tally(as_arrow(values[starts]), reference, current)


def error_of(score: float, std: float, step: float) -> float:
    """Return how far a Wasserstein score of rounded values may be from that of the values.

    Args:
        score: the area between the distribution functions, over reference's standard deviation.
        std: that deviation, of the rounded values.
        step: what they were rounded to.
    """
    least = max(std - step / 2, SMALLEST_STD)
    return step * (1 + score / 2) / least
