"""A column's values in the form that is compared."""

from decimal import Decimal
from math import inf, nan

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from drift_monitor.drift.methods import Kind
from drift_monitor.drift.values import (
    as_categories,
    as_numbers,
    common_kind,
    kind_of,
    without_gaps,
)
from drift_monitor.errors import ColumnError


def _column(values: object, data_type: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, data_type)])


@pytest.mark.parametrize(
    ("data_type", "kind"),
    [
        (pa.int8(), Kind.NUMERIC),
        (pa.uint64(), Kind.NUMERIC),
        (pa.float16(), Kind.NUMERIC),
        (pa.float32(), Kind.NUMERIC),
        (pa.decimal128(10, 2), Kind.NUMERIC),
        (pa.decimal256(50, 2), Kind.NUMERIC),
        (pa.bool_(), Kind.CATEGORICAL),
        (pa.string(), Kind.CATEGORICAL),
        (pa.large_string(), Kind.CATEGORICAL),
        (pa.date32(), Kind.TIMESTAMP),
        (pa.date64(), Kind.TIMESTAMP),
        (pa.timestamp("ns"), Kind.TIMESTAMP),
        (pa.timestamp("s", "Europe/Zurich"), Kind.TIMESTAMP),
        (pa.duration("s"), Kind.OTHER),
        (pa.time64("us"), Kind.OTHER),
        (pa.binary(), Kind.OTHER),
        (pa.list_(pa.int8()), Kind.OTHER),
        (pa.struct([("x", pa.int8())]), Kind.OTHER),
        (pa.map_(pa.string(), pa.int8()), Kind.OTHER),
        (pa.null(), None),
    ],
    ids=str,
)
def test_each_type_has_a_kind(data_type: pa.DataType, kind: Kind | None) -> None:
    assert kind_of(data_type) is kind


@pytest.mark.parametrize(
    ("reference", "current", "kind"),
    [
        (pa.int8(), pa.float64(), Kind.NUMERIC),
        (pa.decimal128(5, 1), pa.uint8(), Kind.NUMERIC),
        (pa.string(), pa.large_string(), Kind.CATEGORICAL),
        (pa.null(), pa.int8(), Kind.NUMERIC),
        (pa.string(), pa.null(), Kind.CATEGORICAL),
        (pa.date32(), pa.timestamp("s"), Kind.TIMESTAMP),
    ],
)
def test_types_of_one_kind_are_comparable(
    reference: pa.DataType, current: pa.DataType, kind: Kind
) -> None:
    assert common_kind(_column([None], reference), _column([None], current)) is kind


def test_a_type_of_another_kind_is_a_change_of_type() -> None:
    with pytest.raises(ColumnError, match="its type changed: int64 in reference, string in curr"):
        common_kind(_column([1]), _column(["1"]))


def test_a_column_of_nothing_has_no_kind() -> None:
    with pytest.raises(ColumnError, match="no value in either table"):
        common_kind(_column([None]), _column([None]))


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        (_column([1, None, -1], pa.int8()), [1, nan, -1]),
        (_column([2**64 - 1], pa.uint64()), [float(2**64 - 1)]),
        (_column([Decimal("1.50"), None]), [1.5, nan]),
        (_column([0.5, None, inf]), [0.5, nan, inf]),
        (_column(np.array([0.5], "float16")), [0.5]),
        (_column([None, None]), [nan, nan]),
        (_column([], pa.int64()), []),
    ],
)
def test_numbers_are_float64_with_nan_for_null(
    column: pa.ChunkedArray, numbers: list[float]
) -> None:
    pd.testing.assert_series_equal(as_numbers(column), pd.Series(numbers, dtype="float64"))


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        (_column([1, 2]), _column([1.0, 2.0])),
        (_column([1.0, 2.0]), _column([1, 2], pa.uint8())),
        (_column([1.5, 2.0]), _column([1.5, 2.0], pa.float32())),
        (_column([1.0, 2.0]), _column([Decimal("1.0"), Decimal("2.0")])),
        (_column([Decimal("1.00")]), _column([Decimal("1.0")])),
        (_column([1]), _column([Decimal("1.0")])),
        (_column(["1"]), _column(["1"], pa.large_string())),
        (_column([True, None]), _column([True, None])),
        (_column([0.0]), _column([-0.0])),
    ],
)
def test_one_code_is_one_category_whatever_its_type_on_either_side(
    reference: pa.ChunkedArray, current: pa.ChunkedArray
) -> None:
    sides = as_categories(reference, current)
    pd.testing.assert_series_equal(*sides)


@pytest.mark.parametrize(
    "codes",
    [
        _column([2**64 - 1, 2**64 - 2], pa.uint64()),
        _column([2**60, 2**60 + 1]),
        _column([Decimal("1" + "0" * 30), Decimal("1" + "0" * 29 + "1")]),
    ],
    ids=lambda codes: str(codes.type),
)
def test_codes_too_large_for_a_float_stay_apart(codes: pa.ChunkedArray) -> None:
    reference, current = as_categories(codes, codes)
    assert reference.nunique() == 2
    pd.testing.assert_series_equal(reference, current)


@pytest.mark.parametrize("other_side", [_column([1, 2]), _column([1.5, 2.5])])
def test_a_code_that_is_not_a_number_or_infinite_counts_as_a_gap(
    other_side: pa.ChunkedArray,
) -> None:
    for sides in (
        as_categories(_column([1.0, nan, inf, -inf, None]), other_side),
        as_categories(other_side, _column([1.0, nan, inf, -inf, None]))[::-1],
    ):
        assert len(without_gaps(sides[0])) == 1


def test_null_is_no_category() -> None:
    reference, _ = as_categories(_column(["a", None]), _column(["None"]))
    assert without_gaps(reference).tolist() == ["a"]


def test_gaps_are_nulls_and_infinities() -> None:
    assert without_gaps(pd.Series([1.0, nan, inf, -inf, 2.0])).tolist() == [1.0, 2.0]
