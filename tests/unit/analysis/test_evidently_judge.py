"""`judge: evidently` is Evidently's rule, its choice of each column's kind included."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from evidently import Dataset, Report
from evidently.presets import DataDriftPreset
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.methods import METHODS
from drift_monitor.results.drift import ColumnDrift, Status

pytestmark = pytest.mark.xdist_group("evidently")


def _columns(random: np.random.Generator, rows: int, *, is_current: bool) -> dict[str, pa.Array]:
    """Return columns of every kind that Evidently scores; most of them move a little in current."""
    moved = (random.random(rows) < 0.1) * is_current
    some = random.random(rows) < 0.1

    def digits(values: int) -> np.ndarray:
        return random.integers(0, values, rows)

    columns: dict[str, object] = {}
    for values in (1, 2, 3, 5, 6, 8, 9, 10, 11, 12):
        columns |= {
            f"integer of {values}": digits(values) + moved,
            f"with nulls of {values}": pa.array(digits(values) + moved, mask=some),
            f"whole float of {values}": digits(values).astype(float) + moved,
            f"half of {values}": digits(values) / 2 + moved,
        }
    for values in (3, 8, 11):
        columns |= {
            f"more in current than {values}": digits(values + 3 * is_current),
            f"fewer in current, {values}": digits(values if is_current else 40),
            f"nulls in current of {values}": pa.array(digits(values), mask=some & is_current),
            f"nulls in reference of {values}": pa.array(
                digits(values), mask=some & (not is_current)
            ),
            f"float in current of {values}": digits(values).astype(float if is_current else int),
            f"float in reference of {values}": digits(values).astype(int if is_current else float),
        }
    for values in (1, 2, 3, 6, 10, 20, 50):
        words = [f"word {n:02}" for n in digits(values) + moved]
        columns |= {
            f"text of {values}": words,
            f"text with nulls of {values}": pa.array(words, mask=some),
            f"dictionary of {values}": pa.array(words).dictionary_encode(),
            f"digits as text of {values}": [str(n) for n in digits(values) + moved],
        }
    columns |= {
        "bool": random.random(rows) < 0.3 + 0.1 * is_current,
        "negative": random.integers(-4, 4 + is_current, rows),
        "nine or ten": random.choice([10, 9], rows),
        "beyond floats": digits(4) + 2**60,
        "small integer": digits(9).astype("int8"),
        "single": digits(9).astype("float32"),
        "normal": random.normal(0.1 * is_current, 1, rows),
        "infinite": np.where(some, np.inf, random.normal(size=rows)),
    }
    return {name: pa.array(values) for name, values in columns.items()}


def _evidentlys(
    reference: pd.DataFrame, current: pd.DataFrame, method: str | None
) -> dict[str, tuple[str, str, float, bool]]:
    """Return kind, title of the method, score and verdict by column, without a data definition."""
    preset = DataDriftPreset(num_method=method, cat_method=method)
    dataset = Dataset.from_pandas(current)
    report = Report([preset], include_tests=True).run(dataset, Dataset.from_pandas(reference))
    found = report.dict()
    verdicts = {
        test["metric_config"]["params"]["column"]: test["status"].value == "FAIL"
        for test in found["tests"]
        if "column" in test["metric_config"]["params"]
    }
    return {
        name: (
            {"num": "numeric", "cat": "categorical"}[dataset.column(name).type.value],
            metric["config"]["method"],
            float(metric["value"]),
            verdicts[name],
        )
        for metric in found["metrics"]
        if (name := metric["config"].get("column"))
    }


def _compare(
    reference: dict[str, pa.Array], current: dict[str, pa.Array], method: str | None
) -> dict[str, ColumnDrift]:
    rule = {} if method is None else {"default": {"method": method}}
    monitor = a_monitor(drift={"judge": "evidently", **rule})
    compared = compare(InMemory(reference), InMemory(current), monitor)
    return {column.column: column for column in compared.columns}


@pytest.mark.parametrize(
    ("rows", "method"),
    [
        *((rows, None) for rows in [(200, 150), (1000, 700), (1001, 700), (1400, 3000)]),
        *(((1001, 700), method) for method in ("jensenshannon", "psi", "hellinger", "kl_div")),
    ],
)
def test_kind_method_score_and_verdict_are_those_that_evidently_infers(
    rows: tuple[int, int], method: str | None
) -> None:
    random = np.random.default_rng(sum(rows))
    reference = _columns(random, rows[0], is_current=False)
    current = _columns(random, rows[1], is_current=True)
    if method is not None:  # Evidently raises where it bins infinities
        del reference["infinite"], current["infinite"]
    ours = _compare(reference, current, method)
    with np.errstate(all="ignore"):
        theirs = _evidentlys(
            *(pa.table(table).to_pandas() for table in (reference, current)), method
        )
    assert set(theirs) == set(ours)
    # Evidently says the title of a method that it chose, and the name of one that was named.
    said = {
        name: (str(c.kind), METHODS[c.method or ""].title if method is None else c.method)
        for name, c in ours.items()
    }
    assert said == {name: (kind, title) for name, (kind, title, _, _) in theirs.items()}
    for name, (_, _, score, has_drifted) in theirs.items():
        # In single precision, values at the bins' edges fall to the other side.
        digits = 1e-3 if (name, method) == ("single", "hellinger") else 1e-6
        assert ours[name].score == pytest.approx(score, rel=digits, abs=1e-7), name
        assert (ours[name].status is Status.DRIFTED) == has_drifted, name


@pytest.mark.parametrize(
    ("rule", "kind", "method"),
    [
        ({}, "categorical", "chisquare"),
        ({"numeric": {"method": "ks"}}, "categorical", "chisquare"),
        ({"columns": {"x": {"method": "ks"}}}, "numeric", "ks"),
        ({"default": {"method": "psi"}}, "categorical", "psi"),
        ({"judge": "calibrated"}, "numeric", "robust_wasserstein"),
    ],
)
def test_digits_are_categories_to_evidentlys_judge_alone_and_unless_the_column_says_otherwise(
    rule: dict[str, object], kind: str, method: str
) -> None:
    digits = {"x": np.arange(400) % 8}
    monitor = a_monitor(drift={"judge": "evidently", **rule})
    (column,) = compare(InMemory(digits), InMemory(digits), monitor).columns
    assert (column.kind, column.method) == (kind, method)


def test_many_large_ids_that_are_equal_as_floats_are_no_categories() -> None:
    ids = {"x": 2**60 + np.arange(400)}
    (column,) = compare(
        InMemory(ids), InMemory(ids), a_monitor(drift={"judge": "evidently"})
    ).columns
    assert column.kind == "numeric"
