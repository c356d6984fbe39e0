"""How the pages and the messages tell of the model's quality, and of drift by role."""

from textwrap import wrap

from drift_monitor.config.quality import METRICS
from drift_monitor.results.drift import RoleDrift, Status
from drift_monitor.results.quality import ModelQuality
from drift_monitor.results.run import DriftResult
from drift_monitor.text import number, one_line


def role_lines(result: DriftResult) -> list[str]:
    """Tell prediction and target apart from the covariates; nothing where neither is named."""
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
    """Say what became of the prediction, or of the target."""
    if role.status is Status.DRIFTED:
        return f"{name} drifted{' (critical)' if role.severity == 'critical' else ''}"
    return f"{name}: {'no drift' if role.status is Status.OK else f'not scored ({role.status})'}"


def quality_lines(quality: ModelQuality | None, width: int) -> list[str]:
    """Say how each metric changed; why, where a table could not be measured."""
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
    """Say each metric as `accuracy 0.94 → 0.91`, and of how many labels."""
    if not quality.metrics:
        return "not measured"
    changes = [
        f"{METRICS[name].title} {metric_value(metric.reference)} → {metric_value(metric.current)}"
        for name, metric in quality.metrics.items()
    ]
    labels = quality.rows_with_labels.current
    return f"{', '.join(changes)} ({labels:,} {'label' if labels == 1 else 'labels'})"


def metric_value(metric: float | None) -> str:
    """Say a metric; none where it could not be computed."""
    return "none" if metric is None else number(metric)
