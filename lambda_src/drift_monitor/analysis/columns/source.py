"""One side of a column, read from its table: what is scored, and some rows for pictures."""

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
"""Rows behind the report's pictures, per side: enough for a histogram, and a quick page."""
_SAMPLE_CELLS = 200_000
_FEWEST_SAMPLE_ROWS = 1_000
"""A wide table's pictures have fewer rows, so that its page stays quick and its memory small."""


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
    """One side of a column.

    Attributes:
        side: its values, in the form that is scored.
        samples: some of its rows, for pictures, in parts.
    """

    side: ColumnValues
    samples: list[pa.Array]


@runtime_checkable
class ColumnCache(Protocol):
    """A table that knows columns in the form that is scored, and need not be read for them."""

    def side(self, column: str, kind: Kind, rows: Integers) -> SampledColumn:
        """Return what `read_column` returns of this table."""


def read_column(table: ColumnSource, column: str, kind: Kind, rows: Integers) -> SampledColumn:
    """Read one side of a column.

    Args:
        table: where it is.
        column: its name.
        kind: how it is compared.
        rows: the rows to keep for pictures, ascending.

    Raises:
        ColumnError: it cannot be read.
    """
    if isinstance(table, ColumnCache):
        return table.side(column, kind, rows)
    samples: list[pa.Array] = []
    chunks = sampling(table.read(column), rows, samples)
    read = read_categories if kind is Kind.CATEGORICAL else read_numbers
    return SampledColumn(read(chunks, table.type_of(column), table.rows), samples)


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
    """Choose the rows for pictures: the same for every column and every run of one table."""
    wanted = max(_FEWEST_SAMPLE_ROWS, min(SAMPLE_ROWS, _SAMPLE_CELLS // max(columns, 1)))
    if rows <= wanted:
        return np.arange(rows)
    chosen = np.random.default_rng(0).choice(rows, wanted, replace=False, shuffle=False)
    return np.sort(chosen)
