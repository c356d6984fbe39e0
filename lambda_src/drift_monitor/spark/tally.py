"""Tallies: which values occur in a column, and how often in reference and in current.

What Spark moves between machines. A value takes its bytes once per portion of a table, however
many rows have it, so that one value in half of the rows weighs as little as any other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.drift.columns import Side, as_arrow, as_numpy, ascending, starts_of_values
from drift_monitor.drift.outline import Floats, Integers

LONGEST = 1 << 15
"""Values that are moved together, at most: a quarter of a megabyte."""


@dataclass(frozen=True)
class Tally:
    """Values that occur.

    Attributes:
        distinct: each once; numbers ascending as float64, categories as text.
        reference: how often each occurs there.
        current: how often each occurs there.
    """

    distinct: pa.Array
    reference: Integers
    current: Integers

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self.distinct)

    def __getitem__(self, part: slice) -> "Tally":
        """Return some of them."""
        return Tally(self.distinct[part], self.reference[part], self.current[part])

    def take(self, positions: Integers) -> "Tally":
        """Return the values at these positions."""
        distinct = self.distinct.take(as_arrow(positions))
        return Tally(distinct, self.reference[positions], self.current[positions])

    @property
    def numbers(self) -> Floats:
        """The values, where they are numbers."""
        return as_numpy(self.distinct)

    @property
    def lowest(self) -> float:
        """The smallest value, where they are numbers."""
        return float(self.numbers[0])

    @property
    def counts(self) -> tuple[Integers, Integers]:
        """How often each value occurs, on either side."""
        return self.reference, self.current


def tally_of(column: Side, side: int) -> Tally:
    """Tally a column of some rows of one side: 0 for reference, 1 for current."""
    values, counts = column.count_values()
    nowhere = np.zeros_like(counts)
    return Tally(values, *((nowhere, counts) if side else (counts, nowhere)))


def bands_of_numbers(tally: Tally, bounds: Floats) -> Iterator[tuple[int, Tally]]:
    """Cut ascending numbers into bands; each bound begins one."""
    cuts = [0, *np.searchsorted(tally.numbers, bounds).tolist(), len(tally)]
    for band in np.flatnonzero(np.diff(cuts)).tolist():
        yield band, tally[cuts[band] : cuts[band + 1]]


def bands_of_texts(tally: Tally, count: int) -> Iterator[tuple[int, Tally]]:
    """Deal texts out to so many bands, by their hash: the same text always to the same one."""
    if count == 1:
        yield 0, tally
        return
    texts = tally.distinct.to_numpy(zero_copy_only=False)
    bands = (pd.util.hash_array(texts, categorize=False) % count).astype(np.int64)
    order = np.argsort(bands, kind="stable")
    cuts = np.searchsorted(bands[order], np.arange(count + 1))
    for band in np.flatnonzero(np.diff(cuts)).tolist():
        yield band, tally.take(order[cuts[band] : cuts[band + 1]])


def joined_numbers(tallies: list[Tally]) -> Tally:
    """Join tallies of numbers; the values come out ascending."""
    values = np.concatenate([tally.numbers for tally in tallies])
    order = np.argsort(values)
    values = values[order]
    starts = starts_of_values(values)
    reference, current = (
        np.add.reduceat(np.concatenate(counts)[order], starts)
        for counts in zip(*(tally.counts for tally in tallies), strict=True)
    )
    return Tally(as_arrow(values[starts]), reference, current)


def joined_in_pieces(tallies: Iterable[Tally], most: int) -> Iterator[Tally]:
    """Join tallies of numbers; the values come out ascending, in pieces of about so many at least.

    Where a column is in order over its table, a band may hold many times the values that were
    meant for it, as few of the table's portions were looked at. But then few tallies overlap: what
    lies below all that are still to come is a piece. Where the cuts are depends on the values
    alone.

    Args:
        tallies: by their smallest values, ascending.
        most: how many values may wait before a piece is cut off.
    """
    waiting: list[Tally] = []
    size, limit = 0, most
    for lowest, found in groupby(tallies, lambda tally: tally.lowest):
        if size > limit:
            joined = joined_numbers(waiting)
            cut = int(np.searchsorted(joined.numbers, lowest))
            if cut:
                yield joined[:cut]
            waiting = [joined[cut:]] if cut < len(joined) else []
            size = len(joined) - cut
            # What overlaps is not joined again for each tally that comes.
            limit = max(most, 2 * size)
        for tally in found:
            waiting.append(tally)
            size += len(tally)
    yield joined_numbers(waiting)


def in_order(tallies: list[Tally]) -> Tally:
    """Put the parts of a tally together again."""
    reference, current = (
        np.concatenate(counts) for counts in zip(*(tally.counts for tally in tallies), strict=True)
    )
    return Tally(pa.concat_arrays([tally.distinct for tally in tallies]), reference, current)


def joined_texts(tallies: list[Tally], *, are_codes: bool) -> Tally:
    """Join tallies of texts; the values come out ascending, of codes by their numbers."""
    texts = pa.concat_arrays([tally.distinct for tally in tallies])
    values = ascending(pc.unique(texts), are_codes=are_codes)
    positions = as_numpy(pc.index_in(texts, value_set=values))
    reference, current = (
        # As floats the sums are exact up to 2**53 rows.
        np.bincount(positions, np.concatenate(counts), len(values)).astype(np.int64)
        for counts in zip(*(tally.counts for tally in tallies), strict=True)
    )
    return Tally(values, reference, current)


Packed = tuple[bytes, bytes, bytes]


def parts_of(tally: Tally) -> Iterator[Tally]:
    """Cut a tally into parts that are moved together."""
    for start in range(0, len(tally), LONGEST):
        yield tally[start : start + LONGEST]


def pack(tally: Tally) -> Packed:
    """Write a tally as bytes: its values, and their counts in either table."""
    reference, current = map(_packed_counts, tally.counts)
    return _packed_values(tally.distinct), reference, current


def unpack(packed: Packed, *, is_text: bool) -> Tally:
    """Read what `pack` wrote."""
    values, reference, current = packed
    unpacked = read_array(values) if is_text else as_arrow(np.frombuffer(values, np.float64))
    counts = (_unpacked_counts(part, len(unpacked)) for part in (reference, current))
    return Tally(unpacked, *counts)


def write_array(array: pa.Array) -> bytes:
    """Write an array with its type."""
    batch = pa.record_batch([array], ["values"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def read_array(written: bytes) -> pa.Array:
    """Read what `write_array` wrote."""
    with pa.ipc.open_stream(written) as reader:
        return reader.read_next_batch().column(0)


def _packed_values(values: pa.Array) -> bytes:
    if pa.types.is_floating(values.type):
        return bytes(as_numpy(values).tobytes())
    return write_array(values)


def _packed_counts(counts: Integers) -> bytes:
    """Write counts in as few bytes each as the largest needs; none where all are 0."""
    largest = counts.max()
    return counts.astype(np.min_scalar_type(largest)).tobytes() if largest else b""


def _unpacked_counts(packed: bytes, size: int) -> npt.NDArray[np.int64]:
    if not packed:
        return np.zeros(size, np.int64)
    return np.frombuffer(packed, f"u{len(packed) // size}").astype(np.int64)
