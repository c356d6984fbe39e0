"""Drift methods that give a distance, on sorted numbers and counted categories.

Each gives Evidently 0.7.23's number: docs/methods.md has the definitions, tests the proof.
"""

import numpy as np
import numpy.typing as npt

from drift_monitor.analysis.columns.arrays import as_numpy
from drift_monitor.analysis.columns.blocks import Floats
from drift_monitor.analysis.columns.values import ColumnValues, Numbers, aligned_counts, union_of
from drift_monitor.analysis.drift.earth_mover import earth_movers_distance

SMALLEST_STD = 0.001
"""Evidently's floor under the reference's standard deviation."""

FEW_VALUES = 20
"""Evidently bins numbers of more distinct values than this, and counts those of fewer."""

_SMALL_PROPORTION = 0.0001


def wasserstein(reference: Numbers, current: Numbers) -> float:
    """Earth mover's distance over the reference's standard deviation."""
    return earth_movers_distance(reference, current) / max(reference.std, SMALLEST_STD)


def jensenshannon(reference: ColumnValues, current: ColumnValues) -> float:
    """Return the Jensen-Shannon distance, natural logarithm (Endres and Schindelin 2003)."""
    return jensenshannon_of(*proportions(reference, current))


def jensenshannon_of(p: Floats, q: Floats) -> float:
    """Return the Jensen-Shannon distance of two distributions over the same values."""
    middle = (p + q) / 2
    return float(np.sqrt((_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2))


def kl_div(reference: ColumnValues, current: ColumnValues) -> float:
    """Return the Kullback-Leibler divergence of reference from current, empty bins filled."""
    p, q = map(_filled, proportions(reference, current))
    return _relative_entropy(p / p.sum(), q / q.sum())


def psi(reference: ColumnValues, current: ColumnValues) -> float:
    """Return the population stability index, empty bins filled."""
    p, q = map(_filled, proportions(reference, current))
    return float(((p - q) * np.log(p / q)).sum())


def hellinger(reference: ColumnValues, current: ColumnValues) -> float:
    """Return the Hellinger distance; of numbers on bins for as many as their distinct values."""
    if isinstance(reference, Numbers) and isinstance(current, Numbers):
        values = as_numpy(union_of(reference, current))
        # Evidently bins a Python set, in which reference's whole numbers hide equal floats.
        all_known = len(values) == len(reference.count_values()[0])
        whole = reference.is_integer and (current.is_integer or all_known)
        edges = sturges_edges(values[0], values[-1], len(values), whole=whole)
        p, q = (_histogram(column, edges) / column.size for column in (reference, current))
    else:
        counts = aligned_counts(reference, current)
        p, q = (column / column.sum() for column in counts)
    return float(np.sqrt(1 - np.clip(np.sqrt(p * q).sum(), 0, 1)))


def _relative_entropy(p: Floats, q: Floats) -> float:
    occurs = p > 0
    return float((p[occurs] * np.log(p[occurs] / q[occurs])).sum())


def _filled(proportions: Floats) -> Floats:
    """Put a small number where there is none, as Evidently does, so that logarithms exist."""
    smallest = proportions[proportions > 0].min()
    filler = smallest / 10**6 if smallest <= _SMALL_PROPORTION else _SMALL_PROPORTION
    return np.where(proportions == 0, filler, proportions)


def proportions(reference: ColumnValues, current: ColumnValues) -> tuple[Floats, Floats]:
    """Return which part of each table is in each bin, or has each value where these are few."""
    if (
        isinstance(reference, Numbers)
        and isinstance(current, Numbers)
        and len(reference.distinct(FEW_VALUES + 1)) > FEW_VALUES
    ):
        lowest = min(reference.blocks.lowest[0], current.blocks.lowest[0])
        highest = max(reference.blocks.highest[-1], current.blocks.highest[-1])
        rows = reference.size + current.size
        edges = sturges_edges(lowest, highest, rows, whole=_are_whole(reference, current))
        return (
            _histogram(reference, edges) / reference.size,
            _histogram(current, edges) / current.size,
        )
    counts = aligned_counts(reference, current)
    return counts[0] / reference.size, counts[1] / current.size


def _are_whole(reference: Numbers, current: Numbers) -> bool:
    return reference.is_integer and current.is_integer


def sturges_edges(lowest: float, highest: float, size: int, *, whole: bool) -> Floats:
    """Return the edges of numpy's "sturges" bins, from what it needs to know of the values."""
    if lowest == highest:
        lowest, highest = lowest - 0.5, highest + 0.5
        return np.linspace(lowest, highest, 2)
    width = (highest - lowest) / (np.log2(size) + 1)
    if whole and width < 1:
        width = 1.0
    return np.linspace(lowest, highest, int(np.ceil((highest - lowest) / width)) + 1)


def _histogram(column: Numbers, edges: Floats) -> npt.NDArray[np.int64]:
    """Count the values between edges; the last bin has both of its edges."""
    positions = column.rank(edges, "left")
    positions[-1:] = column.rank(edges[-1:], "right")
    return np.diff(positions)
