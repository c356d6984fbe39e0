"""What the checks find of a column's values: nulls, ranges and categories."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.contracts import checked, found_by, found_of_x

from drift_monitor.analysis.checks.baseline import MOST_CATEGORIES
from drift_monitor.config.checks import CheckName

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
        "frequent and long xxxxxxxxxxx… (limit: 1%)"
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
