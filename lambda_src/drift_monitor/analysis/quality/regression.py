"""The regression metrics, as Evidently defines them, on all rows.

The tests compare them with sklearn.metrics, which is as fast (0.04 s for a million rows), but takes
3 to 7 s of processor time and 60 to 115 MB to be imported, in each of Spark's workers, too, which
seldom need it otherwise. It would save no line: each metric is one, and what has no value is ours.
"""

import numpy as np

from drift_monitor.analysis.quality.measured import Floats, Measured


def regression(predictions: Floats, labels: Floats) -> Measured:
    """Measure predictions; NaN and infinities, on either side, are left out with their row."""
    counts = np.isfinite(predictions) & np.isfinite(labels)
    predictions, labels = predictions[counts], labels[counts]
    measured = Measured(rows=len(labels))
    if not measured.rows:
        return measured
    errors = predictions - labels
    measured.metrics["mean_error"] = float(errors.mean())
    squares = np.square(errors)
    measured.metrics["rmse"] = float(np.sqrt(squares.mean()))
    np.abs(errors, out=errors)
    measured.metrics["mae"] = float(errors.mean())
    if labels.min() > 0:
        measured.metrics["mape"] = float((errors / labels).mean() * 100)
    else:
        measured.reasons.append("mape: a label is 0 or less, and no error is a percentage of that")
    spread = float(np.square(labels - labels.mean()).sum())
    # As floats add, equal labels may seem to have a spread, and nearly equal ones none.
    if spread and labels.min() < labels.max():
        measured.metrics["r2"] = float(1 - squares.sum() / spread)
    else:
        measured.reasons.append("r2: every label is the same, so there is nothing to explain")
    return measured
