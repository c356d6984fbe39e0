"""`drift-monitor init` writes of a table in S3 what it writes of one in a folder."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import boto3
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from deltalake import write_deltalake
from pyarrow import parquet as pq
from pyiceberg.catalog.glue import GlueCatalog

from drift_monitor.cli.first_monitor.proposal import FirstMonitor, propose
from drift_monitor.config.load import load_monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.arrow_storage import S3Storage

Put = Callable[[str, bytes], None]
FIRST = datetime(2013, 6, 1, tzinfo=UTC)
NOW = datetime(2013, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ROWS = 120


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Put]:
    """Give each test a folder and a bucket: how a monitor says it, and what puts a file there."""
    if request.param == "folder":

        def write(path: str, body: bytes) -> None:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(body)

        return str(tmp_path), write
    bucket, s3 = request.getfixturevalue("bucket"), boto3.client("s3")
    return f"s3://{bucket}", lambda path, body: s3.put_object(Bucket=bucket, Key=path, Body=body)


def init(tmp_path: Path, *locations: str) -> FirstMonitor:
    first = propose(
        list(locations), name="", file="m.yaml", now=NOW, progress=lambda _what, _done, _of: None
    )
    (tmp_path / "m.yaml").write_text(first.text, encoding="utf-8")
    assert load_monitor(tmp_path / "m.yaml") == first.monitor
    return first


def table(day: int) -> bytes:
    body = io.BytesIO()
    columns = {
        "order_id": [f"{day}-{number}" for number in range(ROWS)],
        "price": [day + number / ROWS for number in range(ROWS)],
        "status": [number % 3 for number in range(ROWS)],
        "label": [number % 2 for number in range(ROWS)],
    }
    pq.write_table(pa.table(columns), body)
    return body.getvalue()


@pytest.mark.parametrize(
    ("layout", "dated"),
    [
        ("orders/dt=%Y-%m-%d/0.parquet", "orders/dt={date:%Y-%m-%d}/"),
        ("orders/%Y/%m/%d/0.parquet", "orders/{date:%Y/%m/%d}/"),
        ("orders/orders-%Y%m%d.parquet", "orders/orders-{date:%Y%m%d}.parquet"),
    ],
)
@pytest.mark.parametrize("location", ["orders", "orders/", "orders/*", None])
def test_a_dated_table_is_recognised_and_compared(
    place: tuple[str, Put], tmp_path: Path, layout: str, dated: str, location: str | None
) -> None:
    prefix, put = place
    for day in range(20):
        put(f"{FIRST + day * DAY:{layout}}", table(day))
    put("orders/_SUCCESS", b"")
    put("other/x.csv", b"x\n1\n")
    first = init(tmp_path, f"{prefix}/{location or dated}")
    assert first.monitor.name == "orders"
    assert first.monitor.current.location == f"{prefix}/{dated}"
    assert first.monitor.columns.roles.id == ["order_id"]
    assert first.monitor.columns.roles.target == "label"
    assert first.monitor.columns.categorical == ["status", "label"]
    assert first.result is not None
    assert first.result.reference.rows == first.result.current.rows == 7 * ROWS
    assert [column.column for column in first.result.having("drifted")] == ["price"]


def test_a_reference_and_a_current_table_are_compared(
    place: tuple[str, Put], tmp_path: Path
) -> None:
    prefix, put = place
    put("orders/reference.parquet", table(0))
    put("now/part-0", b"price,status\n" + b"1.5,2\n" * ROWS)
    first = init(tmp_path, f"{prefix}/orders/reference.parquet", f"{prefix}/now/")
    assert first.monitor.current.format.type == "csv"
    assert first.result is not None
    assert (first.result.reference.rows, first.result.current.rows) == (ROWS, ROWS)


def test_nothing_there_is_one_sentence(place: tuple[str, Put], tmp_path: Path) -> None:
    prefix, put = place
    put("orders/x.png", b"\x89PNG\0")
    with pytest.raises(DriftMonitorError, match="nowhere has no file: check the location"):
        init(tmp_path, f"{prefix}/nowhere")
    with pytest.raises(DriftMonitorError, match=r"orders has no table: .*orders/x\.png is none"):
        init(tmp_path, f"{prefix}/orders")


def test_who_may_read_a_file_need_not_list_what_is_beside_it(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("s3").put_object(Bucket=bucket, Key="orders/r.parquet", Body=table(0))

    def denied(_storage: S3Storage, prefix: str) -> NoReturn:
        said = {"Error": {"Code": "AccessDenied", "Message": f"no leave to list {prefix}"}}
        raise ClientError(said, "ListObjectsV2")  # type: ignore[arg-type]

    monkeypatch.setattr(S3Storage, "below", denied)
    file = f"s3://{bucket}/orders/r.parquet"
    first = init(tmp_path, file, file)
    assert first.result is not None
    assert first.result.status == "ok"
    with pytest.raises(DriftMonitorError, match=r"^s3://.*/orders/ cannot be listed: .*no leave"):
        init(tmp_path, f"s3://{bucket}/orders/")


def test_a_bucket_that_cannot_be_listed_is_one_sentence(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(DriftMonitorError, match=r"^s3://not-site/t cannot be listed: ") as caught:
        init(tmp_path, f"s3://not-{bucket}/t")
    assert "\n" not in str(caught.value)


def test_of_a_large_table_only_the_newest_file_is_looked_at(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drift_monitor.cli.first_monitor.preview.PREVIEWED_WHOLE", 1)
    monkeypatch.setattr("drift_monitor.cli.first_monitor.proposal.MOST_BYTES", 1)
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key="orders/0.parquet", Body=b"PAR1: nobody reads it")
    s3.put_object(Bucket=bucket, Key="orders/1.parquet", Body=table(1))
    first = init(tmp_path, f"s3://{bucket}/orders", f"s3://{bucket}/orders")
    assert first.result is None
    assert first.monitor.columns.roles.id == ["order_id"]


@pytest.mark.parametrize("previewed_whole", [1 << 20, 1])
def test_a_lake_is_recognised_by_its_log_and_looked_at(
    place: tuple[str, Put],
    aws: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    previewed_whole: int,
) -> None:
    monkeypatch.setattr("drift_monitor.cli.first_monitor.preview.PREVIEWED_WHOLE", previewed_whole)
    prefix, put = place
    rows = pq.read_table(io.BytesIO(table(0)))
    for part in range(2):
        write_deltalake(tmp_path / "delta", rows.slice(part * ROWS // 2, ROWS // 2), mode="append")
    for file in (path for path in (tmp_path / "delta").rglob("*") if path.is_file()):
        put(f"d/{file.relative_to(tmp_path / 'delta')}", file.read_bytes())
    catalog = GlueCatalog("glue", **{"warehouse": f"{prefix}/lake", "s3.endpoint": aws})
    catalog.create_namespace("db")
    made = catalog.create_table("db.i", rows.schema)
    for part in range(2):
        made.append(rows.slice(part * ROWS // 2, ROWS // 2))
    first = init(tmp_path, f"{prefix}/d", made.location())
    assert first.monitor.reference.format.type == "delta"
    assert first.monitor.current.format.type == "iceberg"
    assert first.monitor.columns.roles.id == ["order_id"]
    assert first.result is not None
    assert (first.result.reference.rows, first.result.current.rows) == (ROWS, ROWS)
    assert [column.status for column in first.result.columns if column.is_scored] == ["ok"] * 3
