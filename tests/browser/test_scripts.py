"""The scripts alone, in the browser's own engine: what they say, and whose they are."""

import json
from pathlib import Path

import pytest
from conftest import Sites, Visit
from playwright.sync_api import Page
from visitor import ROOT

from drift_monitor.site.pages.assets import assets, assets_folder

ASSETS = ROOT / "lambda_src" / "drift_monitor" / "site" / "pages" / "assets"


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
