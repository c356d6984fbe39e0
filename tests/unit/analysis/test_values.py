"""A column's values in the form that is scored."""

from decimal import Decimal
from math import inf, nan

import numpy as np
import pyarrow as pa
import pytest
from support.builders import side_of

from drift_monitor.analysis.columns.arrays import as_text, common_kind, kind_of
from drift_monitor.analysis.columns.values import (
    Categories,
    Numbers,
    aligned_counts,
    read_categories,
    read_numbers,
)
from drift_monitor.config.methods import Kind
from drift_monitor.errors import ColumnError


def _numbers(values: object) -> Numbers:
    side = side_of(values, Kind.NUMERIC)
    assert isinstance(side, Numbers)
    return side


def _categories(values: object) -> Categories:
    side = side_of(values, Kind.CATEGORICAL)
    assert isinstance(side, Categories)
    return side


def _counts(values: object) -> dict[str, int]:
    side = _categories(values)
    order = float if side.are_codes else str.encode
    assert side.values.to_pylist() == sorted(side.values.to_pylist(), key=order)
    return dict(zip(side.values.to_pylist(), side.counts.tolist(), strict=True))


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
    assert common_kind(reference, current) is kind
    assert common_kind(current, reference) is kind


def test_a_type_of_another_kind_is_a_change_of_type() -> None:
    with pytest.raises(
        ColumnError,
        match=r"kind changed: numeric \(int64\) in reference, categorical \(string\) in curr",
    ):
        common_kind(pa.int64(), pa.string())


def test_a_column_of_nothing_has_no_kind() -> None:
    with pytest.raises(ColumnError, match="no value in either table"):
        common_kind(pa.null(), pa.null())


@pytest.mark.parametrize(
    ("column", "numbers", "nulls"),
    [
        (pa.array([1, None, -1], pa.int8()), [-1.0, 1.0], 1),
        (pa.array([2**64 - 1, 0], pa.uint64()), [0.0, float(2**64 - 1)], 0),
        (pa.array([Decimal("1.50"), None]), [1.5], 1),
        (pa.array([Decimal("1.50"), Decimal(-2)], pa.decimal256(50, 2)), [-2.0, 1.5], 0),
        (pa.array([0.5, None, inf, -inf, nan]), [0.5], 4),
        (pa.array(np.array([0.5, -1], "float16")), [-1.0, 0.5], 0),
        (pa.array(np.array([0.5, nan], "float32")), [0.5], 1),
        (pa.array([None, None], pa.float64()), [], 2),
        (pa.nulls(2), [], 2),
        (pa.array([], pa.int64()), [], 0),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_numbers_are_float64_in_order_and_what_does_not_count_is_counted(
    column: pa.Array, numbers: list[float], nulls: int
) -> None:
    side = _numbers(column)
    assert side.sorted.dtype == np.float64
    assert side.sorted.tolist() == numbers
    assert (side.nulls, side.size) == (nulls, len(numbers))
    assert side.infinite == sum(value in (inf, -inf) for value in column.to_pylist())


@pytest.mark.parametrize(
    ("column", "is_integer"),
    [
        (pa.array([1, 2], pa.uint8()), True),
        (pa.array([1, None]), False),
        (pa.array([1.0, 2.0]), False),
        (pa.array([Decimal(1), Decimal(2)]), False),
    ],
)
def test_whole_numbers_with_a_gap_are_floats_as_pandas_reads_them(
    column: pa.Array, *, is_integer: bool
) -> None:
    assert _numbers(column).is_integer is is_integer


def test_chunks_of_numbers_are_one_column() -> None:
    chunks = [pa.array([3, None]), pa.array([], pa.int64()), pa.array([1]), pa.nulls(1, pa.int64())]
    side = read_numbers(iter(chunks), pa.int64(), 4)
    assert (side.sorted.tolist(), side.nulls, side.is_integer) == ([1.0, 3.0], 2, False)


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        (pa.array([1, 2]), pa.array([1.0, 2.0])),
        (pa.array([1.0, 2.0]), pa.array([1, 2], pa.uint8())),
        (pa.array([1.5, 2.0]), pa.array([1.5, 2.0], pa.float32())),
        (pa.array([1.0, 2.0]), pa.array([Decimal("1.0"), Decimal("2.0")])),
        (pa.array([1.5, 100.0]), pa.array([Decimal("1.500"), Decimal("100.000")])),
        (pa.array([Decimal("1.00")]), pa.array([Decimal("1.0")])),
        (pa.array([1]), pa.array([Decimal("1.0")])),
        (pa.array([10, 200]), pa.array([Decimal(10), Decimal(200)], pa.decimal128(9, 0))),
        (pa.array([10, 200]), pa.array([Decimal(10), Decimal(200)], pa.decimal128(9, -1))),
        (pa.array(["1"]), pa.array(["1"], pa.large_string())),
        (pa.array(["1", None, "2"]), pa.array(["1", None, "2"]).dictionary_encode()),
        (pa.array([True, None]), pa.array([True, None])),
        (pa.array([0.0]), pa.array([-0.0])),
        (pa.array([0]), pa.array([-0.0])),
        (pa.array([-7]), pa.array([-7.0])),
        (pa.array([10**15]), pa.array([1e15])),
        (pa.array([10**6]), pa.array([1e6], pa.float32())),
    ],
    ids=lambda array: str(array.type),
)
def test_one_code_is_one_category_whatever_its_type_on_either_side(
    reference: pa.Array, current: pa.Array
) -> None:
    assert _counts(reference) == _counts(current)
    before, after = aligned_counts(_categories(reference), _categories(current))
    assert before.tolist() == after.tolist() == [1] * len(_counts(reference))


@pytest.mark.parametrize(
    "codes",
    [
        pa.array([2**64 - 1, 2**64 - 2], pa.uint64()),
        pa.array([2**60, 2**60 + 1]),
        pa.array([Decimal("1" + "0" * 30), Decimal("1" + "0" * 29 + "1")]),
    ],
    ids=lambda codes: str(codes.type),
)
def test_codes_too_large_for_a_float_stay_apart(codes: pa.Array) -> None:
    assert list(_counts(codes).values()) == [1, 1]


def test_floats_beyond_the_integers_are_categories_too() -> None:
    assert len(_counts(pa.array([1e300, 2e300, -1e300, 2.0**63, 1e19]))) == 5


@pytest.mark.parametrize("codes", [[1, 2], [1.5, 2.5]])
def test_a_code_that_is_not_a_number_or_infinite_counts_as_a_gap(codes: list[float]) -> None:
    side = _categories(pa.array([*codes, nan, inf, -inf, None], pa.float64()))
    assert (len(side.values), side.size, side.nulls) == (2, 2, 4)


def test_null_is_no_category() -> None:
    side = _categories(pa.array(["a", None, "None", "a"]))
    assert (side.values.to_pylist(), side.counts.tolist(), side.nulls) == (["None", "a"], [1, 2], 1)


@pytest.mark.parametrize("index_type", [pa.int8(), pa.uint32(), pa.int64()])
def test_dictionaries_of_other_orders_and_unused_or_null_words_are_one_column(
    index_type: pa.DataType,
) -> None:
    chunks = [
        pa.DictionaryArray.from_arrays(pa.array(codes, index_type), pa.array(words))
        for codes, words in [
            ([0, 1, 1, None], ["a", "b", "unused"]),
            ([0, 1, 1], ["b", "a"]),
            ([0, 1], [None, "c"]),
        ]
    ]
    side = read_categories(
        iter([*chunks, pa.array(["c", None]), pa.array([], pa.string())]), pa.string(), 11
    )
    assert side.values.to_pylist() == ["a", "b", "c"]
    assert side.counts.tolist() == [3, 3, 2]
    assert side.nulls == 3


def test_slices_of_a_dictionary_are_counted_as_their_own_rows() -> None:
    array = pa.array(["a", "b", None, "a", "c"]).dictionary_encode()
    side = read_categories([array.slice(0, 2), array.slice(2)], array.type, 5)
    assert (side.values.to_pylist(), side.counts.tolist(), side.nulls) == (
        ["a", "b", "c"],
        [2, 1, 1],
        1,
    )


def test_no_chunk_at_all_is_an_empty_column() -> None:
    numbers, words = read_numbers([], pa.int64(), 0), read_categories([], pa.string(), 0)
    assert (numbers.size, numbers.nulls, words.size, words.nulls) == (0, 0, 0, 0)


def test_counts_are_aligned_on_every_value_of_either_side_in_order() -> None:
    before, after = aligned_counts(_categories(["b", "a", "b"]), _categories(["c", "b", "c"]))
    assert (before.tolist(), after.tolist()) == ([1, 2, 0], [0, 1, 2])
    before, after = aligned_counts(_numbers([10.0, 9.0, -0.0]), _numbers([0.0, 10.0, 2.0]))
    assert (before.tolist(), after.tolist()) == ([1, 0, 1, 1], [1, 1, 0, 1])


def test_codes_are_in_the_order_of_their_numbers_and_words_in_that_of_the_alphabet() -> None:
    assert _categories([10, 9, -1, 100]).values.to_pylist() == ["-1", "9", "10", "100"]
    assert _categories([10.5, 9.0]).values.to_pylist() == ["9", "10.5"]
    assert _categories(["10", "9", "-1"]).values.to_pylist() == ["-1", "10", "9"]
    before, after = aligned_counts(_categories([10, 9, 9]), _categories([100, 10.0, 10.0, 10.0]))
    assert (before.tolist(), after.tolist()) == ([2, 1, 0], [0, 3, 1])


def test_a_number_is_counted_once_whatever_its_zeros_sign() -> None:
    values, counts = _numbers([-0.0, 0.0, 1.5, 0.0]).count_values()
    assert (values.to_pylist(), counts.tolist()) == ([0.0, 1.5], [3, 1])


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_distinct_values_are_the_smallest_up_to_a_limit(limit: int) -> None:
    assert _numbers([3, 1, 1, 2, 3]).distinct(limit) == [1.0, 2.0, 3.0][:limit]


def test_the_text_of_a_code_has_no_needless_zeros() -> None:
    assert as_text(pa.array([Decimal("100.500"), Decimal("20.000")])).to_pylist() == ["100.5", "20"]
    assert as_text(pa.array([100.5, 20.0, None])).to_pylist() == ["100.5", "20", None]
    assert as_text(pa.array([True, False])).to_pylist() == ["true", "false"]
