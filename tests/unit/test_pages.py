"""The site's own pages: what they say, and that no name of the user's can break them."""

import json
import random
import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from builders import HOSTILE, MONDAY, WEEK, a_column, a_result, without_data

from drift_monitor.history import HistoryYear, RunEntry
from drift_monitor.overview import Overview
from drift_monitor.report.assets import assets, assets_folder
from drift_monitor.report.evidently_report import Report
from drift_monitor.report.pages import (
    RUNS_SHOWN,
    column_page,
    error_page,
    history_page,
    moved,
    overview_page,
    report_page,
)
from drift_monitor.results import DriftResult, WindowSummary

pytestmark = pytest.mark.xdist_group("evidently")

EVIDENTLYS = Report("<html><head></head><body><p>drift</p></body></html>", ["huge"], (5000, 4999))
NOTHING_DRAWN = Report("", ["x"], (0, 0))
SCHEDULE = "cron(30 9 ? * MON *)"


class Page(HTMLParser):
    """The elements and the words of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.words = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.words += " " + " ".join(data.split())


def _year(*results: DriftResult) -> HistoryYear:
    year = HistoryYear(monitor="flights", year=2013)
    for result in results:
        year.add(RunEntry.of(result))
    return year


def _overview(*results: DriftResult) -> Overview:
    overview = Overview()
    for result in results:
        overview = overview.including(result.monitor, RunEntry.of(result).summary, SCHEDULE)
    return overview


def _weeks(count: int) -> list[DriftResult]:
    return [a_result([a_column("x")], scheduled_at=MONDAY + week * WEEK) for week in range(count)]


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


def test_the_bar_says_monitor_verdict_window_and_rows() -> None:
    columns = [a_column("x", "drifted"), a_column("gone", "missing")]
    words = Page(report_page(EVIDENTLYS, a_result(columns), home="")).words
    for said in (
        "flights",
        "Drift: 1 of 1 columns drifted",
        "17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC",
        "6,789 rows against 12,345",
        "pictures from a sample of 4,999 and 5,000",
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


def test_the_history_shows_the_newest_run_first() -> None:
    words = Page(history_page([2013], _year(*_weeks(3)))).words
    positions = [words.index(f"{day} 2013 09:30 UTC") for day in ("8 Jul", "1 Jul", "24 Jun")]
    assert positions == sorted(positions)


def test_a_long_history_shows_a_year_without_script() -> None:
    page = history_page([2013], _year(*_weeks(RUNS_SHOWN + 3)))
    assert page.count(b'aria-label="JSON of ') == RUNS_SHOWN


@pytest.mark.parametrize("page_of", [history_page, column_page])
def test_the_scripts_find_the_years_and_the_methods_on_the_page(page_of: object) -> None:
    page = page_of([2012, 2013], _year(*_weeks(1))).decode()  # type: ignore[operator]
    assert _data(page, "years") == [2012, 2013]
    methods = _data(page, "methods")
    assert methods["ks"] == {"title": "K-S p_value", "is_p_value": True}
    assert methods["wasserstein"]["is_p_value"] is False


def _data(page: str, element: str) -> object:
    found = re.search(f'<script type="application/json" id="{element}">(.*?)</script>', page)
    assert found
    return json.loads(unescape(found[1]))


def test_the_overview_has_a_card_per_monitor_the_urgent_first() -> None:
    drifted = [a_column("x", "drifted"), a_column("y", "drifted")]
    results = [
        a_result([a_column("x")], monitor="calm"),
        a_result([a_column("x", "drifted"), a_column("y")], monitor="moved"),
        a_result(drifted, monitor="moved more"),
        a_result(drifted, monitor="alarming").model_copy(update={"severity": "critical"}),
        a_result([a_column("x", "error")], monitor="blind"),
    ]
    words = Page(overview_page(_overview(*results))).words
    order = ("blind", "alarming", "moved more", "moved", "calm")
    positions = [words.index(f" {name} ") for name in order]
    assert positions == sorted(positions)
    assert "critical drift" in words


def test_a_monitor_without_data_is_urgent_and_its_card_says_so() -> None:
    results = [
        a_result([a_column("x", "drifted")], monitor="moved"),
        without_data(monitor="empty"),
    ]
    words = Page(overview_page(_overview(*results))).words
    assert words.index(" empty ") < words.index(" moved ")
    assert "nothing was compared" in words
    assert "24 Jun 2013 09:30 UTC, 12 rows" in words


def test_the_history_says_which_runs_had_no_data() -> None:
    year = _year(a_result(), without_data(MONDAY + WEEK))
    words = Page(history_page([2013], year)).words
    lead, table = words.split("Window Verdict Drifted Rows Data")
    assert "no data" in lead
    assert "0 of 0" not in words
    assert "24 Jun 2013 09:30 to 1 Jul 2013 09:30 UTC no data \N{EN DASH} 12 JSON" in table


def test_a_card_says_when_the_monitor_ran_and_when_it_runs() -> None:
    words = Page(overview_page(_overview(a_result(), a_result(monitor="other")))).words
    assert "Last run 24 Jun 2013 09:30 UTC" in words
    assert "Next run 1 Jul 2013 09:30 UTC" in words


def test_a_sparkline_has_a_bar_per_run_and_says_what_it_shows() -> None:
    results = [
        a_result(
            [a_column("x", "drifted" if week == 1 else "ok"), a_column("y")],
            scheduled_at=MONDAY + week * WEEK,
        )
        for week in range(3)
    ]
    page = overview_page(_overview(*results, a_result(monitor="other"))).decode()
    assert "Drifted columns in the last 3 runs: from 0% to 50%, last 0%" in page
    assert "One run: 0% of columns drifted" in page
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', page)]
    assert heights[1] == 50
    assert 0 < heights[0] == heights[2] < 10


def test_a_sparkline_tells_runs_without_data_from_those_without_drift() -> None:
    runs = [a_result([a_column("x")]), without_data(MONDAY + WEEK)]
    only = without_data(monitor="empty")
    page = overview_page(_overview(*runs, only)).decode()
    assert 'aria-label="No data yet"' in page
    assert "Drifted columns in the last 2 runs, 1 without data: from 0% to 0%, last 0%" in page
    assert page.count('<rect class="no_data"') == 2
    assert "<title>20130701T093000Z: no data</title>" in page


def test_the_error_page_has_links_that_work_at_any_depth() -> None:
    page = error_page().decode()
    links = [part.partition('"')[0] for part in page.split('href="')[1:]]
    assert links
    assert all(link.startswith(("/", "data:", "#")) for link in links)


_OURS = {
    "error": error_page(),
    "history": history_page([2013], _year(*_weeks(2))),
    "column": column_page([2013], _year(*_weeks(2))),
    "overview": overview_page(_overview(a_result(), a_result(monitor="other"))),
    "nothing drawn": report_page(NOTHING_DRAWN, a_result(), home=""),
}


@pytest.mark.parametrize("page", _OURS.values(), ids=_OURS)
def test_our_pages_are_whole_speak_a_language_and_load_only_what_is_ours(page: bytes) -> None:
    parsed = Page(page)
    tags = [tag for tag, *_ in parsed.elements]
    assert page.startswith(b"<!DOCTYPE html>")
    assert [tags.count(tag) for tag in ("html", "head", "body", "main", "h1")] == [1] * 5
    assert page.partition(b"</head>")[0].count(b"<title>") == 1
    assert ("html", "lang") in parsed.elements
    assert not {"img", "iframe", "style"} & set(tags)
    assert b"http:" not in page
    assert b"https:" not in page
    loaded = re.findall(rb'(?:src|rel="stylesheet" href)="(?:\.\./|/)*([^"]+)"', page)
    assert loaded
    assert {name.decode() for name in loaded} <= {f"assets/{name}" for name in assets()}


@pytest.mark.parametrize("page", _OURS.values(), ids=_OURS)
def test_our_pages_allow_no_code_and_no_style_that_is_not_a_file_of_ours(page: bytes) -> None:
    text = page.decode()
    assert (
        "default-src &#39;none&#39;; script-src &#39;self&#39;; style-src &#39;self&#39;;" in text
    )
    elements = Page(page).elements
    assert not [e for e in elements if any(name.startswith("on") for name in e[1:])]
    assert not [e for e in elements if "style" in e[1:]]
    assert all({"src", "type"} & set(e[1:]) for e in elements if e[0] == "script")


def test_evidentlys_page_may_reach_no_other_host() -> None:
    page = report_page(EVIDENTLYS, a_result(), home="").decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert page.index("<head>") < policy.start() < page.index("<title>")
    rules = dict(rule.split(" ", 1) for rule in unescape(policy[1]).split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert "http" not in policy[1]


def test_a_file_of_ours_lies_in_a_folder_named_after_the_content() -> None:
    assert all(f"assets/{name}".startswith(f"{assets_folder()}/") for name in assets())
    scripts = {name.partition("/")[2]: body.decode() for name, body in assets().items()}
    imported = {
        file
        for name, body in scripts.items()
        if name.endswith(".js")
        for file in re.findall(r'from "\./([^"]+)"', body)
    }
    assert imported
    assert imported <= set(scripts)


def test_two_hundred_runs_of_fifty_columns_weigh_less_than_half_a_megabyte() -> None:
    chance = random.Random(7)  # noqa: S311 - numbers with all their digits
    year = HistoryYear(monitor="flights", year=2013)
    for day in range(200):
        columns = [a_column(f"column_{number:02}", score=chance.random()) for number in range(50)]
        year.add(RunEntry.of(a_result(columns, scheduled_at=MONDAY + timedelta(days=day))))
    others = {"bar.js", "column.js", "column-charts.js", "overview.js", "profiles.js", "sides.js"}
    loaded = [
        body
        for name, body in assets().items()
        if name.endswith((".css", ".js")) and name.partition("/")[2] not in others
    ]
    page = history_page([2013], year)
    assert len(page) + len(year.to_json()) + sum(map(len, loaded)) < 500_000
