"""What columns weigh in the verdict: their importance, where the monitor gives one."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.builders import a_column, a_monitor, result_of

from drift_monitor.analysis.drift.weighting import importance_of
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.results.run import DriftResult

STATUSES = st.sampled_from(["ok", "drifted", "skipped", "missing", "error"])
WEIGHTS = st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-9, 9) | st.just(0)


def _judge(columns: list[ColumnDrift], importance: object = None, **drift: object) -> DriftResult:
    monitor = a_monitor(columns={"importance": importance}, drift=drift)
    weighed = [
        column.model_copy(update={"importance": importance_of(column.column, column.role, monitor)})
        for column in columns
    ]
    return result_of(monitor, weighed)


def _columns(statuses: dict[str, str], **roles: str) -> list[ColumnDrift]:
    return [
        a_column(name, status).model_copy(update={"role": roles.get(name, "covariate")})
        for name, status in statuses.items()
    ]


def test_the_share_is_that_of_the_importance_and_decides() -> None:
    columns = _columns({"a": "drifted", "b": "ok", "c": "ok"})
    plain = _judge(columns, drifted_share=0.5)
    weighed = _judge(columns, {"a": 3, "b": 1, "c": 1}, drifted_share=0.5)
    assert (plain.status, plain.drifted_share) == ("ok", pytest.approx(1 / 3))
    assert (weighed.status, weighed.drifted_share) == ("drifted", 0.6)
    assert weighed.is_weighted
    assert not plain.is_weighted
    assert weighed.verdict == "Drift: 1 of 3 columns drifted, 60% of the importance"


def test_tenths_that_make_up_the_bound_reach_it() -> None:
    """Added up as floats, three tenths of ten tenths need not be 0.3."""
    columns = _columns({name: "drifted" if name < "d" else "ok" for name in "abcdefghij"})
    importance = dict.fromkeys("abcdefghij", 0.1)
    assert _judge(columns, importance, drifted_share=0.3).status == "drifted"


def test_a_column_without_an_importance_weighs_nothing_and_says_so() -> None:
    result = _judge(_columns({"a": "ok", "b": "drifted"}), {"a": 0.5})
    assert result.drifted_share == 0
    assert {column.column: column.importance for column in result.columns} == {"a": 0.5, "b": 0}


def test_an_importance_below_zero_weighs_as_much_as_above() -> None:
    result = _judge(_columns({"a": "ok", "b": "drifted"}), {"a": 1, "b": -3})
    assert result.drifted_share == 0.75
    assert result.columns[1].importance == 3


def test_only_covariates_weigh() -> None:
    columns = _columns({"a": "ok", "y": "drifted"}, y="target")
    result = _judge(columns, {"a": 1, "y": 9})
    assert result.drifted_share == 0
    assert result.columns[1].importance is None


def test_where_no_scored_column_weighs_there_is_no_verdict() -> None:
    result = _judge(_columns({"a": "missing", "b": "drifted"}), {"a": 1})
    assert (result.status, result.severity, result.drifted_share) == ("error", None, 0)
    assert result.verdict == "No scored column has an importance"


@st.composite
def weighed_columns(draw: st.DrawFn) -> tuple[list[ColumnDrift], dict[str, float]]:
    """Draw columns of all statuses and roles, and an importance for some of them."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True))
    roles = st.sampled_from(["covariate", "covariate", "covariate", "prediction", "id"])
    columns = [
        a_column(name, draw(STATUSES)).model_copy(update={"role": draw(roles)}) for name in names
    ]
    weights = {name: draw(WEIGHTS) for name in names if draw(st.booleans())}
    return columns, {**weights, "z": 1.0}


@given(weighed_columns(), st.randoms())
def test_a_share_is_a_share_whatever_the_order(
    drawn: tuple[list[ColumnDrift], dict[str, float]], random: Random
) -> None:
    columns, weights = drawn
    result = _judge(columns, weights)
    assert 0 <= result.drifted_share <= 1
    shuffled = random.sample(columns, len(columns))
    assert _judge(shuffled, weights).drifted_share == result.drifted_share
    counting = {
        column.column for column in columns if column.is_scored and column.role == "covariate"
    }
    assert (result.status == "error") == (not any(weights.get(name) for name in counting))


@given(st.lists(STATUSES, min_size=1, max_size=40), st.floats(1e-9, 1e9))
def test_equal_importances_give_the_share_without_any(statuses: list[str], weight: float) -> None:
    columns = _columns({f"c{number}": status for number, status in enumerate(statuses)})
    plain, weighed = _judge(columns), _judge(columns, {each.column: weight for each in columns})
    assert weighed.drifted_share == plain.drifted_share
    assert (weighed.status, weighed.severity) == (plain.status, plain.severity)


@pytest.mark.parametrize(
    ("importance", "problem"),
    [
        ({"a": "high"}, "a: high should be a column's name and a number"),
        ({"a": True}, "a: True should be a column's name and a number"),
        ({"a": float("nan")}, "a: nan should be a column's name and a number"),
        ({7: 1}, "7: 1 should be a column's name and a number"),
        ({"a": 0}, "no column has an importance other than 0"),
        ({}, "no column has an importance other than 0"),
        (["a"], "should be a mapping, column: importance, or where a file with them lies"),
        ("weights.parquet", "weights.parquet should be one file, of CSV or JSON"),
        ("s3://bucket/{date:%Y-%m-%d}.csv", "should be one file"),
        ("gs://bucket/weights.csv", "cannot be read"),
    ],
)
def test_a_mistake_in_an_importance_is_named(importance: object, problem: str) -> None:
    with pytest.raises(ValidationError) as found:
        a_monitor(columns={"importance": importance})
    (error,) = found.value.errors()
    assert problem in error["msg"]
    assert error["loc"] == ("columns", "importance")


def test_what_became_of_prediction_and_target_is_told_apart() -> None:
    columns = _columns(
        {"a": "drifted", "b": "ok", "c": "missing", "p": "drifted", "y": "ok"},
        p="prediction",
        y="target",
    )
    roles = _judge(columns).by_role
    assert roles is not None
    assert (roles.scored_covariates, roles.drifted_covariates) == (2, 1)
    assert roles.prediction is not None
    assert roles.target is not None
    assert (roles.prediction.column, roles.prediction.status) == ("p", "drifted")
    assert (roles.target.column, roles.target.status) == ("y", "ok")
    assert roles.drifted_roles == ["prediction"]
