"""The earth mover's distance between two samples, most of it from the outline of one.

It is the integral of the distance between their quantile functions (Vallender 1974). Over a block
of reference that lies wholly above, or wholly below, what current has at the same quantiles, that
is the difference of two sums. Only in the other blocks each value is looked at.

Quantiles are counted in whole numbers, so that none is rounded: n values of reference and m of
current make n * m shares, of which each value of reference covers m, and each of current n.
"""

from collections.abc import Iterator

import numpy as np

from drift_monitor.drift.columns import Numbers
from drift_monitor.drift.outline import BLOCK, PIECE, Floats, Integers, Outline

_NEAR = 16
"""So many blocks or fewer between two that are looked at are looked at with them."""
_LONGEST = 1 << 13
"""Blocks that are looked at together, at most: 16 MB of reference."""


def earth_movers_distance(reference: Numbers, current: Numbers) -> float:
    """Integrate the distance between two samples' quantile functions."""
    n, m = reference.size, current.size
    outline, values = reference.outline, current.sorted
    bounds = np.append(np.arange(0, n, BLOCK), n) * m
    # Where a block begins, a value of current does, or some of its shares are of the block before.
    position, before = np.divmod(bounds, n)
    lowest, highest = values[position[:-1]], values[position[1:] + (before[1:] > 0) - 1]
    above, below = outline.lowest >= highest, outline.highest <= lowest
    is_apart = above != below  # both above and below is one and the same value throughout
    area = 0.0
    for start, stop in _runs(np.flatnonzero(~(above | below))):
        is_apart[start:stop] = False
        part = reference.values[start * BLOCK : min(stop * BLOCK, n)]
        area += _area(part, values, range(bounds[start], bounds[stop]), n)
    distance = area / (n * m)
    if is_apart.any():
        sums = _block_sums(values, outline, position, before / n) * (n / m)
        distance += float(np.abs(outline.sums - sums)[is_apart].sum()) / n
    return distance


def _runs(blocks: Integers) -> Iterator[tuple[int, int]]:
    """Join blocks that are near each other; yield where each run starts and stops."""
    if len(blocks):
        for run in np.split(blocks, np.flatnonzero(np.diff(blocks) > _NEAR) + 1):
            for start in range(run[0], run[-1] + 1, _LONGEST):
                yield start, min(start + _LONGEST, int(run[-1]) + 1)


def _area(reference: Floats, current: Floats, shares: range, n: int) -> float:
    """Look at each value within some shares, of which `reference` has the values."""
    m, total = len(current), 0.0
    first = shares.start // m
    step = max(PIECE * n * m // (n + m), 1)
    for start in range(shares.start, shares.stop, step):
        stop = min(start + step, shares.stop)
        cuts = np.concatenate(
            [[start, stop], _multiples(m, start, stop), _multiples(n, start, stop)]
        )
        cuts.sort()
        begins = cuts[:-1]
        apart = np.abs(reference[begins // m - first] - current[begins // n])
        total += float((apart * np.diff(cuts)).sum())
    return total


def _multiples(number: int, start: int, stop: int) -> Integers:
    """Return the multiples of a number between two others."""
    return np.arange(start // number + 1, -(-stop // number), dtype=np.int64) * number


def _block_sums(
    current: Floats, outline: Outline, position: Integers, share_before: Floats
) -> Floats:
    """Add up current's distances from the origin, over the quantiles of each block of reference.

    Args:
        current: its values.
        outline: of reference.
        position: where among them each block begins, and the last one ends.
        share_before: how much of the value there belongs to the block before.
    """
    sums = np.zeros(len(outline.sums))
    filled = np.flatnonzero(np.diff(position))  # the blocks in which a value of current ends
    begins = position[filled]
    for start in range(0, len(current), PIECE):
        piece = current[start : start + PIECE] - outline.origin
        first = np.searchsorted(begins, start, "right") - 1
        last = np.searchsorted(begins, start + len(piece))
        cuts = np.maximum(begins[first:last] - start, 0)
        sums[filled[first:last]] += np.add.reduceat(piece, cuts)
    there = current[np.minimum(position, len(current) - 1)] - outline.origin
    shares = there * share_before
    return sums - shares[:-1] + shares[1:]
