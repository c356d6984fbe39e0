"""The verdict on each column, by its score, and on the table, by its columns."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from drift_monitor.analysis.columns.chance import at_least
from drift_monitor.analysis.drift.correction import corrected
from drift_monitor.analysis.drift.evidence import rows_that_do
from drift_monitor.analysis.drift.score import Score
from drift_monitor.analysis.drift.triage import ScoringTask
from drift_monitor.analysis.drift.weighting import drifted_share
from drift_monitor.config.drift import Correction, Drift, Mute, Severity, WholeTableRule
from drift_monitor.config.methods import METHODS, OF_THE_JUDGE, MethodName
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.checks import broken_among
from drift_monitor.results.drift import (
    CategoryChange,
    ColumnDrift,
    ColumnProfile,
    DriftByRole,
    Status,
)
from drift_monitor.results.run import DriftResult
from drift_monitor.results.severity import severity_of, worst_first
from drift_monitor.text import count, percent


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


def judge(
    columns: Sequence[ComparedColumn], monitor: Monitor, *, tables: int = 1
) -> list[ColumnDrift]:
    """Give the verdict on each column: on all of a table's together, as thresholds are corrected.

    Args:
        columns: those of one table, or of one slice.
        monitor: how to judge.
        tables: how many are judged in the run: each slice is one.
    """
    scores = {
        column.task.name: column.score for column in columns if isinstance(column, ScoredColumn)
    }
    scores |= _corrected(scores, monitor.drift.correction)
    alpha = monitor.drift.rate_of_a_column(len(scores)) / tables
    return [
        _judged(column, scores[column.task.name], alpha)
        if isinstance(column, ScoredColumn)
        else column
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


def _judged(column: ScoredColumn, score: Score, alpha: float) -> ColumnDrift:
    task, found = column.task, _against_chance(score, alpha)
    severity = severity_of(score.method, found.score, score.threshold, score.critical)
    remarks = (
        [column.remark, *found.remarks] if severity or not found.is_chance else [column.remark]
    )
    if severity and task.rule.direction:
        moved = _moved(column.reference, column.current)
        if moved is None:
            remarks.append("categories have no direction: both sides count")
        elif moved != task.rule.direction:
            severity = None
            remarks.append(f"moved {moved}, and only {task.rule.direction} counts")
    return ColumnDrift(
        column=task.name,
        role=task.role,
        kind=task.kind,
        status=_status(severity, is_chance=found.is_chance),
        method=score.method,
        score=found.score,
        threshold=score.threshold,
        critical=score.critical,
        noise=found.noise,
        evidently=score.evidently,
        severity=None if found.is_chance else severity,
        importance=task.importance,
        reason="; ".join(filter(None, remarks)) or None,
        reference=column.reference,
        current=column.current,
        new_categories=column.new_categories,
        vanished_categories=column.vanished_categories,
    )


_MIDDLE = ("0.05", "0.25", "0.5", "0.75", "0.95")
_TO_ONE_SIDE = 0.5
"""More than this of how far the quantiles moved is to one side, or they moved to neither."""


def _moved(
    reference: ColumnProfile | None, current: ColumnProfile | None
) -> Literal["up", "down", "to neither side"] | None:
    """Return where numbers moved to, by their quantiles, or if these did not, their mean.

    None of categories.
    """
    if not (reference and current and reference.quantiles and current.quantiles):
        return None
    steps = [current.quantiles[each] - reference.quantiles[each] for each in _MIDDLE]
    if not any(steps):
        steps = [(current.mean or 0.0) - (reference.mean or 0.0)]
    moved = sum(steps)
    if abs(moved) <= _TO_ONE_SIDE * sum(map(abs, steps)):
        return "to neither side"
    return "up" if moved > 0 else "down"


def _status(severity: Severity | None, *, is_chance: bool) -> Status:
    if severity is None:
        return Status.OK
    return Status.UNSURE if is_chance else Status.DRIFTED


def with_mutes(columns: Sequence[ColumnDrift], drift: Drift, moment: datetime) -> list[ColumnDrift]:
    """Return the columns, those that drifted and are muted marked as that.

    Args:
        columns: each judged by itself.
        drift: has the mutes.
        moment: the run's scheduled time (aware).
    """
    return [_muted(column, drift.mute_of(column.column, moment)) for column in columns]


def _muted(column: ColumnDrift, mute: Mute | None) -> ColumnDrift:
    if mute is None or column.status is not Status.DRIFTED:
        return column
    said = f"muted until {mute.until:%-d %b %Y}: {mute.reason}"
    reason = "; ".join(filter(None, [column.reason, said]))
    return column.model_copy(update={"status": Status.MUTED, "severity": None, "reason": reason})


@dataclass(frozen=True)
class _AgainstChance:
    """A score, and whether chance alone may give it.

    Attributes:
        score: as it is judged.
        noise: how large a score chance alone gives, where that is known.
        is_chance: the column may not have moved at all.
        remarks: why it may not, and what else there is to know.
    """

    score: float
    noise: float | None = None
    is_chance: bool = False
    remarks: Sequence[str] = ()


def _against_chance(score: Score, alpha: float) -> _AgainstChance:
    judged = score.judged
    if judged is None or METHODS[score.method].is_p_value:  # which says itself what chance gives
        return _AgainstChance(score.score)
    apart = [
        f"{sentinel.value:g} is set apart: {percent(sentinel.before / judged.evidence.rows[0])} → "
        f"{percent(sentinel.after / judged.evidence.rows[1])} of the rows"
        for sentinel in judged.sentinels
    ]
    effect, noise = judged.evidence.strongest(score.threshold, alpha)
    if score.method not in OF_THE_JUDGE:
        is_chance = not judged.evidence.is_beyond_chance(alpha)
        few = "chance alone may give as much with so few rows"
        return _AgainstChance(score.score, None, is_chance, [few] if is_chance else [])
    if effect >= noise:
        return _AgainstChance(effect, noise, remarks=apart)
    few = _too_few_rows(effect, noise, score.threshold, judged.evidence.rows)
    known = noise if math.isfinite(noise) else None
    return _AgainstChance(effect, known, is_chance=True, remarks=[few, *apart])


def _too_few_rows(effect: float, noise: float, threshold: float, rows: tuple[int, int]) -> str:
    """Say what chance gives at these rows, and with how many an effect at the threshold is seen."""
    against, there = rows
    said = f"{effect:.3g} ≥ {threshold:g}, but {count(there, 'row')}"
    if not math.isfinite(noise):
        return f"{said} are too few to tell that from chance"
    said += f" against {against:,} of reference give up to {noise:.3g} by chance"
    would_do = rows_that_do(noise, threshold, rows)
    if would_do is None:
        return f"{said}; the reference has too few rows for this threshold"
    return f"{said}; {would_do:,} would do"


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


def verdict_of(
    columns: Sequence[ColumnDrift],
    monitor: Monitor,
    broken: Collection[str] = (),
    together: Severity | None = None,
) -> Verdict:
    """Judge a table, or a slice of one, by its columns.

    Where the monitor has a `drifted_share`, the table has drifted when the share of drifted among
    its scored columns reaches it, as in Evidently; critically from `critical_share` on. Where it
    has none, one column is enough: the columns' rates of false alarms are corrected for that. Of
    columns that are unlike their own past, which no rate is promised for, it takes one that is
    twice as far out, or more of them than chance gives.
    Where covariates have an importance, it is the share of theirs. Broken columns count as drifted
    in a `drifted_share`; where there is none, drift is what the others show. Evidently's rule does
    not know of them.

    Args:
        columns: each judged by itself.
        monitor: the bounds, and whether columns have an importance.
        broken: the columns of which a critical check failed.
        together: how bad the drift of all columns together is, by which the table has drifted
            whatever its columns say; None where there is none.
    """
    if monitor.drift.judge == "evidently":
        broken = ()
    elif monitor.drift.drifted_share is None:
        columns, broken = [column for column in columns if column.column not in broken], ()
    is_weighted = isinstance(monitor.columns.importance, dict)
    share = drifted_share(columns, broken, is_weighted=is_weighted)
    if share is None:
        return Verdict("error", None, 0.0, is_weighted)
    severity = _severity(share, columns, monitor.drift)
    if severity is None or together == "critical":
        severity = together
    return Verdict("drifted" if severity else "ok", severity, share, is_weighted)


def severity_together(
    auc: float | None, noise: float | None, rule: WholeTableRule | None
) -> Severity | None:
    """Return how bad the drift of all columns together is; None where there is none.

    Args:
        auc: how well a classifier tells the tables' rows; None where they were not compared.
        noise: what chance alone gives.
        rule: the monitor's thresholds; None where it does not ask.
    """
    if rule is None or auc is None or noise is None or auc < max(rule.threshold, noise):
        return None
    return "warn" if rule.critical is None or auc < rule.critical else "critical"


def _severity(share: float, columns: Sequence[ColumnDrift], drift: Drift) -> Severity | None:
    if drift.needed_share is not None:
        is_drift = share >= drift.needed_share
    else:
        is_drift = bool(share) and _are_enough(columns, drift)
    if not is_drift:
        return None
    is_critical = drift.critical_share is not None and share >= drift.critical_share
    if drift.judge != "evidently":
        is_critical |= any(column.severity == "critical" for column in columns)
    return "critical" if is_critical else "warn"


_UNUSUAL_BY_CHANCE = 0.05
"""Of columns of which nothing is wrong, so many are unlike their past in a run: docs/verdicts.md.
"""
_CLEARLY_UNUSUAL = 2.0
"""Multiples of what is unusual that one column alone needs."""


def _are_enough(columns: Sequence[ColumnDrift], drift: Drift) -> bool:
    """Tell whether the columns that drifted make the table drift, where no share is asked for."""
    drifted = [column for column in columns if column.status is Status.DRIFTED]
    unusual = [column for column in drifted if column.method == MethodName.HISTORY]
    if len(unusual) < len(drifted):
        return True
    if any(column.score and column.score >= _CLEARLY_UNUSUAL for column in unusual):
        return True
    held = sum(column.method == MethodName.HISTORY for column in columns)
    return at_least(len(unusual), held, _UNUSUAL_BY_CHANCE) <= drift.false_alarm_rate


def judged_again(
    result: DriftResult, columns: Sequence[ColumnDrift], monitor: Monitor
) -> DriftResult:
    """Return a run's result with other verdicts on its columns, and the table's that follows.

    Args:
        result: of a run that had data.
        columns: all of its columns, each judged by itself.
        monitor: the bounds.
    """
    together = result.whole_table.severity if result.whole_table else None
    columns = with_mutes(columns, monitor.drift, result.scheduled_at)
    verdict = verdict_of(columns, monitor, broken_among(result.checks), together)
    return result.model_copy(
        update={
            "columns": sorted(columns, key=lambda column: worst_first(column.column, column)),
            "status": verdict.status,
            "severity": verdict.severity,
            "drifted_columns": sum(column.status is Status.DRIFTED for column in columns),
            "drifted_share": verdict.share,
            "drifted_share_threshold": monitor.drift.needed_share,
            "critical_share_threshold": monitor.drift.critical_share,
            "by_role": DriftByRole.of(columns),
        }
    )
