"""An attempt that ends at any one of its writes, and the retry after it."""

import pytest
from conftest import EARLIER_RUN, RUN, SITE, Event, Inbox, MakeFunction
from container import FailedInvocationError, Function
from faulty_proxy import FaultyProxy, error, instead
from published import Site, assert_site_is_whole


def test_an_attempt_that_ends_before_any_of_its_writes(
    function: Function, event: Event, earlier_site: Site, inbox: Inbox, proxy: FaultyProxy
) -> None:
    before = earlier_site.files()
    function.invoke(event)
    writes = list(dict.fromkeys(proxy.taken_paths(f"PUT /{SITE}/")))
    assert len(writes) > 5

    for number, path in enumerate(writes, start=1):
        earlier_site.put(before)
        proxy.when(f"PUT {path}$", error(403, "AccessDenied"))
        with pytest.raises(FailedInvocationError, match="AccessDenied"):
            function.invoke(event)
        assert earlier_site.run_shown("orders") in (EARLIER_RUN, RUN), path
        assert_site_is_whole(earlier_site)
        assert inbox.runs() == [RUN] * number, path

        proxy.mend()
        function.invoke(event)
        assert_run_is_shown(earlier_site)
        assert inbox.runs() == [RUN] * (number + 1), path


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param("PUT /site/monitors/orders/history.html", id="while pages are written"),
        pytest.param("POST /$", id="between writing and sending"),
    ],
)
def test_a_function_that_dies(
    request_: str,
    function: Function,
    make_function: MakeFunction,
    event: Event,
    earlier_site: Site,
    inbox: Inbox,
    proxy: FaultyProxy,
) -> None:
    mortal = make_function()
    proxy.when(request_, instead(mortal.kill), by=mortal.address)
    with pytest.raises(FailedInvocationError, match="died"):
        mortal.invoke(event)
    assert_site_is_whole(earlier_site)
    assert inbox.runs() == []

    function.invoke(event)
    assert_run_is_shown(earlier_site)
    assert inbox.runs() == [RUN]


def assert_run_is_shown(site: Site) -> None:
    assert site.run_shown("orders") == RUN
    assert site.runs("orders") == [EARLIER_RUN, RUN]
    assert_site_is_whole(site)
