import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import a_column, a_monitor, a_whole_table, result_of

from drift_monitor.analysis.drift.verdict import verdict_of
from drift_monitor.results.drift import WholeTable
from drift_monitor.results.run import DriftResult


def _judge(statuses: list[str], drifted_share: float = 0.5) -> DriftResult:
    columns = [a_column(f"c{number}", status) for number, status in enumerate(statuses)]
    return result_of(a_monitor(drift={"drifted_share": drifted_share}), columns)


@pytest.mark.parametrize(
    ("drifted", "ok", "drifted_share", "status"),
    [
        (1, 1, 0.5, "drifted"),  # at the bound
        (1, 2, 0.5, "ok"),
        (3, 7, 0.3, "drifted"),
        (2, 8, 0.3, "ok"),
        (1, 9, 0.1, "drifted"),
        (1, 2, 1 / 3, "drifted"),
        (9, 1, 1, "ok"),
        (1, 0, 1, "drifted"),
        (0, 5, 0.01, "ok"),
    ],
)
def test_a_table_has_drifted_from_the_share_on(
    drifted: int, ok: int, drifted_share: float, status: str
) -> None:
    assert _judge(["drifted"] * drifted + ["ok"] * ok, drifted_share).status == status


@pytest.mark.parametrize("statuses", [[], ["skipped", "missing", "new", "error"]])
def test_a_table_without_a_scored_column_is_an_error(statuses: list[str]) -> None:
    result = _judge(statuses)
    assert (result.status, result.drifted_share) == ("error", 0)
    assert result.verdict == "No column could be scored"


def test_only_scored_columns_count() -> None:
    result = _judge(["drifted", "ok", "skipped", "missing", "new", "error"])
    assert (result.drifted_columns, result.scored_columns) == (1, 2)
    assert result.verdict == "Drift: 1 of 2 columns drifted"


@given(
    st.lists(st.sampled_from(["ok", "drifted", "skipped", "missing", "new", "error"])),
    st.floats(0.01, 1),
)
def test_the_share_is_drifted_over_scored_and_decides(
    statuses: list[str], drifted_share: float
) -> None:
    result = _judge(statuses, drifted_share)
    scored = statuses.count("ok") + statuses.count("drifted")
    assert result.scored_columns == scored
    assert result.drifted_columns == statuses.count("drifted")
    assert 0 <= result.drifted_share <= 1
    assert result.drifted_share * scored == pytest.approx(result.drifted_columns)
    assert (result.status == "error") == (scored == 0)
    assert (result.status == "drifted") == (result.drifted_share >= drifted_share)
    assert len(result.columns) == len(statuses)


def _share_of(broken: set[str], **drift: object) -> tuple[str, float]:
    scored = [a_column("x", "drifted"), a_column("y"), a_column("z")]
    columns = [*scored, a_column("gone", "missing")]
    verdict = verdict_of(columns, a_monitor(drift=drift), broken)
    return verdict.status, verdict.share


def test_broken_columns_count_as_drifted_in_a_share_that_is_set() -> None:
    assert _share_of(set(), drifted_share=0.5) == ("ok", 1 / 3)
    assert _share_of({"gone"}, drifted_share=0.5) == ("drifted", 0.5)
    assert _share_of({"gone", "x"}, drifted_share=0.5) == ("drifted", 0.5)


def test_without_a_share_drift_is_what_the_other_columns_show() -> None:
    assert _share_of({"gone"}) == ("drifted", 1 / 3)
    assert _share_of({"gone", "x"}) == ("ok", 0)
    assert _share_of({"x", "y", "z"}) == ("error", 0)


def test_evidentlys_rule_knows_of_no_broken_columns() -> None:
    assert _share_of({"gone", "x"}, judge="evidently") == ("ok", 1 / 3)


@pytest.mark.parametrize(
    ("whole", "columns", "status", "severity"),
    [
        (a_whole_table(), ["ok"], "drifted", "warn"),
        (a_whole_table(severity="critical"), ["drifted"], "drifted", "critical"),
        (a_whole_table("unsure"), ["ok"], "ok", None),
        (a_whole_table("ok"), ["drifted"], "drifted", "warn"),
    ],
)
def test_a_table_has_drifted_where_all_its_columns_together_have(
    whole: WholeTable, columns: list[str], status: str, severity: str | None
) -> None:
    each = [a_column(f"c{number}", status) for number, status in enumerate(columns)]
    result = result_of(a_monitor(), each, whole_table=whole)
    assert (result.status, result.severity) == (status, severity)
    assert result.verdict.endswith("; together they did") is (whole.status == "drifted")


@pytest.mark.parametrize(
    ("scores", "status"),
    [
        ([1.2] + [0.3] * 9, "ok"),  # one of ten is what chance gives
        ([2.0] + [0.3] * 9, "drifted"),
        ([1.2] * 3 + [0.3] * 7, "ok"),
        ([1.2] * 4 + [0.3] * 6, "drifted"),
        ([0.3] * 10, "ok"),
    ],
)
def test_columns_unlike_their_past_are_drift_where_one_is_clear_or_many_are_more_than_chance(
    scores: list[float], status: str
) -> None:
    columns = [
        a_column(f"c{number}", "drifted" if score >= 1 else "ok").model_copy(
            update={"method": "history", "score": score, "threshold": 1.0}
        )
        for number, score in enumerate(scores)
    ]
    assert verdict_of(columns, a_monitor(drift={"judge": "history"})).status == status
    # One that another method judged is enough, as ever.
    other = a_column("other", "drifted")
    assert verdict_of([*columns, other], a_monitor(drift={"judge": "history"})).status == "drifted"


def test_a_share_that_is_asked_for_decides_for_the_history_judge_too() -> None:
    columns = [
        a_column(f"c{number}", "drifted").model_copy(
            update={"method": "history", "score": 1.2, "threshold": 1.0}
        )
        for number in range(2)
    ]
    monitor = a_monitor(drift={"judge": "history", "drifted_share": 0.5})
    assert verdict_of(columns, monitor).status == "drifted"


@pytest.mark.parametrize(("unusual", "status"), [(110, "ok"), (140, "drifted"), (2_000, "drifted")])
def test_a_table_of_many_columns_is_judged_by_how_many_are_unlike_their_past(
    unusual: int, status: str
) -> None:
    columns = [
        a_column(f"c{number}", "drifted" if number < unusual else "ok").model_copy(
            update={"method": "history", "score": 1.2, "threshold": 1.0}
        )
        for number in range(2_000)
    ]
    assert verdict_of(columns, a_monitor(drift={"judge": "history"})).status == status
