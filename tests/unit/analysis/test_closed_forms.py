"""Scores that are known without Evidently: from the formula, numpy or scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from support.builders import pair_of, side_of

from drift_monitor.analysis.columns.values import Numbers, aligned_counts
from drift_monitor.analysis.drift import distances, p_values
from drift_monitor.analysis.drift.score import score_column
from drift_monitor.config.drift import DriftRule
from drift_monitor.config.methods import METHODS, Kind
from drift_monitor.errors import ColumnError

EIGHTHS = st.integers(-800, 800).map(lambda n: n / 8)
SAMPLES = st.lists(EIGHTHS, min_size=1, max_size=60)
DISTANCES = ["wasserstein", "jensenshannon", "kl_div", "psi", "hellinger"]


def _numbers(values: object) -> Numbers:
    side = side_of(np.asarray(values), Kind.NUMERIC)
    assert isinstance(side, Numbers)
    return side


@settings(max_examples=60, deadline=None)
@given(sample=SAMPLES.filter(lambda sample: len(set(sample)) > 1), shift=EIGHTHS)
def test_wasserstein_of_a_shift_is_the_shift_over_the_standard_deviation(
    sample: list[float], shift: float
) -> None:
    score = distances.wasserstein(_numbers(sample), _numbers(np.array(sample) + shift))
    assert score == pytest.approx(abs(shift) / np.std(sample), rel=1e-12, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(sample=SAMPLES, scale=st.sampled_from([0.5, 2, 8]), shift=EIGHTHS)
def test_wasserstein_does_not_depend_on_the_unit(
    sample: list[float], scale: float, shift: float
) -> None:
    reference, current = np.array([0.0, 1.0, 3.0]), np.array(sample)
    one = distances.wasserstein(_numbers(reference), _numbers(current))
    other = distances.wasserstein(
        _numbers(reference * scale + shift), _numbers(current * scale + shift)
    )
    assert one == pytest.approx(other, rel=1e-12)


@settings(max_examples=150, deadline=None)
@given(first=SAMPLES, second=SAMPLES)
def test_the_earth_movers_distance_is_scipys_either_way_round(
    first: list[float], second: list[float]
) -> None:
    samples = _numbers(first), _numbers(second)
    distance = distances.earth_movers_distance(*samples)
    expected = stats.wasserstein_distance(first, second)
    assert distance == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert distances.earth_movers_distance(*samples[::-1]) == pytest.approx(distance, rel=1e-12)


@pytest.mark.parametrize(
    "sizes",
    [
        (1, 200_000),
        (65_535, 65_537),
        (65_536, 65_536),
        (65_537, 131_075),
        (131_072, 200_000),
        (196_609, 65_536 * 3),
        (150_001, 99_991),
    ],
)
def test_samples_of_several_blocks_are_as_far_apart_as_scipy_says(sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(sizes[1])
    first, second = (random.lognormal(size=size) for size in sizes)
    expected = stats.wasserstein_distance(first, second)
    for one, other in ((_numbers(first), _numbers(second)), (_numbers(second), _numbers(first))):
        assert distances.earth_movers_distance(one, other) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", DISTANCES)
@settings(max_examples=40, deadline=None)
@given(sample=SAMPLES, seed=st.integers(0, 99))
def test_equal_samples_are_no_distance_apart(name: str, sample: list[float], seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(sample)
    score = getattr(distances, name)(_numbers(sample), _numbers(shuffled))
    # The root of what rounding leaves of 1 - 1.
    assert score == pytest.approx(0, abs=1e-7 if name == "hellinger" else 0)


@pytest.mark.parametrize("name", ["ks", "t_test", "chisquare", "chisquare_homogeneity", "z"])
@pytest.mark.parametrize("size", [30, 20_000])
def test_of_equal_samples_the_p_value_is_one(name: str, size: int) -> None:
    sample = _numbers(np.arange(size) % 7)
    assert getattr(p_values, name)(sample, sample) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", ["jensenshannon", "hellinger"])
def test_sides_without_a_common_category_are_as_far_apart_as_can_be(name: str) -> None:
    pair = pair_of(["a", "b", "b"], ["c", "d"], Kind.CATEGORICAL)
    largest = np.sqrt(np.log(2)) if name == "jensenshannon" else 1
    score = score_column(pair, DriftRule(method=name), "evidently")
    assert score.score == pytest.approx(largest, rel=1e-12)
    assert METHODS[name].has_drifted(score.score, score.threshold)


def test_the_distances_of_known_shares() -> None:
    pair = pair_of(["a"] * 1 + ["b"] * 3, ["a"] * 2 + ["b"] * 2, Kind.CATEGORICAL)
    expected = {
        "kl_div": 0.25 * np.log(0.5) + 0.75 * np.log(1.5),
        "psi": -0.25 * np.log(0.5) + 0.25 * np.log(1.5),
        "hellinger": np.sqrt(1 - np.sqrt(0.125) - np.sqrt(0.375)),
        "jensenshannon": np.sqrt(
            (
                0.25 * np.log(0.25 / 0.375)
                + 0.75 * np.log(0.75 / 0.625)
                + 0.5 * np.log(0.5 / 0.375)
                + 0.5 * np.log(0.5 / 0.625)
            )
            / 2
        ),
    }
    found = {
        name: score_column(pair, DriftRule(method=name), "evidently").score for name in expected
    }
    assert found == pytest.approx(expected, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    values=st.one_of(
        st.lists(st.integers(-40, 40), min_size=22, max_size=80),
        st.lists(st.integers(-(10**6), 10**6), min_size=22, max_size=80),
        st.lists(EIGHTHS, min_size=22, max_size=80),
    )
)
def test_bins_are_numpys(values: list[float]) -> None:
    half = np.array(values), np.array(values[::2])
    reference, current = map(_numbers, half)
    edges = np.histogram_bin_edges(np.concatenate(half), bins="sturges")
    if len(set(values)) > 20:
        expected = [np.histogram(side, edges)[0] / len(side) for side in half]
    else:
        counts = aligned_counts(reference, current)
        expected = [side / side.sum() for side in counts]
    found = distances.proportions(reference, current)
    assert [side.tolist() for side in found] == [side.tolist() for side in expected]


@pytest.mark.parametrize("sizes", [(10_001, 10_001), (10_001, 20), (30_000, 12_345)])
@pytest.mark.parametrize("decimals", [0, 2, 12])
def test_ks_of_large_samples_is_scipys_asymptotic_test(
    sizes: tuple[int, int], decimals: int
) -> None:
    random = np.random.default_rng(sizes[1])
    first, second = (
        np.round(random.normal(shift, size=size), decimals)
        for size, shift in zip(sizes, (0, 0.01), strict=True)
    )
    expected = stats.ks_2samp(first, second, method="asymp").pvalue
    assert p_values.ks(_numbers(first), _numbers(second)) == pytest.approx(expected, rel=1e-9)
    assert p_values.ks(_numbers(second), _numbers(first)) == pytest.approx(expected, rel=1e-9)


WORDS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=80)


@settings(max_examples=60, deadline=None)
@given(reference=WORDS, current=WORDS)
def test_the_tests_of_counts_are_scipys(reference: list[str], current: list[str]) -> None:
    table = np.array([[side.count(word) for word in "abcde"] for side in (reference, current)])
    table = table[:, table.any(axis=0)]
    pair = pair_of(reference, current, Kind.CATEGORICAL)

    def p_value(method: str) -> float:
        return score_column(pair, DriftRule(method=method), "evidently").score

    if table.shape[1] == 1:
        for method in ("chisquare_homogeneity", "g_test"):
            with pytest.raises(ColumnError, match=f"{method} needs two values"):
                p_value(method)
        return
    homogeneous = stats.chi2_contingency(table, correction=False).pvalue
    assert p_value("chisquare_homogeneity") == pytest.approx(homogeneous, rel=1e-9, abs=1e-12)
    expected = table[0] / table[0].sum() * table[1].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        fits = stats.power_divergence(table[1], expected, lambda_="log-likelihood").pvalue
    assert p_value("g_test") == pytest.approx(fits, rel=1e-9, abs=1e-12)


def test_homogeneity_holds_its_rate_where_chisquare_takes_a_sample_for_the_truth() -> None:
    random = np.random.default_rng(0)
    alarms = dict.fromkeys(("chisquare", "chisquare_homogeneity"), 0)
    for _ in range(400):
        pair = pair_of(*(random.integers(0, 5, size) for size in (200, 1000)), Kind.CATEGORICAL)
        for method in alarms:
            score = score_column(pair, DriftRule(method=method), "evidently").score
            alarms[method] += METHODS[method].has_drifted(score, 0.05)
    assert alarms["chisquare"] > 200
    assert 8 <= alarms["chisquare_homogeneity"] <= 34  # 20 are expected


def test_fisher_exact_compares_two_values_of_tables_of_any_sizes() -> None:
    # Fisher's own table of the lady who tastes tea, with a cup more.
    pair = pair_of(["milk"] * 3 + ["tea"], ["milk"] + ["tea"] * 4, Kind.CATEGORICAL)
    rule = DriftRule(method="fisher_exact")
    assert score_column(pair, rule, "evidently").score == pytest.approx(26 / 126, rel=1e-9)
    pair = pair_of(["a", "b"], ["a", "c"], Kind.CATEGORICAL)
    with pytest.raises(ColumnError, match="compares two values, and the tables hold 3"):
        score_column(pair, rule, "evidently")


@pytest.mark.parametrize(
    ("method", "reference", "current", "why"),
    [
        ("anderson", [1], [2, 3], "needs 4 values, and both tables hold 3"),
        ("anderson", [7] * 9, [7] * 5, "needs two values, and both tables hold only one"),
        ("cramer_von_mises", [1], range(30), "needs 2 values in each table, and one holds 1"),
        ("cramer_von_mises", [1, 2, 3, 4], [5, 6, 7, 8], "where one table holds more than 20"),
        ("empirical_mmd", [1], [2, 3], "needs 2 values in each table, and one holds 1"),
        ("es", range(30), range(4), "needs 5 values in each table, and one holds 4"),
        ("es", [0] * 50, [0] * 40 + [1] * 3, "needs an interquartile range"),
    ],
)
def test_a_method_that_these_values_give_no_number_says_what_it_needs(
    method: str, reference: list[int], current: list[int], why: str
) -> None:
    pair = pair_of([*map(float, reference)], [*map(float, current)], Kind.NUMERIC)
    with pytest.raises(ColumnError, match=f"{method} .*{why}"):
        score_column(pair, DriftRule(method=method), "evidently")


@settings(max_examples=60, deadline=None)
@given(sample=SAMPLES)
def test_moments_are_numpys(sample: list[float]) -> None:
    side = _numbers(sample)
    assert side.mean == pytest.approx(np.mean(sample), rel=1e-12, abs=1e-12)
    assert side.std == pytest.approx(np.std(sample), rel=1e-12, abs=1e-12)


def test_the_deviation_of_far_away_and_of_many_numbers_is_numpys() -> None:
    values = 1e9 + np.random.default_rng(0).normal(size=(1 << 20) + 7)
    assert _numbers(values).std == pytest.approx(np.std(values), rel=1e-9)


def test_every_method_has_a_distance_or_a_p_value_here_or_is_evidentlys_own() -> None:
    assert {name for name in METHODS if hasattr(distances, name)} == set(DISTANCES)
