"""The command that replays a deployed stack's dead letters."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Annotated

import boto3
import typer
from rich.console import Console

from drift_monitor.cli.deployed.dead_letters import (
    Action,
    DeadLetter,
    Planned,
    Queue,
    carry_out,
    find_deployed,
    plan,
    starter,
)
from drift_monitor.cli.options import out
from drift_monitor.errors import DriftMonitorError

_DONE = {
    Action.REPLAY: "replayed",
    Action.DUPLICATE: "deleted: a newer dead letter is the same run's",
    Action.DROP: "deleted: the next look will see what this one would have",
    Action.SKIP: "left: not the monitor asked for",
    Action.UNREADABLE: "left: it names no monitor and no scheduled time",
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
    is started for its own scheduled time, in the function or on Spark, and
    its message is deleted once AWS has accepted it. What fails again is a dead
    letter again. What has succeeded meanwhile writes the same files and sends
    no second email.

    A dead letter carries the monitor's configuration of its time: what was
    deployed since is not in it. To run with today's, invoke the function with
    what drift-monitor event prints, and delete the message.

    Account and region are those of your AWS credentials.
    """
    deployed = find_deployed(boto3.client("cloudformation"), stack)
    queue = Queue(boto3.client("sqs"), deployed.queue_url)
    start_execution = boto3.client("stepfunctions").start_execution
    start = starter(boto3.client("lambda"), start_execution, deployed)
    planned = plan(queue.receive(), monitor)
    if dry_run:
        queue.give_back(each.letter for each in planned)
    doing = planned if dry_run else carry_out(planned, queue, start)
    words = Console(quiet=True) if as_json else out
    done = list(_said(doing, words, "would be " if dry_run else ""))
    if as_json:
        print(json.dumps([_as_json(each) for each in done], indent=2))  # noqa: T201 - for a pipe
    elif not planned:
        out.print(f"{stack} has no dead letters")
    unreadable = sum(each.action is Action.UNREADABLE for each in planned)
    if unreadable:
        raise DriftMonitorError(
            f"{unreadable} of {len(planned)} dead letters cannot be replayed, and are still in "
            f"{deployed.queue_url}: read them there, then delete them"
        )


def _said(doing: Iterable[Planned], words: Console, would: str) -> Iterator[Planned]:
    """Print each as soon as it is done."""
    for each in doing:
        letter = each.letter
        words.print(
            f"{_title(letter)}  {would}{_DONE[each.action]}\n"
            f"    Failed with: {' '.join(letter.reason.split())}\n"
            f"    Times received: {letter.received}"
        )
        yield each


def _title(letter: DeadLetter) -> str:
    if letter.run is not None:
        return f"{letter.run.monitor}  {letter.run.scheduled_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    return f"Message {letter.id}" if letter.event is None else "Look for overdue monitors"


def _as_json(each: Planned) -> dict[str, object]:
    letter = each.letter
    return {
        "message_id": letter.id,
        "monitor": letter.run.monitor if letter.run else None,
        "scheduled_at": letter.run.scheduled_at.isoformat() if letter.run else None,
        "sent_at": letter.sent_at.isoformat(),
        "received": letter.received,
        "reason": letter.reason,
        "action": each.action,
    }
