"""Arrow's columns as numpy's arrays and back, their kinds and their text."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.blocks import Floats
from drift_monitor.config.methods import Kind
from drift_monitor.errors import ColumnError


def kind_of(data_type: pa.DataType) -> Kind | None:
    """Return how a column of this type is compared; None for one that holds nothing but nulls."""
    types = pa.types
    if types.is_null(data_type):
        return None
    if types.is_integer(data_type) or types.is_floating(data_type) or types.is_decimal(data_type):
        return Kind.NUMERIC
    if types.is_boolean(data_type) or _is_text(data_type):
        return Kind.CATEGORICAL
    if types.is_timestamp(data_type) or types.is_date(data_type):
        return Kind.TIMESTAMP
    return Kind.OTHER


def common_kind(reference: pa.DataType, current: pa.DataType) -> Kind:
    """Return the kind of a column of both tables.

    Raises:
        ColumnError: the kind changed between the tables, or neither holds a value.
    """
    kinds = {kind for kind in map(kind_of, (reference, current)) if kind is not None}
    if not kinds:
        raise ColumnError("no value in either table")
    if len(kinds) > 1:
        before, now = (f"{kind_of(each)} ({each})" for each in (reference, current))
        raise ColumnError(f"its kind changed: {before} in reference, {now} in current")
    return kinds.pop()


def finite_floats(chunk: pa.Array) -> Floats:
    """Return the values of a chunk that count, in their order."""
    if pa.types.is_null(chunk.type):
        return np.array([])
    if chunk.null_count:
        chunk = chunk.drop_null()
    values = as_floats(chunk)
    finite = np.isfinite(values)
    return values if finite.all() else values[finite]


def as_floats(chunk: pa.Array) -> Floats:
    """Return a chunk without nulls as float64; times as seconds since 1970."""
    if kind_of(chunk.type) is Kind.TIMESTAMP:
        microseconds = pc.cast(
            chunk, pa.timestamp("us", getattr(chunk.type, "tz", None)), safe=False
        )
        return as_numpy(microseconds.cast(pa.int64())).astype(np.float64) / 1e6
    if pa.types.is_decimal(chunk.type):
        chunk = chunk.cast(pa.float64())
    return as_numpy(chunk).astype(np.float64, copy=False)


def as_numpy(chunk: pa.Array) -> npt.NDArray[Any]:
    """Return a chunk of numbers without nulls, not copied. Arrow's own way imports pandas."""
    return np.from_dlpack(chunk)


def as_arrow(values: npt.NDArray[Any]) -> pa.Array:
    """Return numbers as Arrow's, not copied. Arrow's own way imports pandas."""
    data_type = pa.float64() if values.dtype == np.float64 else pa.int64()
    return pa.Array.from_buffers(data_type, len(values), [None, pa.py_buffer(values)])


def as_text(values: pa.Array) -> pa.Array:
    """Return the text of categories: of a code the same for 1, 1.0 and a decimal 1.00."""
    if pa.types.is_decimal(values.type) and values.type.scale < 0:
        digits = values.type.precision - values.type.scale
        values = values.cast(pa.decimal256(digits, 0))
    if pa.types.is_decimal(values.type) and values.type.scale > 0:
        text = pc.cast(values, pa.large_string())
        return pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), ".")
    if pa.types.is_floating(values.type):
        values = pc.cast(values, pa.float64())
        finite = pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
        whole = pc.cast(finite, pa.int64(), safe=False)
        is_whole = pc.equal(pc.cast(whole, pa.float64(), safe=False), finite)
        texts = pc.cast(whole, pa.large_string()), pc.cast(finite, pa.large_string())
        return pc.if_else(is_whole, *texts)
    return pc.cast(values, pa.large_string())


def ascending(values: pa.Array, *, are_codes: bool) -> pa.Array:
    """Put categories in order: codes by their numbers."""
    if not are_codes:
        return values.take(pc.sort_indices(values))
    # By text where floats cannot tell two large codes apart.
    batch = pa.record_batch({"number": pc.cast(values, pa.float64()), "text": values})
    keys = [("number", "ascending"), ("text", "ascending")]
    return values.take(pc.sort_indices(batch, sort_keys=keys))


def _is_text(data_type: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(data_type):
        return _is_text(data_type.value_type)
    return bool(types.is_string(data_type) or types.is_large_string(data_type))
