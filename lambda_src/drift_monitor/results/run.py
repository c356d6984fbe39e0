"""The result of a run: the JSON that is published as drift.json, sent and kept.

`schemas/drift.schema.json` is generated from here. `version` changes when a reader of the JSON
would have to change.
"""

from datetime import UTC, datetime
from typing import Literal

from drift_monitor.config.drift import Severity
from drift_monitor.results.checks import CheckResult, FailedChecks, broken_among
from drift_monitor.results.drift import ColumnDrift, DriftByRole, Status, WholeTable
from drift_monitor.results.model import ResultModel
from drift_monitor.results.quality import ModelQuality
from drift_monitor.results.slices import SliceDrift
from drift_monitor.results.tables import TableSummary, TransformSummary, WindowSummary
from drift_monitor.text import count

RunStatus = Literal["ok", "drifted", "error", "no_data"]
"""The status of a run."""


class DriftResult(ResultModel):
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
    """The transform of both tables' rows; None where the monitor names no transform."""
    reference: TableSummary
    current: TableSummary
    status: RunStatus
    """drifted: enough columns drifted, or all together; error: no column could be scored; no_data:
    a window has no file or too few rows, so nothing was compared."""
    reason: str | None = None
    """Why there is no data, in a sentence."""
    severity: Severity | None = None
    """warn or critical, by the share of drifted columns, or by all columns together; None where the
    table has not drifted."""
    broken_columns: int = 0
    """Columns of which a critical check failed: missing, of another kind, without values, stuck at
    one value. One that has values is scored nevertheless."""
    scored_columns: int
    drifted_columns: int
    drifted_share: float
    """Drifted columns over scored columns, 0 to 1; where is_weighted, of their importance."""
    is_weighted: bool = False
    """Whether covariates count by their importance, and other columns not at all."""
    drifted_share_threshold: float | None = None
    """From which share on the table has drifted; None where one column is enough."""
    critical_share_threshold: float | None = None
    by_role: DriftByRole | None = None
    """None where nothing was compared."""
    whole_table: WholeTable | None = None
    """All columns together. None where the monitor does not ask for it."""
    model_quality: ModelQuality | None = None
    """None where the monitor does not ask for it."""
    columns: list[ColumnDrift]
    """Every column of either table: critical first, then drifted, the furthest out first."""
    checks: list[CheckResult] = []
    """What current was checked for beside reference and its baseline: failed ones first. Of the
    checks that need no baseline, those that all columns passed are here once, without a column."""
    slices: list[SliceDrift] = []
    """The slices: the one with most rows in current first, the rest last. They do not change the
    table's verdict."""
    report_url: str | None = None
    """Where people read the run's report. In messages only: the site itself may move."""
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
        """What is broken, how many other checks failed, then the verdict, and why there is none."""
        said = f"{self.verdict}: {self.reason}" if self.reason else self.verdict
        return ". ".join([*self.failures, said])

    @property
    def failures(self) -> list[str]:
        """How many columns are broken, and how many other checks failed; nothing where none did."""
        broken = broken_among(self.checks)
        scored = {column.column for column in self.columns if column.is_scored}
        columns = f"Broken: {len(broken)} of {count(len(broken | scored), 'column')}"
        others = FailedChecks.among(each for each in self.checks if each.column not in broken)
        return [words for words in (columns if broken else "", others.words) if words]

    @property
    def verdict(self) -> str:
        """The verdict on drift in words: where columns are broken, on the others."""
        if self.status == "no_data":
            return "No data"
        broken = broken_among(self.checks)
        others = {column.column for column in self.columns if column.is_scored} - broken
        if self.status == "error":
            if others:
                return "No scored column has an importance"
            return f"No {'other ' if broken else ''}column could be scored"
        word = "Drift" if self.status == "drifted" else "No drift"
        weight = f", {self.drifted_share:.0%} of the importance" if self.is_weighted else ""
        if not broken:
            of = f"{self.drifted_columns} of {self.scored_columns} columns"
        else:
            drifted = sum(column.column in others for column in self.having(Status.DRIFTED))
            of = f"{drifted} of {len(others)} others"
        return f"{word}: {of} drifted{weight}{self.muted}{self.together}"

    @property
    def muted(self) -> str:
        """How many more columns, not broken, drifted and are muted: the end of a sentence."""
        broken = broken_among(self.checks)
        muted = sum(column.column not in broken for column in self.having(Status.MUTED))
        return f", {muted} more {'is' if muted == 1 else 'are'} muted" if muted else ""

    @property
    def together(self) -> str:
        """That all columns together drifted, as the end of a sentence; nothing where not."""
        has_drifted = self.whole_table is not None and self.whole_table.status is Status.DRIFTED
        return "; together they did" if has_drifted else ""


def time_of_run(run_id: str) -> datetime:
    """Return the scheduled time of a run, by its name."""
    return datetime.strptime(run_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def run_id(scheduled_at: datetime) -> str:
    """Return the name of a scheduled time's run: UTC, sortable, safe in keys and file names."""
    return scheduled_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
