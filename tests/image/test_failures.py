"""What goes wrong outside of the function. Whatever it is, the site stays whole and it is told."""

import boto3
import pytest
from conftest import EARLIER_RUN, RUN, SITE, TABLES, Event, EventOf, Inbox, MakeFunction
from container import FailedInvocationError, Function
from faulty_proxy import FaultyProxy, Gate, before, error, stall
from published import Site, assert_site_is_whole


def test_a_bucket_of_tables_that_is_not_there(
    function: Function, event_of: EventOf, site: Site, inbox: Inbox
) -> None:
    event = event_of("orders", "2026-03-16T09:30:00Z")
    event["monitor"]["reference"]["location"] = "s3://nowhere/orders/reference.parquet"
    with pytest.raises(FailedInvocationError, match=r"s3://nowhere/orders/reference\.parquet"):
        function.invoke(event)
    assert site.keys() == set()
    assert inbox.runs() == []


def test_a_site_that_is_not_there(
    function: Function, event: Event, site: Site, inbox: Inbox
) -> None:
    boto3.client("s3").delete_bucket(Bucket=SITE)
    with pytest.raises(FailedInvocationError, match="NoSuchBucket"):
        function.invoke(event)
    assert site.keys() == set()
    assert inbox.runs() == []


@pytest.mark.parametrize("what", ["reference", "daily/2026-03-12"])
def test_tables_that_the_role_may_not_read(
    what: str,
    function: Function,
    event: Event,
    earlier_site: Site,
    inbox: Inbox,
    proxy: FaultyProxy,
) -> None:
    proxy.when(f"(GET|HEAD) /{TABLES}/orders/{what}", error(403, "AccessDenied"))
    with pytest.raises(
        FailedInvocationError,
        match=rf"DriftMonitorError: .*tables/orders/{what}.*(DENIED|Forbidden)",
    ):
        function.invoke(event)
    assert_earlier_run_is_shown(earlier_site)
    assert inbox.runs() == []


def test_a_parquet_file_that_is_cut_off(
    function: Function, event: Event, earlier_site: Site, inbox: Inbox
) -> None:
    s3 = boto3.client("s3")
    key = "orders/daily/2026-03-12.parquet"
    whole = s3.get_object(Bucket=TABLES, Key=key)["Body"].read()
    s3.put_object(Bucket=TABLES, Key=key, Body=whole[: len(whole) // 2])
    with pytest.raises(FailedInvocationError, match=f"{TABLES}/{key} cannot be read"):
        function.invoke(event)
    assert_earlier_run_is_shown(earlier_site)
    assert inbox.runs() == []


def test_a_window_without_files_is_published_and_told_as_such(
    function: Function, event_of: EventOf, earlier_site: Site, inbox: Inbox
) -> None:
    event = event_of("orders", "2026-05-11T09:30:00Z")
    event["monitor"]["current"]["timezone"] = "Europe/Berlin"
    function.invoke(event)
    run = "20260511T093000Z"
    assert earlier_site.run_shown("orders") == run
    result = earlier_site.json("monitors/orders/drift.json")
    assert (result["status"], result["current"]["files"]) == ("no_data", 0)
    assert result["window"]["start"] == "2026-05-04T00:00:00+02:00"
    assert "current has no file for 4 to 10 May 2026" in earlier_site.read("index.html")
    assert_site_is_whole(earlier_site)
    assert inbox.runs() == [run]


def test_a_file_that_vanishes_between_listing_and_reading(
    function: Function, event: Event, earlier_site: Site, inbox: Inbox, proxy: FaultyProxy
) -> None:
    key = "orders/daily/2026-03-12.parquet"

    def vanish() -> None:
        boto3.client("s3").delete_object(Bucket=TABLES, Key=key)

    proxy.when("GET /tables/orders/daily/2026-03-12", before(vanish), times=1)
    with pytest.raises(FailedInvocationError, match=f"DriftMonitorError: .*{TABLES}/{key}"):
        function.invoke(event)
    assert_earlier_run_is_shown(earlier_site)
    assert inbox.runs() == []

    function.invoke(event)  # as Lambda does, a minute later
    current = earlier_site.json("monitors/orders/drift.json")["current"]
    assert current["missing_files"] == [f"s3://{TABLES}/{key}"]
    assert_site_is_whole(earlier_site)
    assert inbox.runs() == [RUN]


def test_s3_that_throttles_fails_and_stalls_for_a_while(
    function: Function, event: Event, earlier_site: Site, inbox: Inbox, proxy: FaultyProxy
) -> None:
    proxy.when("GET /tables/orders/reference", error(503, "SlowDown"), times=2)
    proxy.when("GET /tables/orders/daily/2026-03-12", error(500, "InternalError"), times=2)
    proxy.when("GET /tables/orders/daily/2026-03-13", stall, times=1)
    proxy.when("PUT /site/reports", error(503, "SlowDown"), times=2)
    proxy.when("PUT /site/monitors/orders/history", error(500, "InternalError"), times=2)
    proxy.when("GET /site/monitors/orders/history", error(503, "SlowDown"), times=1)
    function.invoke(event)
    assert proxy.unspent() == []
    assert earlier_site.run_shown("orders") == RUN
    assert_site_is_whole(earlier_site)
    assert inbox.runs() == [RUN]


@pytest.mark.parametrize("request_", ["GET /tables/", "PUT /site/monitors/orders/history"])
def test_s3_that_is_down(
    request_: str,
    function: Function,
    event: Event,
    earlier_site: Site,
    inbox: Inbox,
    proxy: FaultyProxy,
) -> None:
    proxy.when(request_, error(503, "ServiceUnavailable"))
    with pytest.raises(FailedInvocationError):
        function.invoke(event)
    assert_earlier_run_is_shown(earlier_site)
    assert inbox.runs() == []


def test_sns_that_is_down_after_the_site_was_written(
    function: Function, event: Event, earlier_site: Site, inbox: Inbox, proxy: FaultyProxy
) -> None:
    proxy.when("POST /$", error(500, "InternalFailure"))
    with pytest.raises(FailedInvocationError, match="Publish"):
        function.invoke(event)
    assert earlier_site.run_shown("orders") == RUN
    assert_site_is_whole(earlier_site)
    assert inbox.runs() == []

    proxy.mend()
    function.invoke(event)
    assert_site_is_whole(earlier_site)
    assert inbox.runs() == [RUN]


def test_time_that_runs_out_in_the_middle_of_a_run(
    function: Function,
    make_function: MakeFunction,
    event: Event,
    earlier_site: Site,
    inbox: Inbox,
    proxy: FaultyProxy,
) -> None:
    hasty = make_function(timeout=3)
    proxy.when("PUT /site/monitors/orders/history", Gate(), by=hasty.address)
    with pytest.raises(FailedInvocationError, match=r"timed out after 3\.00 seconds"):
        hasty.invoke(event)
    assert_earlier_run_is_shown(earlier_site)
    assert inbox.runs() == []

    function.invoke(event)
    assert earlier_site.run_shown("orders") == RUN
    assert_site_is_whole(earlier_site)
    assert inbox.runs() == [RUN]


def test_memory_that_runs_out(
    function: Function,
    make_function: MakeFunction,
    event: Event,
    earlier_site: Site,
    inbox: Inbox,
) -> None:
    with pytest.raises(FailedInvocationError, match=r"died|Runtime\.ExitError|signal"):
        make_function(memory="160m").invoke(event)
    assert_earlier_run_is_shown(earlier_site)
    assert inbox.runs() == []

    function.invoke(event)
    assert earlier_site.run_shown("orders") == RUN
    assert inbox.runs() == [RUN]


def assert_earlier_run_is_shown(site: Site) -> None:
    """Assert that a reader sees the run before, as if nothing had happened."""
    assert site.run_shown("orders") == EARLIER_RUN
    assert_site_is_whole(site)
