"""What chance alone gives is what scipy's exact distributions, and many draws, give."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from drift_monitor.analysis.drift.evidence import (
    ShareChange,
    Variation,
    evidence_of_counts,
    fewest_beyond_chance,
    share_effects,
)


@settings(deadline=None)
@given(
    st.integers(1, 3_000),
    st.integers(1, 3_000),
    st.floats(0, 1),
    st.sampled_from([0.025, 1e-3, 1e-6, 1e-9]),
)
def test_the_fewest_rows_beyond_chance_are_those_of_the_hypergeometric_tail(
    m: int, n: int, share: float, alpha: float
) -> None:
    total = round(share * (m + n))
    found = fewest_beyond_chance(total, m, n, alpha)
    counts = np.arange(max(0, total - m), min(total, n) + 1)
    tails = stats.hypergeom.sf(counts - 1, m + n, total, n)
    # Beside the bound itself, where rounding decides, the two agree.
    surely = counts[tails <= alpha * (1 - 1e-6)]
    perhaps = counts[tails <= alpha * (1 + 1e-6)]
    allowed = {int(each[0]) if len(each) else None for each in (surely, perhaps)}
    assert found in allowed


def test_huge_counts_are_normal() -> None:
    m = n = 10**9
    found = fewest_beyond_chance(10**9, m, n, 1e-4)
    assert found is not None
    assert stats.hypergeom.sf(found - 1, m + n, 10**9, n) == pytest.approx(1e-4, rel=0.01)


@pytest.mark.parametrize(
    ("p", "q", "effect"),
    [
        (0.30, 0.40, 0.1),  # points
        (0.01, 0.02, 0.05),  # twice as much
        (0.02, 0.01, 0.05),
        (0.01, 0.04, 0.1),
        (0.0, 0.008, 0.05),  # a new category
        (0.0001, 0.004, 0.0039),  # both rarer than counts
        (0.5, 0.5, 0.0),
    ],
)
def test_a_share_counts_by_its_points_or_by_its_doublings(
    p: float, q: float, effect: float
) -> None:
    assert float(share_effects(np.array(p), np.array(q))) == pytest.approx(effect)


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from([0.05, 0.001]))
def test_a_share_is_beyond_chance_exactly_where_its_p_value_is(
    before: int, after: int, alpha: float
) -> None:
    m, n = 400, 400
    change = ShareChange(before, after, (m, n))
    total = before + after
    tail = (
        stats.hypergeom.sf(after - 1, m + n, total, n)
        if after > before
        else stats.hypergeom.cdf(after, m + n, total, n)
    )
    if change.effect and abs(tail - alpha / 2) > 1e-9:
        assert (change.effect >= change.noise(alpha)) == (tail <= alpha / 2)


def test_the_total_variation_by_chance_is_that_of_many_draws() -> None:
    shares = 1 / np.arange(1, 301)
    shares /= shares.sum()
    random = np.random.default_rng(0)
    m, n = 4_000, 1_500
    drawn = []
    for _ in range(300):
        before, after = random.multinomial(m, shares), random.multinomial(n, shares)
        occurs = before + after > 0
        *_, variation = evidence_of_counts(before[occurs], after[occurs]).changes
        assert isinstance(variation, Variation)
        drawn.append(variation)
    distances = [variation.distance for variation in drawn]
    assert np.mean([each.mean for each in drawn]) == pytest.approx(np.mean(distances), rel=0.01)
    deviation = np.mean([each.deviation for each in drawn])
    assert deviation == pytest.approx(np.std(distances), rel=0.15)


def test_no_count_of_few_rows_is_beyond_chance() -> None:
    assert ShareChange(0, 2, (3, 3)).noise(0.001) == math.inf
