"""The values of a column in the order of its rows: as numbers, or as classes."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.drift.columns import as_floats, as_numpy, kind_of
from drift_monitor.drift.methods import Kind
from drift_monitor.errors import ColumnError
from drift_monitor.quality.classification import Classes, read_classes
from drift_monitor.quality.measured import Floats


class Values:
    """A column that is read once, chunk by chunk."""

    def __init__(self, name: str, data_type: pa.DataType, chunks: Iterable[pa.Array]) -> None:
        """Read nothing yet."""
        self._name = name
        self._type = data_type
        self._chunks = chunks

    def numbers(self) -> Floats:
        """Return the values as numbers; NaN where there is none.

        Raises:
            ColumnError: they are none.
        """
        if kind_of(self._type) not in (Kind.NUMERIC, None):
            raise ColumnError(f"{self._name} holds {self._type}, not numbers")
        return np.concatenate([np.array([]), *map(_floats, self._chunks)])

    def classes(self) -> Classes:
        """Return the values as classes.

        Raises:
            ColumnError: they are no classes, or too many.
        """
        if kind_of(self._type) not in (Kind.NUMERIC, Kind.CATEGORICAL, None):
            raise ColumnError(f"{self._name} holds {self._type}, not classes")
        return read_classes(self._name, self._chunks)


def _floats(chunk: pa.Array) -> Floats:
    if not chunk.null_count:
        return as_floats(chunk)
    values = np.full(len(chunk), np.nan)
    if chunk.null_count == len(chunk):
        return values
    is_there = as_numpy(pc.indices_nonzero(chunk.is_valid()))
    values[is_there] = as_floats(chunk.drop_null())
    return values
