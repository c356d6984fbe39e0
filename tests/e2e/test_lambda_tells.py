"""What the function logs and counts: of its runs, and of its look for overdue monitors."""

import json
import logging
from typing import Any

import boto3
import pytest
from e2e.conftest import DATA_BUCKET, EVENT_ID, RUN, stored
from infra.synthesis import Template, delivered

import drift_lambda
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult

pytestmark = pytest.mark.xdist_group("evidently")
RUN_FIELDS = {"monitor": "flights", "run_id": RUN, "event_id": EVENT_ID}


def our_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return what our modules logged, as the fields that Lambda's runtime writes."""
    return [
        {"level": record.levelname, "message": record.getMessage(), **vars(record)}
        for record in caplog.records
        if record.name.startswith("drift_")
    ]


def metric_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]


def metric_names(line: dict[str, Any]) -> set[str]:
    return {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}


@pytest.mark.usefixtures("account")
def test_each_log_line_names_its_run_also_when_the_process_is_used_again(
    event: dict[str, Any], template: Template, caplog: pytest.LogCaptureFixture
) -> None:
    filters = [list(handler.filters) for handler in logging.getLogger().handlers]
    drift_lambda.lambda_handler(event, None)
    of_a_run = our_lines(caplog)
    caplog.clear()
    looks = delivered(template.rule("WatchScheduled"), {"time": "2013-06-20T12:00:00Z"})
    drift_lambda.lambda_handler(looks, None)
    looks["looked_at"] = "2014-07-01T12:00:00Z"
    drift_lambda.lambda_handler(looks, None)
    (of_a_look,) = our_lines(caplog)

    assert [line["message"] for line in of_a_run] == [
        "The run begins",
        "Alert: drift, when is always",
        "Drift: 6 of 13 columns drifted",
    ]
    assert all(line.items() >= RUN_FIELDS.items() for line in of_a_run)
    assert (of_a_look["level"], of_a_look["monitor"]) == ("ERROR", "flights")
    assert not {"run_id", "event_id"} & of_a_look.keys()
    assert [list(handler.filters) for handler in logging.getLogger().handlers] == filters


@pytest.mark.usefixtures("account")
def test_a_run_s_metrics_are_those_of_its_result(
    event: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    event["monitor"]["column_metrics"] = True
    drift_lambda.lambda_handler(event, None)
    line, *by_column = metric_lines(capsys)
    result = DriftResult.model_validate_json(stored("monitors/flights/drift.json"))
    assert (
        line.items()
        >= {
            "service": "DriftMonitor-test",
            "monitor": "flights",
            "run_id": RUN,
            "RunsSucceeded": [1.0],
            "DriftedShare": [result.drifted_share],
            "DriftedColumns": [result.drifted_columns],
            "CurrentRows": [result.current.rows],
        }.items()
    )
    assert 0 < line["RunDuration"][0] < 600
    assert {each["column"]: each["DriftScore"][0] for each in by_column} == {
        column.column: column.score for column in result.columns if column.is_scored
    }


@pytest.mark.usefixtures("account")
def test_a_failed_run_is_one_sentence_in_the_log_and_a_zero_in_the_metrics(
    event: dict[str, Any], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client("s3").delete_object(Bucket=DATA_BUCKET, Key="flights/reference.parquet")
    with pytest.raises(DriftMonitorError) as raised:
        drift_lambda.lambda_handler(event, None)
    (error,) = [line for line in our_lines(caplog) if line["level"] == "ERROR"]
    assert error["message"] == str(raised.value)
    assert error["exc_info"] is None
    assert error.items() >= RUN_FIELDS.items()
    (line,) = metric_lines(capsys)
    assert metric_names(line) == {"RunsSucceeded"}
    assert (line["RunsSucceeded"], line["monitor"]) == ([0.0], "flights")


@pytest.mark.usefixtures("account")
def test_the_regular_look_counts_overdue_monitors_in_a_metric(
    template: Template, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = template.rule("WatchScheduled")
    first, later = (
        drift_lambda.lambda_handler(delivered(rule, {"time": time}), None)
        for time in ("2013-06-20T12:00:00Z", "2013-07-02T12:00:00Z")
    )
    assert (first, later) == ({"overdue": []}, {"overdue": ["flights"]})
    metric = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert metric["OverdueMonitors"] == [1.0]
    assert metric["service"] == "DriftMonitor-test"
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "DriftMonitor"
