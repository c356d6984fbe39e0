"""Runs on Spark by the state machine that is deployed, and what becomes of them.

moto interprets the definition; the job and the function are stand-ins, tests/spark has the real.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from state_machine import FailedError, Machine, deployed
from synthesis import delivered, template_of

OCCASION = {"id": "7bf73129-1428-4cd3-a780-95db273d1602", "time": "2013-06-24T09:30:00Z"}
JOB_FAILED = {
    "ApplicationId": "00f1",
    "State": "FAILED",
    "StateDetails": "Job failed. DriftMonitorError: s3://tables/trips/daily/: no file is there",
}
SLOW = FailedError("States.Timeout", "")
"""What Step Functions says of a task that has run out of its time."""


@pytest.fixture
def machine(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Deploy the state machine into an account of the test's own."""
    with deployed(template_of("spark"), aws, monkeypatch) as machine:
        yield machine


@pytest.fixture(scope="module")
def event() -> dict[str, Any]:
    """What the monitor's rule sends."""
    return delivered(template_of("spark").rule("ScheduletripsScheduled"), OCCASION)


def failing(*outcomes: Exception | None) -> Callable[[dict[str, Any]], object]:
    """Return what fails or succeeds in this order, and then succeeds."""
    left = list(outcomes)

    def act(_: dict[str, Any]) -> object:
        outcome = left.pop(0) if left else None
        if outcome is not None:
            raise outcome
        return {"status": "ok"}

    return act


def job_failed() -> FailedError:
    """Return what Step Functions says of a job that failed."""
    return FailedError("States.TaskFailed", json.dumps(JOB_FAILED))


def queue(machine: Machine) -> str:
    """Return the URL of the dead-letter queue."""
    return machine.ids["DetectorDeadLetters501BD786"]


def letters(machine: Machine) -> list[dict[str, Any]]:
    """Return what waits in the dead-letter queue."""
    received = boto3.client("sqs").receive_message(QueueUrl=queue(machine), MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in received.get("Messages", [])]
