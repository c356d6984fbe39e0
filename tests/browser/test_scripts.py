"""The scripts alone, in the browser's own engine: what they say, and whose they are."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import Sites, Visit
from playwright.sync_api import Page
from visitor import ROOT

from drift_monitor.results.checks import FailedChecks
from drift_monitor.results.tables import WindowSummary
from drift_monitor.results.words import window_words
from drift_monitor.site.pages.assets import assets, assets_folder
from drift_monitor.text import percent

ASSETS = ROOT / "lambda_src" / "drift_monitor" / "site" / "pages" / "assets"
NEW_YEAR = datetime(2013, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOWS = [
    (NEW_YEAR, NEW_YEAR + DAY),
    (NEW_YEAR, NEW_YEAR + 7 * DAY),
    (NEW_YEAR + 20 * DAY, NEW_YEAR + 51 * DAY),
    (NEW_YEAR - 3 * DAY, NEW_YEAR + 4 * DAY),
    (NEW_YEAR + timedelta(hours=9, minutes=30), NEW_YEAR + timedelta(days=7, hours=9, minutes=30)),
    (NEW_YEAR, NEW_YEAR + timedelta(hours=1)),
    (NEW_YEAR + timedelta(minutes=30), NEW_YEAR + timedelta(hours=6)),
    # Days of 23 and 25 hours in Berlin.
    (datetime(2013, 3, 31, tzinfo=UTC), datetime(2013, 4, 1, tzinfo=UTC)),
    (datetime(2013, 10, 27, tzinfo=UTC), datetime(2013, 10, 28, tzinfo=UTC)),
]


@pytest.fixture
def page(served: Sites, visit: Visit) -> Page:
    """Open a page that loads few scripts of its own."""
    page: Page = visit(f"{served['hostile']}index.html").page
    return page


def _call(page: Page, script: str, function: str, *arguments: object) -> object:
    """Call a function that a script offers."""
    return page.evaluate(
        "([script, name, given]) => import(script).then(module => module[name](...given))",
        [f"/{assets_folder()}/{script}", function, list(arguments)],
    )


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize(("start", "end"), WINDOWS)
def test_a_window_is_said_as_the_email_says_it(
    start: datetime, end: datetime, zone: str, page: Page
) -> None:
    local = [moment.replace(tzinfo=ZoneInfo(zone)) for moment in (start, end)]
    window = WindowSummary(start=local[0], end=local[1], timezone=zone)
    said = _call(page, "words.js", "windowWords", json.loads(window.model_dump_json()))
    assert said == window_words(window)


def test_a_window_of_an_older_result_is_in_utc(page: Page) -> None:
    old = {"start": "2013-06-17T07:00:00Z", "end": "2013-06-17T09:00:00Z"}
    said = _call(page, "words.js", "windowWords", old)
    assert said == "17 Jun 2013 07:00 to 17 Jun 2013 09:00 UTC"


def test_no_window_is_said_as_the_email_says_it(page: Page) -> None:
    assert _call(page, "words.js", "windowWords", None) == window_words(None)


@pytest.mark.parametrize("share", [0, 0.001, 0.0049, 0.005, 0.02, 0.124, 0.125, 0.5, 0.994, 1])
def test_a_share_is_said_as_the_email_says_it(share: float, page: Page) -> None:
    assert _call(page, "words.js", "percent", share) == percent(share)


@pytest.mark.parametrize(("critical", "warn"), [(0, 1), (1, 0), (1, 2)])
def test_failed_checks_are_said_before_the_verdict_as_the_server_says_it(
    critical: int, warn: int, page: Page
) -> None:
    failed = FailedChecks(critical=critical, warn=warn)
    run = {"status": "ok", "severity": None, "failed_checks": failed.model_dump()}
    assert _call(page, "words.js", "verdictWords", run) == failed.before("no drift")
    del run["failed_checks"]
    assert _call(page, "words.js", "verdictWords", run) == "no drift"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (None, "\N{EN DASH}"),
        (0, "0"),
        (0.12345, "0.123"),
        (12.3, "12.3"),
        (1234.5, "1,235"),
        (0.00001234, "1.2e-5"),
        (-2_500_000, "-2.5e+6"),
        (0.775, "0.775"),
    ],
)
def test_a_number_is_said_with_the_digits_that_matter(
    number: float | None, said: str, page: Page
) -> None:
    assert _call(page, "words.js", "digits", number) == said


@pytest.mark.parametrize(
    ("method", "score", "threshold", "severity"),
    [
        ("psi", 0.3, 0.1, 3),
        ("ks", 0.01, 0.05, 5),
        ("ks", 0.0, 0.05, 1000),
        ("psi", 0.2, 0.0, 1000),
        ("psi", 0.0, 0.0, 1),
        ("ks", 0.5, 0.05, 0.1),
        (None, None, None, None),
    ],
)
def test_over_one_is_drift_for_distances_and_p_values(
    method: str | None,
    score: float | None,
    threshold: float | None,
    severity: float | None,
    page: Page,
) -> None:
    methods = {"psi": {"is_p_value": False}, "ks": {"is_p_value": True}}
    cell = {"status": "ok", "method": method, "score": score, "threshold": threshold}
    found = _call(page, "severity.js", "excess", cell, methods)
    assert found == (None if severity is None else pytest.approx(severity))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        (-1.5, "-1.5"),
        (None, ""),
        ('say "a, b"', '"say ""a, b"""'),
        ("two\r\nlines", '"two\r\nlines"'),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-1", "'-1"),
        ("+1", "'+1"),
        ("\t=1", "'\t=1"),
        ('=A1,"B"', '"\'=A1,""B"""'),
    ],
)
def test_a_field_of_the_csv_is_quoted_and_never_a_formula(
    value: object, written: str, page: Page
) -> None:
    assert _call(page, "csv.js", "field", value) == written


@pytest.mark.parametrize("name", ["uPlot.iife.min.js", "uPlot.min.css", "uPlot.LICENSE.txt"])
def test_our_copy_of_uplot_is_the_package_that_the_lock_names(name: str) -> None:
    package = ROOT / "node_modules" / "uplot"
    lock = json.loads((ROOT / "package-lock.json").read_text())
    version = json.loads((package / "package.json").read_text())["version"]
    assert lock["packages"]["node_modules/uplot"]["version"] == version
    original = package / ("LICENSE" if "LICENSE" in name else f"dist/{name}")
    assert (ASSETS / name).read_bytes() == original.read_bytes()


def test_the_published_scripts_are_those_of_the_repository(folders: dict[str, Path]) -> None:
    for name, body in assets().items():
        assert (folders["flights"] / "assets" / name).read_bytes() == body
