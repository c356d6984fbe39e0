"""One side of a column in the form that is scored: numbers in order, or counted categories.

Values arrive a chunk at a time, so that a column takes eight bytes a row and no more. Nulls, and
for numbers NaN and infinities, are counted and left out, as Evidently leaves them out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.blocks import BLOCK, Ascending, Floats, Integers, Outline
from drift_monitor.config.methods import Kind
from drift_monitor.errors import ColumnError

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Numbers:
    """The numbers of one side of a column.

    Attributes:
        values: the finite values, ascending; in memory, or read when they are asked for.
        outline: what is known of them without reading.
        gaps: how many values are null, NaN or infinite.
        is_integer: the column is of whole numbers without a gap (to numpy, bins of less than one
            make no sense then).
    """

    values: Ascending
    outline: Outline
    gaps: int
    is_integer: bool

    @property
    def size(self) -> int:
        """How many values count."""
        return self.outline.size

    @cached_property
    def sorted(self) -> Floats:
        """All the values, in memory."""
        return self.values[:]

    @property
    def mean(self) -> float:
        """The arithmetic mean."""
        return self.outline.origin + self._mean_distance

    @property
    def _mean_distance(self) -> float:
        return float(self.outline.sums.sum()) / self.size

    @property
    def squares(self) -> float:
        """The sum of the squared distances from the mean; infinite where no float holds it."""
        if not np.isfinite(self.outline.squares):
            return np.inf
        return self.outline.squares - self.size * self._mean_distance**2

    @property
    def std(self) -> float:
        """The standard deviation of the values as a population."""
        return float(np.sqrt(self.squares / self.size))

    def rank(self, wanted: Floats, side: Literal["left", "right"]) -> Integers:
        """Return how many values are below each of these, or with "right" not above.

        Only the block that decides is read for it.
        """
        starts = np.maximum(np.searchsorted(self.outline.lowest, wanted, side) - 1, 0) * BLOCK
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
        # Zero has two signs, which Arrow tells apart.
        return as_arrow(self.sorted[starts] + 0.0), np.diff(starts, append=self.size)


def starts_of_values(ascending: Floats) -> Integers:
    """Return where each distinct value begins."""
    begins = np.flatnonzero(ascending[1:] != ascending[:-1]) + 1
    return np.concatenate([[0], begins])[: len(ascending)]


@dataclass(frozen=True)
class Categories:
    """The categories of one side of a column.

    Attributes:
        values: each category once, as text, ascending: of codes by their numbers.
        counts: how often each occurs.
        gaps: how many values are null.
        are_codes: the categories are numbers.
    """

    values: pa.Array
    counts: Counts
    gaps: int
    are_codes: bool = False

    @property
    def size(self) -> int:
        """How many values count."""
        return int(self.counts.sum())

    def count_values(self) -> tuple[pa.Array, Counts]:
        """Return each category, ascending, and how often it occurs."""
        return self.values, self.counts


Side = Numbers | Categories


def kind_of(data_type: pa.DataType) -> Kind | None:
    """Return how a column of this type is compared; None for one that holds nothing but nulls."""
    types = pa.types
    if types.is_null(data_type):
        return None
    if types.is_integer(data_type) or types.is_floating(data_type) or types.is_decimal(data_type):
        return Kind.NUMERIC
    if types.is_boolean(data_type) or _is_text(data_type):
        return Kind.CATEGORICAL
    if types.is_timestamp(data_type) or types.is_date(data_type):
        return Kind.TIMESTAMP
    return Kind.OTHER


def common_kind(reference: pa.DataType, current: pa.DataType) -> Kind:
    """Return the kind of a column of both tables.

    Raises:
        ColumnError: the kind changed between the tables, or neither holds a value.
    """
    kinds = {kind for kind in map(kind_of, (reference, current)) if kind is not None}
    if not kinds:
        raise ColumnError("no value in either table")
    if len(kinds) > 1:
        raise ColumnError(f"its type changed: {reference} in reference, {current} in current")
    return kinds.pop()


def read_numbers(chunks: Iterable[pa.Array], data_type: pa.DataType, rows: int) -> Numbers:
    """Read numbers of any type, or times as seconds since 1970, and put them in order."""
    values = np.empty(rows)
    filled = 0
    for chunk in chunks:
        finite = finite_floats(chunk)
        values[filled : filled + len(finite)] = finite
        filled += len(finite)
    values = values[:filled]
    values.sort()
    is_integer = pa.types.is_integer(data_type) and filled == rows
    return Numbers(values, Outline.of(values), rows - filled, is_integer)


def finite_floats(chunk: pa.Array) -> Floats:
    """Return the values of a chunk that count, in their order."""
    if pa.types.is_null(chunk.type):
        return np.array([])
    if chunk.null_count:
        chunk = chunk.drop_null()
    values = as_floats(chunk)
    finite = np.isfinite(values)
    return values if finite.all() else values[finite]


def as_floats(chunk: pa.Array) -> Floats:
    """Return a chunk without nulls as float64; times as seconds since 1970."""
    if kind_of(chunk.type) is Kind.TIMESTAMP:
        microseconds = pc.cast(
            chunk, pa.timestamp("us", getattr(chunk.type, "tz", None)), safe=False
        )
        return as_numpy(microseconds.cast(pa.int64())).astype(np.float64) / 1e6
    if pa.types.is_decimal(chunk.type):
        chunk = chunk.cast(pa.float64())
    return as_numpy(chunk).astype(np.float64, copy=False)


def as_numpy(chunk: pa.Array) -> npt.NDArray[Any]:
    """Return a chunk of numbers without nulls, not copied. Arrow's own way imports pandas."""
    return np.from_dlpack(chunk)


def as_arrow(values: npt.NDArray[Any]) -> pa.Array:
    """Return numbers as Arrow's, not copied. Arrow's own way imports pandas."""
    data_type = pa.float64() if values.dtype == np.float64 else pa.int64()
    return pa.Array.from_buffers(data_type, len(values), [None, pa.py_buffer(values)])


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


def as_text(values: pa.Array) -> pa.Array:
    """Return the text of categories: of a code the same for 1, 1.0 and a decimal 1.00."""
    if pa.types.is_decimal(values.type) and values.type.scale < 0:
        digits = values.type.precision - values.type.scale
        values = values.cast(pa.decimal256(digits, 0))
    if pa.types.is_decimal(values.type) and values.type.scale > 0:
        text = pc.cast(values, pa.large_string())
        return pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), ".")
    if pa.types.is_floating(values.type):
        values = pc.cast(values, pa.float64())
        finite = pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
        whole = pc.cast(finite, pa.int64(), safe=False)
        is_whole = pc.equal(pc.cast(whole, pa.float64(), safe=False), finite)
        texts = pc.cast(whole, pa.large_string()), pc.cast(finite, pa.large_string())
        return pc.if_else(is_whole, *texts)
    return pc.cast(values, pa.large_string())


def union_of(reference: Side, current: Side) -> pa.Array:
    """Return the values that occur on either side, ascending."""
    both = [reference.count_values()[0], current.count_values()[0]]
    are_codes = isinstance(reference, Categories) and reference.are_codes
    return ascending(pc.unique(pa.concat_arrays(both)), are_codes=are_codes)


def ascending(values: pa.Array, *, are_codes: bool) -> pa.Array:
    """Put categories in order: codes by their numbers."""
    if not are_codes:
        return values.take(pc.sort_indices(values))
    # By text where floats cannot tell two large codes apart.
    batch = pa.record_batch({"number": pc.cast(values, pa.float64()), "text": values})
    keys = [("number", "ascending"), ("text", "ascending")]
    return values.take(pc.sort_indices(batch, sort_keys=keys))


def aligned_counts(reference: Side, current: Side) -> tuple[Counts, Counts]:
    """Return how often each value of either side occurs on both, in ascending order of values."""
    union = union_of(reference, current)
    return _placed(reference, union), _placed(current, union)


def _placed(side: Side, union: pa.Array) -> Counts:
    values, counts = side.count_values()
    placed = np.zeros(len(union), np.int64)
    placed[as_numpy(pc.index_in(values, value_set=union))] = counts
    return placed


def _is_text(data_type: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(data_type):
        return _is_text(data_type.value_type)
    return bool(types.is_string(data_type) or types.is_large_string(data_type))
