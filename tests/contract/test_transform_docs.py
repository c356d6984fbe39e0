"""The example of docs/transform.md is the file that comes with the project, and runs on S3."""

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet as pq

from drift_monitor.config.load import load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.transforms import TRANSFORMS
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.errors import DriftMonitorError

DOCS = (Path(__file__).parents[2] / "docs" / "transform.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
(SHOWN,) = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
NOON = datetime(2013, 6, 4, 12, tzinfo=UTC)
FLIGHTS = {
    "dep_time": [517, None, 542],
    "origin": ["EWR", "LGA", "JFK"],
    "dest": ["IAH", "IAH", "MIA"],
    "distance": [1400, 1416, 1089],
    "air_time": [227.0, None, 160.0],
}


def _load(folder: Path, flights: dict[str, list[object]]) -> Monitor:
    s3 = boto3.client("s3")
    s3.create_bucket(
        Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    for key, table in (("r.parquet", FLIGHTS), ("c.parquet", flights)):
        body = BytesIO()
        pq.write_table(pa.table(table), body)
        s3.put_object(Bucket="my-bucket", Key=key, Body=body.getvalue())
    tables = {
        "name": "m",
        "reference": {"location": "s3://my-bucket/r.parquet"},
        "current": {"location": "s3://my-bucket/c.parquet"},
    }
    file = folder / "m.yaml"
    file.write_text(yaml.safe_dump(tables) + EXAMPLE, encoding="utf-8")
    return load_monitor(file)


@pytest.mark.usefixtures("aws")
def test_the_example_transforms_tables_in_s3(tmp_path: Path) -> None:
    with open_pair(_load(tmp_path, FLIGHTS), NOON) as pair:
        for table in (pair.reference, pair.current):
            assert table.rows == 2
            assert table.columns == [*FLIGHTS, "route", "miles_per_hour"]
        (routes,) = (chunk.to_pylist() for chunk in pair.current.read("route"))
    assert routes == ["EWR-IAH", "JFK-MIA"]


@pytest.mark.usefixtures("aws")
def test_a_failure_says_what_the_page_says(tmp_path: Path) -> None:
    (sentence,) = re.findall(r"`flown\.py(:\d.*?)`", DOCS)
    without = {name: values for name, values in FLIGHTS.items() if name != "dep_time"}
    with pytest.raises(DriftMonitorError) as failed, open_pair(_load(tmp_path, without), NOON):
        pass
    assert str(failed.value).endswith(f"/flown.py{sentence}")


def test_the_page_shows_the_file_that_comes_with_the_project() -> None:
    assert (TRANSFORMS / "flown.py").read_text(encoding="utf-8") == SHOWN


@pytest.mark.usefixtures("aws")
def test_a_monitor_is_the_same_after_it_went_through_an_event(tmp_path: Path) -> None:
    monitor = _load(tmp_path, FLIGHTS)
    assert Monitor.model_validate(monitor.model_dump(mode="json", exclude_none=True)) == monitor
