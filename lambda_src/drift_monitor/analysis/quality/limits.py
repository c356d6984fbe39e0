"""The limits on a model's quality, as checks like any other."""

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.quality import METRICS, Metric
from drift_monitor.results.checks import CheckResult
from drift_monitor.results.quality import ModelQuality, QualityMetric
from drift_monitor.text import number


def quality_checks(monitor: Monitor, quality: ModelQuality | None) -> list[CheckResult]:
    """Check each metric that has a limit."""
    if quality is None or monitor.model_quality is None:
        return []
    checks = []
    for name, limit in monitor.model_quality.limits.items():
        found = quality.metrics.get(name, QualityMetric())
        worse_by = _worse_by(METRICS[name], found)
        checks.append(
            CheckResult(
                check="model_quality",
                value=worse_by,
                limit=limit.worse_by,
                severity=limit.severity,
                passed=None if worse_by is None else worse_by <= limit.worse_by,
                reason=_reason(METRICS[name], found, limit.worse_by),
            )
        )
    return checks


def _worse_by(metric: Metric, found: QualityMetric) -> float | None:
    if found.reference is None or found.current is None:
        return None
    # Without what floats add: 0.85 is 0.05 worse than 0.9, not a trace more than that.
    return round(metric.loss(found.reference, found.current), 12)


def _reason(metric: Metric, found: QualityMetric, limit: float) -> str:
    if found.reference is None or found.current is None:
        return f"{metric.title} could not be measured: see model_quality"
    return (
        f"{metric.title} is {number(found.current)}, and was {number(found.reference)} in "
        f"reference (limit: {number(limit)} worse)"
    )
