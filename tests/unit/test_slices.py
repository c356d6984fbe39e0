"""Each slice is compared as if it were a table of its own, and named only if that names nobody."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from builders import HOSTILE, MONDAY, InMemory, a_monitor
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_monitor.drift.comparison import compare
from drift_monitor.drift.slices import compare_slices
from drift_monitor.drift.verdict import judge
from drift_monitor.monitor import Monitor
from drift_monitor.results import Status, TableSummary
from drift_monitor.slice_results import SliceColumn, SliceDrift

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


def _slices(reference: InMemory, current: InMemory, monitor: Monitor) -> list[SliceDrift]:
    return compare_slices(reference, current, monitor, compare(reference, current, monitor).columns)


def _assert_judged_alike(
    found: SliceDrift, reference: InMemory, current: InMemory, monitor: Monitor
) -> None:
    """Compare what a slice says with a run over its rows."""
    side = TableSummary(location="", files=1, rows=1)
    columns = compare(reference, current, monitor).columns
    alone = judge(monitor, MONDAY, window=None, reference=side, current=side, columns=columns)
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
    found = _slices(_table(before), _table(now), monitor)
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


N = 300


def _columns(rows: int = N, shift: float = 0.0) -> dict[str, object]:
    """Return a table in which the rows of carrier B alone have another delay."""
    rng = np.random.default_rng(20 + int(shift))  # a table of its own, whatever was made before
    carrier = (["A", "B", "B", "C"] * rows)[:rows]
    delay = rng.normal(size=rows) + [shift * (each == "B") for each in carrier]
    return {
        "carrier": carrier,
        "origin": (["JFK", "EWR", None] * rows)[:rows],
        "delay": delay,
        "word": rng.choice(["x", "y"], rows),
    }


def _by(*columns: str, **rules: object) -> Monitor:
    return a_monitor(slices={"by": columns, "smallest": 50, **rules})


def _found(monitor: Monitor, reference: object, current: object) -> list[SliceDrift]:
    return _slices(InMemory(reference), InMemory(current), monitor)


def test_drift_is_found_in_the_slice_where_it_is() -> None:
    found = {
        str(each.values): each for each in _found(_by("carrier"), _columns(), _columns(shift=3))
    }
    assert list(found) == ["['B']", "['A']", "['C']"]
    assert [each.drifted_columns for each in found.values()] == [1, 0, 0]
    (worst,) = found["['B']"].worst
    assert (worst.column, worst.method, worst.threshold) == ("delay", "ks", 0.05)
    assert found["['B']"].scored_columns == 3  # without the column that slices


def test_two_columns_slice_by_their_combinations_and_null_is_a_value() -> None:
    found = _found(_by("carrier", "origin", top=4, smallest=30), _columns(), _columns())
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


@pytest.mark.parametrize("method", ["TVD", "mannw"])
def test_methods_that_need_rows_in_order_get_those_of_the_slice(method: str) -> None:
    kind, name = ("categorical", "word") if method == "TVD" else ("numeric", "delay")
    drift = {kind: {"method": method, "threshold": 2}}
    monitor = a_monitor(
        slices={"by": ["carrier"], "smallest": 50},
        drift=drift,
        columns={"include": [name]},
    )
    before, now = pa.table(_columns()), pa.table(_columns(shift=1))
    found = _slices(InMemory(before, CHUNK), InMemory(now, CHUNK), monitor)
    for each in found:
        is_in = [
            pa.array([carrier == each.values[0] for carrier in side["carrier"].to_pylist()])
            for side in (before, now)
        ]
        _assert_judged_alike(
            each, InMemory(before.filter(is_in[0])), InMemory(now.filter(is_in[1])), monitor
        )
        assert each.scored_columns == 1


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

    often, rare = _found(_by("key", smallest=1), table(before), table(now))
    assert often.values == ["often"]
    assert rare.values == values
    assert not rare.is_other
    assert (rare.reference_rows, rare.current_rows) == (before, now)


def test_values_only_in_reference_are_among_the_others() -> None:
    before = {"key": ["a", "b"] * 60, "x": range(120)}
    now = {"key": ["a"] * 120, "x": range(120)}
    first, other = _found(_by("key"), before, now)
    assert (first.values, first.reference_rows) == (["a"], 60)
    assert (other.is_other, other.status, other.current_rows) == (True, "too_small", 0)


def test_slices_of_equally_many_rows_are_in_the_order_of_their_names() -> None:
    rows = {"key": ["10", "b", None, "9", "a"] * 20, "x": range(100)}
    found = _found(_by("key", smallest=1, top=4), rows, rows)
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
    found = _found(_by("key", smallest=1), rows, rows)
    assert [each.values for each in found] == values


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("gone", "gone is not in reference"),
        ("new", "new is not in reference"),
        ("day", "day is a timestamp column: slice by text, booleans or numbers"),
        ("empty", "empty: no value in either table"),
        ("turned", "turned: its type changed: string in reference, int64 in current"),
    ],
)
def test_tables_that_cannot_be_sliced_say_why(by: str, reason: str) -> None:
    rows = {"day": [date(2013, 1, 1)] * N, "empty": [None] * N, **_columns()}
    before, now = rows | {"turned": ["a"] * N}, rows | {"turned": [1] * N, "new": [1] * N}
    assert _found(_by(by), before, now) == [SliceDrift(by=[by], status="error", reason=reason)]


def test_columns_without_a_score_in_a_slice_are_named() -> None:
    rows = {"key": ["a", "b"] * 60, "x": [1.0, None] * 60, "y": range(120)}
    first, second = _found(_by("key", smallest=1), rows, rows)
    assert (first.status, first.scored_columns, first.reason) == ("ok", 2, None)
    assert (second.status, second.scored_columns) == ("ok", 1)
    assert second.reason == "no score for x"


def test_a_slice_whose_columns_all_lack_a_score_has_no_verdict() -> None:
    rows = {"key": ["a", "b"] * 60, "x": [1.0, None] * 60}
    first, second = _found(_by("key", smallest=1), rows, rows)
    assert (first.status, second.status) == ("ok", "error")
    assert second.reason == "no score for x"


def test_importance_weighs_in_a_slice_as_in_the_table() -> None:
    monitor = a_monitor(
        slices={"by": ["carrier"], "smallest": 50},
        columns={"importance": {"delay": 3.0, "word": 1.0}},
        drift={"drifted_share": 0.7},
    )
    shares = [each.drifted_share for each in _found(monitor, _columns(), _columns(shift=3))]
    assert shares == [0.75, 0.0, 0.0]


def test_the_memory_to_spend_changes_nothing() -> None:
    before, now, monitor = InMemory(_columns()), InMemory(_columns(shift=1)), _by("carrier")
    columns = compare(before, now, monitor).columns
    found = [compare_slices(before, now, monitor, columns, memory=size) for size in (1, 1 << 40)]
    assert found[0] == found[1]


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
