"""A query is a table: unloaded, read, and removed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pyarrow as pa
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from support.athena import Athena, serve

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import ReferenceTable
from drift_monitor.engines.no_data import why_no_data
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables import athena as source
from drift_monitor.tables.athena import open_query
from drift_monitor.tables.window import Window

NOON = datetime(2013, 6, 10, 12, tzinfo=UTC)
SQL = "SELECT * FROM flights WHERE dt >= '{start}' AND dt < '{end}'"
ROWS = [pa.table({"x": [1, 2]}), pa.table({"y": ["a"], "x": [3]})]


@pytest.fixture
def athena(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Athena]:
    """Serve an Athena whose queries return three rows, beside a file that is none of its own."""
    monkeypatch.setattr(source, "_FIRST_PAUSE", 0.001)
    boto3.client("s3").put_object(Bucket=bucket, Key="athena/another", Body=b"")
    athena = Athena(aws)
    athena.rows = ROWS
    with serve(athena) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_ATHENA", endpoint)
        yield athena


def monitor(**current: object) -> Monitor:
    query = {"database": "sky", "output": "s3://site/athena", "reads": ["s3://site/flights"]}
    return Monitor.model_validate(
        {
            "name": "m",
            "reference": {"sql": "SELECT * FROM flights_2012", **query},
            "current": {"sql": SQL, "window": "7d", **query, **current},
        }
    )


def keys() -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket="site")
    return [found["Key"] for found in listed["Contents"]]


def test_both_tables_may_be_queries(athena: Athena) -> None:
    with open_pair(monitor(workgroup="primary"), NOON) as pair:
        for table in (pair.reference, pair.current):
            assert [value for a in table.read("x") for value in a.to_pylist()] == [1, 2, 3]
            assert (table.rows, table.summary.files, table.columns) == (3, 2, ["x", "y"])
            # Of the run's own: another run of it has the same drift.json.
            assert table.summary.location == "Athena's query on sky"
        assert len(keys()) == 1 + 2 * 2
    assert keys() == ["athena/another"]
    assert athena.queries == [
        "SELECT * FROM flights_2012",
        "SELECT * FROM flights WHERE dt >= '2013-06-03' AND dt < '2013-06-10'",
    ]
    for _, asked in athena.calls_of("Start"):
        assert asked["QueryExecutionContext"] == {"Database": "sky"}
        assert asked["WorkGroup"] == "primary"
        folder = asked["ResultConfiguration"]["OutputLocation"].removesuffix("said/")
        assert f"TO '{folder}rows/'" in asked["QueryString"]


@pytest.mark.parametrize(
    ("sql", "window", "zone", "asked"),
    [
        (SQL, timedelta(days=1), "UTC", "dt >= '2013-06-09' AND dt < '2013-06-10'"),
        (SQL, timedelta(days=1), "Asia/Tokyo", "dt >= '2013-06-09' AND dt < '2013-06-10'"),
        (
            SQL,
            timedelta(hours=5),
            "UTC",
            "dt >= '2013-06-09 19:00:00' AND dt < '2013-06-10 00:00:00'",
        ),
        (
            "SELECT '{}' FROM t WHERE day BETWEEN {start:%Y%m%d} AND {end:%Y%m%d}",
            timedelta(days=2),
            "UTC",
            "SELECT '{}' FROM t WHERE day BETWEEN 20130608 AND 20130610",
        ),
        (
            "SELECT * FROM t WHERE at >= TIMESTAMP '{start} UTC' AND at < TIMESTAMP '{end} UTC';",
            timedelta(hours=1),
            "UTC",
            ">= TIMESTAMP '2013-06-09 23:00:00 UTC' AND at < TIMESTAMP '2013-06-10 00:00:00 UTC'",
        ),
    ],
)
def test_a_window_is_written_into_the_query_in_its_time_zone(
    athena: Athena, sql: str, window: timedelta, zone: str, asked: str
) -> None:
    end = datetime(2013, 6, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    with open_query(monitor(sql=sql).current, Window(end - window, end, zone=ZoneInfo(zone))):
        pass
    assert athena.queries[0].endswith(asked)


def test_rows_are_chosen_by_their_time_as_of_any_table(athena: Athena) -> None:
    athena.rows = [pa.table({"at": [NOON - timedelta(days=n) for n in range(20)]})]
    current = monitor(sql="SELECT * FROM t", timestamp="at").current
    window = Window(NOON - timedelta(days=3), NOON)
    with open_query(current, window, "at") as table:
        assert table.rows == 3


def test_a_query_is_waited_for(athena: Athena) -> None:
    athena.statuses = [{"State": state} for state in ("QUEUED", "RUNNING", "RUNNING")]
    with open_query(monitor().reference) as table:
        assert table.rows == 3
    assert len(athena.calls_of("GetQueryExecution")) == 4


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_fails_says_athenas_reason_and_leaves_nothing(
    athena: Athena, state: str
) -> None:
    reason = "SYNTAX_ERROR: line 2:15: Column 'dt' cannot be resolved"
    athena.statuses = [{"State": state, "StateChangeReason": reason}]
    with (
        pytest.raises(
            DriftMonitorError, match=f"^Athena's query on sky {state.lower()}: {reason}$"
        ),
        open_query(monitor().reference),
    ):
        pass
    assert keys() == ["athena/another"]


def test_a_query_that_takes_too_long_is_stopped(
    athena: Athena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_LONGEST", 0.0)
    athena.statuses = [{"State": "RUNNING"}]
    with (
        pytest.raises(DriftMonitorError, match="on sky took more than 0 minutes and was stopped"),
        open_query(monitor().reference),
    ):
        pass
    assert len(athena.calls_of("StopQueryExecution")) == 1
    assert keys() == ["athena/another"]


@pytest.mark.usefixtures("athena")
def test_a_query_that_athena_refuses_is_one_sentence() -> None:
    refused = monitor(workgroup="not-there").current
    with (
        pytest.raises(DriftMonitorError, match=r"^Athena's query on sky cannot be run: WorkGroup"),
        open_query(refused, Window(NOON, NOON)),
    ):
        pass


@pytest.mark.usefixtures("athena")
def test_without_a_region_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            without.delenv(name)
        with (
            pytest.raises(
                DriftMonitorError, match=r"^Athena's query on sky cannot be run: You must"
            ),
            open_query(monitor().reference),
        ):
            pass


@pytest.mark.usefixtures("athena")
def test_rows_that_may_not_be_removed_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_to_delete(client: BaseClient, name: str, asked: dict[str, object]) -> object:
        if name == "DeleteObjects":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Not you"}}, name)
        return call(client, name, asked)

    call = BaseClient._make_api_call  # noqa: SLF001 - one call of all is refused
    monkeypatch.setattr(BaseClient, "_make_api_call", refuse_to_delete)
    with (
        pytest.raises(
            DriftMonitorError, match=r"could not be removed: Not you; remove s3://site/a"
        ),
        open_query(monitor().reference),
    ):
        pass


def test_what_went_wrong_first_is_what_is_told(
    athena: Athena, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise DriftMonitorError("Not you")

    monkeypatch.setattr(source, "_remove", refuse)
    athena.statuses = [{"State": "FAILED", "StateChangeReason": "SYNTAX_ERROR"}]
    with (
        pytest.raises(DriftMonitorError, match=r"^Athena's query on sky failed: SYNTAX_ERROR$"),
        open_query(monitor().reference),
    ):
        pass
    assert "a query's rows could not be removed" in caplog.text


@pytest.mark.usefixtures("athena")
def test_an_apostrophe_in_the_outputs_name_ends_no_text() -> None:
    query = {"sql": "SELECT * FROM t", "database": "sky", "output": "s3://site/ann's/"}
    with open_query(ReferenceTable.model_validate(query)) as table:
        assert table.rows == 3


def test_a_query_without_rows_is_no_data_in_a_window_and_else_a_mistake(athena: Athena) -> None:
    athena.rows = []
    with open_query(monitor().current, Window(NOON - timedelta(days=1), NOON)) as table:
        assert (table.rows, table.columns) == (0, [])
    with (
        pytest.raises(DriftMonitorError, match=r"^Athena's query on sky returned no row: check"),
        open_query(monitor().reference),
    ):
        pass
    before = monitor().model_copy(update={"reference": ReferenceTable(window="previous")})
    with open_pair(before, NOON) as pair:
        assert (why_no_data(before, pair) or "").startswith(
            "current has no row for 3 to 9 Jun 2013; reference has no row for 27 May to 2 Jun 2013:"
        )


def test_a_run_that_breaks_off_leaves_nothing_either(athena: Athena) -> None:
    def break_off() -> None:
        with open_query(monitor().reference):
            assert len(keys()) == 3
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert keys() == ["athena/another"]
    assert len(athena.queries) == 1


def test_the_query_is_the_same_after_it_went_through_an_event() -> None:
    before = monitor()
    event: dict[str, Any] = before.model_dump(mode="json", exclude_none=True)
    assert "<" not in json.dumps(event)
    assert Monitor.model_validate(event) == before
