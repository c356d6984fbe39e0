"""From each column's score to the verdict on it and on the table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from drift_monitor.analysis.drift.correction import corrected
from drift_monitor.analysis.drift.weighting import drifted_share, weighed
from drift_monitor.config.drift import Correction, Drift, Severity
from drift_monitor.config.methods import METHODS
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import ColumnDrift, DriftByRole, RoleDrift, Status
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.results.severity import severity_of
from drift_monitor.results.tables import TableSummary, WindowSummary


def correct(columns: list[ColumnDrift], correction: Correction) -> list[ColumnDrift]:
    """Correct the thresholds of the columns that have a p-value, and judge every score again.

    Warn and critical are corrected the same way, each by itself, among all the p-values. So what
    is critical has drifted, and either set of alarms keeps the correction's promise.
    """
    tested = [column for column in columns if column.method and METHODS[column.method].is_p_value]
    thresholds = corrected(
        [column.score or 0.0 for column in tested],
        [column.threshold or 0.0 for column in tested],
        correction,
    )
    criticals = corrected(
        # Without a critical threshold a column counts among the tested, and never as an alarm.
        [1.0 if column.critical is None else column.score or 0.0 for column in tested],
        [column.critical or 0.0 for column in tested],
        correction,
    )
    moved = {
        column.column: column.model_copy(
            update={
                "threshold": threshold,
                "critical": None if column.critical is None else critical,
            }
        )
        for column, threshold, critical in zip(tested, thresholds, criticals, strict=True)
    }
    return [_judged(moved.get(column.column, column)) for column in columns]


def _judged(column: ColumnDrift) -> ColumnDrift:
    if column.threshold is None or column.score is None or column.method is None:
        return column
    severity = severity_of(column.method, column.score, column.threshold, column.critical)
    status = Status.DRIFTED if severity else Status.OK
    return column.model_copy(update={"status": status, "severity": severity})


@dataclass(frozen=True)
class Verdict:
    """What the scores of a table's columns say of the table.

    Attributes:
        columns: each with its importance, where the monitor gives any.
        is_weighted: it does.
        share: of drifted among the scored columns; 0 where none of them counts.
        status: drifted where the share reaches the monitor's bound; error where no column counts.
        severity: of drift.
    """

    columns: list[ColumnDrift]
    is_weighted: bool
    share: float
    status: Literal["ok", "drifted", "error"]
    severity: Severity | None


def verdict_of(columns: list[ColumnDrift], monitor: Monitor) -> Verdict:
    """Judge a table, or a slice of one, by its columns.

    Args:
        columns: each judged by itself.
        monitor: the bounds, and the importances: read, if they lie in a file.
    """
    importance = monitor.columns.importance
    weights = importance if isinstance(importance, dict) else None
    columns, is_weighted = weighed(columns, weights), weights is not None
    share = drifted_share(columns, is_weighted=is_weighted)
    if share is None:
        return Verdict(columns, is_weighted, 0.0, "error", None)
    severity = _severity(share, monitor.drift)
    return Verdict(columns, is_weighted, share, "drifted" if severity else "ok", severity)


def _severity(share: float, drift: Drift) -> Severity | None:
    if share < drift.drifted_share:
        return None
    is_critical = drift.critical_share is not None and share >= drift.critical_share
    return "critical" if is_critical else "warn"


def _by_role(columns: list[ColumnDrift]) -> DriftByRole:
    covariates = [column for column in columns if column.role == "covariate" and column.is_scored]
    roles = {
        column.role: RoleDrift(column=column.column, status=column.status, severity=column.severity)
        for column in columns
    }
    return DriftByRole(
        scored_covariates=len(covariates),
        drifted_covariates=sum(column.status is Status.DRIFTED for column in covariates),
        prediction=roles.get("prediction"),
        target=roles.get("target"),
    )


def judge(
    monitor: Monitor,
    scheduled_at: datetime,
    *,
    window: WindowSummary | None,
    reference: TableSummary,
    current: TableSummary,
    columns: list[ColumnDrift],
    reference_window: WindowSummary | None = None,
) -> DriftResult:
    """Put a run's result together.

    The table has drifted when the share of drifted among its scored columns reaches the monitor's
    `drifted_share`, as in Evidently; critically from `critical_share` on. Where covariates have an
    importance, it is the share of theirs.

    Args:
        monitor: the bounds, and the importances: read, if they lie in a file.
        scheduled_at: the run's time.
        window: the time that current covers.
        reference: what there is of reference.
        current: the same of current.
        columns: what became of each column.
        reference_window: the time that reference covers, where it is not pinned.
    """
    verdict = verdict_of(columns, monitor)
    return DriftResult(
        monitor=monitor.name,
        run_id=run_id(scheduled_at),
        scheduled_at=scheduled_at,
        window=window,
        reference_window=reference_window,
        reference=reference,
        current=current,
        status=verdict.status,
        severity=verdict.severity,
        scored_columns=sum(column.is_scored for column in columns),
        drifted_columns=sum(column.status is Status.DRIFTED for column in columns),
        drifted_share=verdict.share,
        is_weighted=verdict.is_weighted,
        by_role=_by_role(columns),
        drifted_share_threshold=monitor.drift.drifted_share,
        critical_share_threshold=monitor.drift.critical_share,
        columns=verdict.columns,
    )
