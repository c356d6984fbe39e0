"""The earth mover's distance between two samples, most of it from the sorted blocks of one.

It is the integral of the distance between their quantile functions (Vallender 1974). Over a block
of reference that lies wholly above, or wholly below, what current has at the same quantiles, that
is the difference of two sums. Only the values of the other blocks are read.

Quantiles are counted in whole numbers, so that none is rounded: n values of reference and m of
current make n * m shares, of which each value of reference covers m, and each of current n.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from drift_monitor.analysis.columns.blocks import BLOCK, PIECE, Floats, Integers
from drift_monitor.analysis.columns.values import Numbers

_NEAR = 16
"""Runs of blocks that are this near each other are read together."""
_LONGEST = 1 << 13
"""The most blocks that are read together: 16 MB of reference."""


def earth_movers_distance(reference: Numbers, current: Numbers) -> float:
    """Integrate the distance between two samples' quantile functions."""
    n, m = reference.size, current.size
    blocks, values = reference.blocks, current.sorted
    bounds = np.append(np.arange(0, n, BLOCK), n) * m
    # Where a block begins, a value of current does, or some of its shares are of the block before.
    position, before = np.divmod(bounds, n)
    lowest, highest = values[position[:-1]], values[position[1:] + (before[1:] > 0) - 1]
    above, below = blocks.lowest >= highest, blocks.highest <= lowest
    side = above.astype(np.int8) - below  # what is above and below is one and the same value
    area = 0.0
    for start, stop in _runs(np.flatnonzero(~(above | below))):
        side[start:stop] = 0
        part = reference.values[start * BLOCK : min(stop * BLOCK, n)]
        area += _area(part, values, range(bounds[start], bounds[stop]), n)
    turns = np.flatnonzero(np.diff(side, prepend=0, append=0))
    for start, stop in pairwise(turns.tolist()):
        if side[start]:
            first, last = bounds[[start, stop]].tolist()
            ours = m * float(blocks.sums[start:stop].sum())
            theirs = _integral(current, first, last, n)
            area += abs(ours - theirs + (blocks.origin - current.blocks.origin) * (last - first))
    return area / (n * m)


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


def _integral(current: Numbers, start: int, stop: int, n: int) -> float:
    """Add up current's distances from its origin over some shares, of which each value has n."""
    blocks, values = current.blocks, current.sorted
    (first, before), (last, begun) = divmod(start, n), divmod(stop, n)
    # Whole blocks are known; beside them there are single values, and parts of one.
    first_block, last_block = -(-first // BLOCK), last // BLOCK
    left = min(first_block * BLOCK, last)
    right = max(last_block * BLOCK, left)
    single = np.concatenate([values[first:left], values[right:last]]) - blocks.origin
    whole = single.sum() + blocks.sums[first_block:last_block].sum()
    begun_there = begun * (values[last] - blocks.origin) if begun else 0.0
    return float(n * whole - before * (values[first] - blocks.origin) + begun_there)
