"""Where a site's files lie: links to them are in emails that were sent, so no key ever changes."""

from posixpath import dirname, join, normpath

import pytest

from drift_monitor.site.layout import HOME_OF_MONITOR, HOME_OF_REPORT, MonitorFiles, run_of

RUN = "20130701T093000Z"


@pytest.mark.parametrize("site", ["", "../../", "https://example.com/"])
def test_files_of_a_monitor_lie_where_they_always_did(site: str) -> None:
    files = MonitorFiles("flights", site)
    assert [
        files.front_page,
        files.newest_result,
        files.history_page,
        files.column_page,
        files.history(2013),
        files.profiles(2013),
        files.result(RUN),
        files.note(RUN, "email"),
        files.report(RUN),
    ] == [
        f"{site}monitors/flights/index.html",
        f"{site}monitors/flights/drift.json",
        f"{site}monitors/flights/history.html",
        f"{site}monitors/flights/column.html",
        f"{site}monitors/flights/history/2013.json",
        f"{site}monitors/flights/profiles/2013.json",
        f"{site}monitors/flights/runs/{RUN}/drift.json",
        f"{site}monitors/flights/runs/{RUN}/email.json",
        f"{site}reports/flights/{RUN}/index.html",
    ]


def test_a_run_is_told_from_its_files() -> None:
    files = MonitorFiles("flights")
    assert run_of(files.result(RUN)) == run_of(files.report(RUN)) == RUN


def test_ways_home_lead_to_the_sites_root() -> None:
    files = MonitorFiles("flights")
    for page, home in (
        (files.front_page, HOME_OF_MONITOR),
        (files.history_page, HOME_OF_MONITOR),
        (files.report(RUN), HOME_OF_REPORT),
    ):
        assert normpath(join("/", dirname(page), home)) == "/"
