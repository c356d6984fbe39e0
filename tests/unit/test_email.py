"""What people are told of a run, and what machines are."""

import json
from typing import Literal

import pytest
from builders import MONDAY, WEEK, a_column, a_decision, a_result, without_data
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from drift_monitor.alarm import State
from drift_monitor.drift.severity import Severity
from drift_monitor.email import LIMIT, Email, compose
from drift_monitor.results import ColumnDrift, ColumnProfile, DriftResult, WindowSummary

SITE = "https://example.com/site/"
RUN = "20130624T093000Z"
REPORT = f"{SITE}reports/flights/{RUN}/index.html"
LONGEST = "x" * 48


QUIET = a_decision()


def _compose(result: DriftResult, site_url: str, limit: int = LIMIT) -> Email:
    return compose(result, QUIET, site_url, limit)


def _columns(drifted: int, of: int) -> list[ColumnDrift]:
    return [a_column(f"c{n:05}", "drifted" if n < drifted else "ok") for n in range(of)]


@pytest.mark.parametrize(
    ("status", "drifted", "of"),
    [
        ("error", 0, 0),
        ("ok", 99, 200),
        ("ok", 499, 1_000),
        ("ok", 4_999, 10_000),
        ("drifted", 1_000, 1_000),
        ("drifted", 10_000, 10_000),
    ],
)
def test_a_subject_is_short_plain_ascii(status: str, drifted: int, of: int) -> None:
    result = a_result([a_column("x")], monitor=LONGEST, status=status).model_copy(
        update={"drifted_columns": drifted, "scored_columns": of}
    )
    subject = _compose(result, SITE).subject
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100


@pytest.mark.parametrize(
    ("state", "severity", "subject"),
    [
        (State.QUIET, None, "No drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.DRIFT, "warn", "Drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.DRIFT, "critical", "Critical drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.WORSE, "critical", "Critical drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.STILL, "warn", "Still drifting: flights, 1 of 2 columns (2013-06-24)"),
        (State.STILL, "critical", "Still critical: flights, 1 of 2 columns (2013-06-24)"),
        (State.RECOVERED, None, "Recovered: flights, 1 of 2 columns (2013-06-24)"),
        (State.UNCONFIRMED, None, "Unconfirmed drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.NOT_SCORED, None, "Not scored: flights, 1 of 2 columns (2013-06-24)"),
    ],
)
def test_the_subject_begins_with_the_state(
    state: State, severity: Severity | None, subject: str
) -> None:
    result = a_result([a_column("x", "drifted"), a_column("y")])
    assert compose(result, a_decision(state, severity=severity), SITE).subject == subject


def _column(name: str, status: str, score: float, **more: object) -> ColumnDrift:
    return a_column(name, status, score).model_copy(update=more)


def test_the_summary_says_first_what_people_need() -> None:
    before = a_result(
        [
            _column("dep_delay", "ok", 0.25),
            _column("dest", "drifted", 0.2),
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
            _column("dest", "drifted", 0.2, severity="warn"),
            _column("dep_delay", "drifted", 0.314159, severity="critical", **moved),
            a_column("carrier", "ok", 0.05),
            a_column("gone", "missing"),
            a_column("more", "new"),
            a_column("row", "skipped"),
        ],
    ).model_copy(update={"critical_share_threshold": 0.8})
    decision = a_decision(State.DRIFT, severity="critical", previous=before)
    assert compose(result, decision, SITE).summary.splitlines() == [
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
    email = compose(without_data(), a_decision(State.NO_DATA, previous=before), SITE)
    assert email.subject == "No data: flights, 12 rows (2013-06-24)"
    assert email.attributes == {"monitor": "flights", "status": "no_data", "severity": "none"}
    assert email.summary.splitlines() == [
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
    summary = _compose(moved, SITE).summary
    assert "\nReference: 10 Jun 2013 09:30 to 17 Jun 2013 09:30 UTC\n" in summary
    assert "Missing from the reference's window: 2 files, the first is\nr/1.csv" in summary


def test_of_a_first_run_what_was_not_compared_is_told_with_its_reason() -> None:
    columns = [a_column("x"), a_column("gone", "missing"), a_column("bad", "error")]
    lines = _compose(a_result(columns), SITE).summary.splitlines()
    start = lines.index("Not compared")
    assert lines[start + 1 : start + 3] == ["gone: missing, as it is", "bad: error, as it is"]
    assert "Since the run" not in "\n".join(lines)


def test_that_nothing_has_changed_is_said() -> None:
    before = a_result([a_column("x")], scheduled_at=MONDAY - WEEK)
    email = compose(a_result([a_column("x")]), a_decision(previous=before), SITE)
    assert "Since the run of 17 Jun 2013\nNo column's status has changed." in email.summary


def test_a_score_of_another_method_is_no_score_to_compare_with() -> None:
    before = a_result([_column("x", "drifted", 0.5, method="psi")], scheduled_at=MONDAY - WEEK)
    result = a_result([a_column("x", "drifted")])
    assert ", was" not in compose(result, a_decision(previous=before), SITE).summary


def test_five_columns_are_described_the_worst_first_and_the_others_named() -> None:
    scores = {"a": 0.2, "b": 0.7, "c": 0.3, "d": 0.4, "e": 0.5, "f": 0.6, "g": 0.11}
    columns = [_column(name, "drifted", score, severity="warn") for name, score in scores.items()]
    columns.append(_column("h", "drifted", 0.12, severity="critical"))
    lines = _compose(a_result(columns), SITE).summary.splitlines()
    described = [name for name in lines if name.split(" ")[0] in {*scores, "h"}]
    assert described == ["h (critical)", "b", "f", "e", "d"]
    assert "and 3 more: c, a, g" in lines


def test_what_is_said_of_a_score_stands_with_it() -> None:
    column = _column("x", "drifted", 99.0, reason="constant in reference")
    assert "(wasserstein)\n  constant in reference\n" in _compose(a_result([column]), SITE).summary


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
    decision = a_decision(State.DRIFT, severity="warn", previous=previous)
    lines = compose(result, decision, SITE).summary.splitlines()
    assert all(len(line) <= 65 for line in lines if not line.startswith(SITE))


def test_a_summary_of_ten_thousand_columns_is_still_one_to_read() -> None:
    columns = [a_column(f"column {n}", "drifted") for n in range(10_000)]
    previous = a_result([], scheduled_at=MONDAY - WEEK)
    lines = compose(a_result(columns), a_decision(previous=previous), SITE).summary.splitlines()
    assert len(lines) < 60


def _with_missing_files(
    result: DriftResult, count: int, *sides: Literal["reference", "current"]
) -> DriftResult:
    missing = [f"s3://bucket/table/{number:05}/00.parquet" for number in range(count)]
    tables = {
        side: getattr(result, side).model_copy(update={"missing_files": missing}) for side in sides
    }
    return result.model_copy(update=tables)


def test_the_summary_tells_of_missing_files() -> None:
    sentence = "Missing from the window: 3 files, the first is\ns3://bucket/table/00000/00.parquet"
    assert sentence in _compose(_with_missing_files(a_result(), 3, "current"), SITE).summary
    assert "Missing from" not in _compose(a_result(), SITE).summary


def test_however_many_files_are_missing_the_email_stays_within_the_limit() -> None:
    found = a_result([a_column("x", "drifted")])
    result = _with_missing_files(found, 9_999, "reference", "current")
    email = _compose(result, SITE)
    assert _size(email) <= LIMIT
    assert _kept(email.json) == _kept(email.machine_json) == ["x"]


def test_an_email_is_named_and_marked_for_filters() -> None:
    email = _compose(a_result([a_column("x", "drifted")]), SITE)
    assert email.name == f"flights-{RUN}"
    assert email.attributes == {"monitor": "flights", "status": "drifted", "severity": "none"}


@pytest.mark.parametrize("status", ["ok", "drifted", "skipped", "missing", "new", "error"])
def test_the_json_at_the_end_of_the_text_is_the_result(status: str) -> None:
    result = a_result([a_column('"}\n{ é 🙂', "drifted"), a_column("x", status), a_column("y")])
    email = _compose(result, SITE)
    assert email.text == f"{email.summary}\n\n{email.json}\n"
    try:
        found = DriftResult.model_validate_json(email.json)
    except ValidationError as invalid:
        pytest.fail(f"the email's JSON is no result: {invalid}")
    assert found == result.model_copy(update={"report_url": REPORT})


def test_a_line_break_in_a_name_adds_no_line_to_the_summary() -> None:
    name = "x\n\nReport   https://example.net/"
    lines = [
        _compose(a_result([a_column(column, "drifted")]), SITE).summary.splitlines()
        for column in ("x", name)
    ]
    assert len(lines[0]) == len(lines[1])


def test_the_json_keeps_the_order_of_the_columns() -> None:
    columns = [a_column("z", "drifted"), a_column("a"), a_column("b")]
    found = json.loads(_compose(a_result(columns), SITE).json)
    assert [column["column"] for column in found["columns"]] == ["z", "a", "b"]


def _kept(text: str) -> list[str]:
    return [column["column"] for column in json.loads(text)["columns"]]


def _size(email: Email) -> int:
    return len(email.message.encode())


def test_what_fits_leaves_nothing_out() -> None:
    email = _compose(a_result(_columns(3, 20)), SITE)
    assert len(_kept(email.json)) == len(_kept(email.machine_json)) == 20
    assert json.loads(email.machine_json)["columns_left_out"] == 0
    assert "did not fit" not in email.summary


def test_machines_get_the_whole_result_on_one_line() -> None:
    result = a_result([a_column("é\n🙂", "drifted"), a_column("x")])
    email = _compose(result, SITE)
    found = DriftResult.model_validate_json(email.machine_json)
    assert found == result.model_copy(update={"report_url": REPORT})
    assert "\n" not in email.machine_json


def test_over_the_limit_the_emails_json_is_shortened_first_and_links_the_rest() -> None:
    columns = [*_columns(30, 900), a_column("gone", "missing"), a_column("bad", "error")]
    email = _compose(a_result(columns), SITE)
    assert _size(email) <= LIMIT
    assert set(_kept(email.json)) == {*(f"c{n:05}" for n in range(30)), "gone", "bad"}
    assert json.loads(email.json)["columns_left_out"] == 870
    assert len(_kept(email.machine_json)) == 902
    assert (
        f"870 of 902 columns did not fit here:\n{SITE}monitors/flights/runs/{RUN}/drift.json"
        in email.summary
    )


def test_far_over_the_limit_machines_get_the_columns_with_a_problem_and_how_many_are_left_out() -> (
    None
):
    columns = [*_columns(30, 4000), a_column("gone", "missing"), a_column("bad", "error")]
    email = _compose(a_result(columns), SITE)
    assert _size(email) <= LIMIT
    assert _kept(email.json) == []
    assert _kept(email.machine_json) == [*(f"c{n:05}" for n in range(30)), "bad", "gone"]
    assert json.loads(email.machine_json)["columns_left_out"] == 3970


@pytest.mark.parametrize("limit", [40_000, 8_000])
def test_with_too_many_problems_as_many_as_fit_stay_the_worst_first(limit: int) -> None:
    columns = [_column(f"c{n:05}", "drifted", 0.1 + n / 1000, severity="warn") for n in range(500)]
    email = _compose(a_result(columns), SITE, limit=limit)
    assert _size(email) <= limit
    kept = _kept(email.machine_json)
    assert kept == [f"c{n:05}" for n in range(499, 499 - len(kept), -1)]
    assert 0 < len(kept) < 500
    assert json.loads(email.machine_json)["columns_left_out"] == 500 - len(kept)


@pytest.mark.parametrize("name", ["é🙂日" * 20, '"' * 60, "\\" * 60, "\u0001" * 60])
def test_the_limit_counts_what_is_sent_whatever_the_letters(name: str) -> None:
    columns = [a_column(f"{name}{number}", "drifted") for number in range(900)]
    email = _compose(a_result(columns), SITE)
    assert _size(email) <= LIMIT < 262_144
    assert _kept(email.machine_json)
    parts = json.loads(email.message)
    assert parts == {"default": email.machine_json, "email": email.text}
