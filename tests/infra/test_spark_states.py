"""A run on Spark, state by state: what each of them gets, and what fails how."""

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
from state_machine import FailedError, Machine
from synthesis import SCENARIOS, STACK, delivered, template_of

from drift_monitor.config.events import RunEvent, run_event
from stacks.spark.states import longest_minutes

__all__ = ["event", "machine"]  # the fixtures


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
    assert parameters["Tags"] == {"monitor": "trips", "service": STACK}
    assert parameters["ExecutionRoleArn"].split("/")[-1].startswith("SparkJobRoletrips")
    folder = f"s3://scratch/runs/trips/{done['name']}"
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


def test_monitor_that_is_no_longer_deployed_is_a_dead_letter_and_no_job(
    machine: Machine, event: dict[str, Any]
) -> None:
    gone = {**event, "monitor": {**event["monitor"], "name": "gone"}}
    assert machine.run(gone)["status"] == "FAILED"
    assert (machine.jobs, machine.events) == ([], [])
    (letter,) = letters(machine)
    assert letter["failure"]["Cause"] == "No monitor of this name is deployed with engine: spark."
    assert letter["requestPayload"] == gone


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


def test_a_function_that_is_busy_is_asked_again_for_as_long_as_a_run_may_take(
    machine: Machine, event: dict[str, Any]
) -> None:
    busy = FailedError("Lambda.TooManyRequestsException", "rate exceeded")
    machine.function = failing(*[busy] * 20)
    assert machine.run(event)["status"] == "SUCCEEDED"
    assert (len(machine.jobs), len(machine.pauses)) == (1, 20)
    assert max(machine.pauses) <= 60
    busy_for = json.loads(definition(machine))["States"]["Publish"]["Retry"][0]
    assert sum(pauses_of(busy_for)) >= 15 * 60


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
        attempts += retry["MaxAttempts"] if retry["ErrorEquals"][0].startswith("States.") else 0
        pauses += sum(pauses_of(retry))
    # A call that is refused is refused at once: only what runs takes all of its time each time.
    takes_its_time = state.get("TimeoutSeconds", 0) > 60
    return (attempts if takes_its_time else 1) * state.get("TimeoutSeconds", 0) + pauses


def pauses_of(retry: dict[str, Any]) -> list[float]:
    """Return the longest pauses before each repetition, in seconds."""
    rate, most = retry.get("BackoffRate", 1), retry.get("MaxDelaySeconds", float("inf"))
    return [
        min(retry["IntervalSeconds"] * rate**each, most) for each in range(retry["MaxAttempts"])
    ]
