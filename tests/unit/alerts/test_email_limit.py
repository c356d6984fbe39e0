"""What stays of a result that does not fit into one message."""

import json

import pytest
from support.builders import a_check, a_column, a_result
from support.emails import RUN, SITE, compose_quietly, moved_column, with_missing_files

from drift_monitor.alerts.email import LIMIT, Email
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.results.slices import SliceDrift


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
    assert "did not fit" not in email.summary


def test_over_the_limit_the_emails_json_is_shortened_first_and_links_the_rest() -> None:
    columns = [*some_columns(30, 900), a_column("gone", "missing"), a_column("bad", "error")]
    email = compose_quietly(a_result(columns))
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
    ) in email.summary
