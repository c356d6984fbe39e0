"""Warn and critical: two thresholds per column and per table, and which column is the worst."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from statsmodels.stats.multitest import multipletests
from support.builders import InMemory, a_column, a_monitor, a_result, result_of

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.analysis.drift.score import Score
from drift_monitor.analysis.drift.triage import ScoringTask
from drift_monitor.analysis.drift.verdict import ScoredColumn, judge
from drift_monitor.config.drift import Drift, DriftRule
from drift_monitor.config.methods import METHODS, Kind, MethodName
from drift_monitor.results.drift import ColumnDrift, Status
from drift_monitor.results.severity import excess, severity_of, worst_first
from drift_monitor.results.tables import TableSummary
from drift_monitor.site.history import HistoryYear, RunEntry

TABLE = TableSummary(location="t.parquet", files=1, rows=100)
DISTANCE = {"method": "wasserstein", "threshold": 0.1, "critical": 0.3}
P_VALUE = {"method": "t_test", "threshold": 0.05, "critical": 0.001}


@pytest.mark.parametrize(
    ("method", "score", "severity"),
    [
        ("wasserstein", 0.09, None),
        ("wasserstein", 0.1, "warn"),
        ("wasserstein", 0.29, "warn"),
        ("wasserstein", 0.3, "critical"),
        ("ed", 0.1, None),
        ("ed", 0.3, "warn"),
        ("ed", 0.31, "critical"),
    ],
)
def test_a_distance_is_worse_the_larger(method: str, score: float, severity: str | None) -> None:
    assert severity_of(method, score, 0.1, 0.3) == severity


@pytest.mark.parametrize(
    ("score", "severity"), [(0.06, None), (0.05, None), (0.04, "warn"), (0.0009, "critical")]
)
def test_a_p_value_is_worse_the_smaller(score: float, severity: str | None) -> None:
    assert severity_of("t_test", score, 0.05, 0.001) == severity


@pytest.mark.parametrize("score", [0.1, 1e9])
def test_without_a_critical_threshold_nothing_is_critical(score: float) -> None:
    assert severity_of("psi", score, 0.1, None) == "warn"


@pytest.mark.parametrize(
    ("drifted", "severity"), [(0, None), (2, None), (3, "warn"), (7, "warn"), (8, "critical")]
)
def test_a_table_is_critical_from_the_critical_share_on(drifted: int, severity: str | None) -> None:
    result = result_of(
        a_monitor(drift={"drifted_share": 0.3, "critical_share": 0.8}),
        [a_column(f"c{n}", "drifted" if n < drifted else "ok") for n in range(10)],
    )
    assert result.severity == severity
    assert (result.status == "drifted") == (severity is not None)
    assert result.critical_share_threshold == 0.8


def test_a_table_without_a_scored_column_has_no_severity() -> None:
    result = result_of(a_monitor(), [])
    assert (result.status, result.severity) == ("error", None)


def _tested(name: str, p_value: float, critical: float | None) -> ScoredColumn:
    task = ScoringTask(name, "covariate", Kind.NUMERIC, DriftRule())
    return ScoredColumn(task, Score(MethodName.T_TEST, p_value, 0.05, critical))


def test_severities_are_kept_in_the_history() -> None:
    bad = a_column("x", "drifted").model_copy(update={"severity": "critical"})
    result = a_result([bad, a_column("y")]).model_copy(update={"severity": "warn"})
    year = HistoryYear(monitor="flights", year=2013)
    year.add(RunEntry.of(result))
    (entry,) = HistoryYear.from_json(year.to_json()).before("99991231T000000Z", 1)
    assert entry == RunEntry.of(result)
    assert (entry.severity, entry.columns["x"].severity) == ("warn", "critical")


P_VALUES = st.lists(st.integers(0, 997).map(lambda n: n**3 / 997**3), min_size=1, max_size=20)


@settings(deadline=None)
@given(P_VALUES, st.sampled_from(["bonferroni", "benjamini_hochberg"]))
def test_critical_p_values_are_those_that_statsmodels_rejects_at_the_critical_level(
    p_values: list[float],
    correction: Any,  # noqa: ANN401 - a Literal
) -> None:
    columns = [_tested(f"c{n}", p_value, 0.005) for n, p_value in enumerate(p_values)]
    found = judge(columns, a_monitor(drift={"correction": correction}))
    method = {"bonferroni": "bonferroni", "benjamini_hochberg": "fdr_bh"}[correction]
    for threshold, wanted in ((0.05, {"warn", "critical"}), (0.005, {"critical"})):
        rejected, _, _, _ = multipletests(p_values, threshold, method)
        # statsmodels rejects at the bound, a t-test's p-value drifts below it only.
        ours = [
            column.severity in wanted
            or column.score == (column.threshold if threshold == 0.05 else column.critical)
            for column in found
        ]
        assert ours == rejected.tolist()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 0.2), st.none() | st.sampled_from([0.04, 0.01, 0.0001])),
        min_size=1,
        max_size=15,
    ),
    st.sampled_from(["none", "bonferroni", "benjamini_hochberg"]),
)
def test_after_any_correction_critical_is_further_out_and_has_drifted(
    tested: list[tuple[float, float | None]],
    correction: Any,  # noqa: ANN401 - a Literal
) -> None:
    columns = [_tested(f"c{n}", p_value, critical) for n, (p_value, critical) in enumerate(tested)]
    monitor = a_monitor(drift={"correction": correction})
    for before, after in zip(columns, judge(columns, monitor), strict=True):
        assert (after.critical is None) == (before.score.critical is None)
        if after.critical is not None and after.threshold is not None:
            assert after.critical < after.threshold
        assert (after.status is Status.DRIFTED) == (after.severity is not None)


def test_a_column_without_a_critical_threshold_lends_no_other_its_alarm() -> None:
    columns = [_tested("x", 0.008, 0.01), *(_tested(f"c{n}", 0.0, None) for n in range(9))]
    x, *_ = judge(columns, a_monitor(drift={"correction": "benjamini_hochberg"}))
    assert (x.severity, x.critical) == ("warn", pytest.approx(0.001))


@pytest.mark.parametrize(
    "rules",
    [
        {"numeric": DISTANCE},
        {"numeric": P_VALUE},
        {"default": {"method": "psi", "critical": 0.2}},
        {"numeric": {"method": "ks", "critical": 0.04}},
        {"numeric": DISTANCE, "columns": {"x": {"threshold": 0.2}}},
        {"numeric": DISTANCE, "columns": {"x": {"critical": 0.2}}},
        {"numeric": DISTANCE, "columns": {"x": {"method": "ks"}}},
        {"default": DISTANCE | {"method": "psi"}, "categorical": {"method": "chisquare"}},
        {"drifted_share": 0.4, "critical_share": 0.5},
    ],
)
def test_a_critical_threshold_further_out_is_taken(rules: dict[str, Any]) -> None:
    a_monitor(drift=rules)


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (
            {"numeric": DISTANCE | {"critical": 0.1}},
            "numeric: critical 0.1 is not above threshold 0.1, and wasserstein gives distances",
        ),
        (
            {"numeric": P_VALUE | {"critical": 0.06}},
            "numeric: critical 0.06 is not below threshold 0.05, and t_test gives p-values",
        ),
        (
            {"categorical": {"method": "psi", "critical": 0.05}},
            "categorical: critical 0.05 is not above threshold 0.1",
        ),
        (
            {"numeric": DISTANCE, "columns": {"*_delay": {"threshold": 0.5}}},
            "columns.*_delay: critical 0.3 is not above threshold 0.5",
        ),
        (
            {"default": {"method": "psi"}, "columns": {"x": {"critical": 0.05}}},
            "columns.x: critical 0.05 is not above threshold 0.1",
        ),
        ({"default": {"critical": 0.2}}, "default.critical: name a method beside it or in a wider"),
        ({"columns": {"x": {"critical": 0.2}}}, "columns.x.critical: name a method"),
        (
            {"drifted_share": 0.5, "critical_share": 0.5},
            "critical_share: 0.5 is not above drifted_share (0.5)",
        ),
    ],
)
def test_a_critical_threshold_on_the_wrong_side_is_a_mistake(
    rules: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        a_monitor(drift={"judge": "evidently", **rules})
    assert sentence in str(caught.value)


def test_critical_belongs_to_its_method_as_a_threshold_does() -> None:
    drift = Drift.model_validate(
        {"numeric": DISTANCE, "columns": {"x": {"method": "ks"}, "y": {"critical": 0.5}}}
    )
    assert drift.rule_for("x", Kind.NUMERIC).critical is None
    assert drift.rule_for("y", Kind.NUMERIC).critical == 0.5
    assert drift.rule_for("z", Kind.NUMERIC).critical == 0.3
    assert drift.rule_for("z", Kind.CATEGORICAL).critical is None


def test_the_columns_of_a_comparison_have_their_severity_the_worst_first() -> None:
    reference = {name: [*range(100)] for name in "abcd"}
    current = {
        "a": [n + 12 for n in range(100)],
        "b": [n + 500 for n in range(100)],
        "c": [*range(100)],
        "d": [n + 20 for n in range(100)],
    }
    monitor = a_monitor(
        drift={"judge": "evidently", "numeric": DISTANCE | {"threshold": 0.3, "critical": 1}}
    )
    found = compare(InMemory(reference), InMemory(current), monitor).columns
    assert [(column.column, column.severity) for column in found] == [
        ("b", "critical"),
        ("d", "warn"),
        ("a", "warn"),
        ("c", None),
    ]
    assert {column.critical for column in found} == {1}


def test_a_critical_threshold_that_misfits_evidentlys_choice_is_the_columns_error() -> None:
    rules = {"numeric": {"method": "wasserstein"}, "columns": {"*": {"critical": 0.5}}}
    rules |= {"judge": "evidently"}
    table = InMemory({"n": [*range(100)], "text": ["a", "b", "c", "d"] * 25})
    found = {
        column.column: column for column in compare(table, table, a_monitor(drift=rules)).columns
    }
    assert found["n"].status is Status.OK
    assert found["text"].status is Status.ERROR
    assert found["text"].reason == (
        "critical 0.5 is not below threshold 0.05, and chisquare gives p-values: "
        "name a method beside critical"
    )


def _scored(method: str, score: float, threshold: float) -> ColumnDrift:
    update = {"method": method, "score": score, "threshold": threshold}
    return a_column("x").model_copy(update=update)


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (_scored("psi", 0.1, 0.1), 1),
        (_scored("psi", 0.3, 0.1), 3),
        (_scored("psi", 0.3, 0), math.inf),
        (_scored("psi", 0, 0), 1),
        (_scored("ks", 0.01, 0.05), 5),
        (_scored("ks", 0.5, 0.05), 0.1),
        (_scored("ks", 0, 0.05), math.inf),
        (_scored("ks", 0.5, 0), 0),
        (a_column("x", "missing"), 0),
    ],
)
def test_a_score_is_as_bad_as_it_is_far_out(column: ColumnDrift, wanted: float) -> None:
    assert excess(column) == pytest.approx(wanted)


@settings(deadline=None)
@given(st.sampled_from(sorted(METHODS)), st.floats(1e-6, 10), st.floats(1e-6, 1))
def test_only_what_has_drifted_is_further_out_than_its_threshold(
    method: str, score: float, threshold: float
) -> None:
    assert (excess(_scored(method, score, threshold)) > 1) <= METHODS[method].has_drifted(
        score, threshold
    )


def test_critical_comes_before_warn_however_far_out_and_equals_go_by_name() -> None:
    columns = {
        "critical": _scored("ks", 0.01, 0.05).model_copy(update={"severity": "critical"}),
        "far": _scored("psi", 9, 0.1).model_copy(update={"severity": "warn"}),
        "b": _scored("psi", 0.2, 0.1).model_copy(update={"severity": "warn"}),
        "a": _scored("psi", 0.2, 0.1).model_copy(update={"severity": "warn"}),
        "ok": _scored("psi", 0.09, 0.1),
        "gone": a_column("gone", "missing"),
    }
    names = sorted(columns, key=lambda name: worst_first(name, columns[name]))
    assert names == ["critical", "far", "a", "b", "ok", "gone"]
