"""Drift methods that give a p-value, on sorted numbers and counted categories.

Apart from the distances, for scipy's statistics take a second to import. Each gives Evidently
0.7.23's number.
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from drift_monitor.analysis.columns.blocks import Integers
from drift_monitor.analysis.columns.values import ColumnValues, Numbers, aligned_counts
from drift_monitor.errors import ColumnError

EXACT_KS = 10_000
"""Up to so many values a side, scipy computes the exact distribution."""
_PERMUTATIONS = 1_000


def ks(reference: Numbers, current: Numbers) -> float:
    """Two-sample Kolmogorov-Smirnov test, two-sided, exact for small samples."""
    first, second = reference.sorted, current.sorted
    if max(reference.size, current.size) <= EXACT_KS:
        return float(stats.ks_2samp(first, second).pvalue)
    distance = max(_rise(first, second), _rise(second, first))
    return ks_of(distance, reference.size, current.size)


def ks_of(distance: float, n: int, m: int) -> float:
    """Return the p-value of two large samples whose distribution functions are so far apart."""
    return float(np.clip(stats.kstwo.sf(distance, np.round(n * m / (n + m))), 0, 1))


def _rise(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    """Return how far first's distribution function rises above second's, at one of its steps."""
    own = np.arange(1, len(first) + 1) / len(first)
    other = np.searchsorted(second, first, side="right") / len(second)
    return float((own - other).max())


class Moments(Protocol):
    """What the t-test asks of a side."""

    @property
    def size(self) -> int:
        """How many values count."""

    @property
    def mean(self) -> float:
        """The arithmetic mean."""

    @property
    def squares(self) -> float:
        """The sum of the squared distances from the mean."""


def t_test(reference: Moments, current: Moments) -> float:
    """Student's t-test, two-sided, equal variances assumed."""
    n, m = reference.size, current.size
    freedom = n + m - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.float64(reference.squares + current.squares) / freedom
        t = (reference.mean - current.mean) / np.sqrt(variance * (1 / n + 1 / m))
    return float(2 * special.stdtr(freedom, -np.abs(t)))


def chisquare(reference: ColumnValues, current: ColumnValues) -> float:
    """Pearson's chi-square test of current's counts against reference's shares.

    Raises:
        ColumnError: there is only one value. (Evidently's number is then made of rounding: NaN
            or 0, which would be drift.)
    """
    return chisquare_of(*aligned_counts(reference, current))


def chisquare_of(before: Integers, after: Integers, times: Integers | int = 1) -> float:
    """Return the p-value of values that occur so often.

    Args:
        before: how often, in reference.
        after: how often, in current.
        times: how many values there are of each; 1 where each is listed by itself.
    """
    values = len(before) if isinstance(times, int) else int(times.sum())
    if values == 1:
        raise ColumnError("chisquare needs two values, and both tables hold only one and the same")
    expected = before * ((after * times).sum() / (before * times).sum())
    with np.errstate(divide="ignore"):
        statistic = (np.square(after - expected) / expected * times).sum()
    return float(special.chdtrc(values - 1, statistic))


def z(reference: ColumnValues, current: ColumnValues) -> float:
    """Z-test on the share of the smallest value, two-sided, variances pooled."""
    before, after = aligned_counts(reference, current)
    if len(before) == 1:
        return 1.0
    return z_of((int(before[0]), int(after[0])), reference.size, current.size)


def z_of(smallest: tuple[int, int], n: int, m: int) -> float:
    """Return the p-value of two sides of two values, of which the smallest occurs so often."""
    share, other = (n - smallest[0]) / n, (m - smallest[1]) / m
    pooled = (share * n + other * m) / (n + m)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.float64(share - other) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return float(2 * (1 - special.ndtr(np.abs(statistic))))


def tvd(reference: npt.NDArray[np.integer], current: npt.NDArray[np.integer]) -> float:
    """Permutation test on the total variation distance, with Evidently's seed and permutations.

    Args:
        reference: the codes of its categories, in the order of rows.
        current: the same.
    """
    codes = np.concatenate([reference, current])
    categories = int(codes.max()) + 1
    total = np.bincount(codes, minlength=categories)
    observed = _variation(np.bincount(reference, minlength=categories), total)
    generator = np.random.RandomState(0)
    permuted = [
        _variation(np.bincount(codes[order[: len(reference)]], minlength=categories), total)
        for order in (generator.permutation(len(codes)) for _ in range(_PERMUTATIONS))
    ]
    return float(np.mean(observed <= np.array(permuted)))


def _variation(part: npt.NDArray[np.int64], total: npt.NDArray[np.int64]) -> float:
    rest = total - part
    return float(0.5 * np.abs(part / part.sum() - rest / rest.sum()).sum())
