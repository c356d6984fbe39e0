"""The site's own pages: what they say, and that no name of the user's can break them."""

from html.parser import HTMLParser

import pytest
from builders import HOSTILE, MONDAY, WEEK, a_column, a_result

from drift_monitor.history import History, RunEntry
from drift_monitor.report.evidently_report import Report
from drift_monitor.report.pages import (
    RUNS_SHOWN,
    error_page,
    history_page,
    overview_page,
    report_page,
)
from drift_monitor.results import ColumnDrift, DriftResult

pytestmark = pytest.mark.xdist_group("evidently")

EVIDENTLYS = Report("<html><head></head><body><p>drift</p></body></html>", ["huge"], (5000, 4999))
NOTHING_DRAWN = Report("", ["x"], (0, 0))


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


def _history(*results: DriftResult) -> History:
    history = History(monitor="flights")
    for result in results:
        history = history.including(RunEntry.of(result))
    return history


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
        history_page(_history(result)),
        overview_page([_history(result)]),
    ]


@pytest.mark.parametrize("name", [HOSTILE, "'\"><b>&lt;", "{{ 7 * 7 }}", "<!--", "</title>"])
def test_no_columns_name_and_no_reason_adds_an_element(name: str) -> None:
    for hostile, plain in zip(_all_pages(name), _all_pages("x"), strict=True):
        assert Page(hostile).elements == Page(plain).elements


def test_a_strange_name_is_shown_as_it_is() -> None:
    for page in _all_pages("<b>&amp;{{ 7 * 7 }}")[:3]:
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


def test_the_history_shows_the_newest_run_first() -> None:
    words = Page(history_page(_history(*_weeks(3)))).words
    positions = [words.index(f"{day} 2013 09:30 UTC") for day in ("8 Jul", "1 Jul", "24 Jun")]
    assert positions == sorted(positions)


def test_a_long_history_shows_a_year_and_says_how_many_there_are() -> None:
    page = history_page(_history(*_weeks(RUNS_SHOWN + 3)))
    assert f"the newest {RUNS_SHOWN} of {RUNS_SHOWN + 3} runs" in Page(page).words
    assert page.count(b'aria-label="Report of ') == RUNS_SHOWN


def test_the_history_lists_the_columns_furthest_over_their_threshold_first() -> None:
    columns = [
        a_column("fine", score=0.01),
        a_column("near", score=0.29),
        a_column("far", "drifted", 5.0),
        a_column("over", "drifted", 0.2),
        _p_value("p tiny", 0.0001),
        _p_value("p low", 0.04),
        a_column("skipped", "skipped"),
    ]
    words = Page(history_page(_history(a_result(columns)))).words
    shown = words[words.index("Drift score of each column") :]
    names = ["p tiny", "p low", "far", "over", "near", "fine"]
    positions = {name: shown.index(f" {name} ") for name in names}
    of_p_values, of_distances = ["p tiny", "p low"], ["far", "over", "near", "fine"]
    assert sorted(of_p_values, key=positions.__getitem__) == of_p_values
    assert sorted(of_distances, key=positions.__getitem__) == of_distances
    assert max(positions[name] for name in names[:4]) < min(positions[name] for name in names[4:])
    assert " skipped " not in shown


def _p_value(name: str, score: float) -> ColumnDrift:
    update = {"method": "ks", "threshold": 0.05, "score": score}
    return a_column(name, "drifted").model_copy(update=update)


def test_a_column_that_comes_and_goes_has_a_cell_in_each_run() -> None:
    first = a_result([a_column("x"), a_column("old")])
    second = a_result([a_column("x"), a_column("old", "missing")], scheduled_at=MONDAY + WEEK)
    third = a_result([a_column("x")], scheduled_at=MONDAY + 2 * WEEK)
    elements = Page(history_page(_history(first, second, third))).elements
    cells = elements[elements.index(("table", "class")) :]
    assert len([tag for tag, *_ in cells if tag == "td"]) == 2 * 3


def test_the_overview_has_a_card_per_monitor_the_urgent_first() -> None:
    histories = [
        History(monitor=name).including(RunEntry.of(a_result(columns, monitor=name)))
        for name, columns in {
            "calm": [a_column("x")],
            "moved": [a_column("x", "drifted")],
            "blind": [a_column("x", "error")],
        }.items()
    ]
    words = Page(overview_page([*histories, History(monitor="unborn")])).words
    positions = [words.index(name) for name in ("blind", "moved", "calm")]
    assert positions == sorted(positions)
    assert "unborn" not in words


def test_the_error_page_has_links_that_work_at_any_depth() -> None:
    page = error_page().decode()
    links = [part.partition('"')[0] for part in page.split('href="')[1:]]
    assert links
    assert all(link.startswith(("/", "data:")) for link in links)


@pytest.mark.parametrize(
    "page",
    [
        error_page(),
        history_page(_history(*_weeks(2))),
        overview_page([_history(*_weeks(1))]),
        report_page(NOTHING_DRAWN, a_result(), home=""),
    ],
    ids=["error", "history", "overview", "nothing drawn"],
)
def test_our_pages_are_whole_speak_a_language_and_load_nothing(page: bytes) -> None:
    parsed = Page(page)
    tags = [tag for tag, *_ in parsed.elements]
    assert page.startswith(b"<!DOCTYPE html>")
    assert [tags.count(tag) for tag in ("html", "head", "title", "body", "main", "h1")] == [1] * 6
    assert ("html", "lang") in parsed.elements
    assert not {"script", "img", "iframe"} & set(tags)
    assert b"http:" not in page
    assert b"https:" not in page
