"""What the tests of the pages show, and how they look at a page."""

from html.parser import HTMLParser
from pathlib import Path

from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import HistoryYear, RunEntry
from drift_monitor.site.overview import Overview
from drift_monitor.site.pages.report import Report

EVIDENTLYS = Report("<html><head></head><body><p>drift</p></body></html>", ["huge"], (5000, 4999))
NOTHING_DRAWN = Report("", ["x"], (0, 0))
SCHEDULE = "cron(30 9 ? * MON *)"
VERSION_1 = (Path(__file__).parents[1] / "golden" / "history-version-1.json").read_bytes()
"""A year of a history of two runs, as the code before version 2 wrote it."""


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


def year_of(*results: DriftResult) -> HistoryYear:
    year = HistoryYear(monitor="flights", year=2013)
    for result in results:
        year.add(RunEntry.of(result))
    return year


def overview_of(*results: DriftResult) -> Overview:
    overview = Overview()
    for result in results:
        overview = overview.including(result.monitor, RunEntry.of(result).summary, SCHEDULE)
    return overview
