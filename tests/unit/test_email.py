"""When people are told of a run, and what."""

import json

import pytest
from builders import MONDAY, WEEK, a_column, a_result
from pydantic import ValidationError

from drift_monitor.email import LIMIT, Email, compose, is_due
from drift_monitor.history import RunEntry
from drift_monitor.monitor import Alerts
from drift_monitor.results import ColumnDrift, DriftResult

SITE = "https://example.com/site/"
RUN = "20130624T093000Z"
LONGEST = "x" * 48


def _before(status: str, **columns: str) -> RunEntry:
    of_columns = [a_column(name, column) for name, column in columns.items()]
    return RunEntry.of(a_result(of_columns, scheduled_at=MONDAY - WEEK, status=status))


@pytest.mark.parametrize(
    ("when", "status", "previous", "due"),
    [
        ("always", "ok", None, True),
        ("always", "ok", _before("ok", x="ok"), True),
        ("always", "drifted", _before("drifted", x="ok"), True),
        ("on_drift", "ok", None, False),
        ("on_drift", "ok", _before("drifted", x="drifted"), False),
        ("on_drift", "drifted", None, True),
        ("on_drift", "drifted", _before("drifted", x="ok"), True),
        ("on_drift", "error", None, True),
        ("on_change", "ok", None, True),
        ("on_change", "ok", _before("ok", x="ok"), False),
        ("on_change", "ok", _before("drifted", x="ok"), True),
        ("on_change", "drifted", _before("ok", x="ok"), True),
        ("on_change", "ok", _before("ok", x="drifted"), True),
        ("on_change", "ok", _before("ok", x="ok", y="ok"), True),
        ("on_change", "ok", _before("ok"), True),
        ("on_change", "error", _before("error", x="ok"), True),
    ],
)
def test_who_asked_is_told(when: str, status: str, previous: RunEntry | None, *, due: bool) -> None:
    alerts = Alerts.model_validate({"when": when})
    result = a_result([a_column("x", "ok")], status=status)
    assert is_due(alerts, result, previous) is due


def test_a_change_of_score_alone_is_no_change() -> None:
    alerts = Alerts(when="on_change")
    assert not is_due(alerts, a_result([a_column("x", "ok", 0.01)]), _before("ok", x="ok"))


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
    subject = compose(result, SITE).subject
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100


@pytest.mark.parametrize(
    ("columns", "subject"),
    [
        ([a_column("x")], "No drift: flights, 0 of 1 columns (2013-06-24)"),
        ([a_column("x", "drifted")], "Drift: flights, 1 of 1 columns (2013-06-24)"),
        ([a_column("x", "new")], "Not scored: flights, 0 of 0 columns (2013-06-24)"),
    ],
)
def test_the_subject_says_the_verdict(columns: list[ColumnDrift], subject: str) -> None:
    assert compose(a_result(columns), SITE).subject == subject


def test_the_summary_says_first_what_people_need() -> None:
    columns = [
        a_column("dep_delay", "drifted", 0.314159),
        a_column("carrier", "ok", 0.05),
        a_column("gone", "missing"),
        a_column("row", "skipped"),
    ]
    lines = compose(a_result(columns), SITE).summary.splitlines()
    assert lines == [
        "Drift: 1 of 2 columns drifted (50%; the table counts as drifted from 50%).",
        "flights, 17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC: 6,789 rows against 12,345.",
        "",
        "Drifted",
        "  dep_delay: 0.314 ≥ 0.1 (wasserstein)",
        "",
        "Not compared",
        "  gone: missing, as it is",
        "",
        f"Report   {SITE}reports/flights/{RUN}/index.html",
        f"History  {SITE}monitors/flights/history.html",
    ]


def _with_missing_files(result: DriftResult, count: int) -> DriftResult:
    missing = [f"s3://bucket/table/{number:05}/00.parquet" for number in range(count)]
    current = result.current.model_copy(update={"missing_files": missing})
    return result.model_copy(update={"current": current})


def test_the_summary_tells_of_missing_files() -> None:
    sentence = (
        "Files of the window are not there: 3, the first is s3://bucket/table/00000/00.parquet"
    )
    assert sentence in compose(_with_missing_files(a_result(), 3), SITE).summary
    assert "not there" not in compose(a_result(), SITE).summary


def test_however_many_files_are_missing_the_email_stays_within_the_limit() -> None:
    result = _with_missing_files(a_result([a_column("x", "drifted")]), 9_999)
    email = compose(result, SITE)
    assert len(email.text.encode()) <= LIMIT
    assert _kept(email) == ["x"]


def test_an_email_is_named_and_marked_for_filters() -> None:
    email = compose(a_result([a_column("x", "drifted")]), SITE)
    assert email.name == f"flights-{RUN}"
    assert email.attributes == {"monitor": "flights", "status": "drifted"}


@pytest.mark.parametrize("status", ["ok", "drifted", "skipped", "missing", "new", "error"])
def test_the_json_at_the_end_of_the_text_is_the_result(status: str) -> None:
    result = a_result([a_column('"}\n{ é 🙂', "drifted"), a_column("x", status), a_column("y")])
    email = compose(result, SITE)
    assert email.text == f"{email.summary}\n\n{email.json}\n"
    try:
        found = DriftResult.model_validate_json(email.json)
    except ValidationError as invalid:
        pytest.fail(f"the email's JSON is no result: {invalid}")
    assert found == result


def test_a_line_break_in_a_name_adds_no_line_to_the_summary() -> None:
    name = "x\n\nReport   https://example.net/"
    lines = [
        compose(a_result([a_column(column, "drifted")]), SITE).summary.splitlines()
        for column in ("x", name)
    ]
    assert len(lines[0]) == len(lines[1])


def test_the_json_keeps_the_order_of_the_columns() -> None:
    columns = [a_column("z", "drifted"), a_column("a"), a_column("b")]
    found = json.loads(compose(a_result(columns), SITE).json)
    assert [column["column"] for column in found["columns"]] == ["z", "a", "b"]


def _kept(email: Email) -> list[str]:
    return [column["column"] for column in json.loads(email.json)["columns"]]


def test_what_fits_leaves_nothing_out() -> None:
    email = compose(a_result(_columns(3, 20)), SITE)
    assert len(_kept(email)) == 20
    assert "did not fit" not in email.summary


def test_over_the_limit_columns_with_a_problem_stay_and_the_rest_is_linked() -> None:
    columns = [*_columns(30, 2000), a_column("gone", "missing"), a_column("bad", "error")]
    email = compose(a_result(columns), SITE)
    assert len(email.text.encode()) <= LIMIT
    assert _kept(email) == [*(f"c{n:05}" for n in range(30)), "gone", "bad"]
    assert (
        f"1970 of 2002 columns did not fit here: {SITE}monitors/flights/runs/{RUN}/drift.json"
        in email.summary
    )


@pytest.mark.parametrize("limit", [40_000, 5_000])
def test_with_too_many_problems_as_many_as_fit_stay_the_drifted_first(limit: int) -> None:
    columns = [*_columns(500, 500), *(a_column(f"gone {n}", "missing") for n in range(500))]
    email = compose(a_result(columns), SITE, limit=limit)
    assert len(email.text.encode()) <= limit
    kept = _kept(email)
    assert kept
    assert kept == [f"c{n:05}" for n in range(len(kept))]
    assert f"{1000 - len(kept)} of 1000 columns did not fit here" in email.summary


def test_the_limit_counts_bytes_not_letters() -> None:
    columns = [a_column("é🙂日" * 20 + str(n), "drifted") for n in range(900)]
    email = compose(a_result(columns), SITE)
    assert len(email.text.encode()) <= LIMIT < 262_144
    assert _kept(email)
