"""The commands that check monitors' files, and print the event that runs one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from drift_monitor.cli.options import AsOfOption, MonitorFile, out
from drift_monitor.config.drift import LONGEST_MUTE
from drift_monitor.config.events import run_event
from drift_monitor.config.load import load_monitor
from drift_monitor.config.schedule import Schedule
from drift_monitor.errors import DriftMonitorError


def check(
    monitor_files: Annotated[
        list[Path], typer.Argument(metavar="MONITOR.yaml…", help="The files.")
    ],
) -> None:
    """Validate monitors: every mistake with its file, line and field, all at once.

    Says, too, where tables that can be listed from here are too large for the function, which
    workers they need on Spark, and where their rows are too few to tell drift from chance.
    """
    from drift_monitor.engines.capacity import (  # noqa: PLC0415 - brings pyarrow
        rows_advice,
        size_advice,
    )

    mistakes = []
    for file in monitor_files:
        try:
            monitor = load_monitor(file)
        except DriftMonitorError as error:
            mistakes.append(str(error))
            continue
        next_run = Schedule(monitor.schedule).next_after(datetime.now(UTC))
        out.print(
            f"{file}: good. {monitor.name} runs next on {next_run:%a %d %b %Y %H:%M} UTC",
        )
        for mute in monitor.drift.mute:
            days_left = (mute.until - datetime.now(UTC).date()).days
            if days_left <= 0:
                out.print(f"{file}: a mute ended on {mute.until} ({mute.reason}): remove it")
            elif days_left > LONGEST_MUTE:
                out.print(f"{file}: a mute ends in over a year ({mute.reason}): shorten it")
        for advice in (size_advice(monitor, next_run), rows_advice(monitor, next_run)):
            if advice:
                out.print(f"{file}: {advice}")
    if mistakes:
        raise DriftMonitorError("\n".join(mistakes))


def event(
    monitor_file: MonitorFile,
    *,
    as_of: AsOfOption = None,
) -> None:
    """Print the JSON with which Lambda runs a monitor: to run it again, or by hand.

    For instance:  drift-monitor event monitors/flights.yaml > event.json
    then:  aws lambda invoke --function-name NAME --invocation-type Event --payload
    fileb://event.json out.json
    """
    moment = (as_of or datetime.now(UTC)).astimezone(UTC)
    scheduled_at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    print(json.dumps(run_event(load_monitor(monitor_file), scheduled_at, "by-hand")))  # noqa: T201
