"""Which slice each row of two tables is in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.drift.column_side import ColumnSource
from drift_monitor.drift.columns import as_numpy, as_text, common_kind, kind_of, read_categories
from drift_monitor.drift.methods import Kind
from drift_monitor.errors import ColumnError
from drift_monitor.slice_rules import SliceRules

Codes = npt.NDArray[np.int32]
Keys = npt.NDArray[np.integer[Any]]
Values = tuple[str | None, ...]
"""A slice's value in each column that slices; None for rows without one."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class SlicedRows:
    """A table's rows by slice.

    Attributes:
        slices: the number of each row's slice.
        count: how many slices there are.
    """

    slices: npt.NDArray[np.uint8]
    count: int

    @cached_property
    def sizes(self) -> list[int]:
        """How many rows each slice has."""
        counts: list[int] = np.bincount(self.slices, minlength=self.count).tolist()
        return counts

    @cached_property
    def parts(self) -> list[slice]:
        """Where each slice's rows are once they are put together."""
        ends = np.cumsum([0, *self.sizes]).tolist()
        return [slice(start, end) for start, end in pairwise(ends)]

    @cached_property
    def places(self) -> npt.NDArray[np.unsignedinteger]:
        """Where each row is once those of a slice are put together, in the order of the table."""
        rows = len(self.slices)
        places = np.empty(rows, np.min_scalar_type(rows))
        places[np.argsort(self.slices, kind="stable")] = np.arange(rows, dtype=places.dtype)
        return places


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
        ColumnError: a column that slices is not in both tables, or holds no values to slice by.
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
    before, after = (SlicedRows(_numbered(key, largest), len(largest) + 1) for key in keys)
    return Slicing(values, before, after)


def _coded(
    column: str, reference: ColumnSource, current: ColumnSource
) -> tuple[pa.Array, list[Codes]]:
    """Return a column's values in either table, and each row's position among them."""
    for table, name in ((reference, "reference"), (current, "current")):
        if column not in table.columns:
            raise ColumnError(f"{column} is not in {name}")
    types = [reference.type_of(column), current.type_of(column)]
    try:
        kind = common_kind(*types)
    except ColumnError as error:
        raise ColumnError(f"{column}: {error}") from error
    if kind not in (Kind.NUMERIC, Kind.CATEGORICAL):
        raise ColumnError(f"{column} is a {kind} column: slice by text, booleans or numbers")
    data_type = next(found for found in types if kind_of(found) is kind)
    read = [read_codes(table.read(column), data_type, table.rows) for table in (reference, current)]
    vocabulary = _ascending(pa.concat_arrays([values for values, _ in read]), data_type)
    return vocabulary, [_positions(values, vocabulary)[codes] for values, codes in read]


def read_codes(
    chunks: Iterable[pa.Array], data_type: pa.DataType, rows: int
) -> tuple[pa.Array, Codes]:
    """Read a column as categories, in the order of rows.

    Args:
        chunks: text, booleans or numbers.
        data_type: theirs.
        rows: how many there are.

    Returns:
        The categories, each once, ascending; and each row's position among them, the one after the
        last for a row without a value.
    """
    encoded = [_encoded(chunk) for chunk in chunks]
    nothing = pa.nulls(0, pa.large_string())
    texts = pa.concat_arrays([nothing, *(texts for texts, _ in encoded)])
    values = _ascending(texts, data_type)
    positions = _positions(texts, values)
    codes = np.empty(rows, np.int32)
    start = first = 0
    for texts, indices in encoded:
        # An index of -1, which stands for a null, finds what is put last.
        own = np.append(positions[first : first + len(texts)], positions[-1])
        codes[start : start + len(indices)] = own[indices]
        start, first = start + len(indices), first + len(texts)
    return values, codes


def _encoded(chunk: pa.Array) -> tuple[pa.Array, Codes]:
    """Return a chunk's categories, and each row's index among them or -1."""
    if not pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_encode()
    indices = pc.fill_null(pc.cast(chunk.indices, pa.int32()), -1)
    return as_text(chunk.dictionary), as_numpy(indices)


def _ascending(texts: pa.Array, data_type: pa.DataType) -> pa.Array:
    return read_categories([texts], data_type, len(texts)).values


def _positions(texts: pa.Array, values: pa.Array) -> Codes:
    """Return each text's position among values; after the last for null, and so once more."""
    positions = pc.fill_null(pc.index_in(texts, value_set=values), len(values))
    return np.append(as_numpy(positions), np.int32(len(values)))


def _values_of(key: int, vocabularies: list[pa.Array]) -> Values:
    values: list[str | None] = []
    for vocabulary in reversed(vocabularies):
        key, position = divmod(key, len(vocabulary) + 1)
        values.append(vocabulary[position].as_py() if position < len(vocabulary) else None)
    return tuple(reversed(values))


def _paired(keys: Sequence[Keys], codes: Sequence[Codes], count: int) -> list[Keys]:
    """Give each combination of a key and one of so many codes a key of its own, in their order."""
    return [key.astype(np.int64) * count + code for key, code in zip(keys, codes, strict=True)]


def _numbered(keys: Keys, largest: Keys) -> npt.NDArray[np.uint8]:
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
