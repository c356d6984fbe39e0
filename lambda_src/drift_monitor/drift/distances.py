"""Drift methods that give a distance, on sorted numbers and counted categories.

Each gives Evidently 0.7.23's number: docs/methods.md has the definitions, tests the proof.
"""

import numpy as np
import numpy.typing as npt

from drift_monitor.drift.columns import Floats, Numbers, Side, aligned_counts, as_numpy, union_of

SMALLEST_STD = 0.001
"""Evidently's floor under the reference's standard deviation."""

_BLOCK = 1 << 16
# Evidently bins numbers of more distinct values than this, and counts those of fewer.
_FEW_VALUES = 20
_SMALL_SHARE = 0.0001


def wasserstein(reference: Numbers, current: Numbers) -> float:
    """Earth mover's distance over the reference's standard deviation."""
    return earth_movers_distance(reference.sorted, current.sorted) / max(
        reference.std, SMALLEST_STD
    )


def earth_movers_distance(first: Floats, second: Floats) -> float:
    """Integrate the distance between two samples' quantile functions.

    That is the area between their distribution functions, seen from the side (Vallender 1974). Each
    value of the larger sample, of n values, stands for 1/n of all quantiles; as n is at least m,
    such a cell is cut by at most one quantile of the smaller sample.

    Args:
        first: a sample, ascending.
        second: another, ascending.
    """
    larger, smaller = (first, second) if len(first) >= len(second) else (second, first)
    n, m = len(larger), len(smaller)
    total = 0.0
    for start in range(0, m, _BLOCK):
        quantiles = np.arange(start, min(start + _BLOCK, m) + 1, dtype=np.int64)
        cells, into_cell = np.divmod(quantiles * n, m)
        # Each value of the smaller sample faces the cells that begin in its share of quantiles.
        begins = cells + (into_cell > 0)
        facing = np.repeat(smaller[quantiles[:-1]], np.diff(begins))
        total += float(np.abs(larger[begins[0] : begins[-1]] - facing).sum())
        # Where a share begins within a cell, the rest of the cell faces that share's value.
        cut = np.flatnonzero(into_cell[:-1])
        values, rest = larger[cells[cut]], 1 - into_cell[cut] / m
        before, after = smaller[quantiles[cut] - 1], smaller[quantiles[cut]]
        total += float(((np.abs(values - after) - np.abs(values - before)) * rest).sum())
    return total / n


def jensenshannon(reference: Side, current: Side) -> float:
    """Return the Jensen-Shannon distance, natural logarithm (Endres and Schindelin 2003)."""
    p, q = shares(reference, current)
    middle = (p + q) / 2
    return float(np.sqrt((_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2))


def kl_div(reference: Side, current: Side) -> float:
    """Return the Kullback-Leibler divergence of reference from current, empty bins filled."""
    p, q = (_filled(side) for side in shares(reference, current))
    return _relative_entropy(p / p.sum(), q / q.sum())


def psi(reference: Side, current: Side) -> float:
    """Return the population stability index, empty bins filled."""
    p, q = (_filled(side) for side in shares(reference, current))
    return float(((p - q) * np.log(p / q)).sum())


def hellinger(reference: Side, current: Side) -> float:
    """Return the Hellinger distance; of numbers on bins for as many as their distinct values."""
    if isinstance(reference, Numbers) and isinstance(current, Numbers):
        values = as_numpy(union_of(reference, current))
        # Evidently bins a Python set, in which reference's whole numbers hide equal floats.
        all_known = len(values) == len(reference.count_values()[0])
        whole = reference.is_integer and (current.is_integer or all_known)
        edges = _edges(values[0], values[-1], len(values), whole=whole)
        p, q = (_histogram(side, edges) / side.size for side in (reference, current))
    else:
        counts = aligned_counts(reference, current)
        p, q = (side / side.sum() for side in counts)
    affinity = np.clip(np.sqrt(p * q).sum(), 0, 1)
    return float(np.sqrt(1 - affinity))


def shares(reference: Side, current: Side) -> tuple[Floats, Floats]:
    """Return the shares of bins, or of values where there are few: over both sides' union."""
    if (
        isinstance(reference, Numbers)
        and isinstance(current, Numbers)
        and len(reference.distinct(_FEW_VALUES + 1)) > _FEW_VALUES
    ):
        lowest = min(reference.sorted[0], current.sorted[0])
        highest = max(reference.sorted[-1], current.sorted[-1])
        rows = reference.size + current.size
        edges = _edges(lowest, highest, rows, whole=_are_whole(reference, current))
        return _histogram(reference, edges) / reference.size, _histogram(
            current, edges
        ) / current.size
    counts = aligned_counts(reference, current)
    return counts[0] / reference.size, counts[1] / current.size


def _are_whole(reference: Numbers, current: Numbers) -> bool:
    return reference.is_integer and current.is_integer


def _edges(lowest: float, highest: float, size: int, *, whole: bool) -> Floats:
    """Return the edges of numpy's "sturges" bins, from what it needs to know of the values."""
    if lowest == highest:
        lowest, highest = lowest - 0.5, highest + 0.5
        return np.linspace(lowest, highest, 2)
    width = (highest - lowest) / (np.log2(size) + 1)
    if whole and width < 1:
        width = 1.0
    return np.linspace(lowest, highest, int(np.ceil((highest - lowest) / width)) + 1)


def _histogram(side: Numbers, edges: Floats) -> npt.NDArray[np.int64]:
    """Count the values between edges; the last bin has both of its edges."""
    positions = np.searchsorted(side.sorted, edges, side="left")
    positions[-1] = np.searchsorted(side.sorted, edges[-1], side="right")
    return np.diff(positions)


def _relative_entropy(p: Floats, q: Floats) -> float:
    occurs = p > 0
    return float((p[occurs] * np.log(p[occurs] / q[occurs])).sum())


def _filled(shares: Floats) -> Floats:
    """Put a small share where there is none, as Evidently does, so that logarithms exist."""
    smallest = shares[shares > 0].min()
    filler = smallest / 10**6 if smallest <= _SMALL_SHARE else _SMALL_SHARE
    return np.where(shares == 0, filler, shares)
