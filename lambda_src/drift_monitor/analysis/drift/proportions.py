"""Drift methods on shares: how much of each side is in each bin, or has each value.

Apart from where shares come from: sorted numbers and counted categories, in memory or on Spark.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drift_monitor.analysis.columns.blocks import Floats, Integers

_SMALL_SHARE = 0.0001


@dataclass(frozen=True)
class Proportions:
    """The shares of two sides.

    Attributes:
        reference: of each bin or value.
        current: the same.
        times: how many bins or values have each pair of shares; 1 where each is listed by itself.
    """

    reference: Floats
    current: Floats
    times: Integers | int = 1


def jensenshannon(shares: Proportions) -> float:
    """Return the Jensen-Shannon distance, natural logarithm (Endres and Schindelin 2003)."""
    p, q, times = shares.reference, shares.current, shares.times
    middle = (p + q) / 2
    entropy = _relative_entropy(p, middle, times) + _relative_entropy(q, middle, times)
    return float(np.sqrt(entropy / 2))


def kl_div(shares: Proportions) -> float:
    """Return the Kullback-Leibler divergence of reference from current, empty bins filled."""
    p, q = _filled(shares.reference), _filled(shares.current)
    p, q = p / (p * shares.times).sum(), q / (q * shares.times).sum()
    return _relative_entropy(p, q, shares.times)


def psi(shares: Proportions) -> float:
    """Return the population stability index, empty bins filled."""
    p, q = _filled(shares.reference), _filled(shares.current)
    return float(((p - q) * np.log(p / q) * shares.times).sum())


def hellinger(shares: Proportions) -> float:
    """Return the Hellinger distance."""
    affinity = (np.sqrt(shares.reference * shares.current) * shares.times).sum()
    return float(np.sqrt(1 - np.clip(affinity, 0, 1)))


PROPORTION_METHODS: dict[str, Callable[[Proportions], float]] = {
    "jensenshannon": jensenshannon,
    "kl_div": kl_div,
    "psi": psi,
    "hellinger": hellinger,
}


def _relative_entropy(p: Floats, q: Floats, times: Integers | int) -> float:
    occurs = p > 0
    if not isinstance(times, int):
        times = times[occurs]
    return float((p[occurs] * np.log(p[occurs] / q[occurs]) * times).sum())


def _filled(shares: Floats) -> Floats:
    """Put a small share where there is none, as Evidently does, so that logarithms exist."""
    smallest = shares[shares > 0].min()
    filler = smallest / 10**6 if smallest <= _SMALL_SHARE else _SMALL_SHARE
    return np.where(shares == 0, filler, shares)
