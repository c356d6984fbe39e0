"""Changes that are made to a table, to see whether a monitor finds them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import as_text, kind_of
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.config.methods import Kind
from drift_monitor.results.drift import ColumnProfile

_SENTINEL = -9999.0
_NEW = "a category that was never there"


@dataclass(frozen=True)
class Change:
    """A change of a column's rows.

    Attributes:
        name: in words.
        kind: the columns that it fits; None for all.
        rows: of how many rows one is changed: 1 for all.
        change: returns the changed values of some rows.
    """

    name: str
    kind: Kind | None
    rows: int
    change: Callable[[pa.Array, ColumnProfile], pa.Array]


def _shifted(deviations: float) -> Callable[[pa.Array, ColumnProfile], pa.Array]:
    def shift(values: pa.Array, reference: ColumnProfile) -> pa.Array:
        return pc.add(values, deviations * (reference.std or 1.0))

    return shift


def _stuck(values: pa.Array, reference: ColumnProfile) -> pa.Array:
    return pa.array(np.full(len(values), reference.mean or 0.0))


def _swapped(values: pa.Array, reference: ColumnProfile) -> pa.Array:
    """Exchange the names of the two most frequent categories."""
    frequent = [each.value for each in reference.frequent or []][:2]
    if len(frequent) < 2:  # noqa: PLR2004 - there is nothing to exchange
        return values
    one, other = frequent
    return pc.case_when(
        pc.make_struct(pc.equal(values, one), pc.equal(values, other)),
        pa.scalar(other, values.type),
        pa.scalar(one, values.type),
        values,
    )


CHANGES = (
    Change("+0.5 standard deviations", Kind.NUMERIC, 1, _shifted(0.5)),
    Change("+1 standard deviation", Kind.NUMERIC, 1, _shifted(1.0)),
    Change("another unit (x 1.8)", Kind.NUMERIC, 1, lambda values, _: pc.multiply(values, 1.8)),
    Change(
        "-9999 in 1 of 100 rows",
        Kind.NUMERIC,
        100,
        lambda values, _: pa.array(np.full(len(values), _SENTINEL)),
    ),
    Change("stuck at one value", Kind.NUMERIC, 1, _stuck),
    Change(
        "no value in 1 of 4 rows", None, 4, lambda values, _: pa.nulls(len(values), values.type)
    ),
    Change("two categories exchanged", Kind.CATEGORICAL, 1, _swapped),
    Change(
        "a new category in 1 of 20 rows",
        Kind.CATEGORICAL,
        20,
        lambda values, _: pa.array([_NEW] * len(values), values.type),
    ),
)


class ChangedTable:
    """A table of which columns are changed.

    Attributes:
        rows: how many rows there are.
        columns: the names of all columns.
        changed: those that are changed; of categories only text.
    """

    def __init__(
        self,
        table: ColumnSource,
        change: Change,
        holds: Mapping[str, tuple[Kind, ColumnProfile]],
    ) -> None:
        """Change what is read of a table.

        Args:
            table: as it is.
            change: what is done to each column that it fits.
            holds: the columns that may be changed: their kind, and what reference holds in them.
        """
        self.rows, self.columns = table.rows, table.columns
        self._table, self._change, self._holds = table, change, holds
        self.changed = [
            name
            for name, (kind, _) in holds.items()
            if change.kind in (None, kind)
            and (change.kind is not Kind.CATEGORICAL or self._plain(name) == pa.large_string())
        ]

    def type_of(self, column: str) -> pa.DataType:
        """Return the type of a column as it is read here."""
        return self._plain(column) if column in self.changed else self._table.type_of(column)

    def read(self, column: str) -> Iterator[pa.Array]:
        """Read a column, changed."""
        if column not in self.changed:
            yield from self._table.read(column)
            return
        start, data_type = 0, self._plain(column)
        for chunk in self._table.read(column):
            is_text = data_type == pa.large_string()
            values = as_text(chunk) if is_text else chunk.cast(data_type, safe=False)
            places = np.arange(start, start + len(values))
            is_changed = pa.array(places % self._change.rows == 0)
            changed = self._change.change(values, self._holds[column][1])
            yield pc.if_else(is_changed, changed.cast(data_type), values)
            start += len(chunk)

    def _plain(self, column: str) -> pa.DataType:
        """Return the type in which a column is changed."""
        data_type = self._table.type_of(column)
        if self._holds[column][0] is Kind.NUMERIC:
            return pa.float64()
        return data_type if kind_of(data_type) is Kind.NUMERIC else pa.large_string()
