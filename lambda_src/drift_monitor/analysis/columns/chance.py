"""What chance alone does to a share of rows, by the exact test of two samples, and to a count."""

import math

import numpy as np

_SUMMED = 2000.0
"""Standard deviations of a count, in rows, up to which its tail is summed exactly."""


def share_p_value(before: int, m: int, after: int, n: int) -> float:
    """Return how probable such a difference of two shares is (Fisher 1935), both of one population.

    Given how many rows of both samples are of interest, how many of them lie in the second one is
    hypergeometric: twice its smaller tail, or that of the normal law where counts are huge.

    Args:
        before: rows of interest in the first sample.
        m: its rows, at least one.
        after: rows of interest in the second sample.
        n: its rows, at least one.
    """
    if after * m < before * n:  # what falls is a rise of the other rows
        before, after = m - before, n - after
    total, rows = before + after, m + n
    mean = total * n / rows
    deviation = math.sqrt(mean * (m / rows) * ((rows - total) / max(rows - 1, 1)))
    if deviation > _SUMMED:
        return min(1.0, math.erfc((after - 0.5 - mean) / (deviation * math.sqrt(2))))
    highest = min(total, n, after + math.ceil(12 * deviation) + 40)
    counts = np.arange(after, highest, dtype=np.float64)
    ratios = (total - counts) * (n - counts) / ((counts + 1) * (m - total + counts + 1))
    mass = math.exp(_log_choices(n, after) + _log_choices(m, before) - _log_choices(rows, total))
    return min(1.0, 2 * mass * (1.0 + float(np.cumprod(ratios).sum())))


def at_least(found: int, among: int, rate: float) -> float:
    """Return how probable so many or more of some things are, each with this rate (binomial).

    Args:
        found: how many.
        among: of how many.
        rate: of each, between 0 and 1.
    """
    logs = (
        _log_choices(among, each) + each * math.log(rate) + (among - each) * math.log1p(-rate)
        for each in range(found, among + 1)
    )
    return min(1.0, math.fsum(map(math.exp, logs)))


def _log_choices(among: int, taken: int) -> float:
    return math.lgamma(among + 1) - math.lgamma(taken + 1) - math.lgamma(among - taken + 1)
