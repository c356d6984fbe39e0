"""The site's own pages: what they say, what they load, and how little they weigh."""

import json
import random
import re
from datetime import timedelta

import pytest
from support.builders import MONDAY, WEEK, a_column, a_result, without_data
from support.site_pages import NOTHING_DRAWN, Page, overview_of, year_of

from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import HistoryYear, RunEntry
from drift_monitor.site.pages.assets import assets, assets_folder
from drift_monitor.site.pages.html import (
    RUNS_SHOWN,
    column_page,
    error_page,
    history_page,
    overview_page,
    report_page,
)


def _weeks(count: int) -> list[DriftResult]:
    return [a_result([a_column("x")], scheduled_at=MONDAY + week * WEEK) for week in range(count)]


def test_the_history_shows_the_newest_run_first() -> None:
    words = Page(history_page([2013], year_of(*_weeks(3)))).words
    positions = [words.index(f"{day} 2013 09:30 UTC") for day in ("8 Jul", "1 Jul", "24 Jun")]
    assert positions == sorted(positions)


def test_a_long_history_shows_a_year_without_script() -> None:
    page = history_page([2013], year_of(*_weeks(RUNS_SHOWN + 3)))
    assert page.count(b'aria-label="JSON of ') == RUNS_SHOWN


@pytest.mark.parametrize("page_of", [history_page, column_page])
def test_the_scripts_find_the_years_on_the_page(page_of: object) -> None:
    page = page_of([2012, 2013], year_of(*_weeks(1))).decode()  # type: ignore[operator]
    found = re.search('<script type="application/json" id="years">(.*?)</script>', page)
    assert found
    assert json.loads(found[1]) == [2012, 2013]


def test_the_history_says_which_runs_had_no_data() -> None:
    year = year_of(a_result(), without_data(MONDAY + WEEK))
    words = Page(history_page([2013], year)).words
    lead, table = words.split("Window Verdict Drifted Rows Data")
    assert "no data" in lead
    assert "0 of 0" not in words
    assert "24 Jun 2013 09:30 to 1 Jul 2013 09:30 UTC no data \N{EN DASH} 12 JSON" in table


def test_a_run_whose_columns_weigh_nothing_shows_no_share() -> None:
    unweighed = a_result([a_column("x", "drifted")], status="error")
    unweighed = unweighed.model_copy(update={"is_weighted": True, "drifted_share": 0.0})
    for page in (
        history_page([2013], year_of(unweighed)),
        overview_page(overview_of(unweighed, unweighed.model_copy(update={"monitor": "other"}))),
    ):
        words = Page(page).words
        assert "not scored" in words
        assert "1 of 1" not in words
        assert "0%" not in words


def test_an_overview_has_no_line_where_one_drifted_column_is_enough() -> None:
    runs = [a_result([a_column("x", "drifted")], monitor=name) for name in ("one", "other")]
    for share, lines in ((0.5, 2), (None, 0)):
        page = overview_page(
            overview_of(
                *(run.model_copy(update={"drifted_share_threshold": share}) for run in runs)
            )
        )
        assert page.count(b"<line ") == lines


def test_the_error_page_has_links_that_work_at_any_depth() -> None:
    page = error_page().decode()
    links = [part.partition('"')[0] for part in page.split('href="')[1:]]
    assert links
    assert all(link.startswith(("/", "data:", "#")) for link in links)


_OURS = {
    "error": error_page(),
    "history": history_page([2013], year_of(*_weeks(2))),
    "column": column_page([2013], year_of(*_weeks(2))),
    "overview": overview_page(overview_of(a_result(), a_result(monitor="other"))),
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
