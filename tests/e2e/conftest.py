"""The flights of 2013: on disk as the demo lays them out, in S3 as a deployed monitor reads."""

import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from examples.flights import read_flights, write_tables

ROOT = Path(__file__).parents[2]
DATA_BUCKET = "amzn-s3-demo-bucket"
SITE_BUCKET = "site"


def drift_monitor(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [str(Path(sys.executable).with_name("drift-monitor")), *arguments]
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a working folder with the demo's tables in it."""
    folder = tmp_path_factory.mktemp("flights")
    write_tables(read_flights(), folder / "demo" / "data")
    return folder


@pytest.fixture
def account(aws: str, flights: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put the newest week and what the stack deploys into an account; return its endpoint."""
    s3 = boto3.client("s3")
    for bucket in (DATA_BUCKET, SITE_BUCKET):
        s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    data = flights / "demo" / "data"
    days = [data / "daily" / f"2013-06-{day}.parquet" for day in range(24, 31)]
    for file in [data / "reference.parquet", *days]:
        s3.upload_file(str(file), DATA_BUCKET, f"flights/{file.relative_to(data)}")
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    for name, value in {
        "SITE_BUCKET": SITE_BUCKET,
        "SITE_URL": "http://site.example.com",
        "TOPIC_ARN": topic,
        "POWERTOOLS_SERVICE_NAME": "DriftMonitor-test",
        "POWERTOOLS_METRICS_NAMESPACE": "DriftMonitor",
    }.items():
        monkeypatch.setenv(name, value)
    return aws
