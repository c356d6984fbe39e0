"""The events that the Lambda function takes: run a monitor, or find those that are overdue.

The stack's rules send them, and people may write them by hand.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from drift_monitor.config.monitor import Monitor


class Watched(BaseModel):
    """A deployed monitor, as the check for overdue monitors needs it."""

    name: str
    schedule: str
    grace_minutes: Annotated[int, Field(ge=0)] | None = None
    """How late its runs may be, where that is not GRACE: on Spark they may take hours."""


class RunEvent(BaseModel):
    """The event that runs a monitor: its rule sends it, and `drift-monitor event` prints it."""

    model_config = ConfigDict(extra="forbid")

    monitor: Monitor
    scheduled_at: AwareDatetime
    event_id: str
    scores: str | None = None
    """Where the Spark job of this run has written what it found; None where the function compares
    the tables itself."""


def run_event(monitor: Monitor, scheduled_at: str, event_id: str) -> dict[str, object]:
    """Return the JSON with which the Lambda function runs a monitor: its whole configuration.

    Args:
        monitor: what to run.
        scheduled_at: the run's time (RFC 3339), or EventBridge's placeholder for it.
        event_id: names what asked for the run, or EventBridge's placeholder for it.
    """
    return {
        "monitor": monitor.model_dump(mode="json", exclude_none=True),
        "scheduled_at": scheduled_at,
        "event_id": event_id,
    }


class WatchEvent(BaseModel):
    """The event that finds overdue monitors: a rule sends it regularly."""

    model_config = ConfigDict(extra="forbid")

    watch: list[Watched]
    looked_at: AwareDatetime


def watch_event(
    monitors: Iterable[Monitor], spark_minutes: int, looked_at: str
) -> dict[str, object]:
    """Return the JSON with which the Lambda function finds overdue monitors.

    Args:
        monitors: those that are deployed.
        spark_minutes: how late a run on Spark may be.
        looked_at: the time of the check (RFC 3339), or EventBridge's placeholder for it.
    """
    on_spark = {"grace_minutes": spark_minutes}
    return {
        "watch": [
            {
                "name": each.name,
                "schedule": each.schedule,
                **(on_spark if each.engine == "spark" else {}),
            }
            for each in monitors
        ],
        "looked_at": looked_at,
    }
