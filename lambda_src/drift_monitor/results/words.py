"""The words for results in pages and messages.

For windows, columns, checks, model quality and slices, in this order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from textwrap import wrap

from drift_monitor.config.quality import METRICS
from drift_monitor.results.checks import CheckResult
from drift_monitor.results.drift import (
    CategoryChange,
    ColumnDrift,
    ColumnProfile,
    RoleDrift,
    Status,
    WholeTable,
)
from drift_monitor.results.quality import ModelQuality
from drift_monitor.results.run import DriftResult
from drift_monitor.results.severity import score_against
from drift_monitor.results.slices import SliceDrift
from drift_monitor.results.tables import WindowSummary
from drift_monitor.text import count, names, number, one_line, percent, quoted

MOST_CHECKS = 10
"""Failed checks that an email describes, at most; the JSON has all."""

_NAMED = 5
"""Drifted slices that an email names, at most."""


def window_words(window: WindowSummary | None) -> str:
    """Return a window in words; whole days by their first and last."""
    if window is None:
        return "all rows there"
    if window.seasons:
        *others, last = [_span_words(each.start, each.end, window) for each in window.seasons]
        return f"{', '.join(others)} and {last}" if others else last
    return _span_words(window.start, window.end, window)


def _span_words(start: datetime, end: datetime, window: WindowSummary) -> str:
    if start.hour or end.hour:
        return f"{start:%-d %b %Y %H:%M} to {end:%-d %b %Y %H:%M} {window.timezone}"
    last = end - timedelta(days=1)
    if last.date() <= start.date():
        return f"{start:%-d %b %Y}"
    return f"{_day(start, last)} to {last:%-d %b %Y}"


def _day(start: datetime, last: datetime) -> str:
    if start.year != last.year:
        return f"{start:%-d %b %Y}"
    return f"{start:%-d %b}" if start.month != last.month else f"{start:%-d}"


_LONGEST_VALUE = 30
_NOTABLE = 0.01
"""A share that moved by less is not mentioned."""


def direction(column: ColumnDrift) -> list[str]:
    """Return how a column moved, such as `mean 12.1 → 15.3`; nothing where it was not read."""
    if column.reference is None or column.current is None:
        return []
    found = [
        _moved_nulls(column.reference, column.current),
        _moved_numbers(column.reference, column.current),
        _categories("new", column.new_categories),
        _categories("vanished", column.vanished_categories),
    ]
    said = [words for words in found if words]
    return said or _moved_frequent(column.reference, column.current)


def _moved_nulls(reference: ColumnProfile, current: ColumnProfile) -> str | None:
    before, now = _null_share(reference), _null_share(current)
    if abs(now - before) < _NOTABLE:
        return None
    return f"nulls {percent(before)} → {percent(now)}"


def _null_share(side: ColumnProfile) -> float:
    rows = side.values + side.nulls
    return side.nulls / rows if rows else 0.0


def _moved_numbers(reference: ColumnProfile, current: ColumnProfile) -> str | None:
    """Return how the mean moved, or the standard deviation where the mean did not."""
    for name in ("mean", "std"):
        before, now = getattr(reference, name), getattr(current, name)
        if before is not None and now is not None and number(before) != number(now):
            return f"{name} {number(before)} → {number(now)}"
    return None


def _categories(what: str, change: CategoryChange | None) -> str | None:
    if change is None or not change.categories:
        return None
    example = _value(change.examples[0]) if change.examples else ""
    share = f"({percent(change.share)} of rows)"
    if change.categories == 1:
        return " ".join(filter(None, [what, "category", example, share]))
    such = f", such as {example}" if example else ""
    return f"{change.categories} {what} categories {share}{such}"


def _moved_frequent(reference: ColumnProfile, current: ColumnProfile) -> list[str]:
    """Return the frequent category whose share moved most."""
    before = {each.value: each.share for each in reference.frequent or []}
    now = {each.value: each.share for each in current.frequent or []}
    both = [value for value in before if value in now]
    moved = max(both, key=lambda value: abs(now[value] - before[value]), default=None)
    if moved is None or abs(now[moved] - before[moved]) < _NOTABLE:
        return []
    return [f"{_value(moved)} {percent(before[moved])} → {percent(now[moved])}"]


def _value(text: str) -> str:
    return quoted(text, _LONGEST_VALUE)


def failed_lines(checks: Sequence[CheckResult], width: int) -> list[str]:
    """Return lines on the failed checks, critical ones first, each no wider than this."""
    failed = [check for check in checks if check.failed]
    lines = ["", "Failed checks"] if failed else []
    for check in failed[:MOST_CHECKS]:
        critical = " (critical)" if check.severity == "critical" else ""
        lines += wrap(f"{subject_of(check)}{critical}", width)
        lines += wrap(
            one_line(check.reason or ""), width, initial_indent="  ", subsequent_indent="  "
        )
    if len(failed) > MOST_CHECKS:
        lines.append(f"and {len(failed) - MOST_CHECKS} more")
    return lines


def subject_of(check: CheckResult) -> str:
    """Return the name of a check, and of its column if it has one."""
    return check.check if check.column is None else f"{one_line(check.column)}: {check.check}"


def role_lines(result: DriftResult) -> list[str]:
    """Return lines on prediction, target and covariates; nothing where neither role is named."""
    roles = result.by_role
    if roles is None or (roles.prediction is None and roles.target is None):
        return []
    bounds = {column.column: column.bound for column in result.columns}
    lines = []
    for name, role in (("Prediction", roles.prediction), ("Target", roles.target)):
        if role is not None:
            is_drifted = role.status is Status.DRIFTED
            score = f": {one_line(role.column)}, {bounds[role.column]}" if is_drifted else ""
            lines.append(f"{role_words(name, role)}{score}")
    return [*lines, f"Covariates: {roles.drifted_covariates} of {roles.scored_covariates} drifted"]


def role_words(name: str, role: RoleDrift) -> str:
    """Return the drift of the prediction, or of the target, in words."""
    if role.status is Status.DRIFTED:
        return f"{name} drifted{' (critical)' if role.severity == 'critical' else ''}"
    said = {Status.OK: "no drift", Status.UNSURE: "unsure", Status.MUTED: "muted"}
    return f"{name}: {said.get(role.status) or f'not scored ({role.status})'}"


def whole_table_words(whole: WholeTable) -> str:
    """Return how all columns together drifted: `Together: AUC 0.71 ≥ 0.55 (chance up to 0.53)`."""
    if whole.auc is None or whole.noise is None:
        return f"Together: {whole.reason}"
    if whole.status is Status.UNSURE:
        return f"Together: unsure, AUC {whole.reason}"
    bound = score_against(whole.auc, whole.threshold)
    said = f"Together: AUC {bound} (chance up to {whole.noise:.3g})"
    told_by = [f"{one_line(each.column)} {percent(each.share)}" for each in whole.columns]
    return f"{said}; told apart by {', '.join(told_by)}" if told_by else said


def quality_lines(quality: ModelQuality | None, width: int) -> list[str]:
    """Return lines on how each metric changed, and why a table could not be measured."""
    if quality is None:
        return []
    lines = wrap(f"Model quality: {change_words(quality)}", width, subsequent_indent="  ")
    rows = quality.rows_with_labels
    unmeasured = tuple(f"{side}: " for side, count in rows if not count)
    for reason in quality.reasons:
        if reason.startswith(unmeasured):
            lines += wrap(one_line(reason), width, initial_indent="  ", subsequent_indent="  ")
    return lines


def change_words(quality: ModelQuality) -> str:
    """Return each metric as `accuracy 0.94 → 0.91`, and the number of labels."""
    if not quality.metrics:
        return "not measured"
    changes = [
        f"{METRICS[name].title} {metric_value(metric.reference)} → {metric_value(metric.current)}"
        for name, metric in quality.metrics.items()
    ]
    labels = quality.rows_with_labels.current
    return f"{', '.join(changes)} ({count(labels, 'label')})"


def metric_value(metric: float | None) -> str:
    """Return a metric in words: `none` where it could not be computed."""
    return "none" if metric is None else number(metric)


def slice_name(found: SliceDrift) -> str:
    """Return the name of a slice, such as `carrier=UA, origin=JFK`."""
    if found.is_other:
        return "other"
    if found.values is None:
        return "a value too rare to name"
    return ", ".join(
        f"{one_line(column)}: no value"
        if value is None
        else f"{one_line(column)}={one_line(value)}"
        for column, value in zip(found.by, found.values, strict=True)
    )


def slices_in_words(slices: Sequence[SliceDrift]) -> str:
    """Return the results of a run's slices, one or more, in a line."""
    first = slices[0]
    by = f"Slices by {' and '.join(map(one_line, first.by))}"
    if not first.has_rows:
        return f"{by}: {one_line(first.reason or '')}"
    compared = sum(found.status != "too_small" for found in slices)
    said = f"{len(_drifted(slices))} of {compared} drifted" if compared else "none compared"
    small = len(slices) - compared
    too_small = f", {small} too small" if small else ""
    return f"{by}, of at least {first.smallest:,} rows: {said}{too_small}"


def slice_lines(slices: Sequence[SliceDrift], width: int) -> list[str]:
    """Return lines on the drifted slices, the worst first, each no wider than this."""
    if not slices:
        return []
    drifted = _drifted(slices)
    if not drifted:
        return ["", *wrap(slices_in_words(slices), width, subsequent_indent="  ")]
    named = [
        f"{slice_name(found)} ({found.drifted_columns} of {found.scored_columns})"
        for found in drifted
    ]
    said = f"Drifted slices: {names(named, _NAMED)}"
    return ["", *wrap(said, width, subsequent_indent="  ")]


def _drifted(slices: Sequence[SliceDrift]) -> list[SliceDrift]:
    drifted = [found for found in slices if found.status == "drifted"]
    return sorted(drifted, key=lambda found: (found.severity != "critical", -found.drifted_share))
