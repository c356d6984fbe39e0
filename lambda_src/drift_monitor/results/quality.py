"""The results of model quality: `model_quality` in drift.json."""

from drift_monitor.config.quality import MetricName, Task
from drift_monitor.results.model import ResultModel


class RowsWithLabels(ResultModel):
    """Rows of each table with both a prediction and a label: the metrics are of these."""

    reference: int
    current: int


class QualityMetric(ResultModel):
    """One metric of both tables."""

    reference: float | None = None
    current: float | None = None
    """None where it could not be computed: a reason says why."""


class ModelQuality(ResultModel):
    """How good the predictions are, by Evidently's metrics."""

    task: Task
    rows_with_labels: RowsWithLabels
    metrics: dict[MetricName, QualityMetric]
    """Those that could be computed of a table at least."""
    reasons: list[str] = []
    """Why a metric or a table has no number, or what to know about the numbers."""
