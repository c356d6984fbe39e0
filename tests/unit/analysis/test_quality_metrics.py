"""Our metrics of a model's quality are scikit-learn's and Evidently's, on real flights."""

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from evidently import (
    BinaryClassification,
    DataDefinition,
    Dataset,
    MulticlassClassification,
    Regression,
    Report,
)
from evidently import metrics as evidentlys
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearns

from drift_monitor.analysis.quality.classification import (
    from_labels,
    from_probabilities,
    read_classes,
)
from drift_monitor.analysis.quality.measured import Measured
from drift_monitor.analysis.quality.regression import regression

pytestmark = pytest.mark.xdist_group("evidently")

sys.path.insert(0, str(Path(__file__).parents[3] / "examples"))

PLAIN = {"conf_matrix": False}


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    """Flights that arrived, and what a simple model says of them: late as they left, less a bit."""
    from flights import read_flights  # noqa: PLC0415 - of the examples

    known = read_flights().dropna(subset=["arr_delay", "dep_delay"]).head(20_000)
    chance = 1 / (1 + np.exp(-(known["dep_delay"].to_numpy() - 15) / 10))
    return pd.DataFrame(
        {
            "duration": known["air_time"].to_numpy(float),
            "planned": known["distance"].to_numpy() / 8 + 20,
            "delay": known["arr_delay"].to_numpy(float),
            "delay_before": known["dep_delay"].to_numpy(float) - 4,
            "late": (known["arr_delay"] > 15).astype(int).to_numpy(),
            "chance": chance,
            "predicted_late": (known["dep_delay"] > 10).astype(int).to_numpy(),
            "origin": known["origin"].to_numpy(str),
            "guessed": np.where(known["carrier"].isin(["UA", "EV"]), "EWR", "JFK"),
        }
    )


def _evidently(
    rows: pd.DataFrame, definition: DataDefinition, wanted: dict[str, Any]
) -> dict[str, float]:
    """Compute metrics by Evidently's public API; its names are ours by `wanted`."""
    run = Report(list(wanted.values())).run(Dataset.from_pandas(rows, definition), None)
    values = [found["value"] for found in run.dict()["metrics"]]
    return {
        name: float(value["mean"] if isinstance(value, dict) else value)
        for name, value in zip(wanted, values, strict=True)
    }


def _classes(values: pd.Series) -> Any:  # noqa: ANN401 - of our own class
    return read_classes("x", [pa.array(values, from_pandas=True)])


def test_regression_is_evidentlys_and_scikit_learns(flights: pd.DataFrame) -> None:
    rows = flights[["duration", "planned"]].dropna()
    found = regression(flights["planned"].to_numpy(), flights["duration"].to_numpy()).metrics
    true, predicted = rows["duration"], rows["planned"]
    assert found == pytest.approx(
        {
            "mean_error": (predicted - true).mean(),
            "mae": sklearns.mean_absolute_error(true, predicted),
            "rmse": sklearns.root_mean_squared_error(true, predicted),
            "mape": sklearns.mean_absolute_percentage_error(true, predicted) * 100,
            "r2": sklearns.r2_score(true, predicted),
        },
        rel=1e-9,
    )
    definition = DataDefinition(regression=[Regression(target="duration", prediction="planned")])
    wanted = {
        "mean_error": evidentlys.MeanError(error_plot=False),
        "mae": evidentlys.MAE(error_distr=False),
        "rmse": evidentlys.RMSE(error_distr=False),
        "mape": evidentlys.MAPE(perc_error_plot=False),
        "r2": evidentlys.R2Score(),
    }
    assert found == pytest.approx(_evidently(rows.copy(), definition, wanted), rel=1e-9)


def test_probabilities_are_measured_as_evidently_and_scikit_learn_do(flights: pd.DataFrame) -> None:
    found = from_probabilities(flights["chance"].to_numpy(), _classes(flights["late"]), "1", 0.4)
    true, chance = flights["late"], flights["chance"]
    predicted = chance >= 0.4
    assert found.metrics == pytest.approx(
        {
            "accuracy": sklearns.accuracy_score(true, predicted),
            "precision": sklearns.precision_score(true, predicted),
            "recall": sklearns.recall_score(true, predicted),
            "f1": sklearns.f1_score(true, predicted),
            "roc_auc": sklearns.roc_auc_score(true, chance),
            "log_loss": sklearns.log_loss(true, chance),
        },
        rel=1e-9,
    )
    task = BinaryClassification(target="late", prediction_probas="chance", pos_label=1)
    wanted = {
        "accuracy": evidentlys.Accuracy(probas_threshold=0.4),
        "precision": evidentlys.Precision(probas_threshold=0.4, **PLAIN),
        "recall": evidentlys.Recall(probas_threshold=0.4, **PLAIN),
        "f1": evidentlys.F1Score(probas_threshold=0.4, **PLAIN),
        "roc_auc": evidentlys.RocAuc(probas_threshold=0.4, roc_curve=False),
        "log_loss": evidentlys.LogLoss(probas_threshold=0.4),
    }
    definition = DataDefinition(classification=[task])
    theirs = _evidently(flights[["late", "chance"]].copy(), definition, wanted)
    assert found.metrics == pytest.approx(theirs, rel=1e-9)


WANTED = {
    "accuracy": evidentlys.Accuracy(),
    "precision": evidentlys.Precision(**PLAIN),
    "recall": evidentlys.Recall(**PLAIN),
    "f1": evidentlys.F1Score(**PLAIN),
}


def test_two_labels_are_measured_as_evidently_does(flights: pd.DataFrame) -> None:
    predicted, late = _classes(flights["predicted_late"]), _classes(flights["late"])
    found = from_labels(predicted, late, "1")
    task = BinaryClassification(target="late", prediction_labels="predicted_late", pos_label=1)
    rows = flights[["late", "predicted_late"]].copy()
    theirs = _evidently(rows, DataDefinition(classification=[task]), WANTED)
    assert found.metrics == pytest.approx(theirs, rel=1e-12)


def test_many_labels_are_measured_as_evidently_and_scikit_learn_do(flights: pd.DataFrame) -> None:
    """LaGuardia is never guessed: its precision counts as 0."""
    found = from_labels(_classes(flights["guessed"]), _classes(flights["origin"]), None)
    true, predicted = flights["origin"], flights["guessed"]
    theirs = sklearns.precision_recall_fscore_support(
        true, predicted, average="macro", zero_division=0
    )
    assert list(found.metrics.values())[1:] == pytest.approx(theirs[:3], rel=1e-12)
    task = MulticlassClassification(target="origin", prediction_labels="guessed")
    rows = flights[["origin", "guessed"]].copy()
    evidently = _evidently(rows, DataDefinition(classification=[task]), WANTED)
    assert found.metrics == pytest.approx(evidently, rel=1e-12)


def test_a_percentage_of_a_delay_of_zero_or_less_is_a_reason(flights: pd.DataFrame) -> None:
    """Evidently divides by nearly nothing there, and says a thousand million million percent."""
    measured = regression(flights["delay_before"].to_numpy(), flights["delay"].to_numpy())
    assert list(measured.metrics) == ["mean_error", "rmse", "mae", "r2"]
    assert measured.reasons == ["mape: a label is 0 or less, and no error is a percentage of that"]


CHANCES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1), st.booleans()), min_size=1
)


@given(CHANCES, st.floats(0, 1))
def test_any_probabilities_are_measured_as_scikit_learn_does(
    rows: list[tuple[float, bool]], threshold: float
) -> None:
    chances, labels = np.array([chance for chance, _ in rows]), [label for _, label in rows]
    found = from_probabilities(chances, read_classes("x", [pa.array(labels)]), "true", threshold)
    if not any(labels):
        assert found.metrics == {}
        return
    expected = {
        "accuracy": sklearns.accuracy_score(labels, chances >= threshold),
        "recall": sklearns.recall_score(labels, chances >= threshold),
        "f1": sklearns.f1_score(labels, chances >= threshold),
        "log_loss": sklearns.log_loss(labels, chances, labels=[False, True]),
    }
    if any(chances >= threshold):
        expected["precision"] = sklearns.precision_score(labels, chances >= threshold)
    if not all(labels):
        expected["roc_auc"] = sklearns.roc_auc_score(labels, chances)
    assert found.metrics == pytest.approx(expected, rel=1e-9, abs=1e-12)


LABELS = st.sampled_from(["a", "b", "c", None])


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1))
def test_any_labels_are_measured_as_scikit_learn_does(
    rows: list[tuple[str | None, str | None]],
) -> None:
    predicted, labels = (
        read_classes("x", [pa.array(side, pa.string())]) for side in zip(*rows, strict=True)
    )
    found = from_labels(predicted, labels, None)
    both = [(p, true) for p, true in rows if p is not None and true is not None]
    assert found.rows == len(both)
    if not found.metrics:
        assert not both or not set(predicted.names) & set(labels.names)
        return
    said, true = zip(*both, strict=True)
    theirs = sklearns.precision_recall_fscore_support(true, said, average="macro", zero_division=0)
    expected = [sklearns.accuracy_score(true, said), *theirs[:3]]
    assert list(found.metrics.values()) == pytest.approx(expected)


TEXTS = st.sampled_from(["a", "b", None])


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_one_label_of_any_is_measured_as_scikit_learn_does(
    rows: list[tuple[str | None, str | None]],
) -> None:
    predicted, labels = (
        read_classes("x", [pa.array(side, pa.string())]) for side in zip(*rows, strict=True)
    )
    found = from_labels(predicted, labels, "a")
    both = [(p == "a", true == "a") for p, true in rows if p is not None and true is not None]
    assert found.rows == len(both)
    if not found.metrics:
        assert not both or not set(predicted.names) & set(labels.names)
        return
    said, true = zip(*both, strict=True)
    expected = {"accuracy": sklearns.accuracy_score(true, said)}
    if any(true):
        expected["recall"] = sklearns.recall_score(true, said)
        expected["f1"] = sklearns.f1_score(true, said)
    if any(said) and "a" in labels.names:
        expected["precision"] = sklearns.precision_score(true, said)
    assert found.metrics == pytest.approx(expected)


# Quarters add without rounding; so that labels are equal, or have a spread, in both alike.
NUMBERS = st.integers(-40, 40).map(lambda quarters: quarters / 4) | st.sampled_from(
    [math.nan, math.inf, -math.inf]
)


ABOVE_ZERO = NUMBERS.map(lambda number: abs(number) + 0.25)


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1)
    | st.lists(st.tuples(NUMBERS, ABOVE_ZERO), min_size=1)
)
def test_any_numbers_are_measured_as_scikit_learn_does(rows: list[tuple[float, float]]) -> None:
    predicted, labels = np.array(rows).T
    found = regression(predicted, labels)
    finite = np.isfinite(predicted) & np.isfinite(labels)
    said, true = predicted[finite], labels[finite]
    assert found.rows == len(true)
    if not len(true):
        assert found.metrics == {}
        return
    expected = {
        "mean_error": (said - true).mean(),
        "rmse": sklearns.root_mean_squared_error(true, said),
        "mae": sklearns.mean_absolute_error(true, said),
    }
    if min(true) > 0:
        expected["mape"] = sklearns.mean_absolute_percentage_error(true, said) * 100
    if len(set(true)) > 1:
        expected["r2"] = sklearns.r2_score(true, said)
    assert found.metrics == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("measured", "values", "reason"),
    [
        (regression(np.array([1.0, 2.0]), np.array([3.0, 3.0])), {"mae": 1.5}, "r2: every label"),
        # Their mean is 0.10000000000000002 as floats add.
        (regression(np.ones(3), np.full(3, 0.1)), {"r2": None}, "r2: every label"),
        (
            from_labels(_classes(pd.Series([0, 0])), _classes(pd.Series([0, 1])), "1"),
            {"accuracy": 0.5, "recall": 0.0},
            "precision: no row is predicted as positive",
        ),
        (
            from_labels(_classes(pd.Series(["0", "1"])), _classes(pd.Series([False, True])), None),
            {},
            "predictions and labels have no class in common",
        ),
        (
            from_probabilities(np.array([0.5, 0.1]), _classes(pd.Series(["y", "y"])), "y", 0.5),
            {"recall": 0.5},
            "roc_auc: every row's label is of one class",
        ),
        (
            from_probabilities(np.array([0.5]), _classes(pd.Series(["y"])), "yes", 0.5),
            {},
            "no label is yes (model_quality.positive)",
        ),
        (
            from_labels(_classes(pd.Series(["yes"])), _classes(pd.Series(["yes"])), "true"),
            {"accuracy": 1.0},
            'no label is true (model_quality.positive): YAML reads yes and no as that, so write "y',
        ),
    ],
)
def test_what_has_no_number_has_a_reason(
    measured: Measured, values: dict[str, float | None], reason: str
) -> None:
    assert {name: measured.metrics.get(name) for name in values} == values
    assert any(said.startswith(reason) for said in measured.reasons)
    assert not any(math.isnan(value) for value in measured.metrics.values())
