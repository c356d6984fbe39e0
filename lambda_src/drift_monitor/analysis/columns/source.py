"""One table's column, read: the values that are scored, and some rows for plots."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import pyarrow as pa

from drift_monitor.analysis.columns.arrays import as_arrow
from drift_monitor.analysis.columns.blocks import Integers
from drift_monitor.analysis.columns.values import ColumnValues, read_categories, read_numbers
from drift_monitor.config.methods import Kind

SAMPLE_ROWS = 5_000
"""Rows behind the report's plots, per table: enough for a histogram, and a quick page."""
_SAMPLE_CELLS = 200_000
_FEWEST_SAMPLE_ROWS = 1_000
"""A wide table's plots have fewer rows, so that its page stays quick and its memory small."""


class ColumnSource(Protocol):
    """A table that is read one column at a time, by several threads."""

    rows: int
    columns: list[str]

    def type_of(self, column: str) -> pa.DataType:
        """Return the type of a column, or raise ColumnError."""

    def read(self, column: str) -> Iterator[pa.Array]:
        """Read one column, chunk by chunk, or raise ColumnError."""


@dataclass(frozen=True)
class SampledColumn:
    """One table's column, read.

    Attributes:
        values: its values, in the form that is scored.
        sample: some of its rows, for plots, in parts.
    """

    values: ColumnValues
    sample: list[pa.Array]


@runtime_checkable
class ColumnCache(Protocol):
    """A table that knows columns in the form that is scored, and need not be read for them."""

    def column(self, column: str, kind: Kind, rows: Integers) -> SampledColumn:
        """Return what `read_column` returns of this table."""


def read_column(table: ColumnSource, column: str, kind: Kind, rows: Integers) -> SampledColumn:
    """Read one table's column.

    Args:
        table: where it is.
        column: its name.
        kind: how it is compared.
        rows: the rows to keep for plots, ascending.

    Raises:
        ColumnError: it cannot be read.
    """
    if isinstance(table, ColumnCache):
        return table.column(column, kind, rows)
    sample: list[pa.Array] = []
    chunks = sampling(table.read(column), rows, sample)
    read = read_categories if kind is Kind.CATEGORICAL else read_numbers
    return SampledColumn(read(chunks, table.type_of(column), table.rows), sample)


def sampling(
    chunks: Iterable[pa.Array], rows: Integers, kept: list[pa.Array]
) -> Iterator[pa.Array]:
    """Pass chunks on, and keep these rows of them."""
    start = 0
    for chunk in chunks:
        first, last = np.searchsorted(rows, (start, start + len(chunk)))
        picked = chunk.take(as_arrow(rows[first:last] - start))
        # Decoded, as a dictionary would keep all of its chunk's texts in memory.
        is_dictionary = pa.types.is_dictionary(picked.type)
        kept.append(picked.dictionary_decode() if is_dictionary else picked)
        start += len(chunk)
        yield chunk


def sampled_rows(rows: int, columns: int) -> Integers:
    """Choose the rows for plots: the same for every column and every run of one table."""
    wanted = max(_FEWEST_SAMPLE_ROWS, min(SAMPLE_ROWS, _SAMPLE_CELLS // max(columns, 1)))
    if rows <= wanted:
        return np.arange(rows)
    chosen = np.random.default_rng(0).choice(rows, wanted, replace=False, shuffle=False)
    return np.sort(chosen)
