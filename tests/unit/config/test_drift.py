"""Which rule counts for a column, and which rules are mistakes."""

from typing import Any

import pytest
from pydantic import ValidationError

from drift_monitor.config.drift import Drift, DriftRule
from drift_monitor.config.methods import METHODS, OF_THE_JUDGE, Kind

DISTANCE = DriftRule(method="wasserstein", threshold=0.3)
P_VALUE = DriftRule(method="ks", threshold=0.01)


def _drift(**rules: Any) -> Drift:  # noqa: ANN401 - the model validates them
    return Drift.model_validate(rules)


def test_an_exact_name_wins_over_globs_and_the_earlier_glob_over_the_later() -> None:
    drift = _drift(
        columns={
            "*_delay": {"threshold": 0.1},
            "dep_*": {"threshold": 0.2},
            "dep_delay": {"threshold": 0.3},
        }
    )
    found = {
        column: drift.rule_for(column, Kind.NUMERIC).threshold
        for column in ("dep_delay", "arr_delay", "dep_time", "distance")
    }
    assert found == {"dep_delay": 0.3, "arr_delay": 0.1, "dep_time": 0.2, "distance": None}


def test_a_rule_by_column_wins_over_its_kinds_which_wins_over_the_default() -> None:
    drift = _drift(
        default={"method": "psi"}, numeric={"method": "ks"}, columns={"x": {"method": "ed"}}
    )
    assert drift.rule_for("x", Kind.NUMERIC).method == "ed"
    assert drift.rule_for("y", Kind.NUMERIC).method == "ks"
    assert drift.rule_for("y", Kind.CATEGORICAL).method == "psi"


def test_without_rules_evidently_chooses() -> None:
    assert Drift().rule_for("x", Kind.NUMERIC) == DriftRule(method=None, threshold=None)


def test_a_column_whose_name_is_a_glob_can_be_named_exactly() -> None:
    drift = _drift(columns={"price[EUR]": {"threshold": 0.4}})
    assert drift.rule_for("price[EUR]", Kind.NUMERIC).threshold == 0.4


def test_patterns_mind_the_case() -> None:
    drift = _drift(columns={"*_Delay": {"threshold": 0.4}})
    assert drift.rule_for("dep_delay", Kind.NUMERIC).threshold is None


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        pytest.param(
            {"numeric": DISTANCE, "columns": {"x": {"threshold": 0.5}}},
            DriftRule(method="wasserstein", threshold=0.5),
            id="a narrower threshold counts for the wider rule's method",
        ),
        pytest.param(
            {"numeric": DISTANCE, "columns": {"x": {"method": "ks"}}},
            DriftRule(method="ks", threshold=None),
            id="a wider threshold does not count for a narrower rule's method",
        ),
        pytest.param(
            {"default": {"threshold": 0.2}, "numeric": {"method": "ks"}},
            DriftRule(method="ks", threshold=None),
            id="nor does the default's",
        ),
        pytest.param(
            {"numeric": DISTANCE, "columns": {"x": P_VALUE}},
            P_VALUE,
            id="method and threshold of one rule stay together",
        ),
        pytest.param(
            {"default": {"method": "psi"}, "numeric": {"threshold": 0.4}},
            DriftRule(method="psi", threshold=0.4),
            id="a kind's threshold counts for the default's method",
        ),
        pytest.param(
            {"default": {"method": "psi", "threshold": 0.9}, "columns": {"x": {"threshold": 0}}},
            DriftRule(method="psi", threshold=0),
            id="zero is a threshold",
        ),
        pytest.param(
            {"default": {"threshold": 0.2}, "numeric": {"threshold": 0.4}},
            DriftRule(method=None, threshold=0.4),
            id="without any method the narrowest threshold counts",
        ),
    ],
)
def test_a_threshold_belongs_to_its_method(rules: dict[str, Any], wanted: DriftRule) -> None:
    assert _drift(**rules).rule_for("x", Kind.NUMERIC) == wanted


@pytest.mark.parametrize("method", sorted({*METHODS} - OF_THE_JUDGE))
def test_a_kinds_method_must_score_that_kind(method: str) -> None:
    for part, kind in (("numeric", Kind.NUMERIC), ("categorical", Kind.CATEGORICAL)):
        if kind in METHODS[method].kinds:
            assert getattr(_drift(**{part: {"method": method}}), part).method == method
            continue
        with pytest.raises(ValidationError, match=f"{method} does not score {kind} columns"):
            _drift(**{part: {"method": method}})


def test_the_default_method_must_score_every_kind() -> None:
    with pytest.raises(ValidationError, match=r"default\.method: ks does not score categorical"):
        _drift(default={"method": "ks"})


@pytest.mark.parametrize("threshold", [-0.1, float("nan"), float("inf"), "high"])
def test_a_threshold_is_a_number_from_zero(threshold: object) -> None:
    with pytest.raises(ValidationError, match="threshold"):
        DriftRule.model_validate({"threshold": threshold})


@pytest.mark.parametrize(
    ("share", "is_taken"), [(0, False), (0.01, True), (1, True), (1.01, False)]
)
def test_the_drifted_share_is_above_zero_and_at_most_one(share: float, *, is_taken: bool) -> None:
    if is_taken:
        assert Drift(drifted_share=share).drifted_share == share
        return
    with pytest.raises(ValidationError, match="drifted_share"):
        Drift(drifted_share=share)


def test_a_direction_comes_from_the_narrowest_rule_that_names_one() -> None:
    drift = _drift(
        numeric={"direction": "up"},
        columns={"x": {"method": "ks"}, "y": {"direction": "down"}},
    )
    found = {name: drift.rule_for(name, Kind.NUMERIC).direction for name in "xyz"}
    assert found == {"x": "up", "y": "down", "z": "up"}
    assert drift.rule_for("z", Kind.CATEGORICAL).direction is None


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"categorical": {"direction": "up"}}, "categories have no direction"),
        ({"judge": "history", "numeric": {"direction": "up"}}, "the history judge looks at both"),
    ],
)
def test_a_direction_where_there_is_none_is_a_mistake(rules: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        _drift(**rules)


@pytest.mark.parametrize("judge", ["history", "evidently"])
def test_the_whole_table_is_for_the_judge_that_knows_of_chance(judge: str) -> None:
    with pytest.raises(ValidationError, match=f"whole_table: not with judge: {judge}"):
        _drift(whole_table={}, judge=judge)


def test_a_critical_auc_is_above_its_threshold() -> None:
    assert _drift(whole_table={"critical": 0.8}).whole_table is not None
    with pytest.raises(ValidationError, match=r"critical: 0\.55 is not above threshold \(0\.55\)"):
        _drift(whole_table={"critical": 0.55})
