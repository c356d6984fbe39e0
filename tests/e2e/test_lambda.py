"""The function over S3 and SNS, with the very event that the deployed rule sends."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from e2e.conftest import DATA_BUCKET, ROOT, RUN, SCHEDULED_AT, keys, messages, stored
from typer.testing import CliRunner

import drift_lambda
from drift_monitor.cli.main import app
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.site.pages.assets import assets

pytestmark = pytest.mark.xdist_group("evidently")


def test_a_run_publishes_its_site_and_emails_once_though_delivered_twice(
    event: dict[str, Any], inbox: str
) -> None:
    answer = drift_lambda.lambda_handler(event, None)
    written = keys()
    assert answer == {"monitor": "flights", "run_id": RUN, "status": "drifted"}
    assert written == {
        "index.html",
        "error.html",
        "overview.json",
        *(f"assets/{name}" for name in assets()),
        "monitors/flights/index.html",
        "monitors/flights/drift.json",
        "monitors/flights/history.html",
        "monitors/flights/column.html",
        "monitors/flights/history/2013.json",
        "monitors/flights/profiles/2013.json",
        f"monitors/flights/runs/{RUN}/drift.json",
        f"monitors/flights/runs/{RUN}/email.json",
        f"reports/flights/{RUN}/index.html",
    }

    drift_lambda.lambda_handler(event, None)
    assert keys() == written
    history = json.loads(stored("monitors/flights/history/2013.json"))
    assert [run["run_id"] for run in history["runs"]] == [RUN]

    (message,) = messages(inbox)
    assert message["Subject"].startswith("Drift: flights, ")
    assert message["MessageAttributes"]["monitor"]["Value"] == "flights"
    assert message["MessageAttributes"]["status"]["Value"] == "drifted"
    assert f"http://site.example.com/reports/flights/{RUN}/index.html" in message["Message"]


@pytest.mark.usefixtures("account")
def test_the_command_line_finds_what_the_function_finds(
    event: dict[str, Any], tmp_path: Path
) -> None:
    drift_lambda.lambda_handler(event, None)
    monitor_file = ROOT / "monitors" / "flights.yaml"
    done = CliRunner().invoke(
        app,
        ["run", str(monitor_file), "--as-of", SCHEDULED_AT, "--site", str(tmp_path), "--json"],
    )
    assert done.exit_code == 0, done.output
    by_function = DriftResult.model_validate_json(stored("monitors/flights/drift.json"))
    assert DriftResult.model_validate_json(done.stdout) == by_function
    assert (tmp_path / "monitors/flights/drift.json").read_bytes() == stored(
        "monitors/flights/drift.json"
    )
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*") if path.is_file()} - {
        ".lock"
    } >= keys() - {f"monitors/flights/runs/{RUN}/email.json"}


def test_a_window_with_a_missing_day_says_so(event: dict[str, Any], inbox: str) -> None:
    gone = "flights/daily/2013-06-26.parquet"
    boto3.client("s3").delete_object(Bucket=DATA_BUCKET, Key=gone)
    drift_lambda.lambda_handler(event, None)
    result = DriftResult.model_validate_json(stored("monitors/flights/drift.json"))
    assert result.current.missing_files == [f"s3://{DATA_BUCKET}/{gone}"]
    assert f"s3://{DATA_BUCKET}/{gone}" in messages(inbox)[0]["Message"]
    assert b"1 of the window's files missing" in stored("index.html").replace(b"&#39;", b"'")


def test_a_window_without_a_file_succeeds_and_is_told(
    event: dict[str, Any], inbox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    event["scheduled_at"] = "2014-01-06T09:30:00Z"
    answer = drift_lambda.lambda_handler(event, None)
    assert answer == {"monitor": "flights", "run_id": "20140106T093000Z", "status": "no_data"}
    assert b"current has no file for 30 Dec 2013 to 5 Jan 2014" in stored("index.html")
    told = DriftResult.model_validate_json(messages(inbox)[0]["Message"])
    assert (told.status, told.columns) == ("no_data", [])
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [line["RunsWithoutData"] for line in metrics if "RunsWithoutData" in line] == [[1]]


def test_a_failed_run_raises_and_publishes_nothing(event: dict[str, Any], inbox: str) -> None:
    boto3.client("s3").delete_object(Bucket=DATA_BUCKET, Key="flights/reference.parquet")
    with pytest.raises(DriftMonitorError, match=r"reference\.parquet has no file"):
        drift_lambda.lambda_handler(event, None)
    assert keys() == set()
    assert messages(inbox) == []


@pytest.mark.usefixtures("account")
def test_a_service_that_stalls_leaves_time_to_say_so(
    event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = boto3.client, []
    monkeypatch.setattr(boto3, "client", lambda *a, **k: made.append(make(*a, **k)) or made[-1])
    boto3.client("s3").delete_object(Bucket=DATA_BUCKET, Key="flights/reference.parquet")
    made.clear()
    with pytest.raises(DriftMonitorError):
        drift_lambda.lambda_handler(event, None)
    assert {client.meta.service_model.service_name for client in made} == {"s3", "sns"}
    for config in (client.meta.config for client in made):
        attempts = config.retries["total_max_attempts"]
        assert attempts > 1
        assert attempts * (config.connect_timeout + config.read_timeout) < 120


def test_a_run_whose_email_failed_emails_when_retried(
    event: dict[str, Any], inbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = os.environ["TOPIC_ARN"]
    monkeypatch.setenv("TOPIC_ARN", f"{topic}-gone")
    with pytest.raises(Exception, match="Publish"):
        drift_lambda.lambda_handler(event, None)
    assert "index.html" in keys()

    monkeypatch.setenv("TOPIC_ARN", topic)
    drift_lambda.lambda_handler(event, None)
    assert len(messages(inbox)) == 1


@pytest.mark.usefixtures("account")
def test_an_event_with_a_mistake_is_refused(event: dict[str, Any]) -> None:
    event["monitor"]["drift"]["numeric"]["method"] = "kss"
    with pytest.raises(ValueError, match="kss"):
        drift_lambda.lambda_handler(event, None)


def test_the_function_starts_without_the_heavy_packages() -> None:
    """Lambda allows its init phase 10 s, which Evidently's import alone can take."""
    loaded = "import sys, drift_lambda; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert not {"evidently", "pandas", "pyarrow", "scipy"} & set(done.stdout.split())
