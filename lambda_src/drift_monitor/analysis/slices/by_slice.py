"""A column's values in each slice of its table, from one reading."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from drift_monitor.analysis.columns.arrays import as_arrow, kind_of
from drift_monitor.analysis.columns.by_row import codes_by_row, floats_by_row
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.columns.values import Categories, ColumnValues, Numbers, read_numbers
from drift_monitor.analysis.slices.slicing import SlicedRows
from drift_monitor.config.methods import Kind


def values_by_slice(
    table: ColumnSource, column: str, kind: Kind, rows: SlicedRows, wanted: Iterable[int]
) -> Iterator[ColumnValues]:
    """Read a column once, and return its values in each slice that is asked for.

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
        is_in = rows.numbers[start : start + len(chunk)] == number
        start += len(chunk)
        yield chunk.take(as_arrow(np.flatnonzero(is_in)))


def _numbers(
    chunks: Iterable[pa.Array], data_type: pa.DataType, rows: SlicedRows, wanted: Iterable[int]
) -> Iterator[Numbers]:
    together = np.empty(len(rows.numbers))
    start = 0
    for chunk in chunks:
        together[rows.places[start : start + len(chunk)]] = floats_by_row(chunk)
        start += len(chunk)
    for number in wanted:
        part = together[rows.parts[number]]
        yield read_numbers([as_arrow(part)], data_type, len(part))


def _categories(
    chunks: Iterable[pa.Array], data_type: pa.DataType, rows: SlicedRows, wanted: Iterable[int]
) -> Iterator[Categories]:
    values, codes = codes_by_row(chunks, data_type, len(rows.numbers))
    together = np.empty_like(codes)
    together[rows.places] = codes
    are_codes = kind_of(data_type) is Kind.NUMERIC
    for number in wanted:
        counts = np.bincount(together[rows.parts[number]], minlength=len(values) + 1)
        occur = np.flatnonzero(counts[:-1])
        yield Categories(values.take(as_arrow(occur)), counts[occur], int(counts[-1]), are_codes)
