"""One invocation by the very event that the deployed rule sends."""

import json

import boto3
import pyarrow as pa
from conftest import RUN, TABLES, Event, Inbox
from container import Function
from published import Site, assert_site_is_whole
from tables import as_parquet


def test_a_run_publishes_its_site_and_tells_people(
    function: Function, event: Event, site: Site, inbox: Inbox
) -> None:
    answer = function.invoke(event)
    assert answer == {"monitor": "orders", "run_id": RUN, "status": "drifted"}
    written = site.keys()
    assert written >= {
        "index.html",
        "error.html",
        "monitors/orders/index.html",
        "monitors/orders/drift.json",
        "monitors/orders/history.html",
        f"monitors/orders/runs/{RUN}/drift.json",
        f"monitors/orders/runs/{RUN}/email.json",
        f"reports/orders/{RUN}/index.html",
    }
    assert_site_is_whole(site)
    for key in sorted(written):
        site.read(key)

    (message,) = inbox.messages()
    assert message["Subject"].startswith("Drift: orders, ")
    assert message["MessageAttributes"]["monitor"]["Value"] == "orders"
    assert message["MessageAttributes"]["status"]["Value"] == "drifted"
    assert f"http://site.example.com/reports/orders/{RUN}/index.html" in message["Message"]
    assert inbox.runs() == [RUN]


def test_every_sort_of_column_is_accounted_for(
    function: Function, event: Event, site: Site
) -> None:
    function.invoke(event)
    columns = site.json("monitors/orders/drift.json")["columns"]
    assert {column["column"]: column["status"] for column in columns} == {
        "price": "drifted",
        "weight": "ok",
        "items": "ok",
        "discount": "ok",
        "gift": "ok",
        "country": "ok",
        "customer": "skipped",
        "placed_at": "skipped",
        "remark": "error",
    }


def test_each_line_of_the_log_names_the_run_and_one_carries_its_metrics(
    function: Function, event: Event, site: Site
) -> None:
    start = len(function.log())
    function.invoke(event)
    lines = [json.loads(line) for line in function.log()[start:] if line.startswith("{")]
    result = site.json("monitors/orders/drift.json")

    told = [line for line in lines if "level" in line]
    assert len(told) > 1
    assert {(line["monitor"], line["run_id"]) for line in told} == {("orders", RUN)}
    (metrics,) = [line for line in lines if "_aws" in line]
    assert (metrics["service"], metrics["monitor"]) == ("DriftMonitor-test", "orders")
    assert metrics["RunsSucceeded"] == [1.0]
    assert metrics["DriftedShare"] == [result["drifted_share"]]
    assert metrics["CurrentRows"] == [2_100.0]


def test_tables_go_through_a_transform_of_the_image(
    function: Function, event: Event, site: Site
) -> None:
    flights = {
        "dep_time": [517, None] * 100,
        "origin": ["EWR"] * 200,
        "dest": ["IAH", "MIA"] * 100,
        "distance": [1400] * 200,
        "air_time": range(200, 400),
    }
    body = as_parquet(pa.table(flights))
    boto3.client("s3").put_object(Bucket=TABLES, Key="flights.parquet", Body=body)
    table = {"location": f"s3://{TABLES}/flights.parquet"}
    monitor = {"name": "flights", "reference": table, "current": table, "transform": "flown.py"}
    function.invoke({**event, "monitor": monitor})
    result = site.json("monitors/flights/drift.json")
    assert result["current"]["rows"] == 100
    assert result["transform"]["file"] == "flown.py"
    assert "miles_per_hour" in [column["column"] for column in result["columns"]]
