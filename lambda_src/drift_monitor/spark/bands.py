"""What is kept of a band, which is the numbers of a column between two bounds.

A column's bands are sorted and counted apart, on any machine. Twice a band comes down to a few
numbers: first to what can be said of it alone; then, once it is known how many values lie in the
bands before it, to its part of what the drift methods ask of the whole column.
"""

from dataclasses import dataclass, field
from math import gcd
from typing import Any

import numpy as np

from drift_monitor.drift.outline import Floats, Integers
from drift_monitor.spark.tally import Tally

Pairs = list[tuple[int, int, int]]
"""How often a value occurs in reference and in current; and how many values occur so."""

_SAFE = 2**62
"""Below it, products of counts are whole numbers of 64 bits."""


@dataclass(frozen=True)
class Moments:
    """How many values there are, where they lie and how far apart.

    Attributes:
        size: how many.
        origin: the middle one, or of several bands one band's.
        distance: from the origin to the mean: kept apart, as numbers far from zero lose digits.
        squares: the squared distances from the mean, added up.
    """

    size: int
    origin: float = 0.0
    distance: float = 0.0
    squares: float = 0.0

    @property
    def mean(self) -> float:
        """The arithmetic mean."""
        return self.origin + self.distance

    @property
    def std(self) -> float:
        """The standard deviation of the values as a population."""
        return float(np.sqrt(self.squares / self.size))

    @classmethod
    def of(cls, values: Floats, counts: Integers) -> "Moments":
        """Return those of values that occur so often."""
        size = int(counts.sum())
        if not size:
            return cls(0)
        origin = float(values[np.searchsorted(counts.cumsum(), size // 2, "right")])
        times = counts.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            distances = values - origin
            distance = float(np.dot(distances, times)) / size
            distances -= distance
            squares = float(np.dot(np.square(distances, out=distances), times))
        return cls(size, origin, distance, squares)


@dataclass(frozen=True)
class Band:
    """What can be said of a band alone; of two sides, reference comes first.

    Attributes:
        lowest: its smallest value.
        highest: its largest value.
        distinct: how many values there are, each counted once.
        of_side: the same on each side.
        moments: of each side.
    """

    lowest: float
    highest: float
    distinct: int
    of_side: tuple[int, int]
    moments: tuple[Moments, Moments]

    @classmethod
    def of(cls, tally: Tally) -> "Band":
        """Describe a band that has a value."""
        values = tally.numbers
        return cls(
            float(values[0]),
            float(values[-1]),
            len(tally),
            (int((tally.reference > 0).sum()), int((tally.current > 0).sum())),
            (Moments.of(values, tally.reference), Moments.of(values, tally.current)),
        )


@dataclass(frozen=True)
class Question:
    """What is asked of each band of a column.

    Attributes:
        method: the drift method; None for quantiles alone.
        sizes: how many values each side has.
        edges: of bins, of which each band counts its values; none where there are no bins.
        positions: of the values wanted for quantiles, by side, ascending.
        are_values_few: the shares are those of values, and not of bins.
    """

    method: str | None
    sizes: tuple[int, int]
    edges: list[float]
    positions: tuple[list[int], list[int]]
    are_values_few: bool


@dataclass(frozen=True)
class Place:
    """Where a band is in its column.

    Attributes:
        before: how many values of each side come before it.
        following: the smallest value after it; None for the last band.
    """

    before: tuple[int, int]
    following: float | None


@dataclass
class Answer:
    """A band's part of what is asked of its column.

    Attributes:
        sums: what is added up over the bands, by name.
        rises: how far reference's distribution function rises above current's, and the reverse:
            times `scale_of` the sizes.
        below: how many values of each side are below each edge, and not above the last one.
        at: the values at the positions wanted, of each side.
        pairs: how many values there are, by how often they occur on each side.
        smallest: how often the smallest value occurs on each side.
    """

    sums: dict[str, float] = field(default_factory=dict)
    rises: tuple[float, float] = (0, 0)
    below: tuple[list[int], list[int]] = ([], [])
    at: tuple[list[float], list[float]] = ([], [])
    pairs: Pairs = field(default_factory=list)
    smallest: tuple[int, int] = (0, 0)


def scale_of(sizes: tuple[int, int]) -> int:
    """Return what differences of two distribution functions are multiplied by to be whole."""
    n, m = sizes
    return n * m // gcd(n, m)


def answer(tally: Tally, question: Question, place: Place) -> Answer:
    """Answer a question for one band."""
    values = tally.numbers
    ranks = _Ranks.of(tally, question.sizes, place.before)
    found = Answer(smallest=(int(tally.reference[0]), int(tally.current[0])))
    apart = ranks.apart
    found.rises = float(apart.max()), float(-apart.min())
    after = np.append(values[1:], values[-1] if place.following is None else place.following)
    if question.method is not None and question.method in _SUMS:
        with np.errstate(over="ignore", invalid="ignore"):
            found.sums = _SUMS[question.method](ranks, after - values)
    if question.edges:
        found.below = _below(values, ranks, question.edges)
    found.at = _at(values, ranks, question.positions)
    if question.are_values_few:
        found.pairs = pairs_of(tally)
    return found


def pairs_of(tally: Tally) -> Pairs:
    """Count the values by how often they occur on each side: the methods ask no more of them.

    However many values there are, the pairs are few: n rows have counts of n**(2/3) kinds at most.
    """
    pairs, times = np.unique(np.stack(tally.counts), axis=1, return_counts=True)
    return [
        (int(before), int(after), int(often))
        for before, after, often in zip(*pairs, times, strict=True)
    ]


@dataclass(frozen=True)
class _Ranks:
    """How a band's values rank among all of their column's.

    Attributes:
        sizes: how many values each side has.
        counts: how often each value occurs, on either side.
        up_to: how many values of each side are not above each value.
    """

    sizes: tuple[int, int]
    counts: tuple[Integers, Integers]
    up_to: tuple[Integers, Integers]

    @classmethod
    def of(cls, tally: Tally, sizes: tuple[int, int], before: tuple[int, int]) -> "_Ranks":
        reference, current = (
            start + counts.cumsum() for start, counts in zip(before, tally.counts, strict=True)
        )
        return cls(sizes, tally.counts, (reference, current))

    @property
    def apart(self) -> np.ndarray[Any, Any]:
        """Reference's distribution function above current's at each value.

        Times `scale_of` the sizes: whole numbers, where 64 bits hold them, so that no digit is
        lost where the sides are nearly alike.
        """
        common = gcd(*self.sizes)
        n, m = (size // common for size in self.sizes)
        reference, current = self.up_to
        if scale_of(self.sizes) < _SAFE:
            return reference * m - current * n
        return reference.astype(np.float64) * m - current.astype(np.float64) * n


def _wasserstein(ranks: _Ranks, widths: Floats) -> dict[str, float]:
    return {"area": float(np.dot(np.abs(ranks.apart), widths))}


def _energy(ranks: _Ranks, widths: Floats) -> dict[str, float]:
    return {"energy": float(np.dot(np.square(ranks.apart / scale_of(ranks.sizes)), widths))}


def _mannw(ranks: _Ranks, _: Floats) -> dict[str, float]:
    """Add up reference's ranks, of equal values their middle one, and what ties take off."""
    together = (ranks.counts[0] + ranks.counts[1]).astype(np.float64)
    up_to = ranks.up_to[0] + ranks.up_to[1]
    return {
        "ranks": float(np.dot(up_to - (together - 1) / 2, ranks.counts[0])),
        "ties": float((together**3 - together).sum()),
    }


def _cramer_von_mises(ranks: _Ranks, _: Floats) -> dict[str, float]:
    """Add up, by side, the squares of how far each value's rank is above its rank in its side."""
    together = (ranks.counts[0] + ranks.counts[1]).astype(np.float64)
    rank = ranks.up_to[0] + ranks.up_to[1] - (together - 1) / 2
    sums = []
    for counts, up_to in zip(ranks.counts, ranks.up_to, strict=True):
        own = counts.astype(np.float64)
        # Over equal values the rank stays and the own one runs through 1 to `own`.
        ahead = rank - (up_to - own)
        squares = own * ahead**2 - ahead * own * (own + 1) + own * (own + 1) * (2 * own + 1) / 6
        sums.append(float(squares.sum()))
    return {"reference": sums[0], "current": sums[1]}


_SUMS = {
    "wasserstein": _wasserstein,
    "ed": _energy,
    "mannw": _mannw,
    "cramer_von_mises": _cramer_von_mises,
}


def _below(values: Floats, ranks: _Ranks, edges: list[float]) -> tuple[list[int], list[int]]:
    """Count this band's values below each edge; with the last edge, those that equal it too."""
    cuts = np.searchsorted(values, edges)
    cuts[-1] = np.searchsorted(values, edges[-1], "right")
    reference, current = (
        np.concatenate([[0], counts.cumsum()])[cuts].tolist() for counts in ranks.counts
    )
    return reference, current


def _at(
    values: Floats, ranks: _Ranks, positions: tuple[list[int], list[int]]
) -> tuple[list[float], list[float]]:
    """Return the values at those of the positions that are in this band, counted from 0."""
    found: list[list[float]] = []
    for wanted, up_to, counts in zip(positions, ranks.up_to, ranks.counts, strict=True):
        start = int(up_to[0] - counts[0])
        here = [position for position in wanted if start <= position < int(up_to[-1])]
        found.append(values[np.searchsorted(up_to, here, "right")].tolist())
    return found[0], found[1]
