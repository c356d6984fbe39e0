"""Every example of docs/tables.md is a monitor, and reads the table it speaks of."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
import yaml
from deltalake import write_deltalake
from pyarrow import parquet as pq
from pyiceberg.catalog.glue import GlueCatalog
from support.athena import Athena, serve

from drift_monitor.config.load import load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.tables.athena import open_query
from drift_monitor.tables.window import window_at

DOCS = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
NOON = datetime(2013, 6, 4, 12, tzinfo=UTC)
HOURS = [NOON - timedelta(hours=n) for n in range(24, 0, -1)]
EARLIER = NOON - timedelta(days=9)

CAPTURED = {
    "captureData": {
        "endpointInput": {"observedContentType": "text/csv", "data": "31,Bern", "encoding": "CSV"},
        "endpointOutput": {"observedContentType": "text/csv", "data": "0.5", "encoding": "CSV"},
    },
    "eventMetadata": {"eventId": "1-a", "inferenceTime": "2013-06-04T11:00:00Z"},
    "eventVersion": "0",
}
OBJECTS = {
    "spark/_SUCCESS": b"",
    "spark/part-00000": b"x,y\n1,2\n",
    "orders.csv": "stadt;betrag;n\n'Zürich; Süd';1,5;-999\nBern;2;1\n".encode("latin-1"),
    "customers.jsonl": b'{"age": 1, "address": {"city": "Bern"}, "model": {"score": 0.5}}\n',
    **{
        f"capture/my-endpoint/AllTraffic/{hour:%Y/%m/%d/%H}/1.jsonl": json.dumps(CAPTURED).encode()
        for hour in HOURS
    },
    "daily/2013-06-02/1.csv": b"x\n1\n",
    "daily/2013-06-02/_SUCCESS": b"",
    "daily/2013-06-03/1.csv": b"x\n2\n",
}
LANDED = [EARLIER, NOON - timedelta(days=3), NOON - timedelta(days=1)]
QUERIED = pa.table({"carrier": ["UA"], "dep_delay": [4.0], "arr_delay": [None]})
READ = [
    {"x": [1], "y": [2]},
    {"stadt": ["Zürich; Süd", "Bern"], "betrag": [1.5, 2.0], "n": [None, 1]},
    {"age": [1], "address.city": ["Bern"], "model.score": [0.5]},
    {
        "event_id": ["1-a"] * 24,
        "inference_time": [NOON - timedelta(hours=1)] * 24,
        "age": [31] * 24,
        "city": ["Bern"] * 24,
        "score": [0.5] * 24,
    },
    {"order": list(range(12, -1, -1)), "country": ["CH"] * 13},
    {"landed": LANDED[1:], "delay": [2, 3]},
    {name: column.to_pylist() for name, column in zip(QUERIED.column_names, QUERIED, strict=True)},
    {"x": [1]},
]


def _load(folder: Path, example: str) -> Monitor:
    file = folder / "m.yaml"
    pq.write_table(pa.table({"x": [1]}), folder / "reference.parquet")
    rest = {"name": "m", "reference": {"location": str(folder / "reference.parquet")}}
    file.write_text(yaml.safe_dump(rest) + example, encoding="utf-8")
    return load_monitor(file)


@pytest.fixture
def _lake(aws: str, tmp_path: Path) -> None:
    """Put what OBJECTS has, and a table of each lake, into the docs' bucket."""
    s3 = boto3.client("s3")
    s3.create_bucket(
        Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    for key, body in OBJECTS.items():
        s3.put_object(Bucket="my-bucket", Key=key, Body=body)
    for number in range(14):
        order = pa.table({"order": [number], "country": ["CH"]})
        write_deltalake(tmp_path / "orders", order, mode="append", partition_by=["country"])
    for file in (path for path in (tmp_path / "orders").rglob("*") if path.is_file()):
        s3.upload_file(str(file), "my-bucket", f"lake/{file.relative_to(tmp_path)}")
    catalog = GlueCatalog("glue", **{"s3.endpoint": aws, "s3.region": "eu-west-1"})
    catalog.create_namespace("sky")
    flights = pa.table({"landed": LANDED, "delay": [1, 2, 3]})
    place = "s3://my-bucket/lake/flights"
    catalog.create_table("sky.flights", flights.schema, location=place).append(flights)


@pytest.fixture
def athena(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Athena]:
    """Serve an Athena that has the workgroup and the rows."""
    boto3.client("athena").create_work_group(Name="drift")
    athena = Athena(aws)
    athena.rows = [QUERIED]
    with serve(athena) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_ATHENA", endpoint)
        yield athena


@pytest.mark.parametrize(
    ("example", "columns"), list(zip(EXAMPLES, READ, strict=True)), ids=range(len(READ))
)
@pytest.mark.usefixtures("_lake", "athena")
def test_an_example_reads_its_table(
    example: str, columns: dict[str, list[object]], tmp_path: Path
) -> None:
    monitor = _load(tmp_path, example)
    with open_pair(monitor, NOON) as pair:
        table = pair.current
        read = {name: [v for a in table.read(name) for v in a.to_pylist()] for name in columns}
        assert (table.columns, read) == (list(columns), columns)
        missing = table.summary.missing_files
    assert all(f"`{place}`" in DOCS for place in missing)
    assert bool(missing) == monitor.current.wait_for_success


def test_a_query_asks_what_the_docs_say(athena: Athena, tmp_path: Path) -> None:
    (example,) = (text for text in EXAMPLES if "sql:" in text)
    current = _load(tmp_path, example).current
    window = window_at(current, NOON)
    boto3.client("s3").create_bucket(
        Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    with open_query(current, window):
        pass
    (asked,) = athena.queries
    assert asked.endswith("WHERE dt >= '2013-05-28' AND dt < '2013-06-04'")
    assert "(`2013-05-28`)" in DOCS


def test_a_monitor_is_the_same_after_it_went_through_an_event(tmp_path: Path) -> None:
    for example in EXAMPLES:
        monitor = _load(tmp_path, example)
        assert Monitor.model_validate(monitor.model_dump(mode="json", exclude_none=True)) == monitor
