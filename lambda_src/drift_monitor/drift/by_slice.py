"""One side of a column in the form that is scored, for each slice of its rows: from one reading."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.drift.column_side import ColumnSource
from drift_monitor.drift.columns import (
    Categories,
    Numbers,
    Side,
    as_arrow,
    as_floats,
    as_numpy,
    kind_of,
    read_numbers,
)
from drift_monitor.drift.methods import Kind
from drift_monitor.drift.outline import Floats
from drift_monitor.drift.slicing import SlicedRows, read_codes


def sides_of(
    table: ColumnSource, column: str, kind: Kind, rows: SlicedRows, wanted: Iterable[int]
) -> Iterator[Side]:
    """Read a column once, and return its side in each slice that is wanted.

    The values are put together by slice, so that a slice is a part of one array: all slices take
    the memory of the column.

    Args:
        table: what to read it from.
        column: its name.
        kind: what it is compared as.
        rows: which slice each row is in.
        wanted: the numbers of slices.
    """
    chunks, data_type = table.read(column), table.type_of(column)
    if kind is Kind.CATEGORICAL:
        return _categories(chunks, data_type, rows, wanted)
    return _numbers(chunks, data_type, rows, wanted)


def rows_of(table: ColumnSource, column: str, rows: SlicedRows, number: int) -> Iterator[pa.Array]:
    """Read the rows of one slice from a column, in the order of the table."""
    start = 0
    for chunk in table.read(column):
        is_in = rows.slices[start : start + len(chunk)] == number
        start += len(chunk)
        yield chunk.take(as_arrow(np.flatnonzero(is_in)))


def _numbers(
    chunks: Iterable[pa.Array], data_type: pa.DataType, rows: SlicedRows, wanted: Iterable[int]
) -> Iterator[Numbers]:
    together = np.empty(len(rows.slices))
    start = 0
    for chunk in chunks:
        together[rows.places[start : start + len(chunk)]] = _floats(chunk)
        start += len(chunk)
    for number in wanted:
        part = together[rows.parts[number]]
        yield read_numbers([as_arrow(part)], data_type, len(part))


def _floats(chunk: pa.Array) -> Floats:
    """Return a chunk as float64, NaN where it has no value."""
    if pa.types.is_null(chunk.type):
        return np.full(len(chunk), np.nan)
    if not chunk.null_count:
        return as_floats(chunk)
    floats = np.full(len(chunk), np.nan)
    is_value = as_numpy(pc.cast(chunk.is_valid(), pa.int8())).astype(bool)
    floats[is_value] = as_floats(chunk.drop_null())
    return floats


def _categories(
    chunks: Iterable[pa.Array], data_type: pa.DataType, rows: SlicedRows, wanted: Iterable[int]
) -> Iterator[Categories]:
    values, codes = read_codes(chunks, data_type, len(rows.slices))
    together = np.empty_like(codes)
    together[rows.places] = codes
    are_codes = kind_of(data_type) is Kind.NUMERIC
    for number in wanted:
        counts = np.bincount(together[rows.parts[number]], minlength=len(values) + 1)
        occur = np.flatnonzero(counts[:-1])
        yield Categories(values.take(as_arrow(occur)), counts[occur], int(counts[-1]), are_codes)
