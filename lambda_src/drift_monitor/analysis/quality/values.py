"""The values of a column in the order of its rows: as numbers, or as classes."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from drift_monitor.analysis.columns.arrays import kind_of
from drift_monitor.analysis.columns.by_row import floats_by_row
from drift_monitor.analysis.quality.classification import Classes, read_classes
from drift_monitor.analysis.quality.measured import Floats
from drift_monitor.config.methods import Kind
from drift_monitor.errors import ColumnError


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
        return np.concatenate([np.array([]), *map(floats_by_row, self._chunks)])

    def classes(self) -> Classes:
        """Return the values as classes.

        Raises:
            ColumnError: they are no classes, or too many.
        """
        if kind_of(self._type) not in (Kind.NUMERIC, Kind.CATEGORICAL, None):
            raise ColumnError(f"{self._name} holds {self._type}, not classes")
        return read_classes(self._name, self._chunks)
