"""The model's quality on one table."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from drift_monitor.config.quality import MetricName

Floats = npt.NDArray[np.float64]


@dataclass
class Measured:
    """The metrics of one table.

    Attributes:
        rows: rows with both a prediction and a label.
        metrics: by name, those that could be computed.
        reasons: why a metric has no value, or what to know about the numbers.
    """

    rows: int = 0
    metrics: dict[MetricName, float] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
