"""The calibrated judge: what it finds, what it leaves, and what it says of too few rows."""

import numpy as np
import pyarrow as pa
import pytest
from support.builders import InMemory, a_monitor, result_of

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.results.drift import ColumnDrift, Status


def _column(reference: object, current: object, **drift: object) -> ColumnDrift:
    tables = (InMemory({"x": side}) for side in (reference, current))
    (column,) = compare(*tables, a_monitor(drift=drift)).columns
    return column


def _normal(rows: int, mean: float = 0.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, size=rows)


@pytest.mark.parametrize("rows", [999, 1000, 1001, 5000])
def test_nothing_switches_at_a_thousand_rows(rows: int) -> None:
    numbers = _column(_normal(rows), _normal(rows, 0.5, seed=1))
    assert (numbers.status, numbers.method, numbers.threshold) == (
        Status.DRIFTED,
        "robust_wasserstein",
        0.1,
    )
    assert numbers.score == pytest.approx(0.5, abs=0.15)
    words = _column(["a"] * rows, ["a", "b"] * (rows // 2))
    assert (words.status, words.method, words.threshold) == (Status.DRIFTED, "share_change", 0.05)


@pytest.mark.parametrize("unit", [1e-9, 1e-5, 1.0, 1e9])
@pytest.mark.parametrize("origin", [0.0, 1e3])
def test_the_unit_and_the_origin_of_numbers_change_nothing(unit: float, origin: float) -> None:
    before, now = _normal(2000), _normal(2000, 0.3, seed=1)
    plain = _column(before, now)
    scaled = _column((before + origin) * unit, (now + origin) * unit)
    assert scaled.score == pytest.approx(plain.score, rel=1e-6)
    assert scaled.noise == pytest.approx(plain.noise, rel=1e-6)
    assert scaled.status is Status.DRIFTED


def test_too_few_rows_are_unsure_and_say_how_many_would_do() -> None:
    column = _column(_normal(2000), _normal(100, 0.15, seed=3))
    assert column.status is Status.UNSURE
    assert column.severity is None
    assert column.score is not None
    assert column.noise is not None
    assert column.threshold is not None
    assert column.threshold <= column.score < column.noise
    assert column.reason is not None
    said, would_do = column.reason.split("; ")
    assert said == (
        f"{column.score:.3g} ≥ 0.1, but 100 rows against 2,000 of reference give up to "
        f"{column.noise:.3g} by chance"
    )
    rows = int(would_do.removesuffix(" would do").replace(",", ""))
    enough = _column(_normal(2000), _normal(rows, seed=4))
    assert enough.noise is not None
    assert 0.09 <= enough.noise <= 0.11


def test_an_unsure_column_is_scored_and_no_drift() -> None:
    column = _column(_normal(2000), _normal(100, 0.15, seed=3))
    result = result_of(a_monitor(), [column])
    assert (result.status, result.scored_columns, result.drifted_columns) == ("ok", 1, 0)


def test_a_reference_of_too_few_rows_says_so() -> None:
    column = _column(_normal(100), _normal(10_000, 0.3, seed=3))
    assert column.reason is not None
    assert column.reason.endswith("; the reference has too few rows for this threshold")


def test_numbers_far_out_that_many_rows_share_are_set_apart() -> None:
    before, now = _normal(3000), _normal(3000, 3, seed=1)
    before[:150], now[:150] = -9999, -9999
    column = _column(before, now)
    assert column.status is Status.DRIFTED
    assert column.score == pytest.approx(3, abs=0.2)
    assert column.reason == "-9999 is set apart: 5% → 5% of the rows"
    same = _normal(3000, seed=2)
    same[:150] = -9999
    assert _column(before, same).status is Status.OK


def test_a_sentinels_share_counts_by_itself() -> None:
    before, now = _normal(3000), _normal(3000, seed=1)
    before[:30], now[:300] = -9999, -9999
    column = _column(before, now)
    assert column.status is Status.DRIFTED
    # 1 % to 10 % is three doublings and more: each counts as a shift of 0.1 standard deviations.
    assert column.score == pytest.approx(0.1 * np.log2(10))


def test_a_few_values_that_are_wild_do_not_move_a_column() -> None:
    before, now = _normal(3000), _normal(3000, seed=1)
    now[0] = 1e12
    assert _column(before, now).status is Status.OK


@pytest.mark.parametrize(
    ("reference", "current", "status"),
    [
        ([3.0] * 500, [3.0] * 500, Status.OK),
        ([3.0] * 500, [3.0] * 400 + [*range(100)], Status.DRIFTED),
        ([0.0] * 9_990 + [*range(10)], [0.0] * 9_990 + [*range(10, 20)], Status.OK),
        ([0.0] * 9_000 + [*range(1000)], [0.0] * 8_000 + [*range(2000)], Status.DRIFTED),
        ([0, 1] * 500, [0] * 400 + [1] * 600, Status.DRIFTED),
    ],
)
def test_numbers_that_are_nearly_all_the_same_are_judged(
    reference: list[float], current: list[float], status: Status
) -> None:
    assert _column(reference, current).status is status


@pytest.mark.parametrize(
    ("before", "now", "rows"),
    [(0.3, 0.4, 1_000), (0.3, 0.4, 1_001), (0.3, 0.4, 50_000), (0.01, 0.05, 1_000_000)],
)
def test_a_flag_that_moved_is_found_at_every_size(before: float, now: float, rows: int) -> None:
    sides = [np.arange(rows) < round(share * rows) for share in (before, now)]
    column = _column(*sides)
    assert column.status is Status.DRIFTED
    assert column.score == pytest.approx(max(now - before, 0.05 * np.log2(now / before)), rel=0.01)


def test_a_named_distance_needs_to_be_beyond_chance_too() -> None:
    few = _column(_normal(60), _normal(60, seed=1), numeric={"method": "psi"})
    assert few.status is Status.UNSURE
    assert few.reason == "chance alone may give as much with so few rows"
    assert few.method == "psi"
    assert few.evidently is None
    moved = _column(_normal(60), _normal(60, 2, seed=1), numeric={"method": "psi"})
    assert moved.status is Status.DRIFTED


def test_a_named_p_value_decides_by_itself() -> None:
    column = _column(_normal(5000), _normal(5000, 0.07, seed=1), numeric={"method": "ks"})
    assert column.status is Status.DRIFTED
    assert column.noise is None


def test_evidentlys_own_score_stands_beside() -> None:
    before, now = _normal(500), _normal(500, 0.5, seed=1)
    column = _column(before, now)
    named = _column(before, now, judge="evidently", numeric={"method": "wasserstein"})
    assert column.evidently is not None
    assert column.evidently.method == "wasserstein"
    assert column.evidently.score == named.score
    assert named.evidently is None


def test_with_more_columns_each_must_be_further_beyond_chance() -> None:
    side = {f"c{number}": _normal(300, seed=number) for number in range(100)}
    other = {f"c{number}": _normal(300, seed=100 + number) for number in range(100)}
    many = compare(InMemory(side), InMemory(other), a_monitor()).columns
    (one,) = compare(
        InMemory({"c0": side["c0"]}), InMemory({"c0": other["c0"]}), a_monitor()
    ).columns
    (same,) = [column for column in many if column.column == "c0"]
    assert one.noise is not None
    assert same.noise is not None
    assert same.score == one.score
    assert 1.1 * one.noise < same.noise < 1.4 * one.noise


def test_a_lower_false_alarm_rate_asks_for_more() -> None:
    sides = _normal(300), _normal(300, seed=1)
    noises = [_column(*sides, false_alarm_rate=rate).noise for rate in (0.1, 0.01, 0.001)]
    assert noises == sorted(noises)


def test_categories_each_of_which_moved_a_little_are_found_together() -> None:
    words = [f"w{number}" for number in range(200)]
    before = np.repeat(words, 50)
    now = np.repeat(words, [65] * 100 + [35] * 100)
    column = _column(pa.array(before), pa.array(now))
    assert column.status is Status.DRIFTED
    assert column.score is not None
    assert column.score < 0.1


def test_the_judges_own_methods_are_not_named() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        a_monitor(drift={"numeric": {"method": "robust_wasserstein"}})


def test_one_drifted_column_is_enough_unless_a_share_is_asked_for() -> None:
    sides = [
        {f"c{number}": _normal(1000, shift * (number < 4), seed=number) for number in range(12)}
        for shift in (0, 5)
    ]
    tables = [InMemory(side) for side in sides]
    for share, status in ((None, "drifted"), (0.3, "drifted"), (0.5, "ok")):
        monitor = a_monitor(drift={} if share is None else {"drifted_share": share})
        columns = compare(*tables, monitor).columns
        result = result_of(monitor, columns)
        assert (result.status, result.drifted_columns) == (status, 4)


@pytest.mark.parametrize("judge", ["calibrated", "evidently"])
@pytest.mark.parametrize("rule", [{}, {"method": "ks"}, {"method": "wasserstein"}])
@pytest.mark.parametrize(
    ("before", "now"),
    [
        (_normal(1500), _normal(1500, 0.5, seed=1)),
        (np.arange(1000) % 10 < 3, np.arange(1000) % 10 < 6),  # a flag: no quantile need move
    ],
    ids=["normal", "flag"],
)
def test_only_the_side_that_the_rule_names_is_drift(
    judge: str, rule: dict[str, str], before: np.ndarray, now: np.ndarray
) -> None:
    before, now = before.astype(float), now.astype(float)
    for direction, moved in (("up", "down"), ("down", "up")):
        drift = {"judge": judge, "numeric": rule | {"direction": direction}}
        to, back = (before, now) if direction == "up" else (now, before)
        counted, other = _column(to, back, **drift), _column(back, to, **drift)
        assert (counted.status, counted.severity) == (Status.DRIFTED, "warn")
        assert (other.status, other.severity) == (Status.OK, None)
        assert other.score is not None
        assert other.reason is not None
        assert other.reason.endswith(f"moved {moved}, and only {direction} counts")


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_spread_to_both_sides_is_neither_up_nor_down(direction: str) -> None:
    column = _column([2.0, 3.0] * 500, [1.0, 4.0] * 500, numeric={"direction": direction})
    assert column.status is Status.OK
    assert column.reason == f"moved to neither side, and only {direction} counts"


@pytest.mark.parametrize(("before", "now"), [("a", "b"), (False, True)], ids=["text", "booleans"])
def test_categories_say_that_a_direction_does_not_fit_them(before: object, now: object) -> None:
    rule = {"columns": {"x": {"direction": "up"}}}
    column = _column([before] * 1000, [before, now] * 500, **rule)
    assert column.status is Status.DRIFTED
    assert column.reason == "categories have no direction: both sides count"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", ["up", "down"])
def test_numbers_that_spread_by_chance_a_little_more_to_one_side_moved_to_neither(
    seed: int, direction: str
) -> None:
    column = _column(
        _normal(1500), 3 * _normal(1500, seed=seed + 1), numeric={"direction": direction}
    )
    assert column.status is Status.OK
