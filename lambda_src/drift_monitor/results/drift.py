"""The results of columns, and of the columns with a role: `columns` and `by_role` in drift.json."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, Self

from drift_monitor.config.drift import Severity
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Role
from drift_monitor.results.model import ResultModel
from drift_monitor.results.severity import score_against


class Status(StrEnum):
    """The outcome of one column."""

    OK = "ok"
    DRIFTED = "drifted"
    UNSURE = "unsure"
    MUTED = "muted"
    SKIPPED = "skipped"
    MISSING = "missing"
    NEW = "new"
    ERROR = "error"


class FrequentValue(ResultModel):
    """A value that is frequent in a column."""

    value: str
    share: float
    """Of the column's values, 0 to 1."""


class CategoryChange(ResultModel):
    """Categories that only one of the tables has."""

    categories: int
    share: float
    """The rows they take there, 0 to 1 of those with a value."""
    examples: list[str]
    """The most frequent; a category of fewer than ten rows is not named."""


class ColumnProfile(ResultModel):
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


class OtherScore(ResultModel):
    """A score of a column beside the one that is judged."""

    method: str
    score: float


class ColumnDrift(ResultModel):
    """One column of either table, and its result."""

    column: str
    role: Role
    kind: Kind | None = None
    """None where the column was not read."""
    status: Status
    """ok, drifted, unsure (beyond its threshold, but chance alone may give as much), or muted (it
    drifted, and the monitor's file says that this is expected): scored.
    skipped, missing in current, new in current, error: see reason."""
    method: str | None = None
    """The name of the drift method: Evidently's, or the calibrated judge's."""
    score: float | None = None
    """The drift score: a distance, or a p-value where the method gives one."""
    threshold: float | None = None
    """Where drift begins."""
    critical: float | None = None
    """Where critical drift begins; None where the monitor names no such threshold."""
    noise: float | None = None
    """How large a score chance alone gives at these rows, where the rows are independent. None
    where it is not known: for a method that the monitor names, and for too few rows."""
    evidently: OtherScore | None = None
    """Evidently's own score, which Evidently's page shows; None where `score` is that."""
    against_reference: OtherScore | None = None
    """The score against the reference, where the column is held against earlier runs; None where
    `score` is that."""
    severity: Severity | None = None
    """warn or critical; None where the column has not drifted."""
    importance: float | None = None
    """The covariate's weight in drifted_share; None where columns have no importance."""
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
        return score_against(self.score, self.threshold)


class WholeTableColumn(ResultModel):
    """A column that gives away which table a row is of."""

    column: str
    share: float
    """Of what all columns give away, 0 to 1."""


class WholeTable(ResultModel):
    """How well a classifier tells current's rows from reference's, by all columns together."""

    status: Status
    """ok; drifted; unsure (beyond its threshold, but chance alone may give as much); error: see
    reason."""
    severity: Severity | None = None
    reference_rows: int
    """How many rows of reference were compared."""
    current_rows: int
    auc: float | None = None
    """Of rows that the classifier has not seen: 0.5 where they are alike, 1 where each is told."""
    threshold: float
    critical: float | None = None
    noise: float | None = None
    """How large an AUC chance alone gives for so many rows, where the rows are independent."""
    columns: list[WholeTableColumn] = []
    """The columns that give the rows away, the first five; only where it is drifted."""
    reason: str | None = None
    """Why the rows could not be compared, or why it is unsure."""


class RoleDrift(ResultModel):
    """The drift of the column with the prediction, or with the target."""

    column: str
    status: Status
    severity: Severity | None = None

    @classmethod
    def of(cls, column: ColumnDrift) -> Self:
        """Return what became of a column."""
        return cls(column=column.column, status=column.status, severity=column.severity)


class DriftByRole(ResultModel):
    """Drift of the covariates, apart from drift of the prediction and the target."""

    scored_covariates: int
    drifted_covariates: int
    prediction: RoleDrift | None = None
    """None where the monitor names no such column."""
    target: RoleDrift | None = None

    @classmethod
    def of(cls, columns: Sequence[ColumnDrift]) -> Self:
        """Return what became of a table's columns."""
        covariates = [each for each in columns if each.role == "covariate" and each.is_scored]
        roles = {each.role: RoleDrift.of(each) for each in columns}
        return cls(
            scored_covariates=len(covariates),
            drifted_covariates=sum(each.status is Status.DRIFTED for each in covariates),
            prediction=roles.get("prediction"),
            target=roles.get("target"),
        )

    @property
    def drifted_roles(self) -> list[Literal["prediction", "target"]]:
        """Which of the two drifted."""
        found: list[Literal["prediction", "target"]] = []
        if self.prediction and self.prediction.status is Status.DRIFTED:
            found.append("prediction")
        if self.target and self.target.status is Status.DRIFTED:
            found.append("target")
        return found
