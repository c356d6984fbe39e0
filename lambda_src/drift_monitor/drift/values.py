"""A column's values in the form that is compared: numbers as float64, categories as text."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.drift.methods import Kind
from drift_monitor.errors import ColumnError


def kind_of(data_type: pa.DataType) -> Kind | None:
    """Return how a column of this type is compared; None for one that holds nothing but nulls."""
    types = pa.types
    if types.is_null(data_type):
        return None
    if types.is_integer(data_type) or types.is_floating(data_type) or types.is_decimal(data_type):
        return Kind.NUMERIC
    if (
        types.is_boolean(data_type)
        or types.is_string(data_type)
        or types.is_large_string(data_type)
    ):
        return Kind.CATEGORICAL
    if types.is_timestamp(data_type) or types.is_date(data_type):
        return Kind.TIMESTAMP
    return Kind.OTHER


def common_kind(reference: pa.ChunkedArray, current: pa.ChunkedArray) -> Kind:
    """Return the kind of a column of both tables.

    Raises:
        ColumnError: the kind changed between the tables, or neither holds a value.
    """
    kinds = [kind for kind in (kind_of(reference.type), kind_of(current.type)) if kind is not None]
    if not kinds:
        raise ColumnError("no value in either table")
    if len(set(kinds)) > 1:
        raise ColumnError(
            f"its type changed: {reference.type} in reference, {current.type} in current"
        )
    return kinds[0]


def as_numbers(column: pa.ChunkedArray) -> pd.Series:
    """Return float64 with NaN for null: integers, decimals and floats of any width."""
    return pd.Series(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype="float64")


def as_categories(
    reference: pa.ChunkedArray, current: pa.ChunkedArray
) -> tuple[pd.Series, pd.Series]:
    """Return both sides as text with None for a gap, one category one text on both sides.

    A code is one code whether it is an integer, a decimal or, for its column's nulls, a float.
    """
    if reference.type != current.type or _has_fractions(reference.type):
        reference, current = _as_codes(reference, current)
    return _as_text(reference), _as_text(current)


def _has_fractions(data_type: pa.DataType) -> bool:
    """Tell whether one number has several spellings in this type: 1 and 1.0 and 1.00."""
    return bool(pa.types.is_floating(data_type)) or (
        pa.types.is_decimal(data_type) and bool(data_type.scale)
    )


def _as_codes(
    reference: pa.ChunkedArray, current: pa.ChunkedArray
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    if kind_of(reference.type) is not Kind.NUMERIC or kind_of(current.type) is not Kind.NUMERIC:
        return reference, current
    sides = [_finite(reference), _finite(current)]
    try:
        return pc.cast(sides[0], pa.int64()), pc.cast(sides[1], pa.int64())
    except pa.ArrowInvalid:  # some value has a fraction
        return pc.cast(sides[0], pa.float64()), pc.cast(sides[1], pa.float64())


def _finite(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Put null for what is not a number or infinite."""
    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))


def _as_text(column: pa.ChunkedArray) -> pd.Series:
    return pd.Series(pc.cast(column, pa.string()).to_numpy(), dtype="object")


def without_gaps(values: pd.Series) -> pd.Series:
    """Return the values that count: no nulls, no infinities, as Evidently does."""
    return (
        values.replace([np.inf, -np.inf], np.nan).dropna()
        if values.dtype == float
        else values.dropna()
    )
