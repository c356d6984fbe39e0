"""What asks for a run: the JSON of a monitor's rule, or of somebody's hand."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from drift_monitor.config.monitor import Monitor


class RunEvent(BaseModel):
    """What a monitor's rule sends, and anybody may send by hand: `drift-monitor event`."""

    model_config = ConfigDict(extra="forbid")

    monitor: Monitor
    scheduled_at: AwareDatetime
    event_id: str
    scores: str | None = None
    """Where the Spark job of this run has written what it found; None where the function compares
    the tables itself."""
