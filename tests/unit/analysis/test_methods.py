"""Our table of methods has all of Evidently's registry, and says of each what Evidently does."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from evidently.legacy.calculations import stattests
from evidently.legacy.calculations.stattests import StatTest
from evidently.legacy.core import ColumnType
from support.builders import pair_of

from drift_monitor.analysis.drift.score import ON_VALUES, score_column
from drift_monitor.config.drift import DriftRule
from drift_monitor.config.methods import METHODS, OF_THE_JUDGE, Kind, MethodName

pytestmark = pytest.mark.xdist_group("evidently")

OF_EVIDENTLY = {test.name: test for test in vars(stattests).values() if isinstance(test, StatTest)}
COLUMN_TYPES = {Kind.NUMERIC: ColumnType.Numerical, Kind.CATEGORICAL: ColumnType.Categorical}
NAMED = [name for name in METHODS if name not in OF_THE_JUDGE]
OF_EACH_KIND = [(name, kind) for name in NAMED for kind in sorted(METHODS[name].kinds)]


def _values(kind: Kind) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return reference, something much like it, and something else."""
    if kind is Kind.NUMERIC:
        reference = pd.Series(np.random.default_rng(1).normal(size=200))
        return reference, reference + 0.02, reference * 3 + 2
    return pd.Series(["a", "b"] * 20), pd.Series(["a", "b"] * 19 + ["b"] * 2), pd.Series(["b"] * 40)


def _kinds(test: StatTest) -> set[Kind]:
    return {kind for kind, type_ in COLUMN_TYPES.items() if type_ in test.allowed_feature_types}


def test_every_method_has_facts_something_that_computes_it_and_a_line_of_docs() -> None:
    assert list(METHODS) == list(MethodName)
    methods = (Path(__file__).parents[3] / "docs" / "methods.md").read_text("utf-8")
    for name in MethodName:
        assert f"| `{name}` |" in methods
        if name in ON_VALUES:
            module, _, function = ON_VALUES[name].partition(":")
            package = import_module(f"drift_monitor.analysis.drift.{module}")
            assert callable(getattr(package, function))
        else:
            assert name in OF_EVIDENTLY or name in OF_THE_JUDGE


def test_our_methods_have_all_that_evidently_has_for_numbers_and_categories() -> None:
    assert set(NAMED) >= {name for name, test in OF_EVIDENTLY.items() if _kinds(test)}


@pytest.mark.parametrize("name", [name for name in NAMED if name in OF_EVIDENTLY])
def test_a_methods_title_kinds_and_threshold_are_evidentlys(name: str) -> None:
    ours, test = METHODS[name], OF_EVIDENTLY[name]
    assert (ours.title, ours.kinds, ours.threshold) == (
        test.display_name,
        _kinds(test),
        test.default_threshold,
    )


@pytest.mark.parametrize(("name", "kind"), OF_EACH_KIND)
def test_low_means_drift_exactly_for_a_p_value(name: str, kind: Kind) -> None:
    reference, alike, apart = _values(kind)
    near = score_column(pair_of(reference, alike, kind), DriftRule(method=name), "evidently")
    far = score_column(pair_of(reference, apart, kind), DriftRule(method=name), "evidently")
    assert not METHODS[name].has_drifted(near.score, near.threshold)
    assert METHODS[name].has_drifted(far.score, far.threshold)
    assert (far.score < near.score) == METHODS[name].is_p_value
    assert (far.score < far.threshold) == METHODS[name].is_p_value


@pytest.mark.parametrize(("name", "kind"), OF_EACH_KIND)
def test_the_threshold_of_a_rule_decides(name: str, kind: Kind) -> None:
    reference, alike, _ = _values(kind)
    score = score_column(pair_of(reference, alike, kind), DriftRule(method=name), "evidently").score
    for threshold in (score / 2, score * 2 + 0.001):
        scored = score_column(
            pair_of(reference, alike, kind),
            DriftRule(method=name, threshold=threshold),
            "evidently",
        )
        drifted = score < threshold if METHODS[name].is_p_value else score >= threshold
        assert scored.threshold == threshold
        assert METHODS[name].has_drifted(scored.score, threshold) == drifted


@pytest.mark.parametrize(("name", "kind"), OF_EACH_KIND)
def test_a_run_again_gives_the_same_score(name: str, kind: Kind) -> None:
    reference, alike, _ = _values(kind)
    if kind is Kind.NUMERIC:  # another sample, for a p-value that is neither 0 nor 1
        alike = pd.Series(np.random.default_rng(2).normal(size=200))
    scores = {
        score_column(pair_of(reference, alike, kind), DriftRule(method=name), "evidently").score
        for _ in range(3)
    }
    assert len(scores) == 1


@pytest.mark.parametrize(
    ("kind", "rows", "distinct", "method"),
    [
        (Kind.NUMERIC, 1000, None, "ks"),
        (Kind.NUMERIC, 1001, None, "wasserstein"),
        (Kind.NUMERIC, 1000, 5, "chisquare"),
        (Kind.NUMERIC, 1001, 5, "jensenshannon"),
        (Kind.NUMERIC, 1000, 6, "ks"),
        (Kind.NUMERIC, 1000, 2, "z"),
        (Kind.CATEGORICAL, 1000, 2, "z"),
        (Kind.CATEGORICAL, 1000, 3, "chisquare"),
        (Kind.CATEGORICAL, 1001, 2, "jensenshannon"),
    ],
)
def test_without_a_method_evidently_chooses_by_rows_kind_and_values(
    kind: Kind, rows: int, distinct: int | None, method: str
) -> None:
    numbers = pd.Series(range(rows)) % (distinct or rows)
    values = numbers.astype(float) if kind is Kind.NUMERIC else numbers.astype(str)
    scored = score_column(pair_of(values, values, kind), DriftRule(), "evidently")
    assert (scored.method, scored.threshold) == (method, METHODS[method].threshold)
