"""An email as a whole: its subject, its marks, and the JSON in it."""

import json

import pytest
from pydantic import ValidationError
from support.builders import a_check, a_column, a_decision, a_result, without_data
from support.emails import RUN, SITE, compose_quietly, moved_column, with_missing_files

from drift_monitor.alerts.decision import AlertState
from drift_monitor.alerts.email import LIMIT, Email, compose
from drift_monitor.config.drift import Severity
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.results.run import DriftResult
from drift_monitor.results.slices import SliceDrift

REPORT = f"{SITE}reports/flights/{RUN}/index.html"
LONGEST = "x" * 48


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
    subject = compose_quietly(result).subject
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100


@pytest.mark.parametrize(
    ("state", "severity", "subject"),
    [
        (AlertState.QUIET, None, "No drift: flights, 1 of 2 columns (2013-06-24)"),
        (AlertState.DRIFT, "warn", "Drift: flights, 1 of 2 columns (2013-06-24)"),
        (AlertState.DRIFT, "critical", "Critical drift: flights, 1 of 2 columns (2013-06-24)"),
        (AlertState.WORSE, "critical", "Critical drift: flights, 1 of 2 columns (2013-06-24)"),
        (AlertState.STILL, "warn", "Still drifting: flights, 1 of 2 columns (2013-06-24)"),
        (AlertState.STILL, "critical", "Still critical: flights, 1 of 2 columns (2013-06-24)"),
        (AlertState.RECOVERED, None, "Recovered: flights, 1 of 2 columns (2013-06-24)"),
        (AlertState.UNCONFIRMED, None, "Unconfirmed drift: flights, 1 of 2 columns (2013-06-24)"),
        (AlertState.NOT_SCORED, None, "Not scored: flights (2013-06-24)"),
    ],
)
def test_the_subject_begins_with_the_state(
    state: AlertState, severity: Severity | None, subject: str
) -> None:
    result = a_result([a_column("x", "drifted"), a_column("y")])
    assert compose(result, a_decision(state, severity=severity), SITE).subject == subject


@pytest.mark.parametrize(
    ("current", "reference", "what"),
    [
        (0, 12_345, "0 rows of current"),
        (6_789, 1, "1 row of reference"),
        (3, 2, "2 rows of reference"),
        (0, 0, "0 rows of current"),
    ],
)
def test_the_subject_of_a_run_without_data_names_the_side_with_fewer_rows(
    current: int, reference: int, what: str
) -> None:
    result = without_data(rows=current)
    few = result.reference.model_copy(update={"rows": reference})
    result = result.model_copy(update={"reference": few})
    email = compose(result, a_decision(AlertState.NO_DATA), SITE)
    assert email.subject == f"No data: flights, {what} (2013-06-24)"


def test_an_email_is_named_and_marked_for_filters() -> None:
    email = compose_quietly(a_result([a_column("x", "drifted")]))
    assert email.name == f"flights-{RUN}"
    assert email.attributes == {"monitor": "flights", "status": "drifted", "severity": "none"}


@pytest.mark.parametrize("status", ["ok", "drifted", "skipped", "missing", "new", "error"])
def test_the_json_at_the_end_of_the_text_is_the_result(status: str) -> None:
    result = a_result([a_column('"}\n{ é 🙂', "drifted"), a_column("x", status), a_column("y")])
    email = compose_quietly(result)
    assert email.text == f"{email.body}\n\n{email.json}\n"
    try:
        found = DriftResult.model_validate_json(email.json)
    except ValidationError as invalid:
        pytest.fail(f"the email's JSON is no result: {invalid}")
    assert found == result.model_copy(update={"report_url": REPORT})


def test_the_json_keeps_the_order_of_the_columns() -> None:
    columns = [a_column("z", "drifted"), a_column("a"), a_column("b")]
    found = json.loads(compose_quietly(a_result(columns)).json)
    assert [column["column"] for column in found["columns"]] == ["z", "a", "b"]


def test_machines_get_the_whole_result_on_one_line() -> None:
    result = a_result([a_column("é\n🙂", "drifted"), a_column("x")])
    email = compose_quietly(result)
    found = DriftResult.model_validate_json(email.machine_json)
    assert found == result.model_copy(update={"report_url": REPORT})
    assert "\n" not in email.machine_json


def _kept(text: str) -> list[str]:
    return [column["column"] for column in json.loads(text)["columns"]]


def _size(email: Email) -> int:
    return len(email.message.encode())


def some_columns(drifted: int, of: int) -> list[ColumnDrift]:
    return [a_column(f"c{n:05}", "drifted" if n < drifted else "ok") for n in range(of)]


def test_however_many_files_are_missing_the_email_stays_within_the_limit() -> None:
    found = a_result([a_column("x", "drifted")])
    result = with_missing_files(found, 9_999, "reference", "current")
    email = compose_quietly(result)
    assert _size(email) <= LIMIT
    assert _kept(email.json) == _kept(email.machine_json) == ["x"]


def test_what_fits_leaves_nothing_out() -> None:
    email = compose_quietly(a_result(some_columns(3, 20)))
    assert len(_kept(email.json)) == len(_kept(email.machine_json)) == 20
    assert json.loads(email.machine_json)["columns_left_out"] == 0
    assert "did not fit" not in email.body


def test_over_the_limit_the_emails_json_is_shortened_first_and_links_the_rest() -> None:
    columns = [*some_columns(30, 900), a_column("gone", "missing"), a_column("bad", "error")]
    email = compose_quietly(a_result(columns))
    assert _size(email) <= LIMIT
    assert set(_kept(email.json)) == {*(f"c{n:05}" for n in range(30)), "gone", "bad"}
    assert json.loads(email.json)["columns_left_out"] == 870
    assert len(_kept(email.machine_json)) == 902
    assert (
        f"870 of 902 columns did not fit here:\n{SITE}monitors/flights/runs/{RUN}/drift.json"
        in email.body
    )


def test_far_over_the_limit_machines_get_the_columns_with_a_problem_and_how_many_are_left_out() -> (
    None
):
    columns = [*some_columns(30, 4000), a_column("gone", "missing"), a_column("bad", "error")]
    email = compose_quietly(a_result(columns))
    assert _size(email) <= LIMIT
    assert _kept(email.json) == []
    assert _kept(email.machine_json) == [*(f"c{n:05}" for n in range(30)), "bad", "gone"]
    assert json.loads(email.machine_json)["columns_left_out"] == 3970


@pytest.mark.parametrize("limit", [40_000, 8_000])
def test_with_too_many_problems_as_many_as_fit_stay_the_worst_first(limit: int) -> None:
    columns = [
        moved_column(f"c{n:05}", "drifted", 0.1 + n / 1000, severity="warn") for n in range(500)
    ]
    email = compose_quietly(a_result(columns), limit=limit)
    assert _size(email) <= limit
    kept = _kept(email.machine_json)
    assert kept == [f"c{n:05}" for n in range(499, 499 - len(kept), -1)]
    assert 0 < len(kept) < 500
    assert json.loads(email.machine_json)["columns_left_out"] == 500 - len(kept)


@pytest.mark.parametrize("name", ["é🙂日" * 20, '"' * 60, "\\" * 60, "\u0001" * 60])
def test_the_limit_counts_what_is_sent_whatever_the_letters(name: str) -> None:
    columns = [a_column(f"{name}{number}", "drifted") for number in range(900)]
    email = compose_quietly(a_result(columns))
    assert _size(email) <= LIMIT < 262_144
    assert _kept(email.machine_json)
    parts = json.loads(email.message)
    assert parts == {"default": email.machine_json, "email": email.text}


def test_checks_and_slices_that_did_not_fit_are_said_where_every_column_did() -> None:
    checks = [a_check(f"c{n:05}", passed=True) for n in range(2_000)]
    a_slice = SliceDrift(by=["carrier"], values=["UA"], status="ok")
    result = a_result([a_column("x", "drifted")]).model_copy(
        update={"checks": checks, "slices": [a_slice]}
    )
    email = compose_quietly(result)
    assert _size(email) <= LIMIT
    assert json.loads(email.json)["columns_left_out"] == 0
    assert (
        "\n\n2000 of 2000 checks, 1 of 1 slices did not fit here:\n"
        f"{SITE}monitors/flights/runs/{RUN}/drift.json"
    ) in email.body
