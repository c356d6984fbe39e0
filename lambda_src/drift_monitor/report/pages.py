"""The site's own pages, and the bar above Evidently's."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from drift_monitor.drift.methods import METHODS
from drift_monitor.history import ColumnEntry, History
from drift_monitor.report.report import Report
from drift_monitor.results import DriftResult, Status
from drift_monitor.words import window_words

RUNS_SHOWN = 52
"""Runs on the history page: a year of weeks. The JSON beside it has all of them."""


def report_page(report: Report, result: DriftResult, home: str) -> bytes:
    """Return Evidently's page with our bar above it.

    Args:
        report: Evidently's page.
        result: the run that it shows.
        home: the way from the page to the site's root, such as `../../`.
    """
    bar = _templates.get_template("bar.html").render(
        result=result,
        home=home,
        report=report,
        remarked=[column for column in result.columns if column.reason],
        unscored=sum(not column.is_scored for column in result.columns),
    )
    if not report.html:
        page = _templates.get_template("no_report.html").render(result=result, home=home, bar=bar)
        return page.encode()
    title = _templates.get_template("title.html").render(result=result)
    page = (
        report.html.lstrip()
        .replace("<head>", f"<head>{title}", 1)
        .replace("<body>", f"<body>{bar}", 1)
    )
    return page.encode()


def history_page(history: History) -> bytes:
    """Return a monitor's runs, newest first, and each column's score in each of them."""
    runs = history.runs[: -RUNS_SHOWN - 1 : -1]
    return _page(
        "history.html", home="../../", history=history, runs=runs, columns=_worst_first(history)
    )


def overview_page(histories: list[History]) -> bytes:
    """Return a card per monitor: those that drifted first."""
    started = [history for history in histories if history.newest]
    order = {"error": 0, "drifted": 1, "ok": 2}
    started.sort(key=lambda history: (order[history.runs[-1].status], history.monitor))
    return _page("overview.html", home="", histories=started)


def error_page() -> bytes:
    """Return what the website shows in place of a page that is not there.

    It is served at any depth, so its links start at the root.
    """
    return _page("error.html", home="/")


def _page(template: str, **context: object) -> bytes:
    return _templates.get_template(template).render(**context).encode()


def _worst_first(history: History) -> list[str]:
    """List the columns ever scored: drifted in the newest run first, the furthest over first."""
    newest = history.runs[-1].columns if history.runs else {}
    seen = {
        name
        for run in history.runs
        for name, entry in run.columns.items()
        if entry.score is not None
    }
    return sorted(seen, key=lambda name: (*_severity(newest.get(name)), name))


def _severity(entry: ColumnEntry | None) -> tuple[bool, float]:
    if entry is None or entry.score is None or not entry.threshold or entry.method is None:
        return True, 0.0
    excess = entry.score / entry.threshold
    is_p_value = METHODS[entry.method].is_p_value
    return entry.status is not Status.DRIFTED, excess if is_p_value else -excess


_templates = Environment(
    loader=PackageLoader("drift_monitor.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["window_words"] = window_words
_templates.filters["thousands"] = lambda number: f"{number:,}"
_templates.filters["percent"] = lambda share: f"{share:.0%}"
