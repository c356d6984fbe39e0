"""`drift-monitor redrive`: the dead letters of a deployed stack are run again."""

import json
from contextlib import closing
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

import boto3
import typer
from rich.console import Console

from drift_monitor.cli.deployed.dead_letters import DeadLetter, Queue
from drift_monitor.cli.deployed.stack import stack_outputs
from drift_monitor.cli.options import out
from drift_monitor.errors import DriftMonitorError

_DONE = {
    "replay": "replayed",
    "drop": "deleted: the next look will see what this one would have",
    "unreadable": "left: it names no monitor and no scheduled time",
}


def redrive(
    *,
    stack: Annotated[
        str, typer.Option(metavar="STACK", help="The environment's stack: DriftMonitor-dev.")
    ],
    monitor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this monitor's; the others stay.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and no words.")] = False,
) -> None:
    """Run again what failed for good: the dead letters of a deployed stack.

    Mend the cause first: --dry-run lists each run and why it failed. Then each
    is started for its own scheduled time, the oldest first, in the function or
    on Spark, and its message is deleted once AWS has accepted it. What fails
    again is a dead letter again. What has succeeded meanwhile, or is here
    twice, writes the same files and sends no second email.

    A dead letter carries the monitor's configuration of its time: what was
    deployed since is not in it. To run with today's, invoke the function with
    what drift-monitor event prints, and delete the message.

    Account and region are those of your AWS credentials.
    """
    outputs = stack_outputs(boto3.client("cloudformation"), stack)
    for name in ("DeadLetterQueueUrl", "FunctionName"):
        if name not in outputs:
            raise DriftMonitorError(
                f"{stack} has no output '{name}': it is not a stack of Drift Monitor"
            )
    words = Console(quiet=True) if as_json else out
    with closing(Queue(boto3.client("sqs"), outputs["DeadLetterQueueUrl"])) as queue:
        letters = [each for each in queue.receive() if monitor in (None, each.monitor)]
        for letter in letters:
            if letter.action == "replay" and not dry_run:
                _start(letter, outputs)
            if letter.action != "unreadable" and not dry_run:
                queue.delete(letter)
            words.print(
                f"{_title(letter)}  {'would be ' if dry_run else ''}{_DONE[letter.action]}\n"
                f"    Failed with: {' '.join(letter.reason.split())}\n"
                f"    Times received: {letter.received}"
            )
    if as_json:
        done = [letter.model_dump() for letter in letters]
        print(json.dumps(done, indent=2, default=datetime.isoformat))  # noqa: T201 - for a pipe
    elif not letters:
        out.print(f"{stack} has no dead letters" + (f" of {monitor}" if monitor else ""))
    unreadable = sum(letter.action == "unreadable" for letter in letters)
    if unreadable:
        raise DriftMonitorError(
            f"{unreadable} of {len(letters)} dead letters cannot be replayed, and are still in "
            f"{outputs['DeadLetterQueueUrl']}: read them there, then delete them"
        )


def _title(letter: DeadLetter) -> str:
    if letter.scheduled_at is not None:
        return f"{letter.monitor}  {letter.scheduled_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    look = "Look for overdue monitors"
    return look if letter.action == "drop" else f"Message {letter.message_id}"


def _start(letter: DeadLetter, outputs: dict[str, str]) -> None:
    """Start a run in the function or on Spark, without waiting for its end."""
    event = json.dumps(letter.event)
    if letter.event["monitor"].get("engine") != "spark":
        function = outputs["FunctionName"]
        answer = boto3.client("lambda").invoke(
            FunctionName=function, InvocationType="Event", Payload=event
        )
        if answer["StatusCode"] != HTTPStatus.ACCEPTED:
            raise DriftMonitorError(
                f"{function} did not accept the run: Lambda answered {answer['StatusCode']}"
            )
    elif "SparkStateMachineArn" in outputs:
        machine = outputs["SparkStateMachineArn"]
        boto3.client("stepfunctions").start_execution(stateMachineArn=machine, input=event)
    else:
        raise DriftMonitorError(
            f"{letter.monitor} runs on Spark, and the stack has none any more: put "
            "engine: spark into a monitor's file and deploy, or delete the dead letter"
        )
