"""A run on Spark, by the state machine that is deployed: what each state gets, and what fails how.

moto interprets the definition; the job and the function are stand-ins, tests/spark has the real.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from state_machine import FailedError, Machine, deployed
from synthesis import SCENARIOS, STACK, delivered, template_of
from unit.command_line import CommandLine, drift_monitor

from drift_monitor.monitor import run_event
from drift_monitor.run_event import RunEvent
from stacks.spark_states import longest_minutes

__all__ = ["drift_monitor"]  # the fixture

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
    return FailedError("States.TaskFailed", json.dumps(JOB_FAILED))


def queue(machine: Machine) -> str:
    return machine.ids["DetectorDeadLetters501BD786"]


def letters(machine: Machine) -> list[dict[str, Any]]:
    received = boto3.client("sqs").receive_message(QueueUrl=queue(machine), MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in received.get("Messages", [])]


def counted() -> list[tuple[str, dict[str, str]]]:
    """Return the metrics that were written, each with its dimensions."""
    metrics = boto3.client("cloudwatch").list_metrics(Namespace="DriftMonitor")["Metrics"]
    return [
        (each["MetricName"], {one["Name"]: one["Value"] for one in each["Dimensions"]})
        for each in metrics
    ]


def test_the_rule_sends_the_monitors_whole_configuration(event: dict[str, Any]) -> None:
    _, trips, _ = SCENARIOS["spark"].monitors
    assert event == run_event(trips, OCCASION["time"], OCCASION["id"])


def test_the_job_reads_the_rules_event_and_writes_beside_it(
    machine: Machine, event: dict[str, Any]
) -> None:
    read: list[RunEvent] = []

    def job(parameters: dict[str, Any]) -> None:
        named = arguments(parameters)["event"].removeprefix("s3://scratch/")
        body = boto3.client("s3").get_object(Bucket="scratch", Key=named)["Body"].read()
        read.append(RunEvent.model_validate_json(body))

    machine.job = job
    done = machine.run(event)
    assert done["status"] == "SUCCEEDED"
    assert read == [RunEvent.model_validate(event)]
    (parameters,) = machine.jobs
    assert parameters["Name"] == "trips"
    assert parameters["Tags"] == {"monitor": "trips"}
    folder = f"s3://scratch/runs/{done['name']}"
    assert arguments(parameters) == {
        "event": f"{folder}/event.json",
        "output": f"{folder}/scores/",
    }


def arguments(parameters: dict[str, Any]) -> dict[str, str]:
    """Return a job's arguments by name."""
    given = parameters["JobDriver"]["SparkSubmit"]["EntryPointArguments"]
    names, values = given[::2], given[1::2]
    return {name.removeprefix("--"): value for name, value in zip(names, values, strict=True)}


def test_the_function_goes_on_from_the_jobs_scores(machine: Machine, event: dict[str, Any]) -> None:
    machine.function = lambda _: {"monitor": "trips", "status": "drifted"}
    done = machine.run(event)
    (sent,) = machine.events
    (parameters,) = machine.jobs
    assert sent == {**event, "scores": arguments(parameters)["output"]}
    assert RunEvent.model_validate(sent).scores == sent["scores"]
    assert json.loads(done["output"]) == {"monitor": "trips", "status": "drifted"}
    assert letters(machine) == []


def test_each_run_has_a_folder_of_its_own(machine: Machine, event: dict[str, Any]) -> None:
    machine.run(event)
    machine.run(event)
    first, second = (arguments(parameters)["output"] for parameters in machine.jobs)
    assert first != second


def test_a_job_that_failed_is_tried_once_more_after_five_minutes(
    machine: Machine, event: dict[str, Any]
) -> None:
    machine.job = failing(job_failed())
    assert machine.run(event)["status"] == "SUCCEEDED"
    assert len(machine.jobs) == 2
    assert machine.pauses == [300]
    assert letters(machine) == []
    assert counted() == []


def test_a_job_that_failed_twice_is_a_dead_letter_and_counted(
    machine: Machine, event: dict[str, Any]
) -> None:
    machine.job = failing(job_failed(), job_failed())
    done = machine.run(event)
    assert done["status"] == "FAILED"
    assert (len(machine.jobs), machine.events) == (2, [])
    (letter,) = letters(machine)
    assert letter == {
        "execution": done["executionArn"],
        "failure": {"Error": "States.TaskFailed", "Cause": json.dumps(JOB_FAILED)},
        "requestPayload": event,
    }
    assert counted() == [("RunsSucceeded", {"service": STACK, "monitor": "trips"})]


def test_a_job_that_is_too_slow_is_not_tried_again(machine: Machine, event: dict[str, Any]) -> None:
    machine.job = failing(SLOW)
    assert machine.run(event)["status"] == "FAILED"
    assert (len(machine.jobs), machine.pauses) == (1, [])
    (letter,) = letters(machine)
    assert letter["failure"]["Error"] == "States.Timeout"
    assert letter["requestPayload"] == event


def test_a_slow_job_is_given_up_before_it_is_stopped(
    machine: Machine, event: dict[str, Any]
) -> None:
    # Were it stopped first, it would be a job that failed, and be tried again at full cost.
    machine.run(event)
    (parameters,) = machine.jobs
    states = json.loads(definition(machine))["States"]
    assert states["RunJob"]["TimeoutSeconds"] == parameters["ExecutionTimeoutMinutes"] * 60


def definition(machine: Machine) -> str:
    found = boto3.client("stepfunctions").describe_state_machine(stateMachineArn=machine.arn)
    return found["definition"]


def test_a_function_that_fails_is_tried_as_often_as_lambda_tries_it(
    machine: Machine, event: dict[str, Any]
) -> None:
    error = FailedError("DriftMonitorError", "the topic is gone")
    machine.function = failing(error, error)
    assert machine.run(event)["status"] == "SUCCEEDED"
    assert machine.pauses == [60, 120]
    assert len(machine.jobs) == 1
    assert letters(machine) == []


def test_a_function_that_fails_for_good_is_a_dead_letter_and_counts_itself(
    machine: Machine, event: dict[str, Any]
) -> None:
    error = FailedError("DriftMonitorError", "the topic is gone")
    machine.function = failing(error, error, error)
    assert machine.run(event)["status"] == "FAILED"
    assert len(machine.events) == 3
    (letter,) = letters(machine)
    assert letter["requestPayload"] == event
    assert "the topic is gone" in letter["failure"]["Cause"]
    assert counted() == []


def test_a_function_that_is_busy_is_asked_again_soon(
    machine: Machine, event: dict[str, Any]
) -> None:
    busy = FailedError("Lambda.TooManyRequestsException", "rate exceeded")
    machine.function = failing(busy, busy, busy, busy)
    assert machine.run(event)["status"] == "SUCCEEDED"
    assert len(machine.pauses) == 4
    assert max(machine.pauses) <= 2 * 2**4


def test_an_event_that_cannot_be_kept_is_a_dead_letter_and_no_job(
    machine: Machine, event: dict[str, Any]
) -> None:
    boto3.client("s3").delete_bucket(Bucket="scratch")
    assert machine.run(event)["status"] == "FAILED"
    assert (machine.jobs, machine.events) == ([], [])
    (letter,) = letters(machine)
    assert letter["requestPayload"] == event
    assert "NoSuchBucket" in letter["failure"]["Error"]


def test_without_its_queue_a_run_that_failed_fails_all_the_same(
    machine: Machine, event: dict[str, Any]
) -> None:
    machine.job = failing(SLOW)
    boto3.client("sqs").delete_queue(QueueUrl=queue(machine))
    assert machine.run(event)["status"] == "FAILED"
    assert len(machine.pauses) == 5


def test_no_run_outlasts_the_look_for_overdue_monitors(machine: Machine) -> None:
    states = json.loads(definition(machine))["States"]
    path = ("NameRun", "KeepEvent", "RunJob", "Publish")
    longest = sum(seconds_at_most(states[name]) for name in path) / 60
    (watched,) = {
        each["grace_minutes"]
        for each in delivered(template_of("spark").rule("WatchScheduled"), OCCASION)["watch"]
        if "grace_minutes" in each
    }
    assert longest <= watched == longest_minutes(120)
    # And a run that does not happen is noticed on the day after, at the latest.
    assert watched <= 24 * 60


def seconds_at_most(state: dict[str, Any]) -> float:
    """Return how long a state may take that succeeds with its last attempt, pauses included."""
    attempts, pauses = 1, 0.0
    for retry in state.get("Retry", []):
        again = range(retry["MaxAttempts"])
        attempts += len(again) if retry["ErrorEquals"][0].startswith("States.") else 0
        rate = retry.get("BackoffRate", 1)
        pauses += sum(retry["IntervalSeconds"] * rate**each for each in again)
    # A call that is refused is refused at once: only what runs takes all of its time each time.
    takes_its_time = state.get("TimeoutSeconds", 0) > 60
    return (attempts if takes_its_time else 1) * state.get("TimeoutSeconds", 0) + pauses


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
