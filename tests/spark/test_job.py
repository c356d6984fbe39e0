"""The job and the function after it: together they do what the function does alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from e2e.conftest import DATA_BUCKET, SITE_BUCKET, account, flights, inbox, keys, messages, stored
from pyarrow import csv
from pyarrow import parquet as pq
from pyspark.sql import SparkSession

import drift_lambda
from drift_monitor.config.events import RunEvent, run_event
from drift_monitor.config.load import load_monitor
from drift_monitor.engines.column_engine import by_columns
from drift_monitor.engines.scored_run import read_scored_run
from drift_monitor.engines.scoring import score_run
from drift_monitor.engines.spark.job import run_job
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult

__all__ = ["account", "flights", "inbox"]  # the fixtures

ROOT = Path(__file__).parents[2]
SCHEDULED_AT = "2013-07-01T09:30:00Z"
SCRATCH = "amzn-s3-demo-scratch"
EVENT, SCORES = f"s3://{SCRATCH}/runs/1/event.json", f"s3://{SCRATCH}/runs/1/scores/"


def _event(**parts: object) -> dict[str, Any]:
    """Return what the rule of the flights' monitor sends, with some of it replaced."""
    monitor = load_monitor(ROOT / "monitors" / "flights.yaml")
    event = json.loads(json.dumps(run_event(monitor, SCHEDULED_AT, "by-hand")))
    event["monitor"] |= {"engine": "spark", **parts}
    return event


@pytest.fixture
def on_s3(spark: SparkSession, account: str) -> Iterator[SparkSession]:
    """Let Spark's tasks reach the test's account, and make the bucket of their runs."""
    where = {"LocationConstraint": "eu-west-1"}
    boto3.client("s3").create_bucket(Bucket=SCRATCH, CreateBucketConfiguration=where)
    environment = spark.sparkContext.environment
    before = environment.copy()
    environment["AWS_ENDPOINT_URL"] = account
    yield spark
    environment.clear()
    environment.update(before)


def _run_job(spark: SparkSession, event: dict[str, Any]) -> None:
    body = json.dumps(event).encode()
    boto3.client("s3").put_object(Bucket=SCRATCH, Key="runs/1/event.json", Body=body)
    run_job(spark, EVENT, SCORES)


def _clear_site() -> None:
    s3 = boto3.client("s3")
    for key in keys():
        s3.delete_object(Bucket=SITE_BUCKET, Key=key)


def _result() -> DriftResult:
    return DriftResult.model_validate_json(stored("monitors/flights/drift.json"))


def test_what_is_published_is_what_the_function_alone_publishes(
    on_s3: SparkSession, inbox: str
) -> None:
    alone = drift_lambda.lambda_handler(_event(engine="columns"), None)
    expected, written = _result(), keys()
    (email,) = messages(inbox)
    _clear_site()

    event = _event()
    _run_job(on_s3, event)
    assert keys() == set()
    answer = drift_lambda.lambda_handler({**event, "scores": SCORES}, None)
    assert answer == alone
    assert keys() == written
    found = _result()
    assert found.model_dump_json() == expected.model_dump_json()
    (same_email,) = messages(inbox)
    assert same_email["Subject"] == email["Subject"]


def test_the_job_copies_csv_where_all_of_its_tasks_can_read_it(
    on_s3: SparkSession, flights: Path, tmp_path: Path
) -> None:
    file = tmp_path / "reference.csv"
    csv.write_csv(pq.read_table(flights / "demo" / "data" / "reference.parquet"), file)
    boto3.client("s3").upload_file(str(file), DATA_BUCKET, "csv/reference.csv")
    event = _event(reference={"location": f"s3://{DATA_BUCKET}/csv/reference.csv"})
    _run_job(on_s3, event)

    asked = RunEvent.model_validate(event)
    expected = score_run(asked.monitor, asked.scheduled_at, by_columns)
    assert read_scored_run(SCORES).result == expected.result


def test_a_run_without_data_is_told_as_ever(on_s3: SparkSession, inbox: str) -> None:
    event = {**_event(), "scheduled_at": "2014-07-01T09:30:00Z"}
    _run_job(on_s3, event)
    answer = drift_lambda.lambda_handler({**event, "scores": SCORES}, None)
    assert answer["status"] == "no_data"
    assert messages(inbox)[0]["Subject"].startswith("No data: flights")


@pytest.mark.usefixtures("account")
def test_the_function_computes_no_spark_monitor_by_itself() -> None:
    with pytest.raises(DriftMonitorError, match="start the state machine"):
        drift_lambda.lambda_handler(_event(), None)


def test_the_scores_of_another_run_are_refused(on_s3: SparkSession) -> None:
    event = _event()
    _run_job(on_s3, {**event, "scheduled_at": "2014-07-01T09:30:00Z"})
    with pytest.raises(DriftMonitorError, match="has the scores of flights, 20140701T093000Z"):
        drift_lambda.lambda_handler({**event, "scores": SCORES}, None)


@pytest.mark.usefixtures("account")
def test_missing_scores_are_named() -> None:
    with pytest.raises(DriftMonitorError, match=f"{SCORES} has no scores that can be read"):
        drift_lambda.lambda_handler({**_event(), "scores": SCORES}, None)


def test_a_job_that_fails_says_why_and_leaves_no_scores(
    spark: SparkSession, tmp_path: Path
) -> None:
    event = _event(reference={"location": str(tmp_path / "nowhere.parquet")})
    (tmp_path / "event.json").write_text(json.dumps(event), encoding="utf-8")
    with pytest.raises(DriftMonitorError, match=r"nowhere\.parquet has no file"):
        run_job(spark, str(tmp_path / "event.json"), str(tmp_path / "scores"))
    assert not (tmp_path / "scores").exists()
    with pytest.raises(DriftMonitorError, match=r"none\.json is no event that can be read"):
        run_job(spark, str(tmp_path / "none.json"), str(tmp_path / "scores"))
