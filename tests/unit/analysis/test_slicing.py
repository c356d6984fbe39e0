"""Which rows a slice has, and what it is called: only if that names nobody."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pytest
from support.builders import HOSTILE, InMemory, a_monitor
from support.sliced import N, by, carriers, compared, slices_of

from drift_monitor.analysis.slices import slicing
from drift_monitor.analysis.slices.comparison import compare_slices
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.slices import SliceDrift


def test_two_columns_slice_by_their_combinations_and_null_is_a_value() -> None:
    found = slices_of(by("carrier", "origin", top=4, smallest=30), carriers(), carriers())
    assert [each.values for each in found] == [
        ["B", "EWR"],
        ["B", "JFK"],
        ["B", None],
        ["A", "EWR"],
        None,
    ]
    assert [each.current_rows for each in found] == [50, 50, 50, 25, 125]
    assert found[3].status == "too_small"
    assert found[4].is_other
    assert found[4].status == "ok"


def test_values_only_in_reference_are_among_the_others() -> None:
    before = {"key": ["a", "b"] * 60, "x": range(120)}
    now = {"key": ["a"] * 120, "x": range(120)}
    first, other = slices_of(by("key"), before, now)
    assert (first.values, first.reference_rows) == (["a"], 60)
    assert (other.is_other, other.status, other.current_rows) == (True, "too_small", 0)


def test_slices_of_equally_many_rows_are_in_the_order_of_their_names() -> None:
    rows = {"key": ["10", "b", None, "9", "a"] * 20, "x": range(100)}
    found = slices_of(by("key", smallest=1, top=4), rows, rows)
    assert [each.values for each in found] == [["10"], ["9"], ["a"], ["b"], None]


@pytest.mark.parametrize(
    ("keys", "values"),
    [
        (pa.array([2, 10, None] * 20), [["2"], ["10"], [None]]),
        (pa.array([0.5, 2.0, float("nan")] * 20), [["0.5"], ["2"], [None]]),
        (pa.array([True, False, None] * 20), [["false"], ["true"], [None]]),
        (pa.array(["x" * 200] * 60), [["x" * 99 + "…"]]),
        (pa.array([HOSTILE] * 60), [[HOSTILE]]),
    ],
    ids=["integers", "floats", "booleans", "a long value", "a hostile value"],
)
def test_slices_are_by_any_value_that_has_a_text(
    keys: pa.Array, values: list[list[str | None]]
) -> None:
    rows = {"key": keys, "x": range(60)}
    found = slices_of(by("key", smallest=1), rows, rows)
    assert [each.values for each in found] == values


@pytest.mark.parametrize(
    ("before", "now", "values"),
    [
        (10, 10, ["rare"]),
        (10, 9, None),
        (9, 10, None),
        (0, 10, ["rare"]),  # nobody of reference is told of
    ],
)
def test_a_value_that_could_be_a_persons_is_not_named(
    before: int, now: int, values: list[str] | None
) -> None:
    def table(rare: int) -> dict[str, object]:
        return {"key": ["rare"] * rare + ["often"] * 50, "x": range(rare + 50)}

    often, rare = slices_of(by("key", smallest=1), table(before), table(now))
    assert often.values == ["often"]
    assert rare.values == values
    assert not rare.is_other
    assert (rare.reference_rows, rare.current_rows) == (before, now)


TURNED = "categorical (string) in reference, numeric (int64) in current"


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("gone", "gone is not in reference"),
        ("new", "new is not in reference"),
        ("day", "day is a timestamp column: slice by text, booleans or numbers"),
        ("empty", "empty: no value in either table"),
        ("turned", f"turned: its kind changed: {TURNED}"),
    ],
)
def test_tables_that_cannot_be_sliced_say_why(column: str, reason: str) -> None:
    rows = {"day": [date(2013, 1, 1)] * N, "empty": [None] * N, **carriers()}
    before, now = rows | {"turned": ["a"] * N}, rows | {"turned": [1] * N, "new": [1] * N}
    assert slices_of(by(column), before, now) == [
        SliceDrift(by=[column], smallest=50, status="error", reason=reason)
    ]


@pytest.mark.parametrize(("values", "is_sliced"), [(6, True), (7, False)])
@pytest.mark.parametrize("kind", [pa.int64(), pa.string()])
def test_a_column_of_very_many_values_is_refused_before_they_are_kept(
    monkeypatch: pytest.MonkeyPatch, values: int, kind: pa.DataType, *, is_sliced: bool
) -> None:
    monkeypatch.setattr(slicing, "MOST_VALUES", 6)
    keys = pa.array([row % values for row in range(60)]).cast(kind)
    table = InMemory({"key": keys, "x": range(60)}, chunk_rows=4)
    first, *_ = compared(table, table, by("key", smallest=1))
    if is_sliced:
        assert (first.values, first.current_rows) == (["0"], 10)
    else:
        assert first.reason == "key holds more than 6 values: slice by a column of fewer"


class Unreadable(InMemory):
    """A table of which one column cannot be read."""

    def __init__(self, columns: dict[str, object], error: Exception) -> None:
        super().__init__(columns)
        self._error = error

    def read(self, column: str) -> Iterator[pa.Array]:
        if column == "carrier":
            raise self._error
        return super().read(column)


def _of_unreadable(error: Exception) -> list[SliceDrift]:
    return compare_slices(InMemory(carriers()), Unreadable(carriers(), error), by("carrier"), [])


def test_an_error_of_a_library_is_told_by_its_class_and_its_text_is_only_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    (found,) = _of_unreadable(ValueError("Ms Secret"))
    assert (found.status, found.has_rows) == ("error", False)
    assert found.reason == "the tables could not be sliced (ValueError): the log says more"
    assert "Ms Secret" in caplog.text


def test_a_table_that_cannot_be_read_ends_the_run() -> None:
    with pytest.raises(DriftMonitorError, match=r"c\.parquet cannot be read"):
        _of_unreadable(DriftMonitorError("c.parquet cannot be read"))


@pytest.mark.parametrize("nothing", [pa.nulls(N), pa.nulls(N, pa.string())])
def test_a_side_without_a_value_to_slice_by_is_one_slice(nothing: pa.Array) -> None:
    before, now = carriers() | {"carrier": nothing}, carriers()
    found = slices_of(by("carrier"), before, now)
    assert [(each.values, each.reference_rows, each.current_rows) for each in found] == [
        (["B"], 0, 150),
        (["A"], 0, 75),
        (["C"], 0, 75),
        (None, N, 0),
    ]
    first, *_ = slices_of(by("carrier"), now, before)
    assert (first.values, first.reference_rows, first.current_rows) == ([None], 0, N)


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ({"by": []}, "at least 1 item"),
        ({"by": ["a", "b", "c"]}, "at most 2 items"),
        ({"by": ["a", "a"]}, "a is named twice"),
        ({"by": ["a"], "top": 51}, "less than or equal to 50"),
        ({"by": ["a"], "smallest": 0}, "greater than or equal to 1"),
    ],
)
def test_slices_that_make_no_sense_are_refused(rules: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        a_monitor(slices=rules)
