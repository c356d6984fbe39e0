"""Sorted numbers in blocks: bounds and sums of each, from which most distances follow."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

BLOCK = 256
"""Numbers in a block."""
PIECE = 256 * BLOCK
"""Numbers that are worked on at once: half a megabyte, which a processor keeps at hand."""


class Ascending(Protocol):
    """Numbers in ascending order, in memory or where they are read when they are asked for."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __getitem__(self, wanted: slice | Integers, /) -> Floats:
        """Return some of them, by their positions."""


@dataclass(frozen=True)
class SortedBlocks:
    """Sorted numbers, block by block; the last block may be shorter than the others.

    Attributes:
        size: how many numbers there are.
        origin: the middle one. Distances from it keep the digits that numbers far from zero lose.
        lowest: the first of each block.
        highest: the last of each block.
        sums: each block's distances from the origin, added up.
        squares: the squared distances of all numbers from the origin, added up.
    """

    size: int
    origin: float
    lowest: Floats
    highest: Floats
    sums: Floats
    squares: float

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Summarize numbers that are in memory, ascending."""
        size = len(values)
        origin = float(values[size // 2]) if size else 0.0
        pieces = (values[start : start + PIECE] - origin for start in range(0, size, PIECE))
        sums, squares = [np.array([])], 0.0
        with np.errstate(over="ignore"):  # what is too large for a float is infinite
            for piece in pieces:
                sums.append(_block_sums(piece))
                squares += float(np.square(piece).sum())
        starts = np.arange(0, size, BLOCK)
        highest = values[np.minimum(starts + BLOCK, size) - 1]
        return cls(size, origin, values[starts], highest, np.concatenate(sums), squares)


def _block_sums(distances: Floats) -> Floats:
    """Add up each block. In numpy's own order, so that any processor gives the same digits."""
    whole = len(distances) // BLOCK * BLOCK
    sums = distances[:whole].reshape(-1, BLOCK).sum(1)
    rest = distances[whole:]
    return np.append(sums, rest.sum()) if len(rest) else sums
