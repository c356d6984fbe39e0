"""An email as a whole: its subject, its marks, and the JSON in it."""

import json

import pytest
from pydantic import ValidationError
from support.builders import a_column, a_decision, a_result, without_data
from support.emails import RUN, SITE, compose_quietly

from drift_monitor.alerts.decision import State
from drift_monitor.alerts.email import compose
from drift_monitor.config.drift import Severity
from drift_monitor.results.run import DriftResult

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
        (State.QUIET, None, "No drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.DRIFT, "warn", "Drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.DRIFT, "critical", "Critical drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.WORSE, "critical", "Critical drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.STILL, "warn", "Still drifting: flights, 1 of 2 columns (2013-06-24)"),
        (State.STILL, "critical", "Still critical: flights, 1 of 2 columns (2013-06-24)"),
        (State.RECOVERED, None, "Recovered: flights, 1 of 2 columns (2013-06-24)"),
        (State.UNCONFIRMED, None, "Unconfirmed drift: flights, 1 of 2 columns (2013-06-24)"),
        (State.NOT_SCORED, None, "Not scored: flights (2013-06-24)"),
    ],
)
def test_the_subject_begins_with_the_state(
    state: State, severity: Severity | None, subject: str
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
    email = compose(result, a_decision(State.NO_DATA), SITE)
    assert email.subject == f"No data: flights, {what} (2013-06-24)"


def test_an_email_is_named_and_marked_for_filters() -> None:
    email = compose_quietly(a_result([a_column("x", "drifted")]))
    assert email.name == f"flights-{RUN}"
    assert email.attributes == {"monitor": "flights", "status": "drifted", "severity": "none"}


@pytest.mark.parametrize("status", ["ok", "drifted", "skipped", "missing", "new", "error"])
def test_the_json_at_the_end_of_the_text_is_the_result(status: str) -> None:
    result = a_result([a_column('"}\n{ é 🙂', "drifted"), a_column("x", status), a_column("y")])
    email = compose_quietly(result)
    assert email.text == f"{email.summary}\n\n{email.json}\n"
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
