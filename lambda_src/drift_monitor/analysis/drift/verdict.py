"""The verdict on each column, by its score, and on the table, by its columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from drift_monitor.analysis.drift.correction import corrected
from drift_monitor.analysis.drift.score import Score
from drift_monitor.analysis.drift.triage import ScoringTask
from drift_monitor.analysis.drift.weighting import drifted_share
from drift_monitor.config.drift import Correction, Drift, Severity
from drift_monitor.config.methods import METHODS
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import CategoryChange, ColumnDrift, ColumnProfile, Status
from drift_monitor.results.severity import severity_of


@dataclass(frozen=True)
class ScoredColumn:
    """A column with its score, on which there is no verdict yet.

    Attributes:
        task: what was asked for.
        score: what the method says.
        remark: what to know about the score.
        reference: what reference holds.
        current: the same of current.
        new_categories: those only in current.
        vanished_categories: those only in reference.
    """

    task: ScoringTask
    score: Score
    remark: str | None = None
    reference: ColumnProfile | None = None
    current: ColumnProfile | None = None
    new_categories: CategoryChange | None = None
    vanished_categories: CategoryChange | None = None


ComparedColumn = ScoredColumn | ColumnDrift
"""A column that was compared: with a score, or with the reason why it has none."""


def judge(columns: Sequence[ComparedColumn], monitor: Monitor) -> list[ColumnDrift]:
    """Give the verdict on each column: on all of a table's together, as thresholds are corrected.

    Args:
        columns: those of one table, or of one slice.
        monitor: how to correct.
    """
    scores = {
        column.task.name: column.score for column in columns if isinstance(column, ScoredColumn)
    }
    scores |= _corrected(scores, monitor.drift.correction)
    return [
        _judged(column, scores[column.task.name]) if isinstance(column, ScoredColumn) else column
        for column in columns
    ]


def _corrected(scores: dict[str, Score], correction: Correction) -> dict[str, Score]:
    """Return the p-values among columns' scores, thresholds corrected for how many there are.

    Warn and critical are corrected the same way, each by itself, among all the p-values. So what
    is critical has drifted, and either set of alarms keeps the correction's promise.
    """
    tested = {name: score for name, score in scores.items() if METHODS[score.method].is_p_value}
    p_values = tested.values()
    thresholds = corrected(
        [score.score for score in p_values], [score.threshold for score in p_values], correction
    )
    criticals = corrected(
        # Without a critical threshold a column counts among the tested, and never as an alarm.
        [1.0 if score.critical is None else score.score for score in p_values],
        [score.critical or 0.0 for score in p_values],
        correction,
    )
    return {
        name: replace(
            score, threshold=threshold, critical=None if score.critical is None else critical
        )
        for (name, score), threshold, critical in zip(
            tested.items(), thresholds, criticals, strict=True
        )
    }


def _judged(column: ScoredColumn, score: Score) -> ColumnDrift:
    task = column.task
    severity = severity_of(score.method, score.score, score.threshold, score.critical)
    return ColumnDrift(
        column=task.name,
        role=task.role,
        kind=task.kind,
        status=Status.DRIFTED if severity else Status.OK,
        method=score.method,
        score=score.score,
        threshold=score.threshold,
        critical=score.critical,
        severity=severity,
        importance=task.importance,
        reason=column.remark,
        reference=column.reference,
        current=column.current,
        new_categories=column.new_categories,
        vanished_categories=column.vanished_categories,
    )


@dataclass(frozen=True)
class Verdict:
    """What the columns of a table say of the table.

    Attributes:
        status: drifted where the share reaches the monitor's bound; error where no column counts.
        severity: of drift.
        share: of drifted among the scored columns; 0 where none of them counts.
        is_weighted: the share is of the columns' importance.
    """

    status: Literal["ok", "drifted", "error"]
    severity: Severity | None
    share: float
    is_weighted: bool


def verdict_of(columns: Sequence[ColumnDrift], monitor: Monitor) -> Verdict:
    """Judge a table, or a slice of one, by its columns.

    The table has drifted when the share of drifted among its scored columns reaches the monitor's
    `drifted_share`, as in Evidently; critically from `critical_share` on. Where covariates have an
    importance, it is the share of theirs.

    Args:
        columns: each judged by itself.
        monitor: the bounds, and whether columns have an importance.
    """
    is_weighted = isinstance(monitor.columns.importance, dict)
    share = drifted_share(columns, is_weighted=is_weighted)
    if share is None:
        return Verdict("error", None, 0.0, is_weighted)
    severity = _severity(share, monitor.drift)
    return Verdict("drifted" if severity else "ok", severity, share, is_weighted)


def _severity(share: float, drift: Drift) -> Severity | None:
    if share < drift.drifted_share:
        return None
    is_critical = drift.critical_share is not None and share >= drift.critical_share
    return "critical" if is_critical else "warn"
