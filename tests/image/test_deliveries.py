"""Events that come twice, at once or late: the site and the emails are as if each had come once."""

import gzip
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import EARLIER_RUN, RUN, Event, EventOf, Inbox
from container import Function
from faulty_proxy import DEADLINE, FaultyProxy, Gate
from published import Site, assert_site_is_whole, links_of, run_linked

PAGES = ["monitors/orders/history/2026.json", "monitors/orders/index.html", "index.html"]
NOTE = f"/site/monitors/orders/runs/{RUN}/email.json"

Overlap = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def overlap(
    function: Function, other_function: Function, proxy: FaultyProxy, site: Site
) -> Overlap:
    """Run a second event while a first one is held at a request; return both answers.

    The first goes on when the second has ended, or has made a request `until` which it waits.
    """

    def run(
        first: Event, second: Event, *, held_at: str, until: str = "never"
    ) -> list[dict[str, Any]]:
        gate = Gate()
        proxy.when(held_at, gate, by=function.address, times=1)
        with ThreadPoolExecutor(2) as pool:
            held = pool.submit(function.invoke, first)
            try:
                gate.wait(held)
                other = pool.submit(other_function.invoke, second)
                _wait(lambda: other.done() or proxy.taken(until, by=other_function.address))
                assert_site_is_whole(site)
            finally:
                gate.open()
            return [held.result(), other.result()]

    return run


def _wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_an_event_that_comes_twice(
    function: Function, event: Event, site: Site, inbox: Inbox
) -> None:
    first = function.invoke(event)
    keys = site.keys()
    written = {key: site.read(key) for key in keys if key.endswith(".json")}
    assert function.invoke(event) == first
    assert site.keys() == keys
    assert {key: site.read(key) for key in written} == written
    assert_shown(site, [RUN])
    assert inbox.runs() == [RUN]


@pytest.mark.parametrize("key", PAGES)
def test_an_event_that_comes_twice_at_once(
    key: str, overlap: Overlap, event: Event, site: Site, inbox: Inbox
) -> None:
    one, other = overlap(event, event, held_at=f"PUT /site/{key}$")
    assert one == other
    assert_shown(site, [RUN])
    assert inbox.runs() == [RUN]


def test_an_event_that_comes_again_while_its_email_is_on_the_way(
    overlap: Overlap, event: Event, site: Site, inbox: Inbox
) -> None:
    one, other = overlap(event, event, held_at="POST /$", until=f"GET {NOTE}")
    assert one == other
    assert_shown(site, [RUN])
    assert inbox.runs() == [RUN]


def test_an_older_run_that_ends_after_a_newer_one(
    function: Function, event: Event, earlier: Event, site: Site, inbox: Inbox
) -> None:
    function.invoke(event)
    front = site.read("index.html")
    function.invoke(earlier)
    assert site.read("index.html") == front
    assert_shown(site, [EARLIER_RUN, RUN])
    assert inbox.runs() == [EARLIER_RUN, RUN]


@pytest.mark.parametrize("held", ["older", "newer"])
@pytest.mark.parametrize("key", PAGES)
def test_two_runs_at_once(
    held: str,
    key: str,
    overlap: Overlap,
    event: Event,
    earlier: Event,
    site: Site,
    inbox: Inbox,
    proxy: FaultyProxy,
) -> None:
    first, second = (earlier, event) if held == "older" else (event, earlier)
    overlap(first, second, held_at=f"PUT /site/{key}$")
    assert_shown(site, [EARLIER_RUN, RUN])
    assert inbox.runs() == [EARLIER_RUN, RUN]
    shown = [
        run_linked(gzip.decompress(page).decode()) for page in proxy.taken("PUT /site/index.html$")
    ]
    assert shown == sorted(shown), "the front page went back in time"


@pytest.mark.parametrize("monitors", [("orders", "returns"), ("returns", "orders")])
def test_two_monitors_at_once(
    monitors: tuple[str, str], overlap: Overlap, event_of: EventOf, site: Site, inbox: Inbox
) -> None:
    first, second = (event_of(name, "2026-03-16T09:30:00Z") for name in monitors)
    overlap(first, second, held_at="PUT /site/index.html$")
    assert_site_is_whole(site)
    front = links_of(site.read("index.html"))
    assert {f"monitors/{name}/index.html" for name in monitors} <= set(front)
    assert inbox.runs() == [RUN, RUN]


def assert_shown(site: Site, runs: list[str]) -> None:
    """Assert that these runs are in the history, and the newest is in front."""
    assert_site_is_whole(site)
    assert site.runs("orders") == runs
    links = links_of(site.read("monitors/orders/history.html"))
    assert {f"runs/{run}/drift.json" for run in runs} <= set(links)
    assert site.run_shown("orders") == runs[-1]
    assert site.json("monitors/orders/drift.json")["run_id"] == runs[-1]
    assert run_linked(site.read("index.html")) == runs[-1]
