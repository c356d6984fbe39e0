"""What tells a person which way a column moved; and that it names no rare value."""

from math import inf, nan

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import InMemory, a_monitor, result_of, side_of

from drift_monitor.analysis.columns.profile import QUANTILES, new_and_vanished, profile
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.methods import Kind
from drift_monitor.results.drift import CategoryChange, ColumnProfile, FrequentValue
from drift_monitor.site.pages.evidently_report import render_report
from drift_monitor.site.pages.html import report_page
from drift_monitor.site.pages.plot_data import OTHERS, SHOWN_CATEGORIES

pytestmark = pytest.mark.xdist_group("evidently")

PERSON = "Jane Doe, AHV 756.1234.5678.97"


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(
        st.one_of(st.integers(-(10**6), 10**6).map(lambda n: n / 100), st.none()), max_size=60
    ),
    odd=st.lists(st.sampled_from([nan, inf, -inf, None]), max_size=5),
)
def test_numbers_are_described_as_numpy_does(
    values: list[float | None], odd: list[float | None]
) -> None:
    found = profile(side_of(pa.array([*odd, *values], pa.float64()), Kind.NUMERIC))
    finite = [value for value in values if value is not None]
    assert (found.values, found.nulls) == (len(finite), len(values) - len(finite) + len(odd))
    assert (found.distinct, found.frequent) == (None, None)
    if not finite:
        assert (found.mean, found.std, found.quantiles) == (None, None, None)
        return
    assert found.mean == pytest.approx(np.mean(finite), rel=1e-12, abs=1e-9)
    assert found.std == pytest.approx(np.std(finite), rel=1e-9, abs=1e-9)
    assert found.quantiles is not None
    assert list(found.quantiles) == ["0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"]
    assert list(found.quantiles.values()) == pytest.approx(
        list(np.quantile(finite, QUANTILES)), rel=1e-12, abs=1e-9
    )


def test_frequent_categories_come_with_their_share_of_the_values() -> None:
    values = ["b"] * 30 + ["a"] * 30 + ["c"] * 10 + ["rare"] * 9 + [None] * 21
    assert profile(side_of(values, Kind.CATEGORICAL)) == ColumnProfile(
        values=79,
        nulls=21,
        distinct=4,
        frequent=[
            FrequentValue(value="a", share=30 / 79),
            FrequentValue(value="b", share=30 / 79),
            FrequentValue(value="c", share=10 / 79),
        ],
    )


def test_no_more_than_ten_categories_are_listed() -> None:
    values = [f"word {number:02}" for number in range(30) for _ in range(10 + number)]
    frequent = profile(side_of(values, Kind.CATEGORICAL)).frequent
    assert frequent is not None
    assert [value.value for value in frequent] == [f"word {n}" for n in range(29, 19, -1)]


def test_a_column_of_nothing_has_a_profile_of_nothing() -> None:
    nothing = pa.array([None, None], pa.string())
    assert profile(side_of(nothing, Kind.CATEGORICAL)) == ColumnProfile(
        values=0, nulls=2, distinct=0, frequent=[]
    )


def test_new_and_vanished_categories_are_counted_with_their_rows_and_the_frequent_named() -> None:
    reference = ["stays"] * 50 + ["gone"] * 20 + ["rarely gone"] * 5 + [None] * 9
    current = ["stays"] * 10 + ["new"] * 12 + ["newer"] * 14 + ["one-off"] * 4
    sides = (side_of(values, Kind.CATEGORICAL) for values in (reference, current))
    assert new_and_vanished(*sides) == (
        CategoryChange(categories=3, share=30 / 40, examples=["newer", "new"]),
        CategoryChange(categories=2, share=25 / 75, examples=["gone"]),
    )


@pytest.mark.parametrize("empty_side", [0, 1])
def test_against_a_side_without_a_value_every_category_is_new_or_vanished(empty_side: int) -> None:
    sides = [side_of(["a"] * 10, Kind.CATEGORICAL)] * 2
    sides[empty_side] = side_of(pa.array([None], pa.string()), Kind.CATEGORICAL)
    new, vanished = new_and_vanished(sides[0], sides[1])
    full = CategoryChange(categories=1, share=1.0, examples=["a"])
    nothing = CategoryChange(categories=0, share=0.0, examples=[])
    assert (new, vanished) == ((nothing, full) if empty_side else (full, nothing))


def test_numbers_have_no_new_categories() -> None:
    sides = side_of([1.0], Kind.NUMERIC), side_of([2.0], Kind.NUMERIC)
    assert new_and_vanished(*sides) == (None, None)


def test_a_column_comes_with_both_sides_profiles_scored_or_not() -> None:
    reference = {"x": [1.0, 2.0, 3.0, None], "w": ["a"] * 4, "only nulls": pa.nulls(4, pa.int8())}
    current = {"x": [5.0, 5.0, 5.0, 5.0], "w": ["b"] * 4, "only nulls": [1, 2, 3, 4]}
    comparison = compare(InMemory(reference), InMemory(current), a_monitor())
    found = {column.column: column for column in comparison.columns}
    for column in found.values():
        assert column.reference is not None
        assert column.current is not None
        assert column.reference.values + column.reference.nulls == 4
    assert found["x"].reference is not None
    assert (found["x"].reference.values, found["x"].reference.nulls) == (3, 1)
    assert found["x"].reference.mean == 2
    assert found["x"].reference.std == pytest.approx(np.sqrt(2 / 3), rel=1e-12)
    assert found["x"].current == ColumnProfile(
        values=4, nulls=0, mean=5, std=0, quantiles={f"{share:g}": 5 for share in QUANTILES}
    )
    assert (found["w"].new_categories, found["w"].vanished_categories) == (
        CategoryChange(categories=1, share=1.0, examples=[]),
        CategoryChange(categories=1, share=1.0, examples=[]),
    )
    assert found["only nulls"].reference == ColumnProfile(values=0, nulls=4)
    assert found["only nulls"].current is not None
    assert found["only nulls"].current.mean == 2.5


def _published(secrets: tuple[int, int], words: int = SHOWN_CATEGORIES) -> tuple[str, str]:
    """Publish a column of many words and a secret, so often on each side; return JSON and page."""
    common = [f"word {number:02}" for number in range(words)] * 20
    sides = [
        InMemory({"w": common + [PERSON] * often, "n": range(len(common) + often)})
        for often in secrets
    ]
    monitor = a_monitor()
    comparison = compare(*sides, monitor)
    result = result_of(monitor, comparison.columns, (sides[0].rows, sides[1].rows))
    report = render_report(comparison, 0.5)
    assert report.undrawn == []
    return result.model_dump_json(indent=2), report_page(report, result, home="").decode()


@pytest.mark.parametrize("secrets", [(9, 9), (9, 0), (0, 9), (1, 0), (0, 1)])
def test_a_value_of_fewer_than_ten_rows_is_named_neither_in_the_json_nor_on_the_page(
    secrets: tuple[int, int],
) -> None:
    drift_json, page = _published(secrets)
    assert "Jane" not in drift_json
    assert "756.1234" not in drift_json
    assert "Jane" not in page
    assert "756.1234" not in page
    assert OTHERS in page


@pytest.mark.parametrize("secrets", [(10, 0), (0, 10)])
def test_a_value_of_ten_rows_is_named(secrets: tuple[int, int]) -> None:
    assert PERSON in _published(secrets)[0]


def test_a_column_of_texts_that_all_differ_names_none_of_them() -> None:
    table = InMemory({"w": [f"{PERSON} {number}" for number in range(200)]})
    comparison = compare(table, table, a_monitor(columns={"include": ["w"]}))
    assert [column.status for column in comparison.columns] == ["ok"]
    assert all("Jane" not in column.model_dump_json() for column in comparison.columns)
    # Its fifty "most frequent" texts are as rare as the others.
    assert "Jane" not in render_report(comparison, 0.5).html
