"""A run as it is deployed: its rule's event, through the state machine, the job and the function.

The definition is the stack's, interpreted by moto; the job is submitted to a Spark on this machine,
and the function is the handler. Both read and write moto's S3.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pyarrow as pa
import pytest
from infra.state_machine import FailedError, Machine, deployed
from infra.synthesis import delivered, template_of
from pyarrow import parquet as pq

import drift_lambda
from drift_monitor.engines.spark import job

pytestmark = pytest.mark.xdist_group("evidently")

ROWS = 4_000
RUN = "20130624T093000Z"
OCCASION = {"id": "7bf73129-1428-4cd3-a780-95db273d1602", "time": "2013-06-24T09:30:00Z"}


@pytest.fixture
def machine(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with deployed(template_of("spark"), aws, monkeypatch) as machine:
        machine.job = submit
        machine.function = handle
        yield machine


@pytest.fixture
def event() -> dict[str, Any]:
    """What the rule of a monitor on Spark sends."""
    return delivered(template_of("spark").rule("ScheduletripsScheduled"), OCCASION)


@pytest.fixture
def _account(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - what it is in
    """Make the site, the topic, and the tables' bucket with a reference and six of seven days."""
    s3 = boto3.client("s3")
    for bucket in ("tables", "site"):
        s3.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    random = np.random.default_rng(7)
    put_table("trips/reference.parquet", random.normal(0, 1, ROWS), random)
    for day in range(17, 23):
        put_table(f"trips/daily/2013-06-{day}.parquet", random.normal(0.5, 1, ROWS // 6), random)
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    environment = {"SITE_BUCKET": "site", "SITE_URL": "http://site", "TOPIC_ARN": topic}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def put_table(key: str, distances: np.ndarray, random: np.random.Generator) -> None:
    zones = random.choice(["a", "b", "c"], len(distances))
    pq.write_table(pa.table({"distance": distances, "zone": zones}), file := io.BytesIO())
    boto3.client("s3").put_object(Bucket="tables", Key=key, Body=file.getvalue())


def submit(parameters: dict[str, Any]) -> None:
    """Run a Spark job with its arguments, as EMR Serverless does."""
    submitted = parameters["JobDriver"]["SparkSubmit"]
    assert submitted["EntryPoint"].endswith("/drift_monitor/engines/spark/job.py")
    done = subprocess.run(
        [
            Path(sys.executable).with_name("spark-submit"),
            *("--master", "local[2]", "--conf", "spark.ui.enabled=false"),
            job.__file__,
            *submitted["EntryPointArguments"],
        ],
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        details = f"ExitCode: {done.returncode}. {done.stdout[-2000:]}"
        cause = {"State": "FAILED", "StateDetails": details}
        raise FailedError("States.TaskFailed", json.dumps(cause))


def handle(event: dict[str, Any]) -> object:
    """Invoke the function, as Lambda does."""
    try:
        return drift_lambda.lambda_handler(event, None)
    except Exception as error:
        raise FailedError(type(error).__name__, str(error)) from error


@pytest.mark.usefixtures("_account")
def test_a_rules_event_ends_as_a_report(machine: Machine, event: dict[str, Any]) -> None:
    done = machine.run(event)
    assert done["status"] == "SUCCEEDED"
    assert json.loads(done["output"]) == {"monitor": "trips", "run_id": RUN, "status": "drifted"}
    listed = boto3.client("s3").list_objects_v2(Bucket="site")["Contents"]
    assert {
        "index.html",
        "monitors/trips/drift.json",
        f"reports/trips/{RUN}/index.html",
    } <= {each["Key"] for each in listed}


def test_a_table_that_is_gone_is_said_in_the_dead_letter(
    machine: Machine, event: dict[str, Any]
) -> None:
    boto3.client("s3").create_bucket(
        Bucket="tables", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    assert machine.run(event)["status"] == "FAILED"
    assert len(machine.jobs) == 2
    queue = machine.ids["DetectorDeadLetters501BD786"]
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    letter = json.loads(message["Body"])
    assert letter["requestPayload"] == event
    assert "s3://tables/trips/reference.parquet has no file" in letter["failure"]["Cause"]
