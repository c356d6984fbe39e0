"""A browser, and the sites that it visits. `make test-browser` runs these; `make test` does not."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from servers import WEBSITES, drift_monitor_serve, s3_website
from sites import write_flights_site, write_hostile_site, write_site_with_gaps
from visitor import Visitor

Sites = dict[str, str]
Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make each site once."""
    return {
        "flights": write_flights_site(tmp_path_factory.mktemp("flights")),
        "hostile": write_hostile_site(tmp_path_factory.mktemp("hostile")),
        "gaps": write_site_with_gaps(tmp_path_factory.mktemp("gaps")),
    }


@pytest.fixture(scope="session")
def served(folders: dict[str, Path]) -> Iterator[Sites]:
    """Serve the sites by `drift-monitor serve`; return where each is."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(drift_monitor_serve(folder))
            for name, folder in folders.items()
        }


@pytest.fixture(scope="session")
def on_s3(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Serve the sites from S3 buckets; return where each is."""
    with s3_website(folders, tmp_path_factory.mktemp("s3")) as urls:
        yield urls


@pytest.fixture(params=["served", "on_s3"])
def anywhere(request: pytest.FixtureRequest) -> Sites:
    """Give each test the sites from either server."""
    urls: Sites = request.getfixturevalue(request.param)
    return urls


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is needed: install it, such as Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", f"--host-resolver-rules=MAP {WEBSITES} 127.0.0.1"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Return what opens an address; at the test's end no page may have complained."""
    visitors: list[Visitor] = []

    def open_address(address: str, **about: object) -> Visitor:
        visitor = Visitor(chromium, **about)  # type: ignore[arg-type]
        visitors.append(visitor)
        visitor.go(address)
        return visitor

    yield open_address
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.close()
    assert not complaints
