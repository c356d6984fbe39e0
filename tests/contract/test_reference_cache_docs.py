"""The example of docs/reference-cache.md runs on S3, and its cache lies where the page says."""

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet as pq

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.load import load_monitor
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.errors import DriftMonitorError

DOCS = (Path(__file__).parents[2] / "docs" / "reference-cache.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
(SHOWN,) = re.findall(r"```\ns3://my-bucket/(\S+)\ns3://my-bucket/(\S+)\n```", DOCS)
NOW = datetime(2013, 6, 24, 9, 30, tzinfo=UTC)
OTHERS = {"name": "flights", "current": {"location": "s3://my-bucket/now.parquet"}}


@pytest.mark.usefixtures("aws")
def test_the_example_keeps_its_cache_where_the_page_says(tmp_path: Path) -> None:
    s3 = boto3.client("s3")
    region = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="my-bucket", CreateBucketConfiguration=region)
    reference, cache = SHOWN
    for key in (reference, "now.parquet"):
        body = BytesIO()
        pq.write_table(pa.table({"x": range(2_000)}), body)
        s3.put_object(Bucket="my-bucket", Key=key, Body=body.getvalue())
    file = tmp_path / "m.yaml"
    file.write_text(yaml.safe_dump(OTHERS) + EXAMPLE, encoding="utf-8")
    monitor = load_monitor(file)
    for _ in range(2):
        with open_pair(monitor, NOW) as pair:
            (column,) = compare(pair.reference, pair.current, monitor).columns
        assert column.score == 0
    keys = {found["Key"] for found in s3.list_objects_v2(Bucket="my-bucket")["Contents"]}
    pattern = cache.replace("MONITOR", "flights").replace("DIGEST", "[0-9a-f]{16}")
    kept = keys - {reference, "now.parquet"}
    assert kept
    assert all(re.match(pattern, key) for key in kept)


@pytest.mark.parametrize(
    "reference",
    [
        {"window": "previous"},
        {"sql": "SELECT 1", "database": "db", "output": "s3://my-bucket/athena/"},
    ],
)
def test_only_a_reference_with_a_location_has_a_cache(
    tmp_path: Path, reference: dict[str, str]
) -> None:
    current = {"location": "daily/{date:%Y-%m-%d}/", "window": "7d"}
    monitor = {"name": "flights", "reference": {**reference, "cache": True}, "current": current}
    file = tmp_path / "m.yaml"
    file.write_text(yaml.safe_dump(monitor), encoding="utf-8")
    with pytest.raises(DriftMonitorError) as caught:
        load_monitor(file)
    assert "only a reference with a location has a cache: leave cache out" in str(caught.value)
