"""Which slice each row of two tables is in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import common_kind, kind_of
from drift_monitor.analysis.columns.by_row import (
    Codes,
    categories_of,
    codes_by_row,
    positions_among,
)
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.config.methods import Kind
from drift_monitor.config.slices import SliceRules
from drift_monitor.errors import ColumnError

SliceNumbers = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.integer[Any]]
Values = tuple[str | None, ...]
"""A slice's value in each column that slices; None for rows without one."""
MOST_VALUES = 1_000_000
"""Of a column that slices: as text they take memory, and of so many the largest say little."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class SlicedRows:
    """A table's rows by slice.

    Attributes:
        numbers: of each row, that of its slice.
        sizes: how many rows each slice has.
        parts: where each slice's rows are once they are put together.
        places: where each row is then: those of a slice in the order of the table.
    """

    numbers: SliceNumbers
    sizes: list[int]
    parts: list[slice]
    places: npt.NDArray[np.unsignedinteger]

    @classmethod
    def of(cls, numbers: SliceNumbers, count: int) -> "SlicedRows":
        """Put rows together by the numbers of their slices, of which there are so many."""
        sizes: list[int] = np.bincount(numbers, minlength=count).tolist()
        ends = np.cumsum([0, *sizes]).tolist()
        rows = len(numbers)
        places = np.empty(rows, np.min_scalar_type(rows))
        places[np.argsort(numbers, kind="stable")] = np.arange(rows, dtype=places.dtype)
        return cls(numbers, sizes, [slice(start, end) for start, end in pairwise(ends)], places)


@dataclass(frozen=True)
class Slicing:
    """Two tables sliced.

    Attributes:
        values: those of each slice, the one with most rows in current first; the rest, which has
            no values of its own, comes after them.
        reference: the rows of reference.
        current: the rows of current.
    """

    values: list[Values]
    reference: SlicedRows
    current: SlicedRows


def slice_tables(reference: ColumnSource, current: ColumnSource, rules: SliceRules) -> Slicing:
    """Find the slices with most rows in current, and put every row of both tables into one.

    Of slices with equally many rows the first by its values counts as the larger.

    Raises:
        ColumnError: a column that slices is not in both tables, or holds no values to slice by, or
            too many.
    """
    vocabularies: list[pa.Array] = []
    keys: Sequence[Keys] = ()
    for column in rules.by:
        vocabulary, codes = _coded(column, reference, current)
        vocabularies.append(vocabulary)
        keys = _paired(keys, codes, len(vocabulary) + 1) if keys else codes
    found, counts = np.unique(keys[1], return_counts=True)
    largest = found[np.lexsort((found, -counts))[: rules.top]]
    values = [_values_of(int(key), vocabularies) for key in largest]
    before, after = (SlicedRows.of(_numbered(key, largest), len(largest) + 1) for key in keys)
    return Slicing(values, before, after)


def _coded(
    column: str, reference: ColumnSource, current: ColumnSource
) -> tuple[pa.Array, list[Codes]]:
    """Return a column's values in either table, and each row's position among them."""
    for table, name in ((reference, "reference"), (current, "current")):
        if column not in table.columns:
            raise ColumnError(f"{column} is not in {name}")
    try:
        types = [reference.type_of(column), current.type_of(column)]
        kind = common_kind(*types)
    except ColumnError as error:
        raise ColumnError(f"{column}: {error}") from error
    if kind not in (Kind.NUMERIC, Kind.CATEGORICAL):
        raise ColumnError(f"{column} is a {kind} column: slice by text, booleans or numbers")
    data_type = next(found for found in types if kind_of(found) is kind)
    read = [
        codes_by_row(_not_too_many(column, table.read(column)), data_type, table.rows)
        for table in (reference, current)
    ]
    vocabulary = categories_of(pa.concat_arrays([values for values, _ in read]), data_type)
    return vocabulary, [positions_among(vocabulary, values)[codes] for values, codes in read]


def _not_too_many(column: str, chunks: Iterable[pa.Array]) -> Iterator[pa.Array]:
    """Pass a column's chunks on as dictionaries, as long as it has no more values than MOST_VALUES.

    Ids are found out by it before they take the memory that the run needs.
    """
    seen: list[pa.Array] = []
    in_seen, look_at = 0, MOST_VALUES
    for chunk in chunks:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        seen.append(encoded.dictionary)
        in_seen += len(encoded.dictionary)
        if in_seen > look_at:
            seen = [pc.unique(pa.concat_arrays(seen))]
            in_seen = len(seen[0])
            look_at = in_seen + MOST_VALUES
            if in_seen > MOST_VALUES:
                raise ColumnError(
                    f"{column} holds more than {MOST_VALUES:,} values: slice by a column of fewer"
                )
        yield encoded


def _values_of(key: int, vocabularies: list[pa.Array]) -> Values:
    values: list[str | None] = []
    for vocabulary in reversed(vocabularies):
        key, position = divmod(key, len(vocabulary) + 1)
        values.append(vocabulary[position].as_py() if position < len(vocabulary) else None)
    return tuple(reversed(values))


def _paired(keys: Sequence[Keys], codes: Sequence[Codes], count: int) -> list[Keys]:
    """Give each combination of a key and one of so many codes a key of its own, in their order."""
    return [key.astype(np.int64) * count + code for key, code in zip(keys, codes, strict=True)]


def _numbered(keys: Keys, largest: Keys) -> SliceNumbers:
    """Return the number of each row's slice: the place of its key, or after the last for others."""
    numbers = np.full(len(keys), len(largest), np.uint8)
    order = np.argsort(largest)
    known = largest[order]
    for start in range(0, len(keys) if len(largest) else 0, _BLOCK):
        block = keys[start : start + _BLOCK]
        near = np.searchsorted(known, block).clip(max=len(known) - 1)
        is_known = known[near] == block
        numbers[start : start + _BLOCK][is_known] = order[near[is_known]]
    return numbers
