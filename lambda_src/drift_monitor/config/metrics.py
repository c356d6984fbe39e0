"""The metrics of a model's quality: those of Evidently's classification and regression presets.

A plain table, so that a monitor's file can be checked without anything heavy.
"""

from dataclasses import dataclass
from typing import Literal

Task = Literal["classification", "regression"]
MetricName = Literal[
    "accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "log_loss",
    "mean_error",
    "mae",
    "rmse",
    "mape",
    "r2",
]


@dataclass(frozen=True)
class Metric:
    """A metric.

    Attributes:
        title: what people call it.
        task: the models that it is for.
        better: which values are better.
        needs_probabilities: it says nothing of labels alone.
    """

    title: str
    task: Task
    better: Literal["higher", "lower", "near 0"]
    needs_probabilities: bool = False

    def loss(self, reference: float, current: float) -> float:
        """Return how much worse current is than reference; below 0 where it is better."""
        if self.better == "near 0":
            return abs(current) - abs(reference)
        return reference - current if self.better == "higher" else current - reference


METRICS: dict[MetricName, Metric] = {
    "accuracy": Metric("accuracy", "classification", "higher"),
    "precision": Metric("precision", "classification", "higher"),
    "recall": Metric("recall", "classification", "higher"),
    "f1": Metric("F1", "classification", "higher"),
    "roc_auc": Metric("ROC AUC", "classification", "higher", needs_probabilities=True),
    "log_loss": Metric("log loss", "classification", "lower", needs_probabilities=True),
    "mean_error": Metric("mean error", "regression", "near 0"),
    "mae": Metric("MAE", "regression", "lower"),
    "rmse": Metric("RMSE", "regression", "lower"),
    "mape": Metric("MAPE", "regression", "lower"),
    "r2": Metric("R²", "regression", "higher"),
}
