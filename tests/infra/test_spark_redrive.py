"""`drift-monitor redrive` of runs on Spark, by the state machine that is deployed."""

import json
from typing import Any

import boto3
from spark_runs import (
    JOB_FAILED,
    OCCASION,
    SLOW,
    event,
    failing,
    job_failed,
    letters,
    machine,
    queue,
)
from state_machine import Machine
from support.command_line import CommandLine, drift_monitor
from synthesis import STACK

__all__ = ["drift_monitor", "event", "machine"]  # the fixtures


def test_redrive_starts_a_run_on_spark_again(
    machine: Machine, event: dict[str, Any], drift_monitor: CommandLine
) -> None:
    machine.job = failing(SLOW)
    machine.run(event)
    stack({"DeadLetterQueueUrl": queue(machine), "SparkStateMachineArn": machine.arn})
    listed = drift_monitor("redrive", "--stack", STACK, "--dry-run")
    assert "trips  2013-06-24 09:30  would be replayed" in listed.out
    assert "Failed with: States.Timeout" in listed.out
    done = drift_monitor("redrive", "--stack", STACK)
    assert (done.code, done.err) == (0, "")
    first, second = machine.ended()
    assert (first["status"], second["status"]) == ("FAILED", "SUCCEEDED")
    assert [sent["event_id"] for sent in machine.events] == [OCCASION["id"]]
    assert letters(machine) == []


def test_redrive_says_why_the_job_failed(
    machine: Machine, event: dict[str, Any], drift_monitor: CommandLine
) -> None:
    machine.job = failing(job_failed(), job_failed())
    machine.run(event)
    stack({"DeadLetterQueueUrl": queue(machine), "SparkStateMachineArn": machine.arn})
    said = drift_monitor("redrive", "--stack", STACK, "--dry-run").out
    assert f"Failed with: States.TaskFailed: {JOB_FAILED['StateDetails']}\n" in said


def test_redrive_keeps_a_run_on_spark_where_there_is_no_spark_any_more(
    machine: Machine, event: dict[str, Any], drift_monitor: CommandLine
) -> None:
    machine.job = failing(SLOW)
    machine.run(event)
    stack({"DeadLetterQueueUrl": queue(machine)})
    done = drift_monitor("redrive", "--stack", STACK)
    assert done.code == 1
    assert "trips runs on Spark, and the stack has none any more" in done.err
    assert len(letters(machine)) == 1


def stack(outputs: dict[str, str]) -> None:
    """Make a stack that says so."""
    values = {"FunctionName": "function", **outputs}
    template = {
        "Resources": {"Any": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in values.items()},
    }
    boto3.client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(template))
