"""Scores from counts: the column engine's formulas, on what the passes found."""

from collections.abc import Callable
from math import sqrt

import numpy as np
from scipy import special, stats

from drift_monitor.drift.columns import as_arrow, read_numbers
from drift_monitor.drift.distances import SMALLEST_STD
from drift_monitor.drift.methods import Kind
from drift_monitor.drift.outline import Integers
from drift_monitor.drift.p_values import EXACT_KS, chisquare_of, ks_of, t_test, z_of
from drift_monitor.drift.score import ColumnPair, raw_score
from drift_monitor.drift.shares import SHARE_METHODS, Shares
from drift_monitor.errors import ColumnError
from drift_monitor.spark.bands import Answer, Pairs, scale_of
from drift_monitor.spark.number_column import Numbers
from drift_monitor.spark.tally import Tally
from drift_monitor.spark.text_column import Texts

ROWS_NEEDED = {"anderson", "empirical_mmd", "es", "TVD"}
"""Methods that have no formula on counts, or one only for what fits into memory."""
_EXACT = {"ks", "mannw", "cramer_von_mises"}
_EXACT_MANNW = 8
_SMALLEST_CVM = 0.003
_SMALLEST_TERM = 1e-7
_TWO_VALUES = 2
_EQUAL = float(np.sqrt(np.finfo(np.float64).eps))
"""How far scipy lets sums be apart, relatively."""


def require_counts_do(method: str) -> None:
    """Refuse a method that needs more than counts.

    Raises:
        ColumnError: it is one of those.
    """
    if method in ROWS_NEEDED:
        raise ColumnError(
            f"{method} is not computed by engine: spark: choose another method, or engine: columns"
        )


def is_exact(method: str | None, sizes: tuple[int, int]) -> bool:
    """Tell whether a p-value is exact for so few values, and asks for the values themselves."""
    return method in _EXACT and max(sizes) <= EXACT_KS


def score_whole(method: str, values: Tally) -> float:
    """Score a column of few numbers from its values, as the column engine does."""
    sides = [as_arrow(np.repeat(values.numbers, counts)) for counts in values.counts]
    before, after = sides
    reference, current = (read_numbers([side], side.type, len(side)) for side in sides)
    pair = ColumnPair(Kind.NUMERIC, reference, current, lambda: ([before], [after]))
    return raw_score(method, pair)


def score_numbers(method: str, column: Numbers, answers: list[Answer]) -> float:
    """Score a column of numbers from its bands' answers."""
    pairs = [pair for answer in answers for pair in answer.pairs]
    if pairs:
        return _score_pairs(method, pairs, answers[0].smallest)
    if method in SHARE_METHODS:
        return SHARE_METHODS[method](_binned(answers, column.sizes))
    return _OF_NUMBERS[method](column, answers)


def score_texts(method: str, texts: Texts) -> float:
    """Score a column of categories."""
    return _score_pairs(method, texts.pairs, texts.smallest[1:])


def _score_pairs(method: str, pairs: Pairs, smallest: tuple[int, int]) -> float:
    """Score values that occur so often on either side."""
    before, after, times = np.array(pairs, np.int64).T
    n, m = int((before * times).sum()), int((after * times).sum())
    if method in SHARE_METHODS:
        return SHARE_METHODS[method](Shares(before / n, after / m, times))
    if method == "chisquare":
        return chisquare_of(before, after, times)
    if method == "z":
        return 1.0 if times.sum() == 1 else z_of(smallest, n, m)
    if method == "g_test":
        return _g_test(before, after, times)
    return _fisher_exact(before, after, times)


def _binned(answers: list[Answer], sizes: tuple[int, int]) -> Shares:
    reference, current = (
        np.diff(np.sum([answer.below[side] for answer in answers], axis=0)) / sizes[side]
        for side in (0, 1)
    )
    return Shares(reference, current)


def _summed(answers: list[Answer]) -> dict[str, float]:
    return {
        name: float(np.sum([answer.sums[name] for answer in answers])) for name in answers[0].sums
    }


def _t_test(column: Numbers, _: list[Answer]) -> float:
    return t_test(*column.moments)


def _ks(column: Numbers, answers: list[Answer]) -> float:
    rises = np.array([answer.rises for answer in answers])
    return ks_of(float(rises.max()) / scale_of(column.sizes), *column.sizes)


def _wasserstein(column: Numbers, answers: list[Answer]) -> float:
    with np.errstate(invalid="ignore"):
        deviation = max(column.moments[0].std, SMALLEST_STD)
    return _summed(answers)["area"] / scale_of(column.sizes) / deviation


def _energy(_: Numbers, answers: list[Answer]) -> float:
    return sqrt(2 * _summed(answers)["energy"])


def _mannw(column: Numbers, answers: list[Answer]) -> float:
    """Return the p-value of the Mann-Whitney U test, by scipy's approximation for large samples.

    As Evidently has it, of the one side: that reference's values are the smaller ones.
    """
    (n, m), sums = column.sizes, _summed(answers)
    if min(n, m) <= _EXACT_MANNW and not sums["ties"]:
        raise ColumnError(
            f"mannw of {min(n, m)} values beside {max(n, m):,} is not computed by engine: spark: "
            "choose another method, or engine: columns"
        )
    u = sums["ranks"] - n * (n + 1) / 2
    rows = n + m
    variance = n * m / 12 * ((rows + 1) - sums["ties"] / (rows * (rows - 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.float64(n * m / 2 - u - 0.5) / np.sqrt(variance)
    return float(special.ndtr(-distance))


def _cramer_von_mises(column: Numbers, answers: list[Answer]) -> float:
    """Return the p-value of the Cramer-von Mises test, by the limit of its distribution."""
    (n, m), sums = column.sizes, _summed(answers)
    product, rows = n * m, n + m
    u = n * sums["reference"] + m * sums["current"]
    statistic = u / (product * rows) - (4 * product - 1) / (6 * rows)
    expected = (1 + 1 / rows) / 6
    spread = (rows + 1) * (4 * product * rows - 3 * (n**2 + m**2) - 2 * product)
    variance = spread / (45 * rows**2 * 4 * product)
    normed = 1 / 6 + (statistic - expected) / sqrt(45 * variance)
    if normed < _SMALLEST_CVM:
        return 1.0
    return max(0.0, 1.0 - _limit_of_cramer_von_mises(normed))


_OF_NUMBERS: dict[str, Callable[[Numbers, list[Answer]], float]] = {
    "wasserstein": _wasserstein,
    "ks": _ks,
    "t_test": _t_test,
    "ed": _energy,
    "mannw": _mannw,
    "cramer_von_mises": _cramer_von_mises,
}


def _limit_of_cramer_von_mises(x: float) -> float:
    """Return the distribution function for endless samples (Csorgo and Faraway 1996, (1.2)).

    The sum ends where scipy ends it, and with it Evidently.
    """
    total, term, k = 0.0, 1.0, 0
    while term >= _SMALLEST_TERM:
        y = 4 * k + 1
        q = y**2 / (16 * x)
        u = np.exp(special.gammaln(k + 0.5) - special.gammaln(k + 1)) / (np.pi**1.5 * np.sqrt(x))
        term = float(u * np.sqrt(y) * np.exp(-q) * special.kv(0.25, q))
        total += term
        k += 1
    return total


def _g_test(before: Integers, after: Integers, times: Integers) -> float:
    """Return the p-value of the G-test, for which both sides must have as many values."""
    n, m = int((before * times).sum()), int((after * times).sum())
    if abs(n - m) > _EQUAL * min(n, m):
        raise ValueError("the G-test compares sides of equal size")
    with np.errstate(divide="ignore"):
        statistic = (2 * special.xlogy(after, after / before) * times).sum()
    return float(special.chdtrc(int(times.sum()) - 1, statistic))


def _fisher_exact(before: Integers, after: Integers, times: Integers) -> float:
    """Return the p-value of Fisher's exact test: of two values, and sides of equal size."""
    first, second = np.repeat(before, times), np.repeat(after, times)
    if len(first) > _TWO_VALUES or first.sum() != second.sum():
        raise ValueError("Fisher's exact test compares two values on sides of equal size")
    padding = [0] * (_TWO_VALUES - len(first))
    return float(stats.fisher_exact([[*second, *padding], [*first, *padding]]).pvalue)
