"""The model's quality on both tables: where labels come from, and what is told when they do not."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.quality.late_labels import join_labels
from drift_monitor.analysis.quality.limits import quality_checks
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.quality import measure_quality
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.errors import ColumnError
from drift_monitor.results.quality import ModelQuality, QualityMetric

WriteTable = Callable[..., str]
NOON = datetime(2013, 6, 4, 12, tzinfo=UTC)
CLASSES = {"task": "classification", "positive": "yes"}


@pytest.fixture
def measure(write_table: WriteTable) -> Callable[..., ModelQuality]:
    """Measure the quality of two tables and their labels."""

    def measured(
        reference: dict[str, object],
        current: dict[str, object],
        *,
        memory: int = 1 << 30,
        **quality: object,
    ) -> ModelQuality:
        monitor = a_monitor(
            reference={"location": write_table("r.parquet", reference)},
            current={"location": write_table("c.parquet", current)},
            columns={"roles": {"prediction": "p", "target": "y", "id": ["id"]}},
            model_quality=quality or CLASSES,
        )
        return _measure(monitor, memory)

    return measured


def _measure(monitor: Monitor, memory: int = 1 << 30) -> ModelQuality:
    with open_pair(monitor, NOON) as pair:
        found = measure_quality(monitor, pair, memory=memory)
    assert found is not None
    return found


def _accuracy(quality: ModelQuality) -> tuple[float | None, float | None]:
    metric = quality.metrics["accuracy"]
    return metric.reference, metric.current


GOOD = {"id": [1, 2, 3, 4], "p": ["yes", "no", "yes", "no"], "y": ["yes", "no", "yes", "no"]}
WORSE = {"id": [5, 6, 7, 8], "p": ["yes", "no", "yes", "no"], "y": ["yes", "no", "no", None]}
UNLABELED = {"id": [5, 6, 7, 8], "p": ["yes", "no", "yes", "no"]}


def test_a_monitor_that_does_not_ask_is_not_measured(write_table: WriteTable) -> None:
    file = write_table("t.parquet", GOOD)
    monitor = a_monitor(reference={"location": file}, current={"location": file})
    with open_pair(monitor, NOON) as pair:
        assert measure_quality(monitor, pair) is None


def test_labels_in_the_tables_are_compared_with_the_predictions(
    measure: Callable[..., ModelQuality],
) -> None:
    quality = measure(GOOD, WORSE)
    assert _accuracy(quality) == (1.0, pytest.approx(2 / 3))
    assert (quality.rows_with_labels.reference, quality.rows_with_labels.current) == (4, 3)
    assert list(quality.metrics) == ["accuracy", "precision", "recall", "f1"]
    assert quality.reasons == []


def test_classes_are_the_same_however_they_are_stored(
    measure: Callable[..., ModelQuality],
) -> None:
    quality = measure(
        {"p": [1, 0, 1], "y": [1.0, 0.0, 1.0]},
        {"p": ["1", "0", "1"], "y": [1, 0, 0]},
        task="classification",
        positive=1,
    )
    assert _accuracy(quality) == (1.0, pytest.approx(2 / 3))


def test_late_labels_are_joined_on_the_id_and_the_last_of_an_id_counts(
    measure: Callable[..., ModelQuality], write_table: WriteTable
) -> None:
    """By the order of the files, and of the rows within: 5 was no, then yes; 9 is nobody's."""
    write_table("labels/1.parquet", {"id": [5, 6, 9], "y": ["no", "no", "yes"]})
    folder = write_table("labels/2.parquet", {"id": [7, 5, 5], "y": ["no", "no", "yes"]})
    labels = {"location": str(Path(folder).parent)}
    quality = measure(GOOD, UNLABELED, **CLASSES, labels=labels)
    assert _accuracy(quality) == (1.0, pytest.approx(2 / 3))
    assert quality.rows_with_labels.current == 3
    assert quality.reasons == ["current: 2 labels have a later one of the same id, which counts"]


def test_a_reference_without_labels_is_joined_with_them_too(
    measure: Callable[..., ModelQuality], write_table: WriteTable
) -> None:
    labels = write_table("l.csv.parquet", {"id": ["1", "5"], "paid": ["yes", "no"]})
    reference = {"id": [1, 2], "p": ["yes", "no"]}
    quality = measure(
        reference, UNLABELED, **CLASSES, labels={"location": labels, "target": "paid"}
    )
    assert _accuracy(quality) == (1.0, 0.0)
    assert (quality.rows_with_labels.reference, quality.rows_with_labels.current) == (1, 1)


@pytest.mark.parametrize(("delay", "labeled"), [(None, 2), ("1d", 3), ("3d", 4)])
def test_dated_labels_are_those_of_the_window_and_of_the_delay(
    write_table: WriteTable, tmp_path: Path, delay: str | None, labeled: int
) -> None:
    for day, number in enumerate((5, 6, 7, 8)):
        write_table(f"labels/2013-06-{day + 2:02}.parquet", {"id": [number], "y": ["yes"]})
    for day in ("02", "03"):
        write_table(f"daily/2013-06-{day}.parquet", UNLABELED)
    labels = {"location": f"{tmp_path}/labels/{{date:%Y-%m-%d}}.parquet", "delay": delay}
    monitor = a_monitor(
        reference={"location": write_table("r.parquet", {"p": ["yes"], "id": [1]})},
        current={"location": f"{tmp_path}/daily/{{date:%Y-%m-%d}}.parquet", "window": "2d"},
        columns={"roles": {"prediction": "p", "target": "y", "id": ["id"]}},
        model_quality={**CLASSES, "labels": labels},
    )
    quality = _measure(monitor)
    assert quality.rows_with_labels.current == 2 * labeled
    (reason,) = quality.reasons
    assert reason.startswith("reference: it has no window")


def test_labels_that_have_not_come_yet_are_a_reason(
    measure: Callable[..., ModelQuality], write_table: WriteTable, tmp_path: Path
) -> None:
    missing = {"location": str(tmp_path / "nowhere")}
    empty = {"location": write_table("empty.parquet", {"id": [], "y": []})}
    of_others = {"location": write_table("others.parquet", {"id": [100], "y": ["yes"]})}
    reasons = [
        measure(GOOD, UNLABELED, **CLASSES, labels=labels).reasons
        for labels in (missing, empty, of_others)
    ]
    assert [len(each) for each in reasons] == [1, 1, 1]
    assert "nowhere has no file" in reasons[0][0]
    assert reasons[1][0].startswith("current: there are no labels yet at ")
    assert reasons[2] == ["current: no id (id) is among those of the labels"]


@pytest.mark.parametrize(
    ("current", "quality", "reason"),
    [
        ({"p": ["yes"]}, {}, "current: it has no column y"),
        ({"y": ["yes"]}, {}, "current: it has no column p"),
        ({"p": [None], "y": ["yes"]}, {}, "current: no row has both a prediction and a label"),
        (
            {"p": ["yes"], "y": ["yes"]},
            {"task": "regression"},
            "current: p holds string, not numbers",
        ),
        (
            {"p": [NOON], "y": ["yes"]},
            {},
            "current: p holds timestamp[us, tz=UTC], not classes",
        ),
        (
            {"p": [n / 2000 for n in range(2000)], "y": ["yes"] * 2000},
            {},
            "current: p holds more than 1,000 values: are they classes?",
        ),
        (
            {"p": [2.5], "y": ["yes"]},
            {**CLASSES, "prediction": "probabilities"},
            "current: a prediction is below 0 or above 1, which is no probability",
        ),
    ],
)
def test_what_cannot_be_measured_is_told_and_never_raised(
    measure: Callable[..., ModelQuality],
    current: dict[str, object],
    quality: dict[str, object],
    reason: str,
) -> None:
    assert reason in measure(GOOD, current, **quality).reasons


def test_all_rows_are_measured_or_none(measure: Callable[..., ModelQuality]) -> None:
    quality = measure(GOOD, WORSE, memory=300)
    assert quality.metrics == {}
    assert quality.reasons[0].startswith("reference: its rows need 0 MB to be measured")


IDS = st.sampled_from([1, 2, 3, None])
ROWS = st.lists(st.tuples(IDS, IDS), max_size=8)


@given(st.lists(IDS, max_size=8), ROWS, st.sampled_from([["id"], ["id", "same"]]))
def test_a_join_gives_each_row_the_last_label_of_its_id(
    ids: list[int | None], labels: list[tuple[int | None, int | None]], names: list[str]
) -> None:
    known = {key: value for key, value in labels if key is not None}
    expected = [known.get(key) if key is not None else None for key in ids]
    keys, values = [key for key, _ in labels], [value for _, value in labels]
    table = InMemory(dict.fromkeys(names, ids))
    other = InMemory({**dict.fromkeys(names, keys), "y": values})
    try:
        joined = join_labels(table, other, names, "y")
    except ColumnError:
        assert not set(ids) & known.keys()
        return
    found = joined.labels.numbers()
    assert [None if np.isnan(value) else value for value in found] == expected
    assert joined.repeated == sum(key is not None for key in keys) - len(known)


def test_limits_are_checks_of_how_much_worse_current_is(
    measure: Callable[..., ModelQuality],
) -> None:
    limits = {
        "accuracy": {"worse_by": 0.3, "severity": "critical"},
        "recall": {"worse_by": 0.4},
        "precision": {"worse_by": 0.5},
    }
    monitor = a_monitor(
        columns={"roles": {"prediction": "p", "target": "y"}},
        model_quality={**CLASSES, "limits": limits},
    )
    checks = quality_checks(monitor, measure(GOOD, WORSE))
    assert [(check.passed, check.severity) for check in checks] == [
        (False, "critical"),
        (True, "warn"),
        (True, "warn"),
    ]
    assert checks[0].reason == "accuracy is 0.667, and was 1 in reference (limit: 0.3 worse)"
    quality = measure(GOOD, WORSE)
    worse = {"accuracy": QualityMetric(reference=0.9, current=0.6)}  # 0.30000000000000004 as floats
    (at_limit, *_) = quality_checks(monitor, quality.model_copy(update={"metrics": worse}))
    assert (at_limit.passed, at_limit.value) == (True, 0.3)
    unmeasured = quality_checks(monitor, measure(GOOD, {"p": ["yes"]}))
    assert {check.passed for check in unmeasured} == {None}


@pytest.mark.parametrize(
    ("columns", "quality", "problem"),
    [
        ({"target": "y"}, {}, "name the column with the prediction"),
        ({"prediction": "p"}, {}, "name the column with the label as columns.roles.target"),
        ({"prediction": "y", "target": "y"}, {}, "prediction and target are both y"),
        ({}, {"task": "regression", "positive": 1}, "positive is for classification"),
        ({}, {"threshold": 0.4}, "threshold is for prediction: probabilities"),
        (
            {},
            {"prediction": "probabilities", "positive": None},
            "name the label whose probability is predicted",
        ),
        ({}, {"limits": {"roc_auc": {"worse_by": 0.1}}}, "limits.roc_auc is not computed here"),
        ({}, {"labels": {"location": "l.csv"}}, "labels are joined on columns.roles.id"),
        (
            {"prediction": "p", "id": ["id"]},
            {"labels": {"location": "l.csv"}},
            "name the column with the label as labels.target",
        ),
        (
            {"prediction": "p", "target": "y", "id": ["id"]},
            {"labels": {"location": "{date:%Y-%m-%d}.csv"}},
            "only where current has a window",
        ),
    ],
)
def test_a_mistake_is_named(
    columns: dict[str, object], quality: dict[str, object], problem: str
) -> None:
    roles = columns or {"prediction": "p", "target": "y"}
    with pytest.raises(ValidationError, match=problem):
        a_monitor(columns={"roles": roles}, model_quality={**CLASSES, **quality})
