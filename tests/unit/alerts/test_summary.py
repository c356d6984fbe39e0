"""What people read first of a run."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import (
    MONDAY,
    WEEK,
    a_column,
    a_decision,
    a_result,
    a_whole_table,
    without_data,
)
from support.emails import RUN, SITE, compose_quietly, moved_column, with_missing_files

from drift_monitor.alerts.decision import AlertState
from drift_monitor.alerts.email import compose
from drift_monitor.results.drift import ColumnProfile
from drift_monitor.results.run import DriftResult
from drift_monitor.results.tables import WindowSummary


def test_the_summary_says_first_what_people_need() -> None:
    before = a_result(
        [
            moved_column("dep_delay", "ok", 0.25),
            moved_column("dest", "drifted", 0.2),
            a_column("gone"),
            a_column("carrier", "drifted"),
        ],
        scheduled_at=MONDAY - WEEK,
    )
    moved = {
        "reference": ColumnProfile(values=100, nulls=0, mean=12.1),
        "current": ColumnProfile(values=96, nulls=4, mean=15.3),
    }
    result = a_result(
        [
            moved_column("dest", "drifted", 0.2, severity="warn"),
            moved_column("dep_delay", "drifted", 0.314159, severity="critical", **moved),
            a_column("carrier", "ok", 0.05),
            a_column("gone", "missing"),
            a_column("more", "new"),
            a_column("row", "skipped"),
        ],
    ).model_copy(update={"critical_share_threshold": 0.8})
    decision = a_decision(AlertState.DRIFT, severity="critical", previous=before)
    assert compose(result, decision, SITE).body.splitlines() == [
        "Critical drift: 2 of 3 columns drifted (67%)",
        "flights, 17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC",
        "6,789 rows against 12,345 of reference",
        "The table counts as drifted from 50%, critically from 80%.",
        "",
        "Worst columns",
        "dep_delay (critical)",
        "  0.314 ≥ 0.1 (wasserstein), was 0.25",
        "  nulls 0% → 4%",
        "  mean 12.1 → 15.3",
        "dest",
        "  0.2 ≥ 0.1 (wasserstein), was 0.2",
        "",
        "Since the run of 17 Jun 2013",
        "Newly drifted: dep_delay",
        "Recovered: carrier",
        "Missing: gone",
        "New columns: more",
        "",
        "Report",
        f"{SITE}reports/flights/{RUN}/index.html",
        "History",
        f"{SITE}monitors/flights/history.html",
    ]


def test_of_a_run_without_data_the_reason_is_told_and_nothing_of_drift() -> None:
    before = a_result([a_column("x", "drifted")], scheduled_at=MONDAY - WEEK)
    email = compose(without_data(), a_decision(AlertState.NO_DATA, previous=before), SITE)
    assert email.subject == "No data: flights, 12 rows of current (2013-06-24)"
    assert email.attributes == {"monitor": "flights", "status": "no_data", "severity": "none"}
    assert email.body.splitlines() == [
        "No data: nothing was compared",
        "flights, 17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC",
        "12 rows against 12,345 of reference",
        "current has 12 rows, fewer than minimum_rows (500)",
        "",
        "Missing from the window: 1 file, the first is",
        "c/2013-06-23.parquet",
        "",
        "Report",
        f"{SITE}reports/flights/{RUN}/index.html",
        "History",
        f"{SITE}monitors/flights/history.html",
    ]
    found = DriftResult.model_validate_json(email.machine_json)
    assert (found.status, found.reason) == ("no_data", without_data().reason)


def test_a_reference_that_is_a_window_is_said_with_its_gaps() -> None:
    result = a_result([a_column("x")])
    window = WindowSummary(start=MONDAY - 2 * WEEK, end=MONDAY - WEEK)
    reference = result.reference.model_copy(update={"missing_files": ["r/1.csv", "r/2.csv"]})
    moved = result.model_copy(update={"reference": reference, "reference_window": window})
    summary = compose_quietly(moved).body
    assert "\nReference: 10 Jun 2013 09:30 to 17 Jun 2013 09:30 UTC\n" in summary
    assert "Missing from the reference's window: 2 files, the first is\nr/1.csv" in summary


def test_of_a_first_run_what_was_not_compared_is_told_with_its_reason() -> None:
    columns = [a_column("x"), a_column("gone", "missing"), a_column("bad", "error")]
    lines = compose_quietly(a_result(columns)).body.splitlines()
    start = lines.index("Not compared")
    assert lines[start + 1 : start + 3] == ["gone: missing, as it is", "bad: error, as it is"]
    assert "Since the run" not in "\n".join(lines)


def test_that_nothing_has_changed_is_said() -> None:
    before = a_result([a_column("x")], scheduled_at=MONDAY - WEEK)
    email = compose(a_result([a_column("x")]), a_decision(previous=before), SITE)
    assert "Since the run of 17 Jun 2013\nNo column's status has changed." in email.body


def test_a_score_of_another_method_is_no_score_to_compare_with() -> None:
    before = a_result([moved_column("x", "drifted", 0.5, method="psi")], scheduled_at=MONDAY - WEEK)
    result = a_result([a_column("x", "drifted")])
    assert ", was" not in compose(result, a_decision(previous=before), SITE).body


def test_five_columns_are_described_the_worst_first_and_the_others_named() -> None:
    scores = {"a": 0.2, "b": 0.7, "c": 0.3, "d": 0.4, "e": 0.5, "f": 0.6, "g": 0.11}
    columns = [
        moved_column(name, "drifted", score, severity="warn") for name, score in scores.items()
    ]
    columns.append(moved_column("h", "drifted", 0.12, severity="critical"))
    lines = compose_quietly(a_result(columns)).body.splitlines()
    described = [name for name in lines if name.split(" ")[0] in {*scores, "h"}]
    assert described == ["h (critical)", "b", "f", "e", "d"]
    assert "and 3 more: c, a, g" in lines


def test_what_is_said_of_a_score_stands_with_it() -> None:
    column = moved_column("x", "drifted", 99.0, reason="constant in reference")
    assert "(wasserstein)\n  constant in reference\n" in compose_quietly(a_result([column])).body


@settings(deadline=None)
@given(
    st.lists(st.text("abc_ ", min_size=1, max_size=24), min_size=1, max_size=80, unique=True),
    st.sampled_from(["ok", "drifted", "missing", "new", "error"]),
)
def test_lines_fit_a_phone_but_for_addresses(names: list[str], before: str) -> None:
    result = a_result([a_column(name, "drifted") for name in names])
    previous = a_result(
        [a_column(name, before) for name in names], scheduled_at=MONDAY - WEEK, status="ok"
    )
    decision = a_decision(AlertState.DRIFT, severity="warn", previous=previous)
    lines = compose(result, decision, SITE).body.splitlines()
    assert all(len(line) <= 65 for line in lines if not line.startswith(SITE))


def test_a_summary_of_ten_thousand_columns_is_still_one_to_read() -> None:
    columns = [a_column(f"column {n}", "drifted") for n in range(10_000)]
    previous = a_result([], scheduled_at=MONDAY - WEEK)
    lines = compose(a_result(columns), a_decision(previous=previous), SITE).body.splitlines()
    assert len(lines) < 60


def test_the_summary_tells_of_missing_files() -> None:
    sentence = "Missing from the window: 3 files, the first is\ns3://bucket/table/00000/00.parquet"
    assert sentence in compose_quietly(with_missing_files(a_result(), 3, "current")).body
    assert "Missing from" not in compose_quietly(a_result()).body


def test_a_line_break_in_a_name_adds_no_line_to_the_summary() -> None:
    name = "x\n\nReport   https://example.net/"
    lines = [
        compose_quietly(a_result([a_column(column, "drifted")])).body.splitlines()
        for column in ("x", name)
    ]
    assert len(lines[0]) == len(lines[1])


def test_what_all_columns_show_together_is_said_where_none_drifted() -> None:
    result = a_result([a_column("x")], status="drifted").model_copy(
        update={"whole_table": a_whole_table()}
    )
    email = compose(result, a_decision(AlertState.DRIFT, severity="warn"), SITE)
    lines = email.body.splitlines()
    assert lines[0] == "Drift: 0 of 1 columns drifted (0%); together they did"
    assert "Together: AUC 0.714 ≥ 0.55 (chance up to 0.53); told apart by" in lines
    assert email.subject == "Drift: flights, all columns together (2013-06-24)"
