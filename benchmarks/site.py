"""Measure how fast the history page is there: 50 columns, five years of weekly runs.

Writes to RESULTS.md, as the median of several visits with an empty cache, the milliseconds until
the browser first paints anything, until the heat map is painted and the chart is drawn, and the
bytes loaded.

  python benchmarks/site.py              needs Debian's Chromium
"""

import random
import shutil
import statistics
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from machine import machine
from playwright.sync_api import Browser, sync_playwright
from sections import write_section

from drift_monitor.results.drift import Status
from drift_monitor.results.run import run_id
from drift_monitor.results.tables import WindowSummary
from drift_monitor.site.history import ColumnEntry, HistoryYear, RunEntry
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.site.pages.html import column_page, history_page
from drift_monitor.site.publish import write_common
from drift_monitor.site.serve import Website
from drift_monitor.storage import Folder

COLUMNS, RUNS, VISITS = 50, 260, 9
WEEK = timedelta(days=7)
SECTION = """## The history page: {columns} columns, {runs} weekly runs

Written by `python benchmarks/site.py`: medians of {visits} visits with an empty cache, by Debian's
Chromium from loopback.

- Machine: {machine}
- First paint: {first_paint:.0f} ms
- Heat map painted, chart drawn: {heat_map:.0f} ms
- Loaded: {kb:.0f} kB, unpacked
"""
MONITOR = "orders"
# The moment after the frame in which the heat map is on the page.
_WATCH = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('.heat td')) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.heatMapAt = performance.now(); }));
}).observe(document, {childList: true, subtree: true});
"""
_FIGURES = """() => ({
  first_paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
  heat_map: window.heatMapAt,
  kb: performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
    .reduce((sum, entry) => sum + entry.decodedBodySize, 0) / 1000,
})"""


def write_site(folder: Path) -> None:
    """Write the history of a monitor, and its pages."""
    store, chance = Folder(folder), random.Random(7)  # noqa: S311 - no secret
    files, years = MonitorFiles(MONITOR), dict[int, HistoryYear]()
    for week in range(RUNS):
        moment = datetime(2008, 7, 7, 9, 30, tzinfo=UTC) + week * WEEK
        year = years.setdefault(moment.year, HistoryYear(monitor=MONITOR, year=moment.year))
        year.add(_run(moment, chance))
    for number, year in years.items():
        store.write(files.history(number), year.to_json())
    write_common(store)
    newest = years[max(years)]
    store.write(files.history_page, history_page(list(years), newest))
    store.write(files.column_page, column_page(list(years), newest))


def _run(moment: datetime, chance: random.Random) -> RunEntry:
    scores = {f"column_{number:02}": chance.random() ** 3 for number in range(COLUMNS)}
    drifted = sum(score >= 0.1 for score in scores.values())  # noqa: PLR2004 - the threshold
    return RunEntry(
        run_id=run_id(moment),
        scheduled_at=moment,
        window=WindowSummary(start=moment - WEEK, end=moment),
        status="drifted",
        severity="warn",
        reference_rows=1_000_000,
        current_rows=20_000,
        scored_columns=COLUMNS,
        drifted_columns=drifted,
        drifted_share=drifted / COLUMNS,
        drifted_share_threshold=0.5,
        columns={
            name: ColumnEntry(
                status=Status.DRIFTED if score >= 0.1 else Status.OK,  # noqa: PLR2004
                severity="warn" if score >= 0.1 else None,  # noqa: PLR2004
                method="wasserstein",
                score=score,
                threshold=0.1,
            )
            for name, score in scores.items()
        },
    )


def visit(browser: Browser, address: str) -> dict[str, float]:
    """Open the page with an empty cache; return its figures."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(address)
    page.locator("#lines canvas").wait_for()
    page.wait_for_load_state("networkidle")
    figures: dict[str, float] = page.evaluate(_FIGURES)
    context.close()
    return figures


def main() -> None:
    """Make the site, visit it, write the medians."""
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Chromium is needed: install Debian's package chromium")
    with tempfile.TemporaryDirectory() as folder:
        write_site(Path(folder))
        website = Website.of(Path(folder), 0)
        threading.Thread(target=website.serve_forever, daemon=True).start()
        address = f"{website.url}monitors/{MONITOR}/history.html"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            visits = [visit(browser, address) for _ in range(VISITS)]
            browser.close()
        website.shutdown()
    medians = {name: statistics.median(each[name] for each in visits) for name in visits[0]}
    told = {"columns": COLUMNS, "runs": RUNS, "visits": VISITS, "machine": machine()}
    write_section("site", SECTION.format(**told, **medians))


if __name__ == "__main__":
    main()
