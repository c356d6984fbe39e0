"""The history of a monitor: one short entry per run, in one JSON beside the pages."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from drift_monitor.results import DriftResult, Status, WindowSummary
from drift_monitor.store import Store


class ColumnEntry(BaseModel):
    """One column in one run."""

    model_config = ConfigDict(frozen=True)

    status: Status
    method: str | None = None
    score: float | None = None
    threshold: float | None = None


class RunEntry(BaseModel):
    """One run, short."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    scheduled_at: datetime
    window: WindowSummary | None = None
    status: Literal["ok", "drifted", "error"]
    reference_rows: int
    current_rows: int
    scored_columns: int
    drifted_columns: int
    drifted_share: float
    columns: dict[str, ColumnEntry]

    @classmethod
    def of(cls, result: DriftResult) -> "RunEntry":
        """Shorten a result."""
        return cls(
            **result.model_dump(include=set(cls.model_fields) - {"columns"}),
            reference_rows=result.reference.rows,
            current_rows=result.current.rows,
            columns={
                column.column: ColumnEntry(
                    **column.model_dump(include=set(ColumnEntry.model_fields))
                )
                for column in result.columns
            },
        )


class History(BaseModel):
    """All runs of a monitor, the oldest first, each scheduled time once."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    monitor: str
    runs: list[RunEntry] = []

    def including(self, entry: RunEntry) -> "History":
        """Return the history with a run in it, in place of an earlier run of the same time."""
        others = [run for run in self.runs if run.run_id != entry.run_id]
        runs = sorted([*others, entry], key=lambda run: run.run_id)
        return self.model_copy(update={"runs": runs})

    def before(self, run_id: str) -> RunEntry | None:
        """Return the last run scheduled before this one."""
        earlier = [run for run in self.runs if run.run_id < run_id]
        return earlier[-1] if earlier else None

    @property
    def newest(self) -> RunEntry | None:
        """The run of the latest scheduled time."""
        return self.runs[-1] if self.runs else None

    def __contains__(self, run_id: str) -> bool:
        """Tell whether a run is in the history."""
        return any(run.run_id == run_id for run in self.runs)


def read_history(store: Store, monitor: str) -> History:
    """Return a monitor's history; an empty one where there is none yet."""
    stored = store.read(f"monitors/{monitor}/history.json")
    return History.model_validate_json(stored.body) if stored else History(monitor=monitor)
