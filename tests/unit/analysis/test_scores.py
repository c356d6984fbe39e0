"""Our scores are the ones that Evidently gives for the whole tables."""

from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import Table
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.methods import METHODS, OF_THE_JUDGE, Kind, MethodName
from drift_monitor.results.drift import ColumnDrift

pytestmark = pytest.mark.xdist_group("evidently")

SLOW = {"TVD"}
"""A thousand permutations; few rows are enough to compare it."""
RANDOM = {"empirical_mmd"}
"""Evidently's own score differs from one call to the next."""
BALANCED = {"g_test", "fisher_exact"}
"""Evidently computes these only for sides of equal length."""


def _ours(
    reference: pd.DataFrame, current: pd.DataFrame, **parts: dict[str, object]
) -> dict[str, ColumnDrift]:
    tables = [
        InMemory(Table.from_pandas(frame, preserve_index=False)) for frame in (reference, current)
    ]
    drift = {"judge": "evidently", **parts.pop("drift", {})}
    comparison = compare(*tables, a_monitor(drift=drift, **parts))
    return {column.column: column for column in comparison.columns}


def _evidentlys(
    reference: pd.DataFrame, current: pd.DataFrame, **preset: object
) -> dict[str, tuple[str, float, float]]:
    """Return Evidently's method, score and threshold of each column."""
    definition = DataDefinition(
        numerical_columns=[name for name in reference if reference[name].dtype.kind in "iuf"],
        categorical_columns=[name for name in reference if reference[name].dtype.kind in "Ob"],
    )
    snapshot = Report([DataDriftPreset(columns=list(reference), **preset)]).run(
        Dataset.from_pandas(current.copy(), definition),
        Dataset.from_pandas(reference.copy(), definition),
    )
    return {
        metric["config"]["column"]: (
            metric["config"]["method"],
            metric["value"],
            metric["config"]["threshold"],
        )
        for metric in snapshot.dict()["metrics"]
        if "column" in metric["config"]
    }


def _frame(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    shift = seed / 10
    numbers = {
        "normal": random.normal(shift, size=rows),
        "heavy tails": random.lognormal(shift, 2, size=rows),
        "tied": np.round(random.normal(shift, size=rows), 1),
        "integers": random.integers(0, 50 + seed, size=rows),
        "few": random.choice(
            [1.0, 2.0, 3.0], size=rows, p=[0.5, 0.3 - shift / 10, 0.2 + shift / 10]
        ),
        "two": random.choice([0.0, 1.0], size=rows),
        "constant": np.full(rows, 3.5),
        "gaps": np.where(random.random(rows) < 0.2, nan, random.normal(shift, size=rows)),
        "infinite": np.where(random.random(rows) < 0.1, inf, random.normal(size=rows)),
    }
    words = {
        "word": random.choice(["red", "green", "blue"], size=rows).astype(object),
        "zipf": np.char.add("w", random.zipf(2, size=rows).astype(str)).astype(object),
        "flag": random.random(rows) < 0.5 + shift / 10,
        "rare": np.where(random.random(rows) < 0.3, None, random.choice(["a", "b"], size=rows)),
    }
    return pd.DataFrame({**numbers, **words, "grown": [f"new {seed}"] + ["old"] * (rows - 1)})


def _assert_same(
    ours: dict[str, ColumnDrift], evidentlys: dict[str, tuple[str, float, float]]
) -> None:
    assert set(ours) == set(evidentlys)
    for name, (method, score, threshold) in evidentlys.items():
        column = ours[name]
        assert column.reason is None, name
        assert method in (column.method, METHODS[column.method or ""].title), name
        assert column.score == pytest.approx(score, rel=1e-9, abs=1e-12), name
        assert column.threshold == threshold, name


@pytest.mark.parametrize("rows", [300, 1000, 1001, 3000])
def test_by_default_methods_and_scores_are_evidentlys(rows: int) -> None:
    reference, current = _frame(rows, seed=1), _frame(rows // 2, seed=2)
    _assert_same(_ours(reference, current), _evidentlys(reference, current))


@pytest.mark.parametrize("nulls", [0, 1, 2])
def test_the_choice_minds_only_rows_with_a_value(nulls: int) -> None:
    random = np.random.default_rng(0)
    values = pd.DataFrame({"x": random.normal(size=1002), "w": random.choice(["a", "b"], 1002)})
    reference = values.copy()
    reference.iloc[:nulls] = None
    _assert_same(_ours(reference, values), _evidentlys(reference, values))


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        (name, kind)
        for name, method in METHODS.items()
        if name not in OF_THE_JUDGE
        for kind in sorted(method.kinds)
        if name not in {*RANDOM, MethodName.CHISQUARE_HOMOGENEITY}  # which Evidently does not have
    ],
)
def test_a_configured_methods_scores_are_evidentlys(method: str, kind: Kind) -> None:
    rows = 60 if method in SLOW else 1200
    reference = _frame(rows, seed=1)
    current = _frame(rows if method in BALANCED else rows - 10, seed=3)
    names = ["normal", "heavy tails", "tied", "integers", "gaps"]
    if kind is Kind.CATEGORICAL:
        names = ["flag"] if method in ("z", "fisher_exact") else ["word", "flag"]
    reference, current = reference[names], current[names]
    part = "num" if kind is Kind.NUMERIC else "cat"
    _assert_same(
        _ours(reference, current, drift={kind.value: {"method": method, "threshold": 0.07}}),
        _evidentlys(reference, current, **{f"{part}_method": method, f"{part}_threshold": 0.07}),
    )


def test_rules_by_column_are_evidentlys_too() -> None:
    reference, current = _frame(1200, seed=1)[["normal", "tied", "word"]], _frame(900, seed=2)
    current = current[list(reference)]
    rules = {"normal": {"method": "psi"}, "word": {"method": "hellinger", "threshold": 0.3}}
    _assert_same(
        _ours(reference, current, drift={"columns": rules}),
        _evidentlys(
            reference,
            current,
            per_column_method={"normal": "psi", "word": "hellinger"},
            per_column_threshold={"word": 0.3},
        ),
    )


@settings(max_examples=40, deadline=None)
@given(shift=st.floats(-100, 100).filter(lambda shift: abs(shift) > 1e-3))
def test_wasserstein_of_a_shift_is_the_shift_in_standard_deviations(shift: float) -> None:
    reference = pd.DataFrame({"x": np.arange(2000) % 97 * 0.5})
    column = _ours(reference, reference + shift)["x"]
    expected = abs(shift) / reference["x"].std(ddof=0)
    assert column.score == pytest.approx(expected, rel=1e-6)
    assert column.status == ("drifted" if expected >= 0.1 else "ok")


@settings(max_examples=30, deadline=None)
@given(data=st.data(), kind=st.sampled_from([Kind.NUMERIC, Kind.CATEGORICAL]))
def test_the_order_of_rows_changes_nothing(data: st.DataObject, kind: Kind) -> None:
    value = st.floats(-1e6, 1e6) if kind is Kind.NUMERIC else st.sampled_from("abcd")
    rows = data.draw(st.lists(value, min_size=2, max_size=60))
    shuffled = data.draw(st.permutations(rows))
    current = pd.DataFrame({"x": data.draw(st.lists(value, min_size=2, max_size=60))})
    one = _ours(pd.DataFrame({"x": rows}), current)["x"]
    other = _ours(pd.DataFrame({"x": shuffled}), current)["x"]
    assert (one.status, one.method, one.reason) == (other.status, other.method, other.reason)
    assert one.score == pytest.approx(other.score, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", sorted({*METHODS} - OF_THE_JUDGE))
def test_columns_scored_at_once_have_the_scores_they_have_alone(method: str) -> None:
    """empirical_mmd draws from numpy's one generator, in whichever thread."""
    kind = min(METHODS[method].kinds)
    names = ["flag"] if method in {"z", "fisher_exact"} else ["tied", "gaps", "integers"]
    names = ["word", "flag"] if kind is Kind.CATEGORICAL and len(names) > 1 else names
    reference, current = _frame(60, seed=1)[names], _frame(60, seed=3)[names]
    copies = range(8)
    drift = {"default": {}, kind.value: {"method": method}}
    alone = {name: _ours(reference[[name]], current[[name]], drift=drift)[name] for name in names}
    together = _ours(
        *(
            pd.DataFrame({f"{name} {copy}": frame[name] for name in names for copy in copies})
            for frame in (reference, current)
        ),
        drift=drift,
    )
    for name in names:
        assert {together[f"{name} {copy}"].score for copy in copies} == {alone[name].score}
