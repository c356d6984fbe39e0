"""What chance alone does to a share: the tails against scipy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom, norm

from drift_monitor.analysis.columns.chance import at_least, share_p_value


@pytest.mark.parametrize(
    ("before", "m", "after", "n"),
    [
        (0, 100, 5, 100),
        (5, 100, 0, 100),
        (0, 20_000, 3, 150),
        (30, 1000, 40, 1000),
        (999, 1000, 990, 1000),
        (1000, 1000, 980, 1000),
        (12, 100_000, 60, 100_000),
        (400_000, 1_000_000, 402_000, 1_000_000),
        (1, 1, 0, 1),
    ],
)
def test_p_value_is_twice_the_smaller_hypergeometric_tail(
    before: int, m: int, after: int, n: int
) -> None:
    drawn = hypergeom(m + n, before + after, n)
    tail = min(float(drawn.sf(after - 1)), float(drawn.cdf(after)))
    assert share_p_value(before, m, after, n) == pytest.approx(min(1.0, 2 * tail), rel=1e-6)


@pytest.mark.parametrize(("before", "after"), [(0, 0), (100, 100), (30, 30)])
def test_equal_shares_are_chance(before: int, after: int) -> None:
    assert share_p_value(before, 100, after, 100) == 1.0


def test_shares_of_billions_of_rows_follow_the_normal_law() -> None:
    rows, before, after = 10**9, 400_000_000, 400_090_000
    share = (before + after) / (2 * rows)
    deviation = (rows * share * (1 - share) / 2) ** 0.5
    tail = float(norm.sf((after - before) / 2 / deviation))
    assert share_p_value(before, rows, after, rows) == pytest.approx(2 * tail, rel=1e-3)


def test_p_value_of_what_cannot_be_chance_is_zero() -> None:
    assert share_p_value(0, 10**6, 10**6, 10**6) == 0.0


@given(st.integers(1, 3_000), st.floats(0.001, 0.999), st.data())
def test_so_many_or_more_are_as_probable_as_scipy_says(
    among: int, rate: float, data: st.DataObject
) -> None:
    found = data.draw(st.integers(0, among))
    expected = binom.sf(found - 1, among, rate)
    assert at_least(found, among, rate) == pytest.approx(expected, rel=1e-6, abs=1e-300)
