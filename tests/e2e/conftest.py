"""The flights of 2013: on disk as the demo lays them out, in S3 as a deployed monitor reads.

And the function's account: the event that its rule sends, its site, and an inbox.
"""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from infra.synthesis import Scenario, Template, delivered, synthesize

from drift_monitor.config.load import load_monitors
from examples.flights import read_flights, write_tables

ROOT = Path(__file__).parents[2]
DATA_BUCKET = "amzn-s3-demo-bucket"
SITE_BUCKET = "site"
SCHEDULED_AT = "2013-07-01T09:30:00Z"
RUN = "20130701T093000Z"
EVENT_ID = "7bf73129-1428-4cd3-a780-95db273d1602"


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


@pytest.fixture(scope="session")
def template() -> Template:
    """Return the stack that the repository's own monitors make."""
    return synthesize(Scenario(tuple(load_monitors(ROOT / "monitors"))))


@pytest.fixture
def event(template: Template) -> dict[str, Any]:
    """Return what the deployed rule sends on a Monday."""
    occasion = {"time": SCHEDULED_AT, "id": EVENT_ID}
    return delivered(template.rule("ScheduleflightsScheduled"), occasion)


@pytest.fixture
def inbox(account: str) -> str:  # noqa: ARG001 - the account is where the queue is
    """Subscribe a queue to the topic; return its URL."""
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    boto3.client("sns").subscribe(
        TopicArn=os.environ["TOPIC_ARN"], Protocol="sqs", Endpoint=arn["QueueArn"]
    )
    return queue


def messages(queue: str) -> list[dict[str, Any]]:
    received = boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in received.get("Messages", [])]


def stored(key: str) -> bytes:
    body = boto3.client("s3").get_object(Bucket=SITE_BUCKET, Key=key)["Body"].read()
    return gzip.decompress(body)


def keys() -> set[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket=SITE_BUCKET)
    return {found["Key"] for found in listed.get("Contents", [])}
