"""What a run found: the JSON that is published as drift.json, emailed and kept.

`schemas/drift.schema.json` is generated from here. `version` changes when a reader of the JSON
would have to change.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from drift_monitor.config.drift import Severity
from drift_monitor.config.methods import Kind
from drift_monitor.results.checks import CheckResult, FailedChecks
from drift_monitor.results.quality import ModelQuality
from drift_monitor.results.severity import beside
from drift_monitor.results.slices import SliceDrift


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


RunStatus = Literal["ok", "drifted", "error", "no_data"]
"""What became of a run."""


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
    importance: float | None = None
    """What the covariate weighs in drifted_share; None where columns have no importance."""
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
        return beside(self.score, self.threshold)


class TableSummary(_Result):
    """One side of the comparison."""

    location: str
    files: int
    missing_files: list[str] = []
    """The dated files or folders of the window that are not there."""
    rows: int


class WindowSummary(_Result):
    """The time that a table covers: from start up to but without end."""

    start: datetime
    end: datetime
    timezone: str = "UTC"
    """The time zone by whose calendar it was counted, and in which start and end are given."""


class RoleDrift(_Result):
    """What became of the column with the prediction, or with the target."""

    column: str
    status: Status
    severity: Severity | None = None


class DriftByRole(_Result):
    """Drift of what goes into the model, told apart from drift of what comes out of it."""

    scored_covariates: int
    drifted_covariates: int
    prediction: RoleDrift | None = None
    """None where the monitor names no such column."""
    target: RoleDrift | None = None

    @property
    def drifted_roles(self) -> list[Literal["prediction", "target"]]:
        """Which of the two drifted."""
        found: list[Literal["prediction", "target"]] = []
        if self.prediction and self.prediction.status is Status.DRIFTED:
            found.append("prediction")
        if self.target and self.target.status is Status.DRIFTED:
            found.append("target")
        return found


class TransformSummary(_Result):
    """The Python file that the rows of both tables went through."""

    file: str
    sha256: str


class DriftResult(_Result):
    """The outcome of one run."""

    version: Literal[1] = 1
    monitor: str
    run_id: str
    """Names the run: its scheduled time, as in 20130624T093000Z."""
    scheduled_at: datetime
    window: WindowSummary | None = None
    """None where current is all that lies at its location."""
    reference_window: WindowSummary | None = None
    """None where reference is pinned."""
    transform: TransformSummary | None = None
    """What the rows of both tables went through; None where the monitor names no transform."""
    reference: TableSummary
    current: TableSummary
    status: RunStatus
    """drifted: enough columns drifted; error: no column could be scored; no_data: a window has no
    file or too few rows, so nothing was compared."""
    reason: str | None = None
    """Why there is no data, in a sentence."""
    severity: Severity | None = None
    """warn or critical, by the share of drifted columns; None where the table has not drifted."""
    scored_columns: int
    drifted_columns: int
    drifted_share: float
    """Drifted columns over scored columns, 0 to 1; where is_weighted, of their importance."""
    is_weighted: bool = False
    """Whether covariates count by their importance, and other columns not at all."""
    drifted_share_threshold: float
    critical_share_threshold: float | None = None
    by_role: DriftByRole | None = None
    """None where nothing was compared."""
    model_quality: ModelQuality | None = None
    """None where the monitor does not ask for it."""
    columns: list[ColumnDrift]
    """Every column of either table: critical first, then drifted, the furthest out first."""
    checks: list[CheckResult] = []
    """What current was checked for beside the reference's baseline: failed ones first. Empty where
    there is no baseline."""
    slices: list[SliceDrift] = []
    """The slices: the one with most rows in current first, the rest last. They do not change the
    table's verdict."""
    report_url: str | None = None
    """Where people read the run's report. Only a message says so: the site itself may move."""
    columns_left_out: int = 0
    """How many columns a message had no room for; drift.json on the site has every column."""
    checks_left_out: int = 0
    """The same of checks; failed ones are left out last."""
    slices_left_out: int = 0
    """How many slices a message had no room for; drift.json on the site has every slice."""

    def having(self, *statuses: Status) -> list[ColumnDrift]:
        """Return the columns with one of these statuses."""
        return [column for column in self.columns if column.status in statuses]

    @property
    def failed_checks(self) -> FailedChecks:
        """How many checks failed."""
        return FailedChecks.among(self.checks)

    @property
    def outcome(self) -> str:
        """How many checks failed, then the verdict, and why there is none."""
        said = f"{self.verdict}: {self.reason}" if self.reason else self.verdict
        failed = self.failed_checks.words
        return f"{failed}. {said}" if failed else said

    @property
    def verdict(self) -> str:
        """What was found, in words."""
        if self.status == "no_data":
            return "No data"
        if self.status == "error":
            lack = "No scored column has an importance"
            return lack if self.scored_columns else "No column could be scored"
        word = "Drift" if self.status == "drifted" else "No drift"
        weight = f", {self.drifted_share:.0%} of the importance" if self.is_weighted else ""
        return f"{word}: {self.drifted_columns} of {self.scored_columns} columns drifted{weight}"


def run_id(scheduled_at: datetime) -> str:
    """Name the run of a scheduled time (aware): UTC, sortable, safe in keys and file names."""
    return scheduled_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
