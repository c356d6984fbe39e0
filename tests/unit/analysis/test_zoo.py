"""Columns at the edge of what can be compared: times, constants, giants and next to nothing."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from support.builders import InMemory, a_monitor
from support.times import DAYS, LATER, TIMES, make_times

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.results.drift import ColumnDrift, Status

pytestmark = pytest.mark.xdist_group("evidently")

EVIDENTLY = {"judge": "evidently"}


def _compare(reference: object, current: object, **parts: object) -> ColumnDrift:
    tables = InMemory({"x": reference}), InMemory({"x": current})
    (column,) = compare(*tables, a_monitor(**parts)).columns
    return column


def _seconds(days: list[int]) -> pa.Array:
    start = datetime(2013, 1, 1, tzinfo=UTC).timestamp()
    return pa.array([start + 86_400 * day for day in days])


@pytest.mark.parametrize("data_type", TIMES, ids=str)
@pytest.mark.parametrize("method", ["wasserstein", "ks", "psi", "mannw"])
def test_times_are_scored_as_their_seconds_when_a_method_is_asked_for(
    data_type: pa.DataType, method: str
) -> None:
    drift = {"columns": {"x": {"method": method}}}
    times = _compare(make_times(DAYS, data_type), make_times(LATER, data_type), drift=drift)
    seconds = _compare(_seconds(DAYS), _seconds(LATER), drift=drift)
    assert times.kind == "timestamp"
    assert seconds.score is not None
    assert times.model_copy(update={"kind": "numeric"}) == seconds


@pytest.mark.parametrize("data_type", TIMES, ids=str)
def test_times_are_skipped_when_no_method_is_asked_for_by_column(data_type: pa.DataType) -> None:
    rules = {"numeric": {"method": "ks"}, "columns": {"x": {"threshold": 0.2}}}
    column = _compare(make_times(DAYS, data_type), make_times(LATER, data_type), drift=rules)
    assert (column.status, column.score) == (Status.SKIPPED, None)
    assert column.reason == "timestamp columns are not scored"


def test_times_of_two_units_are_one_axis() -> None:
    drift = {"columns": {"*": {"method": "wasserstein"}}}
    before, after = make_times(DAYS, pa.date32()), make_times(DAYS, pa.timestamp("ns"))
    assert _compare(before, after, drift=drift).score == 0


def test_times_with_gaps_count_their_gaps() -> None:
    moments = pa.array([datetime(2013, 1, 1, tzinfo=UTC), None] * 20)
    column = _compare(moments, moments, drift={"columns": {"x": {"method": "ks"}}})
    assert (column.status, column.score) == (Status.OK, 1.0)
    assert column.reference is not None
    assert (column.reference.values, column.reference.nulls) == (20, 20)
    assert column.reference.mean == datetime(2013, 1, 1, tzinfo=UTC).timestamp()


def test_a_method_for_categories_does_not_score_times() -> None:
    times = make_times(DAYS, pa.timestamp("us"))
    column = _compare(times, times, drift={"columns": {"x": {"method": "chisquare"}}})
    assert column.status == Status.ERROR
    assert column.reason == "chisquare does not score numeric columns"


@pytest.mark.parametrize("constant", [0.0, 7.5, -1e9])
def test_a_constant_reference_keeps_evidentlys_number_and_says_what_it_is(constant: float) -> None:
    moved = constant + np.arange(1500) % 10
    column = _compare([constant] * 1500, moved, drift=EVIDENTLY)
    expected = stats.wasserstein_distance([constant] * 1500, moved) / 0.001
    assert column.method == "wasserstein"
    assert column.score == pytest.approx(expected, rel=1e-9)
    assert column.status == Status.DRIFTED
    assert column.reason is not None
    assert column.reason.startswith("constant in reference: ")
    assert "0.001" in column.reason


def test_a_reference_that_varies_little_needs_no_remark() -> None:
    values = 5 + np.arange(1500) % 10 * 1e-6
    column = _compare(values, values)
    assert (column.status, column.score, column.reason) == (Status.OK, 0, None)


@pytest.mark.parametrize("constant", [0.1, 1 / 3, 123.456, 1e9 / 7])
@pytest.mark.parametrize("rows", [1003, 1777])
def test_a_constant_whose_mean_is_off_by_rounding_is_still_a_constant(
    constant: float, rows: int
) -> None:
    moved = constant + np.arange(rows) % 10
    column = _compare([constant] * rows, moved, drift=EVIDENTLY)
    assert column.method == "wasserstein"
    assert column.reason is not None
    assert column.reason.startswith("constant in reference: ")


def test_a_constant_that_stays_is_ok_by_wasserstein_too() -> None:
    column = _compare([3.0] * 1500, [3.0] * 900, drift={"numeric": {"method": "wasserstein"}})
    assert (column.status, column.score) == (Status.OK, 0)


def test_a_million_distinct_strings_are_compared() -> None:
    numbers = pa.array(np.arange(1_000_000))
    words = [side.cast(pa.string()) for side in (numbers, pa.compute.add(numbers, 500_000))]
    column = _compare(*words, drift=EVIDENTLY)
    assert (column.status, column.method) == (Status.DRIFTED, "jensenshannon")
    # Half of each side is common: the other halves are each at the distance of all.
    assert column.score == pytest.approx(np.sqrt(np.log(2) / 2), rel=1e-9)
    assert column.reference is not None
    assert (column.reference.distinct, column.reference.frequent) == (1_000_000, [])
    assert column.new_categories is not None
    assert (column.new_categories.categories, column.new_categories.share) == (500_000, 0.5)


@pytest.mark.parametrize("categorical", [[], ["x"]], ids=["numbers", "codes"])
def test_hashes_of_64_bits_are_compared(categorical: list[str]) -> None:
    random = np.random.default_rng(0)
    hashes = pa.array(random.integers(2**63, 2**64 - 1, 1500, dtype=np.uint64))
    columns = {"categorical": categorical}
    column = _compare(hashes, hashes, columns=columns, drift=EVIDENTLY)
    assert (column.status, column.score) == (Status.OK, 0)
    low = pa.array(random.integers(0, 2**40, 1500, dtype=np.uint64))
    assert _compare(hashes, low, columns=columns, drift=EVIDENTLY).status == Status.DRIFTED
    if categorical:
        assert column.reference is not None
        assert column.reference.distinct == 1500


def test_codes_that_are_floats_beyond_all_integers_are_compared() -> None:
    codes = [1e300, 2.0, -1e19] * 20
    column = _compare(codes, codes, columns={"categorical": ["x"]})
    assert (column.status, column.reason) == (Status.OK, None)


@pytest.mark.parametrize(
    ("values", "other"), [([1.5], [9.0]), (["a"], ["b"]), ([True], [False]), ([1], [2])]
)
def test_one_row_is_scored(values: list[object], other: list[object]) -> None:
    same, moved = (_compare(values, each, drift=EVIDENTLY) for each in (values, other))
    assert (same.status, same.method, same.score) == (Status.OK, "z", 1)
    assert moved.score == pytest.approx(2 * stats.norm.sf(np.sqrt(2)), rel=1e-9)


@pytest.mark.parametrize(
    "method", ["wasserstein", "ks", "psi", "jensenshannon", "kl_div", "hellinger", "t_test", "es"]
)
def test_one_row_has_a_score_or_a_reason_by_any_method(method: str) -> None:
    column = _compare([1.0], [2.0], drift=EVIDENTLY | {"numeric": {"method": method}})
    assert column.is_scored == (column.reason is None or method == "wasserstein")
    assert column.is_scored == (method not in {"t_test", "es"})


@pytest.mark.parametrize("data_type", [pa.int64(), pa.float64(), pa.string(), pa.bool_()], ids=str)
@pytest.mark.parametrize("empty_side", ["reference", "current", "both"])
def test_a_table_without_rows_costs_no_more_than_a_status(
    data_type: pa.DataType, empty_side: str
) -> None:
    full = pa.array([1, 0, 1], pa.int64()).cast(data_type)
    empty = full.slice(0, 0)
    reference = full if empty_side == "current" else empty
    current = full if empty_side == "reference" else empty
    column = _compare(reference, current)
    missing_in = "current" if empty_side == "current" else "reference"
    assert (column.status, column.reason) == (Status.ERROR, f"no value in {missing_in}")


def test_numbers_near_the_largest_are_described_in_numbers_that_json_has() -> None:
    huge = [1.7e308, -1.7e308, *range(1200)]
    column = _compare(huge, huge)
    assert ColumnDrift.model_validate_json(column.model_dump_json()) == column
