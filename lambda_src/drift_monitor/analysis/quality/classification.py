"""The classification metrics, as Evidently defines them, on all rows.

The tests compare them with sklearn.metrics, which costs too much to be used here. A million rows
take it 0.72 s of processor time with probabilities (0.07 s here) and 0.25 s with ten classes
(0.03 s), as it sorts and checks the labels again for each metric; and probabilities take it 96 MB
beside the columns (44 MB), more than the bytes per row that engines/quality.py plans with.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import as_arrow, as_numpy, as_text
from drift_monitor.analysis.quality.measured import Floats, Measured
from drift_monitor.errors import ColumnError

MOST_CLASSES = 1_000

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Classes:
    """A column of classes, predicted or true.

    Attributes:
        names: each class once, as text.
        codes: by row, its place among the names; -1 where there is none.
    """

    names: list[str]
    codes: Codes


def read_classes(column: str, chunks: Iterable[pa.Array]) -> Classes:
    """Read text, booleans or numbers as classes: the same for 1, 1.0 and a decimal 1.00.

    Raises:
        ColumnError: there are too many.
    """
    places: dict[str, int] = {}
    codes = [np.array([], np.int32)]
    for chunk in chunks:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        null = len(encoded.dictionary)
        indices = as_numpy(pc.cast(encoded.indices, pa.int64()).fill_null(null))
        used = np.flatnonzero(np.bincount(indices, minlength=null)[:null])
        texts = as_text(encoded.dictionary.take(as_arrow(used))).to_pylist()
        place_of = np.full(null + 1, -1, np.int32)
        for index, text in zip(used, texts, strict=True):
            if text is not None:
                place_of[index] = places.setdefault(text, len(places))
        if len(places) > MOST_CLASSES:
            raise ColumnError(
                f"{column} holds more than {MOST_CLASSES:,} values: are they classes?"
            )
        codes.append(place_of[indices])
    return Classes(list(places), np.concatenate(codes))


def from_labels(predictions: Classes, labels: Classes, positive: str | None) -> Measured:
    """Measure predicted labels.

    Args:
        predictions: by row.
        labels: by row.
        positive: the label that precision, recall and F1 are of; None for each alike (macro).
    """
    names = list(dict.fromkeys([*labels.names, *predictions.names]))
    counts = _confusion(_placed(labels, names), _placed(predictions, names), len(names))
    measured = Measured(rows=int(counts.sum()))
    if not measured.rows:
        return measured
    if not set(labels.names) & set(predictions.names):
        measured.reasons.append(
            "predictions and labels have no class in common: are they written alike?"
        )
        return measured
    measured.metrics["accuracy"] = float(np.trace(counts) / counts.sum())
    if positive is None:
        _add_macro(measured, counts)
    elif positive in labels.names:
        _add_positive(measured, counts, names.index(positive))
    else:
        measured.reasons.append(_lacks_positive(positive))
    return measured


def from_probabilities(
    predictions: Floats, labels: Classes, positive: str, threshold: float
) -> Measured:
    """Measure predicted probabilities.

    Args:
        predictions: the probability of the positive label, by row; NaN where there is none.
        labels: by row. All but the positive one are negative.
        positive: the label whose probability is predicted.
        threshold: from this probability on, a row is predicted as positive.

    Raises:
        ColumnError: a prediction is no probability.
    """
    counts = np.isfinite(predictions) & (labels.codes >= 0)
    chances, codes = predictions[counts], labels.codes[counts]
    measured = Measured(rows=len(chances))
    if not measured.rows:
        return measured
    if chances.min() < 0 or chances.max() > 1:
        raise ColumnError("a prediction is below 0 or above 1, which is no probability")
    if positive not in labels.names:
        measured.reasons.append(_lacks_positive(positive))
        return measured
    is_positive = codes == labels.names.index(positive)
    predicted = chances >= threshold
    table = _confusion(is_positive.astype(np.int32), predicted.astype(np.int32), 2)
    measured.metrics["accuracy"] = float(np.trace(table) / table.sum())
    _add_positive(measured, table, 1)
    _add_ranking(measured, chances, is_positive)
    return measured


def _lacks_positive(positive: str) -> str:
    reason = f"no label is {positive} (model_quality.positive)"
    is_yaml_word = positive in ("true", "false")
    return f'{reason}: YAML reads yes and no as that, so write "yes"' if is_yaml_word else reason


def _placed(labels: Classes, names: list[str]) -> Codes:
    """Number labels by their places among other names."""
    places = np.array([*(names.index(name) for name in labels.names), -1], np.int32)
    return places[labels.codes]


def _confusion(labels: Codes, predictions: Codes, size: int) -> Counts:
    """Count the rows by label (down) and prediction (across); a row without either is left out."""
    counts = (labels >= 0) & (predictions >= 0)
    cells = labels[counts].astype(np.int64) * size + predictions[counts]
    return np.bincount(cells, minlength=size * size).reshape(size, size)


def _add_macro(measured: Measured, counts: Counts) -> None:
    """Add the means over all labels that occur; a label never predicted has a precision of 0."""
    right, actual, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    occurs = (actual + predicted) > 0
    right, actual, predicted = right[occurs], actual[occurs], predicted[occurs]
    measured.metrics["precision"] = float((right / np.maximum(predicted, 1)).mean())
    measured.metrics["recall"] = float((right / np.maximum(actual, 1)).mean())
    measured.metrics["f1"] = float((2 * right / (actual + predicted)).mean())


def _add_positive(measured: Measured, counts: Counts, positive: int) -> None:
    """Add what there is of one label."""
    right = counts[positive, positive]
    actual, predicted = counts[positive].sum(), counts[:, positive].sum()
    if predicted:
        measured.metrics["precision"] = float(right / predicted)
    else:
        measured.reasons.append("precision: no row is predicted as positive")
    if actual:
        measured.metrics["recall"] = float(right / actual)
        measured.metrics["f1"] = float(2 * right / (actual + predicted))
    else:
        measured.reasons.append("recall and F1: no row's label is the positive one")


def _add_ranking(measured: Measured, chances: Floats, is_positive: Flags) -> None:
    """Add what only probabilities can tell."""
    positives, negatives = np.sort(chances[is_positive]), np.sort(chances[~is_positive])
    pairs = len(positives) * len(negatives)
    if pairs:
        # How many negatives each positive is ranked above; a tie counts half.
        above = np.searchsorted(negatives, positives).sum()
        not_below = np.searchsorted(negatives, positives, side="right").sum()
        measured.metrics["roc_auc"] = float((above + not_below) / 2 / pairs)
    else:
        measured.reasons.append("roc_auc: every row's label is of one class")
    edge = np.finfo(np.float64).eps
    right = np.clip(np.where(is_positive, chances, 1 - chances), edge, 1 - edge)
    measured.metrics["log_loss"] = float(-np.log(right).mean())
