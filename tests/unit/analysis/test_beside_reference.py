"""What the checks find of current beside reference, where there is no baseline."""

import numpy as np
import pyarrow as pa
import pytest
from support.builders import InMemory, a_monitor, side_of
from support.contracts import Columns, Reference

from drift_monitor.analysis.checks.beside_reference import beside_reference
from drift_monitor.analysis.checks.contract import Contract
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.checks import DEFAULTS, Checks
from drift_monitor.config.methods import Kind
from drift_monitor.results.checks import CheckResult

ROWS = 2_000
NORMAL = np.random.default_rng(1).normal(size=4 * ROWS)
KNOWN = {"x": NORMAL[:ROWS], "c": ["a", "b"] * (ROWS // 2)}
nan, inf = float("nan"), float("inf")


def failed(reference: Columns, current: Columns, **parts: object) -> list[CheckResult]:
    """Return the checks that fail without a baseline."""
    monitor = a_monitor(**parts)
    contract = Contract(monitor, None)
    before, now = Reference(reference), InMemory(current)
    compare(before, now, monitor, on_column=contract.observe)
    return [each for each in contract.results(before, now) if each.failed]


def failed_of_x(reference: object, current: object, **parts: object) -> dict[str, str]:
    """Return the reasons of the checks that one column fails, by check."""
    found = failed({"x": reference}, {"x": current}, **parts)
    assert {each.column for each in found} <= {"x"}
    return {each.check: each.reason or "" for each in found}


def test_another_sample_of_the_same_table_passes_each_check_once() -> None:
    monitor = a_monitor()
    contract = Contract(monitor, None)
    before, now = Reference(KNOWN), InMemory({"x": NORMAL[ROWS : 2 * ROWS], "c": KNOWN["c"]})
    compare(before, now, monitor, on_column=contract.observe)
    results = contract.results(before, now)
    assert {each.check for each in results} == {
        *("missing_columns", "new_columns", "changed_types", "no_values", "constant"),
        *("null_share", "infinite_values", "spike", "unseen_categories"),
    }
    assert {(each.column, each.passed) for each in results} == {(None, True)}


def test_columns_that_came_went_and_turned_are_named() -> None:
    now = {"c": [True] * ROWS, "new": NORMAL[:ROWS]}
    found = {
        (each.check, each.column, each.severity): each.reason
        for each in failed(KNOWN | {"turned": NORMAL[:ROWS]}, now | {"turned": KNOWN["c"]})
    }
    assert found == {
        ("missing_columns", "x", "critical"): "in reference, but not in current",
        ("new_columns", "new", "warn"): "in current, but not in reference",
        ("changed_types", "turned", "critical"): (
            "text (string), numbers (double) in reference: 2,000 of 2,000 values are not numbers"
        ),
        ("constant", "c", "critical"): (
            f'all of its {ROWS:,} values are "true", several values in reference'
        ),
    }


def test_a_number_of_another_width_has_not_changed() -> None:
    before = pa.array(range(ROWS), pa.int64())
    assert failed_of_x(before, before.cast(pa.float32())) == {}


def test_a_column_that_the_monitor_names_and_no_table_has_is_missing() -> None:
    (found,) = failed(KNOWN, KNOWN, drift={"columns": {"y": {"threshold": 0.2}}})
    assert (found.check, found.column) == ("missing_columns", "y")
    assert found.reason == "named by the monitor, but in neither table"


@pytest.mark.parametrize(
    "current", [pa.nulls(ROWS, pa.float64()), pa.nulls(ROWS), pa.array([nan] * ROWS)]
)
def test_a_column_without_values_is_told_once(current: pa.Array) -> None:
    assert failed_of_x(NORMAL[:ROWS], current) == {
        "no_values": "no value, 100% of rows in reference have one"
    }


def test_a_column_that_is_infinite_throughout_is_not_called_empty() -> None:
    assert failed_of_x(NORMAL[:ROWS], np.full(ROWS, inf)) == {
        "no_values": "no finite value, 100% of rows in reference have one"
    }


def test_a_column_that_is_rarely_filled_may_be_empty_by_chance() -> None:
    rare = [1.0] * 20 + [None] * (ROWS - 20)
    assert failed_of_x(rare, pa.nulls(100, pa.float64())) == {}
    assert "no_values" in failed_of_x(rare * 2, pa.nulls(ROWS, pa.float64()))


def test_a_column_that_is_stuck_is_critical_and_told_once() -> None:
    (found,) = failed({"x": NORMAL[:ROWS]}, {"x": [-9999.0] * ROWS})
    assert (found.check, found.severity) == ("constant", "critical")
    assert found.reason == "all of its 2,000 values are -9999, several values in reference"


def test_what_is_constant_but_for_few_rows_of_reference_may_be_by_chance() -> None:
    nearly = ["a"] * (ROWS - 5) + ["b"] * 5
    assert failed_of_x(nearly, ["a"] * 200) == {}
    assert failed_of_x(["a"] * ROWS, ["a"] * ROWS) == {}


@pytest.mark.parametrize(("before", "now"), [(0, 200), (200, 0)])
def test_a_share_of_nulls_that_moved_either_way_is_told(before: int, now: int) -> None:
    columns = [[None] * nulls + NORMAL[: ROWS - nulls].tolist() for nulls in (before, now)]
    shares = f"{now * 100 / ROWS:.3g}% of rows have no value, {before * 100 / ROWS:.3g}%"
    assert failed_of_x(*columns) == {
        "null_share": f"{shares} in reference (limit: 5% more or less)"
    }


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["1.5", "-2", ".5e3", " 7 ", "n/a"], "1 of 5 values is not a number"),
        (["1", None, "?", "-", ""], "3 of 4 values are not numbers"),
    ],
)
def test_a_column_that_a_few_texts_spoil_says_how_many(texts: list[str], said: str) -> None:
    reason = failed_of_x(NORMAL[:100], texts)["changed_types"]
    assert reason == f"text (string), numbers (double) in reference: {said}"


def test_a_share_of_nulls_of_few_rows_is_chance() -> None:
    assert failed_of_x([None] * 10 + [1.5, 2.5] * 45, [None] * 20 + [1.5, 2.5] * 40) == {}


def test_infinite_numbers_are_no_nulls_to_the_checks() -> None:
    now = np.concatenate([NORMAL[: ROWS - 200], [inf] * 150, [-inf] * 50])
    assert failed_of_x(NORMAL[:ROWS], now) == {
        "infinite_values": "10% of rows are infinite, 0% in reference (limit: 0% more)"
    }
    assert failed_of_x(now, now) == {}


def test_a_spike_is_a_number_that_hardly_any_row_of_reference_has() -> None:
    now = np.concatenate([NORMAL[: ROWS - 40], [-9999.0] * 40])
    assert failed_of_x(NORMAL[ROWS : 2 * ROWS], now) == {
        "spike": "2% of rows are exactly -9999, 0% in reference (limit: 0.1%)"
    }
    assert failed_of_x(now, now) == {}
    limited = {"spike": {"limit": 0.02}}
    assert failed_of_x(NORMAL[ROWS : 2 * ROWS], now, checks=limited) == {}


def test_one_more_number_that_repeats_where_many_do_is_no_spike() -> None:
    times = np.arange(500.0, 2300.0, 30)
    before, week = np.tile(times, 400), np.tile(times, 100)
    week[:60] = 1559  # a new time: 1 % of rows, where each other has 1.7 %
    assert failed_of_x(before, week) == {}
    week[:60] = 9999
    assert list(failed_of_x(before, week)) == ["spike"]
    week[:300] = 1559
    assert list(failed_of_x(before, week)) == ["spike"]


def test_a_spike_of_a_thousandth_is_found_in_a_large_table() -> None:
    rng = np.random.default_rng(2)
    before, now = rng.normal(size=(2, 100_000))
    now[:101] = 0.0
    assert list(failed_of_x(before, now)) == ["spike"]
    now[100] = 1.0
    assert failed_of_x(before, now) == {}


def test_a_new_category_of_one_percent_is_named_and_a_rarer_one_is_not() -> None:
    now = ["a", "b"] * 980 + ["a "] * 40
    assert failed_of_x(["a", "b"] * (ROWS // 2), now) == {
        "unseen_categories": '2% of values are "a ", which reference does not have; the new '
        "category differs only in blanks, case or Unicode form from one of reference (limit: 1%)"
    }
    assert failed_of_x(["a", "b"] * (ROWS // 2), ["a", "b"] * 990 + ["c"] * 20) == {}


def test_of_several_new_categories_the_most_frequent_is_named() -> None:
    now = ["a", "b"] * 900 + ["c"] * 110 + ["d"] * 90
    assert failed_of_x(["a", "b"] * (ROWS // 2), now)["unseen_categories"] == (
        '5.5% of values are "c", which reference does not have, and 1 more such category '
        "(limit: 1%)"
    )


@pytest.mark.parametrize("name", ["month", "event_time"])
def test_what_moves_with_the_calendar_is_not_stuck(name: str) -> None:
    start = {"month": 1, "event_time": 1_700_000_000}[name]
    before, now = start + np.arange(ROWS) % 5, np.full(ROWS, start + 6)
    assert failed({name: before}, {name: now}) == []


def test_labels_may_be_late() -> None:
    target = {"columns": {"roles": {"target": "x"}}}
    known = NORMAL[:ROWS]
    assert failed({"x": known, "c": KNOWN["c"]}, {"c": KNOWN["c"]}, **target) == []
    assert failed_of_x(known, pa.nulls(ROWS, pa.float64()), **target) == {}
    assert failed_of_x(known, [1.0] * ROWS, **target) == {}
    asked = {"checks": {"columns": {"x": {"no_values": "warn"}}}}
    assert "no_values" in failed_of_x(known, pa.nulls(ROWS, pa.float64()), **target, **asked)


def test_a_check_that_is_off_finds_nothing() -> None:
    now = np.concatenate([[inf] * 50, [-9999.0] * 50, NORMAL[: ROWS - 300], [nan] * 200])
    off = {"checks": dict.fromkeys(DEFAULTS, "off")}
    assert set(failed_of_x(NORMAL[:ROWS], now)) == {"null_share", "infinite_values", "spike"}
    assert failed_of_x(NORMAL[:ROWS], now, **off) == {}


def _of_nulls(values: np.ndarray, share: float, rng: np.random.Generator) -> pa.Array:
    return pa.array(values, mask=rng.random(len(values)) < share)


@pytest.mark.parametrize("rows", [(100, 100), (1_000, 150), (150, 3_000), (20_000, 20_000)])
def test_nothing_is_found_where_nothing_moved(rows: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(rows))
    makers = {
        "normal": lambda n: rng.normal(size=n),
        "many ties": lambda n: rng.poisson(300, n).astype(float),
        "few ties": lambda n: np.round(rng.lognormal(3, 2, n)),
        "nearly constant": lambda n: np.where(rng.random(n) < 0.01, rng.normal(size=n), 7.0),
        "some infinite": lambda n: np.where(rng.random(n) < 0.02, inf, rng.normal(size=n)),
        "flag": lambda n: (rng.random(n) < 0.02).astype(float),
    }
    limits = Checks()

    def limit_of(check):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        rule = limits.rule_for(check)
        assert rule is not None
        return rule.limit

    found = []
    for make in makers.values():
        for nulls in (0.0, 0.05, 0.5, 0.99):
            for _ in range(10):
                sides = (_of_nulls(make(n), nulls, rng) for n in rows)
                before, now = (side_of(each, Kind.NUMERIC) for each in sides)
                found += beside_reference("x", Kind.NUMERIC, before, now, limit_of)
    for categories in (2, 50, 3_000):
        for _ in range(10):
            texts = (pa.array(rng.zipf(1.3, n) % categories).cast(pa.string()) for n in rows)
            before, now = (side_of(each, Kind.CATEGORICAL) for each in texts)
            found += beside_reference("x", Kind.CATEGORICAL, before, now, limit_of)
    assert found == []
