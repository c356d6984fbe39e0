"""The site's own pages, and the bar above Evidently's report."""

import re
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from drift_monitor.config.quality import METRICS
from drift_monitor.results.run import DriftResult
from drift_monitor.results.words import (
    change_words,
    metric_value,
    role_words,
    slice_name,
    slices_in_words,
    whole_table_words,
    window_words,
)
from drift_monitor.site.history import HistoryYear
from drift_monitor.site.layout import HOME_OF_MONITOR, HOME_OF_REPORT, MonitorFiles
from drift_monitor.site.overview import MonitorOverview, Overview, RecentRun
from drift_monitor.site.pages import sparkline
from drift_monitor.site.pages.assets import assets_folder
from drift_monitor.site.pages.report import Report
from drift_monitor.text import percent

CHECKS_SHOWN = 50
"""Checks that failed or could not be made, above the report. The JSON has the others."""

RUNS_SHOWN = 52
"""Runs in the history page's own HTML: a year of weeks. Its scripts read the others."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
# Evidently's page is one file: its scripts, styles and fonts stand in it.
_REPORT_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)
_OURS = re.compile(rb"<!--drift-monitor-->.*?<!--/drift-monitor-->", re.DOTALL)


def report_page(report: Report, result: DriftResult, home: str) -> bytes:
    """Return Evidently's page with our bar above it.

    Args:
        report: Evidently's page.
        result: the run that it shows.
        home: the way from the page to the site's root, such as `../../`.
    """
    bar = _rendered(
        "bar.html",
        home,
        result=result,
        report=report,
        checks_shown=CHECKS_SHOWN,
        remarked=[column for column in result.columns if column.reason],
        hidden=sum(not column.is_scored for column in result.columns) + len(report.undrawn),
    )
    if not report.html:
        return _page("no_report.html", home, result=result, bar=Markup(bar))  # noqa: S704 - ours
    head = _rendered("head.html", home, result=result, policy=_REPORT_POLICY)
    page = (
        report.html.lstrip()
        .replace("<head>", f"<head>{head}", 1)
        .replace("<body>", f"<body>{bar}", 1)
    )
    return page.encode()


def moved(page: bytes, home: str) -> bytes:
    """Return the page of a run's report, written for its own place, for another place.

    Args:
        page: what `report_page` returned with HOME_OF_REPORT as the way home.
        home: the way home from the other place.
    """
    before, now = f'"{HOME_OF_REPORT}'.encode(), f'"{home}'.encode()
    return _OURS.sub(lambda ours: ours[0].replace(before, now), page, count=2)


def history_page(years: list[int], newest: HistoryYear) -> bytes:
    """Return the page of a monitor's runs; the newest are in it, the scripts read the others.

    Args:
        years: those that the monitor has a history of, in order.
        newest: the last of them.
    """
    return _monitor_page("history.html", years, newest, runs=newest.runs[: -RUNS_SHOWN - 1 : -1])


def column_page(years: list[int], newest: HistoryYear) -> bytes:
    """Return the page of any one column of a monitor; its scripts read what is in it."""
    return _monitor_page("column.html", years, newest)


def overview_page(overview: Overview) -> bytes:
    """Return a card per monitor: the worst first."""
    return _page("overview.html", "", cards=sorted(overview.monitors.items(), key=_worst_first))


def error_page() -> bytes:
    """Return what the website shows in place of a page that is not there, or not for the reader.

    It is served at any depth, so its links start at the root.
    """
    return _page("error.html", "/")


def _monitor_page(template: str, years: list[int], newest: HistoryYear, **context: object) -> bytes:
    return _page(template, HOME_OF_MONITOR, monitor=newest.monitor, years=years, **context)


def _page(template: str, home: str, **context: object) -> bytes:
    return _rendered(template, home, policy=_POLICY, **context).encode()


def _rendered(template: str, home: str, **context: object) -> str:
    assets = f"{home}{assets_folder()}"
    return _templates.get_template(template).render(home=home, assets=assets, **context)


def _worst_first(named: tuple[str, MonitorOverview]) -> tuple[bool, int, bool, float, str]:
    name, monitor = named
    run = monitor.newest
    rank = {"error": 0, "no_data": 0, "drifted": 1, "ok": 2}[run.status]
    is_whole = not run.failed_checks.critical
    return is_whole, rank, run.severity != "critical", -run.drifted_share, name


def _sparkline(recent: Sequence[RecentRun], threshold: float | None) -> Markup:
    svg = _templates.get_template("sparkline.svg").render(
        bars=sparkline.bars(recent),
        places=sparkline.PLACES,
        words=sparkline.in_words(recent),
        threshold=None if threshold is None else threshold * 100,
    )
    return Markup(svg)  # noqa: S704 - rendered, so escaped


_templates = Environment(
    loader=PackageLoader("drift_monitor.site.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["window_words"] = window_words
_templates.tests["judged"] = lambda run: run.status in ("ok", "drifted")
_templates.filters["thousands"] = lambda number: f"{number:,}"
_templates.filters["percent"] = percent
_templates.filters["moment"] = lambda moment: f"{moment:%-d %b %Y %H:%M} UTC"
_templates.filters["sparkline"] = _sparkline
_templates.filters["whole_table_words"] = whole_table_words
_templates.filters["change_words"] = change_words
_templates.filters["metric_value"] = metric_value
_templates.globals["files_of"] = MonitorFiles
_templates.globals["role_words"] = role_words
_templates.globals["slice_name"] = slice_name
_templates.globals["slices_in_words"] = slices_in_words
_templates.globals["metric_titles"] = {name: metric.title for name, metric in METRICS.items()}
_templates.globals["verdict_class"] = lambda run: "" if run.failed_checks.total else run.status
