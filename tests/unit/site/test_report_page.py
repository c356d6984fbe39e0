"""A run's page: the bar above Evidently's report, or what stands in the report's place."""

import re
from html import unescape

import pytest
from support.builders import HOSTILE, MONDAY, WEEK, a_column, a_result, a_whole_table, without_data
from support.site_pages import EVIDENTLYS, NOTHING_DRAWN, Page

from drift_monitor.results.tables import WindowSummary
from drift_monitor.site.pages.html import moved, report_page
from drift_monitor.site.pages.report import Report


def test_the_bar_says_monitor_verdict_window_and_rows() -> None:
    columns = [a_column("x", "drifted"), a_column("gone", "missing")]
    words = Page(report_page(EVIDENTLYS, a_result(columns), home="")).words
    for said in (
        "flights",
        "Drift: 1 of 1 columns drifted",
        "17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC",
        "6,789 rows against 12,345",
        "plots from a sample of 4,999 and 5,000",
        "2 columns are not shown below",
        "gone missing as it is",
        "huge scored Evidently could not draw it",
    ):
        assert said in words


def test_the_bar_tells_of_files_that_are_missing() -> None:
    result = a_result()
    current = result.current.model_copy(update={"missing_files": ["a.csv", "b.csv"]})
    page = report_page(EVIDENTLYS, result.model_copy(update={"current": current}), home="")
    assert "2 of the window's files missing" in Page(page).words
    assert "files missing" not in Page(report_page(EVIDENTLYS, result, home="")).words


def test_a_run_without_data_says_why_and_shows_no_table_of_columns() -> None:
    page = Page(report_page(Report("", [], (0, 0)), without_data(), home=""))
    for said in (
        "No data",
        "Nothing was compared: current has 12 rows, fewer than minimum_rows (500).",
        "This is neither drift nor its absence.",
        "Missing from current",
        "c/2013-06-23.parquet",
        "1 of the window's files missing",
    ):
        assert said in page.words
    assert "No column has a report" not in page.words
    assert ("table", "class") not in page.elements


def test_of_many_missing_files_the_page_names_fifty() -> None:
    result = without_data(rows=0)
    missing = [f"c/{number:04}.csv" for number in range(1_000)]
    current = result.current.model_copy(update={"missing_files": missing})
    page = report_page(NOTHING_DRAWN, result.model_copy(update={"current": current}), home="")
    words = Page(page).words
    assert "c/0049.csv" in words
    assert "c/0050.csv" not in words
    assert "and 950 more: the JSON has all of them" in words


def test_the_bar_says_of_what_time_a_reference_is() -> None:
    result = a_result()
    window = WindowSummary(start=MONDAY - 2 * WEEK, end=MONDAY - WEEK)
    page = report_page(EVIDENTLYS, result.model_copy(update={"reference_window": window}), home="")
    said = "against 12,345 of 10 Jun 2013 09:30 to 17 Jun 2013 09:30 UTC"
    assert said in Page(page).words
    assert "against 12,345 of" not in Page(report_page(EVIDENTLYS, result, home="")).words


@pytest.mark.parametrize("report", [EVIDENTLYS, NOTHING_DRAWN])
@pytest.mark.parametrize("home", ["", "../../", "../../../"])
def test_the_bars_links_start_at_the_pages_own_depth(report: Report, home: str) -> None:
    page = report_page(report, a_result(), home=home).decode()
    for link in (
        "monitors/flights/index.html",
        "monitors/flights/history.html",
        "monitors/flights/runs/20130624T093000Z/drift.json",
        "index.html",
    ):
        assert f'href="{home}{link}"' in page


def test_a_report_moves_to_the_front_with_its_links_and_nothing_else() -> None:
    mine = 'x = "../../../monitors"; y = "<!--drift-monitor-->../../../<!--/drift-monitor-->"'
    html = f"<html><head></head><body><script>{mine}</script></body></html>"
    for report in (Report(html, [], (1, 1)), NOTHING_DRAWN):
        result = a_result([a_column('"../../../', "error")])
        page = report_page(report, result, home="../../../")
        for home in ("", "../../"):
            assert moved(page, home) == report_page(report, result, home=home)


def _all_pages(name: str) -> list[bytes]:
    columns = [
        a_column(f"{name} drifted", "drifted"),
        a_column(f"{name} ok"),
        a_column(f"{name} new", "new").model_copy(update={"reason": name}),
    ]
    result = a_result(columns)
    undrawn = Report(EVIDENTLYS.html, [name], (1, 1))
    return [
        report_page(undrawn, result, home="../"),
        report_page(NOTHING_DRAWN, result, home="../"),
    ]


@pytest.mark.parametrize("name", [HOSTILE, "'\"><b>&lt;", "{{ 7 * 7 }}", "<!--", "</title>"])
def test_no_columns_name_and_no_reason_adds_an_element(name: str) -> None:
    for hostile, plain in zip(_all_pages(name), _all_pages("x"), strict=True):
        assert Page(hostile).elements == Page(plain).elements


def test_a_strange_name_is_shown_as_it_is() -> None:
    for page in _all_pages("<b>&amp;{{ 7 * 7 }}"):
        assert "<b>&amp;{{ 7 * 7 }} " in Page(page).words


def test_evidentlys_page_may_reach_no_other_host() -> None:
    page = report_page(EVIDENTLYS, a_result(), home="").decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert page.index("<head>") < policy.start() < page.index("<title>")
    rules = dict(rule.split(" ", 1) for rule in unescape(policy[1]).split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert "http" not in policy[1]


def test_the_bar_says_what_all_columns_show_together() -> None:
    result = a_result().model_copy(update={"whole_table": a_whole_table()})
    assert "Together: AUC 0.714 ≥ 0.55" in Page(report_page(EVIDENTLYS, result, home="")).words
    assert "Together" not in Page(report_page(EVIDENTLYS, a_result(), home="")).words
