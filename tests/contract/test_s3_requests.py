"""How often S3 is asked, and what becomes of an answer that stops half way."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pyarrow as pa
import pytest
from pyarrow import parquet as pq
from support.s3_proxy import Proxy

from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables import arrow_storage
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

MIDNIGHT = datetime(2013, 6, 4, tzinfo=UTC)


@pytest.fixture
def proxy(aws: str) -> Iterator[Proxy]:
    proxy = Proxy(aws)
    yield proxy
    proxy.close()


def put_day(bucket: str, day: int, rows: int = 1_000) -> None:
    at = datetime(2013, 6, day, tzinfo=UTC)
    body = io.BytesIO()
    pq.write_table(pa.table({"at": [at] * rows, "x": range(rows), "y": range(rows)}), body)
    key = f"t/{day}.parquet"
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body.getvalue())


def asked_of(proxy: Proxy, day: int) -> list[str]:
    return [method for method, path in proxy.asked if path.endswith(f"t/{day}.parquet")]


def test_a_footer_is_one_request_and_each_column_one_more(
    bucket: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (1, 2, 3):
        put_day(bucket, day)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    yesterday = Window(MIDNIGHT - timedelta(days=1), MIDNIGHT)
    with open_table(f"s3://{bucket}/t/", yesterday, timestamp="at") as table:
        assert [asked_of(proxy, day) for day in (1, 2, 3)] == [["GET"]] * 3
        for column in ("x", "y"):
            assert [len(chunk) for chunk in table.read(column)] == [1_000]
    # The size that Arrow wants to hear again is asked of what is read, once.
    assert asked_of(proxy, 3) == ["GET", "HEAD", "GET", "GET"]
    assert asked_of(proxy, 1) == asked_of(proxy, 2) == ["GET"]


def test_a_stalled_body_is_given_up_and_asked_for_again(
    bucket: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_day(bucket, 1, rows=50_000)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setattr(arrow_storage, "_STALL_TIMEOUT", 1)
    proxy.stalls = 1
    with open_table(f"s3://{bucket}/t/1.parquet") as table:
        assert [v for chunk in table.read("x") for v in chunk.to_pylist()] == list(range(50_000))
    assert proxy.stalled == 1


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "AccessDenied", r"ACCESS_DENIED .*[^:]; allow s3:GetObject on it, and kms"),
        (301, "PermanentRedirect", r"301.*; its bucket is in another region: set AWS_REGION to t"),
        (500, "InternalError", r"; run again$"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_s3_refuses_says_what_to_do(
    status: int,
    code: str,
    sentence: str,
    method: str,
    bucket: str,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_day(bucket, 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setattr(arrow_storage, "_ATTEMPTS", 3)
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Not you</Message></Error>"
    proxy.refusals[method, "1.parquet"] = status, body.encode()
    with (
        pytest.raises(DriftMonitorError, match=rf"t/1.parquet cannot be read: .*{sentence}"),
        open_table(f"s3://{bucket}/t/") as table,
    ):
        list(table.read("x"))
