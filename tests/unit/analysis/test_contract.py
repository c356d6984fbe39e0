"""What each check finds of current beside the baseline."""

import re
from collections import Counter
from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import InMemory, a_monitor
from support.contracts import Reference, checked, contract_of, found_by, found_of_x

from drift_monitor.analysis.checks.baseline import MOST_CATEGORIES, profile_table
from drift_monitor.analysis.checks.contract import Contract
from drift_monitor.analysis.checks.findings import sort_of
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.checks import DEFAULTS, CheckName
from drift_monitor.errors import ColumnError


def test_the_same_table_passes_every_check() -> None:
    table = {"id": range(50), "x": [*range(40), *[None] * 10], "c": ["a", "b"] * 25}
    found = checked(table, table, columns={"roles": {"id": ["id"]}})
    assert {(each.check, each.column) for each in found} == {
        ("missing_columns", None),
        ("new_columns", None),
        ("changed_types", None),
        ("no_values", None),
        ("constant", None),
        ("infinite_values", None),
        ("spike", None),
        ("null_share", "x"),
        ("null_share", "c"),
        ("range", "x"),
        ("unseen_categories", "c"),
        ("duplicate_ids", None),
        ("baseline_is_stale", None),
    }
    assert {(each.passed, each.value, each.reason) for each in found} == {(True, 0, None)}


def test_missing_and_new_columns_are_named_each() -> None:
    reference, current = {"x": [1], "gone": [1], "lost": [1]}, {"x": [1], "extra": [1]}
    missing = found_by("missing_columns", reference, current)
    assert {(each.column, each.severity, each.passed) for each in missing.values()} == {
        ("gone", "critical", False),
        ("lost", "critical", False),
    }
    (new,) = found_by("new_columns", reference, current).values()
    assert (new.column, new.severity, new.passed) == ("extra", "warn", False)
    assert new.reason == "in current, but not in the baseline"


def test_columns_that_the_monitor_leaves_out_are_not_checked() -> None:
    reference, current = (
        {"x": [1], "gone": [1], "turned": [1]},
        {"x": [1], "new": [1], "turned": ["a"]},
    )
    found = checked(reference, current, columns={"include": ["x"]})
    assert all(each.passed for each in found)
    assert {each.column for each in found} == {None, "x"}


def test_a_check_that_is_off_for_a_column_passes_without_it() -> None:
    checks = {"columns": {"gone": {"missing_columns": "off"}}}
    (found,) = found_by(
        "missing_columns", {"x": [1], "gone": [1]}, {"x": [1]}, checks=checks
    ).values()
    assert (found.column, found.passed) == (None, True)


def test_a_check_that_is_off_says_nothing() -> None:
    checks = dict.fromkeys(DEFAULTS, "off")
    roles = {"roles": {"id": ["id"]}}
    table = {"id": [1], "x": [1], "c": ["a"]}
    assert checked(table, {"id": [1], "x": ["a"]}, "new", checks=checks, columns=roles) == []


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        (pa.int64(), pa.int8(), False),
        (pa.int64(), pa.float32(), False),
        (pa.float64(), pa.decimal128(10, 2), False),
        (pa.string(), pa.large_string(), False),
        (pa.timestamp("us"), pa.timestamp("ns"), False),
        (pa.int64(), pa.null(), False),
        (pa.null(), pa.string(), False),
        (pa.int64(), pa.string(), True),
        (pa.int64(), pa.bool_(), True),
        (pa.bool_(), pa.string(), True),
        (pa.timestamp("us"), pa.string(), True),
        (pa.timestamp("us"), pa.timestamp("us", "UTC"), True),
        (pa.date32(), pa.timestamp("us"), True),
        (pa.list_(pa.int64()), pa.list_(pa.int64()), False),
        (pa.list_(pa.int64()), pa.string(), True),
        (pa.list_(pa.int64()), pa.list_(pa.string()), True),
        (pa.list_(pa.field("item", pa.int8())), pa.list_(pa.field("element", pa.int64())), False),
        (pa.list_(pa.list_(pa.date32())), pa.large_list(pa.list_(pa.date64(), 3)), False),
        (pa.list_(pa.field("a", pa.bool_(), nullable=False)), pa.list_(pa.bool_()), False),
        (pa.time32("ms"), pa.time64("us"), False),
        (pa.duration("ms"), pa.duration("us"), False),
        (pa.binary(), pa.large_binary(), False),
        (pa.binary(4), pa.binary(), False),
        (pa.binary(), pa.string(), True),
    ],
)
def test_a_type_has_changed_when_it_holds_another_sort_of_value(
    before: pa.DataType, now: pa.DataType, changed: object
) -> None:
    reference, current = ({"x": pa.nulls(3, data_type)} for data_type in (before, now))
    (found,) = found_by("changed_types", reference, current).values()
    assert (found.column == "x") is changed
    assert found.passed is not changed
    if changed:
        assert found.reason == f"{now}, {before} in the baseline"


def test_every_width_of_number_is_a_number() -> None:
    types = [pa.uint8(), pa.int16(), pa.float16(), pa.float32(), pa.decimal256(40, 3)]
    assert {sort_of(str(data_type)) for data_type in types} == {"numbers"}


def test_a_type_that_cannot_be_told_fails_with_its_reason() -> None:
    class Clashing(InMemory):
        def type_of(self, column: str) -> pa.DataType:
            raise ColumnError(f"two columns are named {column}")

    current = Clashing({"x": [1]})
    contract = contract_of({"x": [1]}, current, a_monitor())
    (found,) = (
        each
        for each in contract.results(Reference({"x": [1]}), current)
        if each.check == "changed_types"
    )
    assert (found.passed, found.reason) == (False, "two columns are named x")


def test_a_column_that_the_baseline_did_not_read_is_not_checked_and_says_so() -> None:
    reference = {"x": [1], "y": [1]}
    before = a_monitor(columns={"exclude": ["x"]})
    contract = Contract(a_monitor(), profile_table(Reference(reference), before, files=1))
    compare(Reference(reference), InMemory(reference), a_monitor(), on_column=contract.observe)
    found = contract.results(Reference(reference), InMemory(reference))
    (unchecked,) = (each for each in found if each.passed is None)
    assert (unchecked.check, unchecked.column) == ("null_share", "x")
    assert "run drift-monitor baseline again" in (unchecked.reason or "")


def test_ids_that_repeat_more_than_in_the_baseline_fail() -> None:
    ids = {"columns": {"roles": {"id": ["a", "b"]}}}
    unique = {"a": [1, 1, 2, 2], "b": [1, 2, 1, 2]}
    twice = {"a": [1, 1, 2, 1], "b": [1, 2, 1, 2]}
    (failed,) = found_by("duplicate_ids", unique, twice, **ids).values()
    assert (failed.passed, failed.value) == (False, 0.25)
    said = "25% of rows repeat the a, b of another, 0% in the baseline (limit: 0% more)"
    assert failed.reason == said
    for reference, current in ((twice, twice), (twice, unique), (unique, unique)):
        (found,) = found_by("duplicate_ids", reference, current, **ids).values()
        assert found.passed is True


def test_ids_that_the_baseline_has_not_counted_are_not_checked() -> None:
    table = {"a": [1, 2], "b": [1, 2]}
    baseline = profile_table(Reference(table), a_monitor(), files=1)
    contract = Contract(a_monitor(columns={"roles": {"id": ["a"]}}), baseline)
    found = contract.results(Reference(table), InMemory(table))
    (ids,) = (each for each in found if each.check == "duplicate_ids")
    assert ids.passed is None


@pytest.mark.parametrize(
    ("ids", "reason"),
    [
        ([["a"], ["b"]], r"a holds list<.*>, which names no row"),
        (None, "it has no a"),
    ],
)
def test_why_the_baseline_has_no_count_of_ids_is_said(ids: object, reason: str) -> None:
    reference = {"x": [1, 2]} if ids is None else {"x": [1, 2], "a": ids}
    roles = {"roles": {"id": ["a"]}}
    found = found_by("duplicate_ids", reference, {"x": [1, 2], "a": [1, 2]}, columns=roles)[None]
    assert found.passed is None
    said = f"in the reference the ids a were not counted: {reason}"
    assert re.fullmatch(said, found.reason or "")


def test_ids_are_the_same_in_any_order() -> None:
    table = {"a": [1, 1], "b": [1, 2]}
    written = a_monitor(columns={"roles": {"id": ["a", "b"]}})
    baseline = profile_table(Reference(table), written, files=1)
    monitor = a_monitor(columns={"roles": {"id": ["b", "a"]}})
    found = Contract(monitor, baseline).results(Reference(table), InMemory(table))
    assert all(each.passed for each in found)


def test_ids_that_current_lacks_are_not_checked() -> None:
    ids = {"columns": {"roles": {"id": ["a"]}}}
    (found,) = found_by("duplicate_ids", {"a": [1], "x": [1]}, {"x": [1]}, **ids).values()
    assert (found.passed, found.reason) == (None, "current has no a")


def test_a_baseline_of_another_reference_is_used_and_told() -> None:
    found = checked({"x": [1, 2]}, {"x": [9, 9]}, digest="rewritten")
    failed = {each.check: each for each in found if each.passed is False}
    assert failed.keys() == {"range", "baseline_is_stale"}
    assert failed["baseline_is_stale"].severity == "warn"
    assert "run drift-monitor baseline again" in (failed["baseline_is_stale"].reason or "")


def test_current_is_read_once_but_for_its_ids() -> None:
    class Counted(InMemory):
        reads: Counter[str] = Counter()

        def read(self, column: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
            self.reads[column] += 1
            return super().read(column)

    table = {"id": range(10), "x": range(10), "c": ["a", "b"] * 5, "left_out": range(10)}
    monitor = a_monitor(columns={"roles": {"id": ["id"]}, "exclude": ["left_out"]})
    current = Counted(table)
    assert contract_of(table, current, monitor).results(Reference(table), current)
    assert current.reads == {"id": 1, "x": 1, "c": 1}


NUMBERS = st.lists(
    st.one_of(st.none(), st.floats(-5, 5), st.sampled_from([0.0, float("nan"), float("inf")])),
    min_size=1,
)


def _is_number(value: float | None) -> bool:
    return value is not None and value - value == 0


@settings(deadline=None)
@given(NUMBERS, NUMBERS)
def test_more_nulls_than_in_the_baseline_are_counted(
    before: list[float | None], now: list[float | None]
) -> None:
    shares = [
        sum(not _is_number(value) for value in values) / len(values) for values in (before, now)
    ]
    found = found_of_x("null_share", pa.array(before, pa.float64()), pa.array(now, pa.float64()))
    assert found.value == pytest.approx(shares[1] - shares[0], abs=1e-11)
    assert found.passed is (round(shares[1] - shares[0], 12) <= 0.05)


def test_a_share_of_nulls_at_its_limit_passes() -> None:
    before, now = [*[1] * 98, *[None] * 2], [*[1] * 93, *[None] * 7]
    assert (
        found_of_x("null_share", before, now).passed is True
    )  # though 0.07 - 0.02 > 0.05 in floats
    checks = {"null_share": {"limit": 0.049, "severity": "critical"}}
    failed = found_of_x("null_share", before, now, checks=checks)
    assert (failed.passed, failed.severity, failed.limit) == (False, "critical", 0.049)
    said = "7% of rows have no value, 2% in the baseline (limit: 4.9% more)"
    assert failed.reason == said


@settings(deadline=None)
@given(NUMBERS, NUMBERS)
def test_numbers_outside_the_baselines_range_are_counted(
    before: list[float | None], now: list[float | None]
) -> None:
    known, new = (
        [value for value in values if value is not None and _is_number(value)]
        for values in (before, now)
    )
    arrays = pa.array(before, pa.float64()), pa.array(now, pa.float64())
    found = found_by("range", {"x": arrays[0]}, {"x": arrays[1]}).get("x")
    if not new:
        assert found is None
    elif not known:
        assert found is not None
        assert (found.passed, found.value) == (None, None)
    else:
        outside = sum(not min(known) <= value <= max(known) for value in new) / len(new)
        assert found is not None
        assert found.value == pytest.approx(outside, abs=1e-11)
        assert found.passed is (outside <= 0.01)


def test_a_range_is_told_without_its_ends() -> None:
    found = found_of_x("range", [17.25, 93.75], [11.125, 20.0, 20.0, 99.875])
    assert found.reason == (
        "50% of values are outside the baseline's range, 25% below and 25% above it (limit: 1%)"
    )


def test_times_go_on_and_have_a_range_only_where_it_is_asked_for() -> None:
    start = datetime(2013, 1, 1)  # noqa: DTZ001 - as tables have them
    before = [start + timedelta(hours=hour) for hour in range(50)]
    now = [start + timedelta(days=365, hours=hour) for hour in range(50)]
    scored = {"columns": {"x": {"method": "wasserstein"}}}
    assert "x" not in found_by("range", {"x": before}, {"x": now}, drift=scored)
    checks = {"columns": {"x": {"range": "warn"}}}
    assert found_of_x("range", before, now, drift=scored, checks=checks).value == 1


LETTERS = st.lists(st.sampled_from([None, *"abcde"]), min_size=1)


@settings(deadline=None)
@given(LETTERS, LETTERS)
def test_values_of_unseen_categories_are_counted(
    before: list[str | None], now: list[str | None]
) -> None:
    values = [value for value in now if value is not None]
    arrays = pa.array(before, pa.string()), pa.array(now, pa.string())
    found = found_by("unseen_categories", {"x": arrays[0]}, {"x": arrays[1]}).get("x")
    if not values:
        assert found is None
        return
    assert found is not None
    unseen = sum(value not in before for value in values) / len(values)
    assert found.value == pytest.approx(unseen, abs=1e-11)
    assert found.passed is (unseen <= 0.01)


def test_an_unseen_category_of_few_rows_is_not_named() -> None:
    now = [*["a"] * 50, *["rare"] * 9, *["frequent\nand long " + "x" * 40] * 10]
    reason = found_of_x("unseen_categories", ["a"], now).reason
    assert reason == (
        "27.5% of values are of 2 categories that the baseline lacks, such as "
        '"frequent and long xxxxxxxxxxx…" (limit: 1%)'
    )


def test_codes_are_checked_as_categories() -> None:
    codes = {"categorical": ["x"]}
    found = found_of_x("unseen_categories", [1, 2], [1.0, 2.0, 3.0, 3.0], columns=codes)
    assert found.value == 0.5


def test_too_many_categories_are_not_checked_and_say_so() -> None:
    many = [str(number) for number in range(MOST_CATEGORIES + 1)]
    found = found_of_x("unseen_categories", many, ["new"])
    assert (found.passed, found.value) == (None, None)
    assert found.reason == "the baseline keeps no list of as many as 10,001 categories"


@pytest.mark.parametrize(
    ("check", "current"), [("range", [1.5, 2.5]), ("unseen_categories", ["a", "b"])]
)
def test_where_the_reference_has_no_value_nothing_advises_to_read_it_again(
    check: CheckName, current: list[object]
) -> None:
    found = found_of_x(check, pa.nulls(3), current)
    assert (found.passed, found.reason) == (None, "the baseline has no value of it")


def test_what_a_monitor_asks_of_a_column_that_is_not_compared_is_said_to_be_unchecked() -> None:
    times = [datetime(2013, 1, day) for day in range(1, 9)]  # noqa: DTZ001 - as tables have them
    table = {"when": times, "x": range(8), "words": ["a"] * 8}
    asked = {
        "when": {"range": {"limit": 0.5}, "null_share": "off"},
        "x": {"range": "critical"},
        "gone": {"range": "warn"},
        "w*": {"null_share": "warn"},
    }
    found = checked(table, table, checks={"columns": asked})
    (unchecked,) = (each for each in found if each.passed is None)
    assert (unchecked.check, unchecked.column, unchecked.limit) == ("range", "when", 0.5)
    assert unchecked.reason == "the column is not compared, so its values were not read"
