"""Each slice is compared as if it were a table of its own."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import InMemory, a_monitor, result_of
from support.sliced import by, carriers, compared, slices_of

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.analysis.slices.comparison import compare_slices
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import Status
from drift_monitor.results.slices import SliceColumn, SliceDrift

pytestmark = pytest.mark.xdist_group("evidently")

CHUNK = 7
"""Rows to a chunk: a slice's rows come from many."""
NUMBERS = st.none() | st.floats(-1e3, 1e3, width=32) | st.sampled_from([0.0, -0.0, float("inf")])
ROWS = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["a", "b", "b", "c", "d", None]),
        "float": NUMBERS,
        "integer": st.integers(-5, 5),
        "word": st.sampled_from(["x", "y", "z", None]),
        "truth": st.booleans() | st.none(),
        "code": st.integers(1, 3) | st.none(),
    }
)
SCHEMA = pa.schema(
    {
        "key": pa.string(),
        "float": pa.float64(),
        "integer": pa.int64(),
        "word": pa.dictionary(pa.int8(), pa.string()),
        "truth": pa.bool_(),
        "code": pa.int16(),
    }
)
TABLES = st.lists(ROWS, min_size=1, max_size=60)
# With thresholds that every score reaches, a slice says all its scores.
DRIFTS: list[dict[str, Any]] = [
    {},
    {
        "numeric": {"method": "wasserstein", "threshold": 0},
        "categorical": {"method": "jensenshannon", "threshold": 0},
    },
    {
        "numeric": {"method": "ks", "threshold": 2},
        "categorical": {"method": "chisquare", "threshold": 2},
    },
    {
        "numeric": {"method": "psi", "threshold": 0},
        "categorical": {"method": "z", "threshold": 2},
        "correction": "bonferroni",
    },
    {
        "numeric": {"method": "t_test", "threshold": 0.5, "critical": 0.1},
        "categorical": {"method": "hellinger", "threshold": 0.2, "critical": 0.5},
        "correction": "benjamini_hochberg",
        "critical_share": 0.9,
    },
]


def _table(rows: list[dict[str, Any]]) -> InMemory:
    return InMemory(pa.Table.from_pylist(rows, schema=SCHEMA), CHUNK)


def _assert_judged_alike(
    found: SliceDrift, reference: InMemory, current: InMemory, monitor: Monitor
) -> None:
    """Compare what a slice says with a run over its rows."""
    alone = result_of(monitor, compare(reference, current, monitor).columns)
    assert (found.status, found.severity) == (alone.status, alone.severity)
    assert found.scored_columns == alone.scored_columns
    assert found.drifted_columns == alone.drifted_columns
    assert found.drifted_share == alone.drifted_share
    said = set(SliceColumn.model_fields)
    drifted = [column.model_dump(include=said) for column in alone.having(Status.DRIFTED)]
    assert [column.model_dump() for column in found.worst] == drifted[:5]


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: str(drift)[:40])
@given(before=TABLES, now=TABLES)
@settings(deadline=None)  # the first call imports scipy's statistics
def test_a_slice_is_what_a_table_of_its_rows_is(
    drift: dict[str, Any], before: list[dict[str, Any]], now: list[dict[str, Any]]
) -> None:
    monitor = a_monitor(
        slices={"by": ["key"], "top": 3, "smallest": 2},
        drift=drift,
        columns={"categorical": ["code"], "exclude": ["key"]},
    )
    keys = [row["key"] for row in now]
    largest = sorted(set(keys), key=lambda key: (-keys.count(key), key is None, key))[:3]
    found = compared(_table(before), _table(now), monitor)
    of_keys: list[list[Any]] = [[key] for key in largest]
    others = {row["key"] for row in [*before, *now]} - set(largest)
    assert len(found) == len(largest) + bool(others)
    for each, own in zip(found, [*of_keys, list(others)], strict=False):
        rows = [[row for row in side if row["key"] in own] for side in (before, now)]
        assert [each.reference_rows, each.current_rows] == list(map(len, rows))
        if min(map(len, rows)) < 2:
            assert each.status == "too_small"
        else:
            _assert_judged_alike(each, *map(_table, rows), monitor)


def test_drift_is_found_in_the_slice_where_it_is() -> None:
    found = {
        str(each.values): each for each in slices_of(by("carrier"), carriers(), carriers(shift=3))
    }
    assert list(found) == ["['B']", "['A']", "['C']"]
    assert [each.drifted_columns for each in found.values()] == [1, 0, 0]
    (worst,) = found["['B']"].worst
    assert (worst.column, worst.method, worst.threshold) == ("delay", "robust_wasserstein", 0.1)
    assert found["['B']"].scored_columns == 3  # without the column that slices


@pytest.mark.parametrize("method", ["TVD", "mannw"])
def test_methods_that_need_rows_in_order_get_those_of_the_slice(method: str) -> None:
    kind, name = ("categorical", "word") if method == "TVD" else ("numeric", "delay")
    drift = {kind: {"method": method, "threshold": 2}}
    monitor = a_monitor(
        slices={"by": ["carrier"], "smallest": 50},
        drift=drift,
        columns={"include": [name]},
    )
    before, now = pa.table(carriers()), pa.table(carriers(shift=1))
    found = compared(InMemory(before, CHUNK), InMemory(now, CHUNK), monitor)
    for each in found:
        is_in = [
            pa.array([carrier == each.values[0] for carrier in side["carrier"].to_pylist()])
            for side in (before, now)
        ]
        _assert_judged_alike(
            each, InMemory(before.filter(is_in[0])), InMemory(now.filter(is_in[1])), monitor
        )
        assert each.scored_columns == 1


def test_columns_without_a_score_in_a_slice_are_named() -> None:
    rows = {"key": ["a", "b"] * 60, "x": [1.0, None] * 60, "y": range(120)}
    first, second = slices_of(by("key", smallest=1), rows, rows)
    assert (first.status, first.scored_columns, first.reason) == ("ok", 2, None)
    assert (second.status, second.scored_columns) == ("ok", 1)
    assert second.reason == "no score for x"


def test_a_slice_whose_columns_all_lack_a_score_has_no_verdict() -> None:
    rows = {"key": ["a", "b"] * 60, "x": [1.0, None] * 60}
    first, second = slices_of(by("key", smallest=1), rows, rows)
    assert (first.status, second.status) == ("ok", "error")
    assert second.reason == "no score for x"


class ReadOnce(InMemory):
    """A table whose delays can be read only once."""

    def read(self, column: str) -> Iterator[pa.Array]:
        if column == "delay":
            self._left = vars(self).get("_left", 1) - 1
            if self._left < 0:
                raise ValueError("Ms Secret")
        return super().read(column)


def test_a_column_that_cannot_be_read_again_leaves_the_others_scored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = compared(InMemory(carriers()), ReadOnce(carriers()), by("carrier"))
    assert [each.status for each in found] == ["ok"] * 3
    assert {each.scored_columns for each in found} == {2}
    assert {each.reason for each in found} == {"no score for delay"}
    assert "Ms Secret" in caplog.text


@pytest.mark.parametrize("nothing", [pa.nulls(300), pa.nulls(300, pa.float64())])
def test_a_column_without_a_value_on_one_side_has_no_score(nothing: pa.Array) -> None:
    found = slices_of(by("carrier"), carriers() | {"delay": nothing}, carriers())
    assert {each.scored_columns for each in found} == {2}
    assert {each.reason for each in found} == {"no score for delay"}


def test_a_column_of_categories_without_a_value_on_one_side_has_no_score() -> None:
    found = slices_of(by("carrier"), carriers(), carriers() | {"word": pa.nulls(300)})
    assert {each.reason for each in found} == {"no score for word"}


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"importance": {"carrier": 1.0}}, "no scored column has an importance"),
        ({"include": ["carrier"]}, "no column is left to compare"),
    ],
)
def test_a_slice_without_a_verdict_says_why(columns: dict[str, object], reason: str) -> None:
    monitor = a_monitor(slices={"by": ["carrier"], "smallest": 50}, columns=columns)
    found = slices_of(monitor, carriers(), carriers(shift=3))
    assert [(each.status, each.reason) for each in found] == [("error", reason)] * 3


def test_importance_weighs_in_a_slice_as_in_the_table() -> None:
    monitor = a_monitor(
        slices={"by": ["carrier"], "smallest": 50},
        columns={"importance": {"delay": 3.0, "word": 1.0}},
        drift={"drifted_share": 0.7},
    )
    shares = [each.drifted_share for each in slices_of(monitor, carriers(), carriers(shift=3))]
    assert shares == [0.75, 0.0, 0.0]


def test_the_memory_to_spend_changes_nothing() -> None:
    before, now, monitor = InMemory(carriers()), InMemory(carriers(shift=1)), by("carrier")
    columns = compare(before, now, monitor).columns
    found = [compare_slices(before, now, monitor, columns, memory=size) for size in (1, 1 << 40)]
    assert found[0] == found[1]
