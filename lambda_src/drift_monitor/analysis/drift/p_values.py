"""Drift methods that give a p-value, on sorted numbers and counted categories.

Apart from the distances, for scipy's statistics take a second to import. Each but
chisquare_homogeneity, which Evidently does not have, gives Evidently 0.7.23's number.
"""

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from drift_monitor.analysis.columns.values import ColumnValues, Counts, Numbers, aligned_counts
from drift_monitor.config.methods import MethodName
from drift_monitor.errors import ColumnError

EXACT_KS = 10_000
"""Up to this many values in either table, scipy computes the exact distribution."""
_PERMUTATIONS = 1_000
_TWO_VALUES = 2


def ks(reference: Numbers, current: Numbers) -> float:
    """Two-sample Kolmogorov-Smirnov test, two-sided, exact for small samples."""
    first, second = reference.sorted, current.sorted
    if max(reference.size, current.size) <= EXACT_KS:
        return float(stats.ks_2samp(first, second).pvalue)
    n, m = reference.size, current.size
    distance = max(_rise(first, second), _rise(second, first))
    return float(np.clip(stats.kstwo.sf(distance, np.round(n * m / (n + m))), 0, 1))


def _rise(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    """Return how far first's distribution function rises above second's, at one of its steps."""
    own = np.arange(1, len(first) + 1) / len(first)
    other = np.searchsorted(second, first, side="right") / len(second)
    return float((own - other).max())


def t_test(reference: Numbers, current: Numbers) -> float:
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
    before, after = _counts_of_several(MethodName.CHISQUARE, reference, current)
    expected = before * (after.sum() / before.sum())
    with np.errstate(divide="ignore"):
        statistic = (np.square(after - expected) / expected).sum()
    return float(special.chdtrc(len(before) - 1, statistic))


def chisquare_homogeneity(reference: ColumnValues, current: ColumnValues) -> float:
    """Pearson's chi-square test that both tables' counts are samples of the same shares.

    Raises:
        ColumnError: there is only one value.
    """
    before, after = _counts_of_several(MethodName.CHISQUARE_HOMOGENEITY, reference, current)
    ratio = np.sqrt(after.sum() / before.sum())
    statistic = (np.square(before * ratio - after / ratio) / (before + after)).sum()
    return float(special.chdtrc(len(before) - 1, statistic))


def g_test(reference: ColumnValues, current: ColumnValues) -> float:
    """G-test (log-likelihood ratio) of current's counts against reference's shares.

    Evidently compares counts as they are, and fails unless both tables have equally many.

    Raises:
        ColumnError: there is only one value.
    """
    before, after = _counts_of_several(MethodName.G_TEST, reference, current)
    expected = before * (after.sum() / before.sum())
    with np.errstate(divide="ignore"):
        statistic = 2 * special.xlogy(after, after / expected).sum()
    return float(special.chdtrc(len(before) - 1, statistic))


def _counts_of_several(
    method: MethodName, reference: ColumnValues, current: ColumnValues
) -> tuple[Counts, Counts]:
    counts = aligned_counts(reference, current)
    if len(counts[0]) == 1:
        raise ColumnError(f"{method} needs two values, and both tables hold only one and the same")
    return counts


def fisher_exact(reference: ColumnValues, current: ColumnValues) -> float:
    """Fisher's exact test of two values' counts, two-sided.

    Evidently computes it for tables of equally many values alone.

    Raises:
        ColumnError: there are more than two values.
    """
    before, after = aligned_counts(reference, current)
    if len(before) == 1:
        return 1.0
    if len(before) > _TWO_VALUES:
        raise ColumnError(f"fisher_exact compares two values, and the tables hold {len(before):,}")
    return float(stats.fisher_exact([before, after]).pvalue)


def z(reference: ColumnValues, current: ColumnValues) -> float:
    """Z-test on the share of the smallest value, two-sided, variances pooled."""
    before, after = aligned_counts(reference, current)
    if len(before) == 1:
        return 1.0
    n, m = reference.size, current.size
    share, other = (n - int(before[0])) / n, (m - int(after[0])) / m
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
