"""The overview: the urgent first, and a small chart of each monitor."""

import re

from support.builders import MONDAY, WEEK, a_column, a_result, without_data
from support.site_pages import Page, overview_of

from drift_monitor.site.pages.html import overview_page


def test_the_overview_has_a_card_per_monitor_the_urgent_first() -> None:
    drifted = [a_column("x", "drifted"), a_column("y", "drifted")]
    results = [
        a_result([a_column("x")], monitor="calm"),
        a_result([a_column("x", "drifted"), a_column("y")], monitor="moved"),
        a_result(drifted, monitor="moved more"),
        a_result(drifted, monitor="alarming").model_copy(update={"severity": "critical"}),
        a_result([a_column("x", "error")], monitor="blind"),
    ]
    words = Page(overview_page(overview_of(*results))).words
    order = ("blind", "alarming", "moved more", "moved", "calm")
    positions = [words.index(f" {name} ") for name in order]
    assert positions == sorted(positions)
    assert "critical drift" in words


def test_a_monitor_without_data_is_urgent_and_its_card_says_so() -> None:
    results = [
        a_result([a_column("x", "drifted")], monitor="moved"),
        without_data(monitor="empty"),
    ]
    words = Page(overview_page(overview_of(*results))).words
    assert words.index(" empty ") < words.index(" moved ")
    assert "nothing was compared" in words
    assert "24 Jun 2013 09:30 UTC, 12 rows" in words


def test_a_card_says_when_the_monitor_ran_and_when_it_runs() -> None:
    words = Page(overview_page(overview_of(a_result(), a_result(monitor="other")))).words
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
    page = overview_page(overview_of(*results, a_result(monitor="other"))).decode()
    assert "Drifted columns in the last 3 runs: from 0% to 50%, last 0%" in page
    assert "One run: 0% of columns drifted" in page
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', page)]
    assert heights[1] == 50
    assert 0 < heights[0] == heights[2] < 10


def test_a_sparkline_tells_runs_without_data_from_those_without_drift() -> None:
    runs = [a_result([a_column("x")]), without_data(MONDAY + WEEK)]
    only = without_data(monitor="empty")
    page = overview_page(overview_of(*runs, only)).decode()
    assert 'aria-label="No data yet"' in page
    assert "Drifted columns in the last 2 runs, 1 without data: from 0% to 0%, last 0%" in page
    assert page.count('<rect class="no_data"') == 2
    assert "<title>20130701T093000Z: no data</title>" in page


def test_a_sparkline_takes_no_run_without_a_score_for_one_without_drift() -> None:
    drifted, blind = [a_column("x", "drifted")], [a_column("x", "error")]
    runs = [a_result(blind), a_result(drifted, scheduled_at=MONDAY + WEEK)]
    page = overview_page(overview_of(*runs, a_result(blind, monitor="blind"))).decode()
    assert 'aria-label="No score yet"' in page
    assert "in the last 2 runs, 1 without score: from 100% to 100%, last 100%" in page
    assert "<title>20130624T093000Z: no score</title>" in page
