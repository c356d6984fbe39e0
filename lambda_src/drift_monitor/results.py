"""What a run found: the JSON that is published as drift.json, emailed and kept.

`schemas/drift.schema.json` is generated from here. `version` changes when a reader of the JSON
would have to change.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from drift_monitor.drift.methods import Kind
from drift_monitor.drift.severity import Severity


class _Result(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Status(StrEnum):
    """What became of one column."""

    OK = "ok"
    DRIFTED = "drifted"
    SKIPPED = "skipped"
    MISSING = "missing"
    NEW = "new"
    ERROR = "error"


class FrequentValue(_Result):
    """A value that is frequent in a column."""

    value: str
    share: float
    """Of the column's values, 0 to 1."""


class CategoryChange(_Result):
    """Categories that only one of the tables has."""

    categories: int
    share: float
    """The rows they take there, 0 to 1 of those with a value."""
    examples: list[str]
    """The most frequent; a category of fewer than ten rows is not named."""


class ColumnProfile(_Result):
    """What one table holds in a column."""

    values: int
    """Rows with a value that counts."""
    nulls: int
    """Rows without one; of numbers, NaN and infinities are among them."""
    mean: float | None = None
    std: float | None = None
    """The standard deviation of the values as a population."""
    quantiles: dict[str, float] | None = None
    """By share: 0.5 is the median."""
    distinct: int | None = None
    """How many categories."""
    frequent: list[FrequentValue] | None = None
    """The ten most frequent categories; one of fewer than ten rows is not named."""


class ColumnDrift(_Result):
    """One column of either table, and what became of it."""

    column: str
    role: Literal["covariate", "prediction", "target", "id", "timestamp"]
    kind: Kind | None = None
    """None where the column was not read."""
    status: Status
    """ok or drifted: scored. skipped, missing in current, new in current, error: see reason."""
    method: str | None = None
    """Evidently's name of the drift method."""
    score: float | None = None
    """The drift score: a distance, or a p-value where the method gives one."""
    threshold: float | None = None
    """Where drift begins."""
    critical: float | None = None
    """Where critical drift begins; None where the monitor names no such threshold."""
    severity: Severity | None = None
    """warn or critical; None where the column has not drifted."""
    reason: str | None = None
    """Why the column has no score, or what to know about the score."""
    reference: ColumnProfile | None = None
    current: ColumnProfile | None = None
    new_categories: CategoryChange | None = None
    """In current and not in reference."""
    vanished_categories: CategoryChange | None = None
    """In reference and not in current."""

    @property
    def is_scored(self) -> bool:
        """Whether the column has a score."""
        return self.score is not None

    @property
    def bound(self) -> str:
        """Score beside threshold, such as `0.31 ≥ 0.1`; the reason where there is no score."""
        if self.score is None or self.threshold is None:
            return self.reason or ""
        sign = "<" if self.score < self.threshold else "≥"
        return f"{self.score:.3g} {sign} {self.threshold:g}"


class TableSummary(_Result):
    """One side of the comparison."""

    location: str
    files: int
    missing_files: list[str] = []
    """The dated files or folders of the window that are not there."""
    rows: int


class WindowSummary(_Result):
    """The time that current covers: from start up to but without end."""

    start: datetime
    end: datetime


class DriftResult(_Result):
    """The outcome of one run."""

    version: Literal[1] = 1
    monitor: str
    run_id: str
    """Names the run: its scheduled time, as in 20130624T093000Z."""
    scheduled_at: datetime
    window: WindowSummary | None = None
    """None where current is all that lies at its location."""
    reference: TableSummary
    current: TableSummary
    status: Literal["ok", "drifted", "error"]
    """drifted: enough columns drifted; error: no column could be scored."""
    severity: Severity | None = None
    """warn or critical, by the share of drifted columns; None where the table has not drifted."""
    scored_columns: int
    drifted_columns: int
    drifted_share: float
    """Drifted columns over scored columns, 0 to 1."""
    drifted_share_threshold: float
    critical_share_threshold: float | None = None
    columns: list[ColumnDrift]
    """Every column of either table: critical first, then drifted, the furthest out first."""
    report_url: str | None = None
    """Where people read the run's report. Only a message says so: the site itself may move."""
    columns_left_out: int = 0
    """How many columns a message had no room for; drift.json on the site has every column."""

    def having(self, *statuses: Status) -> list[ColumnDrift]:
        """Return the columns with one of these statuses."""
        return [column for column in self.columns if column.status in statuses]

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        if self.status == "error":
            return "No column could be scored"
        word = "Drift" if self.status == "drifted" else "No drift"
        return f"{word}: {self.drifted_columns} of {self.scored_columns} columns drifted"


def run_id(scheduled_at: datetime) -> str:
    """Name the run of a scheduled time (aware): UTC, sortable, safe in keys and file names."""
    return scheduled_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
