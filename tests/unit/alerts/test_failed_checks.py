"""How failed checks are told: in the history, the messages, the metrics and the pages."""

import json
from html import unescape

import pytest
from support.builders import HOSTILE, a_check, a_column, a_decision, a_monitor, a_result
from support.weeks import a_week

from drift_monitor.alerts.chat import compose_chat
from drift_monitor.alerts.decision import AlertState
from drift_monitor.alerts.email import LIMIT, compose
from drift_monitor.alerts.summary import WIDTH
from drift_monitor.results.checks import CheckResult, FailedChecks, broken_among, failed_first
from drift_monitor.results.run import DriftResult
from drift_monitor.results.words import MOST_CHECKS
from drift_monitor.site.history import HistoryYear, RunEntry
from drift_monitor.site.overview import Overview
from drift_monitor.site.pages.html import CHECKS_SHOWN, history_page, overview_page, report_page
from drift_monitor.site.pages.report import Report
from drift_monitor.telemetry import record_success

SITE = "https://example.com/"
DRAWN = Report("<html><head></head><body><p>drift</p></body></html>", [], (1, 1))
NOTHING_DRAWN = Report("", [], (0, 0))
WARN, CRITICAL = a_check(), a_check(None, check="duplicate_ids", severity="critical")
BROKEN = a_check("y", check="no_values", severity="critical", reason="no value")
PASSED, UNCHECKED = a_check(passed=True), a_check("z", passed=None, reason="the baseline has none")


def _with(result: DriftResult, *checks: CheckResult) -> DriftResult:
    broken = len(broken_among(checks))
    return result.model_copy(
        update={"checks": sorted(checks, key=failed_first), "broken_columns": broken}
    )


@pytest.mark.parametrize(
    ("critical", "warn", "words"),
    [
        (0, 0, ""),
        (0, 1, "1 check failed"),
        (0, 2, "2 checks failed"),
        (1, 0, "1 critical check failed"),
        (2, 0, "2 critical checks failed"),
        (1, 2, "3 checks failed, 1 of them critical"),
    ],
)
def test_the_number_of_failed_checks_in_words(critical: int, warn: int, words: str) -> None:
    assert FailedChecks(critical=critical, warn=warn).words == words


def test_failed_checks_come_first_and_critical_ones_before_all() -> None:
    result = _with(a_result(), PASSED, UNCHECKED, WARN, CRITICAL)
    assert result.checks == [CRITICAL, WARN, UNCHECKED, PASSED]
    assert result.failed_checks == FailedChecks(critical=1, warn=1)


def test_a_line_about_a_run_says_what_failed_first() -> None:
    assert _with(a_result(), CRITICAL).outcome == (
        "1 critical check failed. No drift: 0 of 1 columns drifted"
    )
    assert _with(a_result(), PASSED).outcome == "No drift: 0 of 1 columns drifted"


def test_the_history_counts_failed_checks_and_has_no_word_of_them_where_none_failed() -> None:
    year = HistoryYear(monitor="flights", year=2013)
    runs = [RunEntry.of(a_week(letters, number)) for number, letters in enumerate(["-", "-xy"])]
    for run in runs:
        year.add(run)
    (well, failed) = json.loads(year.to_json())["runs"]
    assert "failed_checks" not in well
    assert failed["failed_checks"] == {"critical": 1, "warn": 1}
    assert HistoryYear.from_json(year.to_json()) == year
    assert HistoryYear.from_json(year.to_json()).before("2014", 2) == runs


CHECK_FAILED = a_decision(AlertState.CHECK_FAILED, severity="critical")


def test_the_email_says_what_failed_before_what_drifted() -> None:
    result = _with(a_result([a_column("x", "drifted")]), PASSED, UNCHECKED, WARN, CRITICAL)
    email = compose(result, CHECK_FAILED, SITE)
    assert email.subject == "Check failed: flights, 2 of 4 checks (2013-06-24)"
    lines = email.body.splitlines()
    assert " ".join(lines[:2]).startswith(
        "2 checks failed, 1 of them critical. Drift: 1 of 1 columns drifted"
    )
    start = lines.index("Failed checks")
    assert lines[start + 1 : start + 5] == [
        "duplicate_ids (critical)",
        "  40% of rows have no value",
        "x: null_share",
        "  40% of rows have no value",
    ]
    assert start < lines.index("Worst columns")
    assert "z" not in lines
    assert email.attributes["severity"] == "critical"
    assert DriftResult.model_validate_json(email.json).checks == result.checks


BROKEN_STATE = a_decision(AlertState.BROKEN, severity="critical")


def test_what_is_broken_is_told_first_and_drift_of_the_others_after_it() -> None:
    columns = [a_column("x", "drifted"), a_column("y", "error"), a_column("z")]
    result = _with(a_result(columns), BROKEN, a_check("z"))
    said = "Broken: 1 of 3 columns. 1 check failed. Drift: 1 of 2 others drifted"
    assert result.outcome == said
    email = compose(result, BROKEN_STATE, SITE)
    assert email.subject == "Broken: flights, 1 column (2013-06-24)"
    lines = email.body.splitlines()
    assert " ".join(lines[:2]).startswith(said)
    assert lines.index("y: no_values (critical)") < lines.index("Worst columns")
    content = json.loads(compose_chat(result, BROKEN_STATE, SITE).json)["content"]
    assert content["title"] == "Broken: flights"
    assert content["description"].startswith(said)


def test_a_table_of_which_nothing_is_left_is_broken() -> None:
    result = _with(a_result([a_column("y", "error")]), BROKEN)
    assert result.outcome == "Broken: 1 of 1 column. No other column could be scored"


def test_a_broken_column_that_is_scored_is_none_of_the_others() -> None:
    stuck = a_check("x", check="constant", severity="critical")
    result = _with(a_result([a_column("x", "drifted"), a_column("y")], status="ok"), stuck)
    assert result.outcome == "Broken: 1 of 2 columns. No drift: 0 of 1 others drifted"


def test_the_history_says_how_many_columns_are_broken() -> None:
    run = RunEntry.of(_with(a_result([a_column("x"), a_column("y", "error")]), BROKEN, WARN))
    assert (run.broken_columns, run.verdict) == (1, "1 column broken, no drift")
    year = HistoryYear(monitor="flights", year=2013)
    year.add(run)
    assert HistoryYear.from_json(year.to_json()).before("2014", 1) == [run]


def test_the_page_says_first_what_is_broken() -> None:
    result = _with(a_result([a_column("x"), a_column("y", "error")]), BROKEN)
    page = report_page(DRAWN, result, home="").decode()
    assert "<title>Broken. No drift" in page
    bar = page[page.index("bar-name") :]
    assert bar.index("Broken: 1 of 2 columns") < bar.index("No drift: 0 of 1 others drifted")


def test_a_warning_is_told_before_drift_and_leaves_the_subject_to_drift() -> None:
    email = compose(_with(a_result(), WARN), a_decision(), SITE)
    assert email.subject.startswith("No drift: flights, 0 of 1 columns")
    assert email.body.startswith("1 check failed. No drift: 0 of 1 columns drifted (0%)\n")
    assert "Failed checks\nx: null_share\n" in email.body


def test_checks_that_all_passed_are_no_words_in_the_email() -> None:
    email = compose(_with(a_result(), PASSED), a_decision(), SITE)
    assert email.body == compose(a_result(), a_decision(), SITE).body


@pytest.mark.parametrize("name", [HOSTILE, "two\nlines", "long " * 100, "é" * 300])
def test_a_summary_stays_short_and_narrow_whatever_fails(name: str) -> None:
    failed = [a_check(f"{name}{number}", reason=f"in {name}") for number in range(500)]
    email = compose(_with(a_result(), *failed), a_decision(), SITE)
    lines = email.body.splitlines()
    assert f"and {500 - MOST_CHECKS} more" in lines
    assert all(len(line) <= WIDTH or line.startswith("https://") for line in lines)
    assert len(lines) < 1000
    assert len(email.message.encode()) <= LIMIT


def test_a_result_that_does_not_fit_keeps_the_failed_checks_and_counts_the_others() -> None:
    columns = [a_column(f"column {number}") for number in range(1000)]
    passed = [a_check(f"column {number}", passed=True) for number in range(2000)]
    result = _with(a_result(columns), *passed, CRITICAL, WARN)
    email = compose(result, CHECK_FAILED, SITE)
    sent = DriftResult.model_validate_json(email.json)
    assert sent.checks == result.checks[: len(sent.checks)]
    assert len(sent.checks) + sent.checks_left_out == len(result.checks)
    assert sent.checks_left_out
    assert len(email.message.encode()) <= LIMIT


def test_the_chat_message_says_what_failed_first() -> None:
    result = _with(a_result([a_column("x", "drifted")]), CRITICAL, a_check("<!here>"), PASSED)
    content = json.loads(compose_chat(result, CHECK_FAILED, SITE).json)["content"]
    assert content["title"] == "Check failed: flights"
    lines = content["description"].splitlines()
    assert lines[0].startswith("2 checks failed, 1 of them critical. Drift: 1 of 1")
    assert lines[2] == "• duplicate_ids: 40% of rows have no value"
    assert "<" not in content["description"]
    assert lines[4].startswith("• x: 0.25")


def test_the_metric_counts_failed_checks_where_any_were_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for checks, count in (((), None), ((PASSED,), [0]), ((PASSED, WARN, CRITICAL), [2])):
        record_success(a_monitor(), _with(a_result(), *checks), 1)
        assert json.loads(capsys.readouterr().out).get("FailedChecks") == count


@pytest.mark.parametrize("report", [DRAWN, NOTHING_DRAWN])
def test_the_bar_says_what_failed_before_what_drifted(report: Report) -> None:
    result = _with(a_result(), PASSED, UNCHECKED, WARN, CRITICAL)
    page = report_page(report, result, home="").decode()
    bar = page[page.index("bar-name") :]
    assert bar.index("2 checks failed, 1 of them critical") < bar.index("No drift: 0 of 1")
    assert "1 of 4 checks passed" in page
    for row in (
        ("the table", "duplicate_ids", "critical", "40% of rows have no value"),
        ("z", "null_share", "not checked", "the baseline has none"),
    ):
        assert '<th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td>'.format(*row) in page


def test_the_bar_says_that_no_check_failed_and_nothing_where_none_was_made() -> None:
    assert "No check failed." in report_page(DRAWN, _with(a_result(), PASSED), home="").decode()
    assert "check" not in report_page(DRAWN, a_result(), home="").decode()


def test_the_bar_lists_the_first_of_very_many() -> None:
    failed = [a_check(f"column {number:03}") for number in range(CHECKS_SHOWN + 7)]
    page = report_page(DRAWN, _with(a_result(), *failed), home="").decode()
    assert page.count("<td>null_share</td>") == CHECKS_SHOWN
    assert "and 7 more" in page


def test_no_name_and_no_reason_of_a_check_adds_an_element() -> None:
    page = report_page(DRAWN, _with(a_result(), a_check(HOSTILE, reason=HOSTILE)), home="").decode()
    assert HOSTILE not in page
    assert unescape(page).count(HOSTILE) == 2


def test_the_history_and_the_overview_say_how_many_checks_failed() -> None:
    year = HistoryYear(monitor="flights", year=2013)
    overview = Overview()
    for number, letters in enumerate(["-", "w", "-x"]):
        entry = RunEntry.of(a_week(letters, number))
        year.add(entry)
        overview = overview.including(f"monitor-{letters}", entry.summary, None)
    failed = '<span class="verdict ">1 check failed, no drift</span>'
    assert history_page([2013], year).decode().count(failed) == 2  # on top, and in the table
    page = overview_page(overview).decode()
    assert failed in page
    assert page.index("monitor--x") < page.index("monitor-w") < page.index("monitors/monitor--/")
