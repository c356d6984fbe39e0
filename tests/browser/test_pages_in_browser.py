"""Each page, from each server: whole, quiet, open to everyone, at each size and in each light."""

from urllib.parse import quote, urldefrag, urljoin, urlsplit

import pytest
from conftest import Sites, Visit
from sites import HOSTILE, SCRIPT
from visitor import MODES, Visitor

PAGES = {
    "front": ("flights", "index.html"),
    "history": ("flights", "monitors/flights/history.html"),
    "column": ("flights", "monitors/flights/column.html#arr_delay"),
    "categories": ("flights", "monitors/flights/column.html#dest"),
    "overview": ("hostile", "index.html"),
    "hostile-front": ("hostile", "monitors/hostile/index.html"),
    "hostile-history": ("hostile", "monitors/hostile/history.html"),
    "hostile-column": ("hostile", f"monitors/hostile/column.html#{quote(SCRIPT, safe='')}"),
    "nothing-drawn": ("hostile", "monitors/blind/index.html"),
    "no-data": ("gaps", "monitors/sales/index.html"),
    "no-data-history": ("gaps", "monitors/sales/history.html"),
}
OF_EVIDENTLY = ("front", "hostile-front")
MOST_OF_A_KIND = 4


@pytest.mark.parametrize(("size", "scheme"), MODES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier_and_fits_the_screen(
    name: str, size: str, scheme: str, served: Sites, visit: Visit
) -> None:
    site, path = PAGES[name]
    visitor = visit(served[site] + path, size=size, scheme=scheme)
    visitor.keep_screenshot(f"{name}-{size}-{scheme}", whole=name not in OF_EVIDENTLY)
    assert visitor.barriers("#drift-monitor" if name in OF_EVIDENTLY else "html") == []
    assert not visitor.is_wider_than_the_screen()


@pytest.mark.parametrize("site", ["flights", "hostile"])
def test_every_page_can_be_walked_to_and_is_quiet(site: str, anywhere: Sites, visit: Visit) -> None:
    start = anywhere[site]
    visitor = visit(start)
    seen, ahead = {start, f"{start}index.html"}, _links(visitor)
    kinds: dict[str, int] = {}
    while ahead:
        address = ahead.pop(0)
        kind = _kind_of(address, start)
        if address in seen or kinds.get(kind, 0) >= MOST_OF_A_KIND:
            continue
        seen.add(address)
        kinds[kind] = kinds.get(kind, 0) + 1
        status, content_type = _answer(visitor, address)
        assert status == 200, f"{address} answers {status}"
        if content_type.startswith("text/html"):
            visitor.go(address)
            assert visitor.complaints == [], address
            ahead += _links(visitor)
    assert {"history.html", "column.html", "report", "drift.json"} <= set(kinds)


def _links(visitor: Visitor) -> list[str]:
    found: list[str] = visitor.page.eval_on_selector_all(
        "a[href]", "links => links.map(link => link.getAttribute('href'))"
    )
    addresses = [urljoin(visitor.page.url, link) for link in found if not link.startswith("#")]
    assert all(urlsplit(a).netloc == urlsplit(visitor.page.url).netloc for a in addresses)
    return addresses


def _answer(visitor: Visitor, address: str) -> tuple[int, str]:
    status, content_type = visitor.page.evaluate(
        "address => fetch(address).then(a => [a.status, a.headers.get('content-type')])", address
    )
    return status, content_type


def _kind_of(address: str, start: str) -> str:
    path = urldefrag(address).url.removeprefix(start)
    return "report" if path.startswith("reports/") else path.rpartition("/")[2]


@pytest.mark.parametrize("site", ["flights", "hostile"])
def test_evidentlys_own_charts_are_drawn_below_the_bar(
    site: str, anywhere: Sites, visit: Visit
) -> None:
    visitor = visit(f"{anywhere[site]}monitors/{site}/index.html")
    visitor.page.get_by_label("Detail panel visibility toggle").first.click()
    visitor.page.locator("svg.main-svg .points path").first.wait_for(state="visible")
    visitor.keep_screenshot(f"{site}-chart")
    assert visitor.page.locator("#drift-monitor").is_visible()


@pytest.mark.parametrize("path", ["nothing.html", "reports/flights/20010101T093000Z/index.html"])
def test_a_missing_page_says_so_and_leads_back_from_any_depth(
    path: str, anywhere: Sites, visit: Visit
) -> None:
    visitor = visit(anywhere["flights"] + path, missing=True)
    visitor.keep_screenshot("error-desktop-light")
    assert visitor.page.get_by_role("heading", level=1).inner_text().startswith("There is no page")
    assert visitor.barriers() == []
    visitor.page.get_by_role("link", name="Go to the latest report").click()
    visitor.page.locator("#drift-monitor").wait_for()


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_of_a_column_is_text(name: str, served: Sites, visit: Visit) -> None:
    visitor = visit(f"{served['hostile']}monitors/hostile/history.html")
    visitor.page.get_by_role("grid").get_by_role("link", name=name, exact=True).click()
    visitor.page.locator("#sides table").first.wait_for()
    assert visitor.page.get_by_role("heading", level=1).text_content() == name
    assert visitor.page.title().startswith(name[:20])


def test_the_history_and_the_bar_need_no_script(served: Sites, visit: Visit) -> None:
    visitor = visit(f"{served['flights']}monitors/flights/history.html", scripts=False)
    assert visitor.page.locator("#runs tbody tr").count() == 3
    assert not visitor.page.get_by_role("button").count()
    visitor.page.get_by_role("link", name="17 to 23 Jun 2013", exact=True).click()
    bar = visitor.page.locator("#drift-monitor")
    assert "No drift: 1 of 13 columns drifted" in bar.inner_text()
    assert "Previous run" not in bar.inner_text()
    bar.get_by_role("link", name="History").click()
    assert visitor.page.url.endswith("monitors/flights/history.html")


@pytest.mark.parametrize("name", ["history", "overview"])
def test_a_print_is_dark_on_white_without_controls(name: str, served: Sites, visit: Visit) -> None:
    site, path = PAGES[name]
    visitor = visit(served[site] + path, scheme="dark")
    visitor.page.emulate_media(media="print")
    paper = visitor.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert not visitor.page.locator(
        ".controls:visible, .trail:visible, .card-links:visible"
    ).count()
