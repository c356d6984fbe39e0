"""Our scores are those of Evidently's own functions, on samples of every shape and size."""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.builders import pair_of
from support.samples import categories, numbers

from drift_monitor.analysis.drift.score import score_column
from drift_monitor.config.drift import DriftRule
from drift_monitor.config.methods import METHODS, Kind
from drift_monitor.errors import ColumnError

pytestmark = pytest.mark.xdist_group("evidently")

ROOTS = {"hellinger", "jensenshannon"}
"""Roots of a difference of sums: its rounding (1e-16 or so) is up to 1e-7 in a score near 0."""
NUMERIC = ["wasserstein", "ks", "psi", "jensenshannon", "kl_div", "hellinger", "t_test"]
CATEGORICAL = ["psi", "jensenshannon", "kl_div", "hellinger", "chisquare", "z"]


def _evidentlys(
    reference: pa.Array, current: pa.Array, kind: Kind, method: str | None
) -> tuple[str, float]:
    """Score as Evidently does: what pandas reads, without gaps, by its registered function."""
    before, after = (_as_pandas_reads(side) for side in (reference, current))
    column_type = ColumnType.Numerical if kind is Kind.NUMERIC else ColumnType.Categorical
    test = get_stattest(before, after, column_type, method)
    with np.errstate(all="ignore"):
        return test.name, float(test(before, after, column_type, None).drift_score)


def _as_pandas_reads(side: pa.Array) -> pd.Series:
    series = side.to_pandas()
    return series.replace([np.inf, -np.inf], np.nan).dropna()


def _has_two_values(reference: pa.Array, current: pa.Array) -> bool:
    return len({*reference.drop_null().to_pylist(), *current.drop_null().to_pylist()}) > 1


def _assert_same(
    reference: pa.Array, current: pa.Array, kind: Kind, method: str | None = None
) -> None:
    pair, rule = pair_of(reference, current, kind), DriftRule(method=method)
    name, expected = _evidentlys(reference, current, kind, method)
    if not math.isfinite(expected):
        with pytest.raises(ColumnError, match=f"{name} gives no finite number"):
            score_column(pair, rule, "evidently")
        return
    scored = score_column(pair, rule, "evidently")
    assert scored.method == name
    if name in ROOTS:
        assert scored.score**2 == pytest.approx(expected**2, rel=1e-9, abs=1e-14)
        if expected > 1e-3:
            assert scored.score == pytest.approx(expected, rel=1e-9)
    else:
        assert scored.score == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", NUMERIC)
@settings(max_examples=25, deadline=None)
@given(reference=numbers(), current=numbers())
def test_a_numeric_columns_score_is_evidentlys(
    method: str, reference: pa.Array, current: pa.Array
) -> None:
    _assert_same(reference, current, Kind.NUMERIC, method)


@pytest.mark.parametrize("method", CATEGORICAL)
@settings(max_examples=25, deadline=None)
@given(reference=categories(), current=categories())
def test_a_text_columns_score_is_evidentlys(
    method: str, reference: pa.Array, current: pa.Array
) -> None:
    assume(method != "chisquare" or _has_two_values(reference, current))
    _assert_same(reference, current, Kind.CATEGORICAL, method)


def test_chisquare_of_one_value_is_no_score_though_evidently_gives_rounding_noise() -> None:
    both = pa.array(["a"] * 10), pa.array(["a"] * 7)
    with pytest.raises(ColumnError, match="chisquare needs two values"):
        score_column(pair_of(*both, Kind.CATEGORICAL), DriftRule(method="chisquare"), "evidently")


@settings(max_examples=60, deadline=None)
@given(reference=numbers(), current=numbers())
def test_by_default_a_numeric_columns_method_and_score_are_evidentlys(
    reference: pa.Array, current: pa.Array
) -> None:
    _assert_same(reference, current, Kind.NUMERIC)


@settings(max_examples=30, deadline=None)
@given(reference=categories(), current=categories())
def test_by_default_a_text_columns_method_and_score_are_evidentlys(
    reference: pa.Array, current: pa.Array
) -> None:
    _assert_same(reference, current, Kind.CATEGORICAL)


@pytest.mark.parametrize("method", CATEGORICAL)
@settings(max_examples=25, deadline=None)
@given(
    reference=st.lists(st.integers(0, 12), min_size=1, max_size=40),
    current=st.lists(st.integers(0, 12), min_size=1, max_size=40),
)
def test_codes_compared_as_categories_score_as_evidentlys(
    method: str, reference: list[int], current: list[int]
) -> None:
    assume(method != "chisquare" or len({*reference, *current}) > 1)
    _assert_same(pa.array(reference), pa.array(current), Kind.CATEGORICAL, method)


@pytest.mark.parametrize("words", ["ab", "abcd"])
@pytest.mark.parametrize("sizes", [(8, 16), (16, 8), (32, 32)])
def test_the_permutation_test_draws_evidentlys_permutations(
    words: str, sizes: tuple[int, int]
) -> None:
    # Permutations just as far apart as the observed sides count. Evidently adds shares up in the
    # order of a set of words, which differs from process to process, so that rounding decides its
    # ties and its score is not one number; but shares of powers of two are not rounded.
    random = np.random.default_rng(len(words))
    reference, current = (pa.array(random.choice(list(words), size).tolist()) for size in sizes)
    _assert_same(reference, current, Kind.CATEGORICAL, "TVD")


@pytest.mark.parametrize("method", NUMERIC)
@pytest.mark.parametrize(
    ("whole", "broken"),
    [
        ([*range(30)] * 3, [*range(15, 25), None]),
        ([*range(3), 2], [2, 1, None]),
        ([0, 1, 1], [0, 0, 1, None]),
        ([0, 1, 2], [0, 3, 3, None]),
    ],
    ids=["many", "three", "flag", "new"],
)
def test_a_gap_in_one_sides_integers_makes_bins_as_evidently_makes_them(
    method: str, whole: list[int], broken: list[int | None]
) -> None:
    # pandas reads integers with a gap as floats, for which numpy makes other bins. Evidently's
    # hellinger bins a set of both sides' values, in which an integer hides a float that equals it.
    _assert_same(pa.array(whole), pa.array(broken), Kind.NUMERIC, method)
    _assert_same(pa.array(broken), pa.array(whole), Kind.NUMERIC, method)


@pytest.mark.parametrize("sizes", [(10_000, 9_000), (10_001, 300), (400, 12_000), (15_000, 15_000)])
def test_ks_of_large_samples_is_evidentlys(sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(3)
    for decimals in (1, 9):
        sides = [
            pa.array(np.round(random.normal(shift, size=size), decimals))
            for size, shift in zip(sizes, (0.0, 0.01), strict=True)
        ]
        _assert_same(sides[0], sides[1], Kind.NUMERIC, "ks")


def test_each_method_named_here_is_one_of_ours() -> None:
    assert {*NUMERIC, *CATEGORICAL} < set(METHODS)


@pytest.mark.parametrize("method", NUMERIC)
def test_single_precision_is_scored_as_evidently_scores_the_same_doubles(method: str) -> None:
    random = np.random.default_rng(0)
    single = [pa.array(random.normal(mean, 1, 2000).astype(np.float32)) for mean in (5, 5.1)]
    pair, rule = pair_of(*single, Kind.NUMERIC), DriftRule(method=method)
    _, expected = _evidentlys(*(side.cast(pa.float64()) for side in single), Kind.NUMERIC, method)
    assert score_column(pair, rule, "evidently").score == pytest.approx(expected, rel=1e-9)
