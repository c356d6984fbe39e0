"""What a monitor's file says of its model's quality: docs/model-quality.md.

The metrics that there are are those of Evidently's classification and regression presets.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from drift_monitor.config.drift import Severity
from drift_monitor.config.formats import TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.config.model import ConfigModel
from drift_monitor.config.tables import LocationText, TimeSpan

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
        needs_probabilities: whether it cannot be computed from labels alone.
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


class Labels(ConfigModel):
    """A table of labels that come after their predictions, joined on `columns.roles.id`."""

    location: LocationText
    target: str | None = None
    """The column with the label. Left out, columns.roles.target."""
    delay: TimeSpan | None = None
    """How late labels may come: of a dated location, so much more than the window is read."""
    format: TableFormat = TableFormat()
    """What the files look like, where that cannot be seen from them: docs/tables.md."""


class QualityLimit(ConfigModel):
    """How much worse than in reference a metric may be."""

    worse_by: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """Too much worse begins here, in the metric's own unit: 0.05 of accuracy, 3 minutes of MAE."""
    severity: Severity = "warn"
    """The severity of that: warn or critical."""


class QualityRules(ConfigModel):
    """How the model's predictions are compared with the labels."""

    task: Task
    """classification: the prediction is a class; regression: it is a number."""
    prediction: Literal["labels", "probabilities"] = "labels"
    """What a classifier's prediction column holds: labels, or probabilities of the positive one."""
    positive: str | int | bool | None = None
    """The positive label. With labels it may be left out: each label counts alike (macro)."""
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    """From this probability on, a row is predicted as positive."""
    labels: Labels | None = None
    """Where the labels lie, if not in current itself."""
    limits: dict[MetricName, QualityLimit] = {}
    """By metric: accuracy, precision, recall, f1, roc_auc, log_loss, mean_error, mae, rmse, mape or
    r2."""

    @property
    def has_probabilities(self) -> bool:
        """Whether the prediction is a probability."""
        return self.prediction == "probabilities"

    @property
    def metrics(self) -> list[MetricName]:
        """The metrics that can be computed."""
        return [
            name
            for name, metric in METRICS.items()
            if metric.task == self.task
            and (self.has_probabilities or not metric.needs_probabilities)
        ]

    @property
    def positive_label(self) -> str | None:
        """The positive label as text: as every label is compared."""
        if isinstance(self.positive, bool):
            return str(self.positive).lower()
        return None if self.positive is None else str(self.positive)

    @model_validator(mode="after")
    def _options_fit_task(self) -> Self:
        changed = [
            name
            for name in ("prediction", "positive", "threshold")
            if getattr(self, name) != QualityRules.model_fields[name].default
        ]
        if self.task == "regression" and changed:
            raise ValueError(f"{changed[0]} is for classification: leave it out")
        if "threshold" in changed and not self.has_probabilities:
            raise ValueError("threshold is for prediction: probabilities; leave it out")
        if self.has_probabilities and self.positive is None:
            raise ValueError("name the label whose probability is predicted, such as positive: 1")
        unfit = [name for name in self.limits if name not in self.metrics]
        if unfit:
            raise ValueError(
                f"limits.{unfit[0]} is not computed here; these are: {', '.join(self.metrics)}"
            )
        return self

    def require_columns(
        self, *, prediction: str | None, target: str | None, ids: list[str], has_window: bool
    ) -> None:
        """Check that the monitor says where predictions and labels are.

        Args:
            prediction: the column with it, if there is one.
            target: the same of the label.
            ids: the columns that identify a row.
            has_window: whether current is read by a window.

        Raises:
            ValueError: something is not said.
        """
        if prediction is None:
            raise ValueError("name the column with the prediction as columns.roles.prediction")
        if prediction == target:
            raise ValueError(f"prediction and target are both {target}: name a column for each")
        if self.labels is None:
            if target is None:
                raise ValueError("name the column with the label as columns.roles.target")
            return
        if target is None and self.labels.target is None:
            raise ValueError("name the column with the label as labels.target")
        if not ids:
            raise ValueError("labels are joined on columns.roles.id: name the columns of the id")
        if Location.parse(self.labels.location).is_dated and not has_window:
            raise ValueError("labels.location takes {date:…} only where current has a window")
