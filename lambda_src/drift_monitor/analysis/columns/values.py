"""A column's values in the form that is scored: sorted numbers, or counted categories.

Values arrive a chunk at a time, so that a column takes eight bytes a row and no more. Nulls, and
for numbers NaN and infinities, are counted and left out, as Evidently leaves them out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import (
    as_arrow,
    as_floats,
    as_numpy,
    as_text,
    ascending,
    finite_floats,
    kind_of,
)
from drift_monitor.analysis.columns.blocks import BLOCK, Ascending, Floats, Integers, SortedBlocks
from drift_monitor.config.methods import Kind

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Numbers:
    """A column's numbers.

    Attributes:
        values: the finite values, ascending; in memory, or read when they are asked for.
        blocks: what is known of them without reading.
        nulls: how many values are null, NaN or infinite.
        is_integer: the column is of whole numbers without a gap (to numpy, bins of less than one
            make no sense then).
        infinite: how many of the nulls are infinite.
    """

    values: Ascending
    blocks: SortedBlocks
    nulls: int
    is_integer: bool
    infinite: int = 0

    @property
    def size(self) -> int:
        """How many values count."""
        return self.blocks.size

    @cached_property
    def sorted(self) -> Floats:
        """All the values, in memory."""
        return self.values[:]

    @property
    def mean(self) -> float:
        """The arithmetic mean."""
        return self.blocks.origin + self._mean_distance

    @property
    def _mean_distance(self) -> float:
        return float(self.blocks.sums.sum()) / self.size

    @property
    def squares(self) -> float:
        """The sum of the squared distances from the mean; infinite where no float holds it."""
        if not np.isfinite(self.blocks.squares):
            return np.inf
        return self.blocks.squares - self.size * self._mean_distance**2

    @property
    def std(self) -> float:
        """The standard deviation of the values as a population."""
        return float(np.sqrt(self.squares / self.size))

    def rank(self, wanted: Floats, side: Literal["left", "right"]) -> Integers:
        """Return how many values are below each of these, or with "right" not above.

        Only the block that decides is read for it.
        """
        starts = np.maximum(np.searchsorted(self.blocks.lowest, wanted, side) - 1, 0) * BLOCK
        positions = np.minimum(starts[:, np.newaxis] + np.arange(BLOCK), self.size - 1)
        blocks, bounds = self.values[positions], wanted[:, np.newaxis]
        counted = blocks < bounds if side == "left" else blocks <= bounds
        # The last block may be short: what stands for its missing values is not counted.
        ranks: Integers = np.minimum(starts + counted.sum(1), self.size)
        return ranks

    def distinct(self, limit: int) -> list[float]:
        """Return the first `limit` distinct values: as many searches, whatever the size."""
        found: list[float] = []
        position = 0
        while position < self.size and len(found) < limit:
            value = self.values[position : position + 1]
            found.append(float(value[0]))
            position = int(self.rank(value, "right")[0])
        return found

    def count_values(self) -> tuple[pa.Array, Counts]:
        """Return each distinct value, ascending, and how often it occurs."""
        starts = starts_of_values(self.sorted)
        # Arrow takes zero and minus zero for two values.
        return as_arrow(self.sorted[starts] + 0.0), np.diff(starts, append=self.size)


def starts_of_values(ascending: Floats) -> Integers:
    """Return where each distinct value begins."""
    begins = np.flatnonzero(ascending[1:] != ascending[:-1]) + 1
    return np.concatenate([[0], begins])[: len(ascending)]


@dataclass(frozen=True)
class Categories:
    """A column's categories.

    Attributes:
        values: each category once, as text, ascending: of codes by their numbers.
        counts: how often each occurs.
        nulls: how many values are null.
        are_codes: the categories are numbers.
    """

    values: pa.Array
    counts: Counts
    nulls: int
    are_codes: bool = False

    @property
    def size(self) -> int:
        """How many values count."""
        return int(self.counts.sum())

    def count_values(self) -> tuple[pa.Array, Counts]:
        """Return each category, ascending, and how often it occurs."""
        return self.values, self.counts


ColumnValues = Numbers | Categories


def read_numbers(chunks: Iterable[pa.Array], data_type: pa.DataType, rows: int) -> Numbers:
    """Read numbers of any type, or times as seconds since 1970, and put them in order."""
    values = np.empty(rows)
    filled = infinite = 0
    for chunk in chunks:
        finite = finite_floats(chunk)
        values[filled : filled + len(finite)] = finite
        filled += len(finite)
        if len(finite) + chunk.null_count < len(chunk):
            infinite += int(np.isinf(as_floats(chunk.drop_null())).sum())
    values = values[:filled]
    values.sort()
    is_integer = pa.types.is_integer(data_type) and filled == rows
    return Numbers(values, SortedBlocks.of(values), rows - filled, is_integer, infinite)


def read_categories(chunks: Iterable[pa.Array], data_type: pa.DataType, rows: int) -> Categories:
    """Count text, booleans or codes, each as one text."""
    are_codes = kind_of(data_type) is Kind.NUMERIC
    counted = [_count(chunk) for chunk in chunks]
    texts = pa.concat_arrays([pa.nulls(0, pa.large_string()), *(texts for texts, _ in counted)])
    counts = np.concatenate([np.array([], np.int64), *(counts for _, counts in counted)])
    occur = np.flatnonzero(counts)
    texts, counts = texts.take(as_arrow(occur)), counts[occur]
    values = ascending(pc.unique(texts.drop_null()), are_codes=are_codes)
    positions = pc.index_in(texts, value_set=values)
    is_value = as_numpy(pc.cast(positions.is_valid(), pa.int8())).astype(bool)
    # As floats the sums are exact up to 2**53 rows.
    sums = np.bincount(as_numpy(positions.drop_null()), counts[is_value], len(values))
    return Categories(values, sums.astype(np.int64), rows - int(sums.sum()), are_codes)


def _count(chunk: pa.Array) -> tuple[pa.Array, Counts]:
    """Count the values of one chunk: of a dictionary by its codes, which are small numbers."""
    if not pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_encode()
    codes = chunk.indices.drop_null() if chunk.indices.null_count else chunk.indices
    counts = np.bincount(as_numpy(codes), minlength=len(chunk.dictionary))
    return as_text(chunk.dictionary), counts


def union_of(reference: ColumnValues, current: ColumnValues) -> pa.Array:
    """Return the values that occur on either side, ascending."""
    both = [reference.count_values()[0], current.count_values()[0]]
    are_codes = isinstance(reference, Categories) and reference.are_codes
    return ascending(pc.unique(pa.concat_arrays(both)), are_codes=are_codes)


def aligned_counts(reference: ColumnValues, current: ColumnValues) -> tuple[Counts, Counts]:
    """Return how often each value of either side occurs on both, in ascending order of values."""
    union = union_of(reference, current)
    return _placed(reference, union), _placed(current, union)


def _placed(side: ColumnValues, union: pa.Array) -> Counts:
    values, counts = side.count_values()
    placed = np.zeros(len(union), np.int64)
    placed[as_numpy(pc.index_in(values, value_set=union))] = counts
    return placed
