"""`sketch`: scores by the method that has a bound are quick and nearly right, others exact."""

import numpy as np
import pytest
from both import assert_same
from builders import a_monitor
from conftest import WriteBoth
from pyspark.sql import SparkSession

from drift_monitor.spark.plan import Sizes

ROWS = 12_000
SKETCH = 0.001
CUT = Sizes(portion=3_000, errand=9_000, band=500, wave=400_000)
"""So that each portion has more values than are rounded."""


def _columns(seed: int) -> dict[str, object]:
    random = np.random.default_rng(seed)
    normal = random.normal(seed / 50, size=ROWS)
    return {
        "normal": normal,
        "heavy tails": random.lognormal(seed / 50, 3, size=ROWS),
        "far from zero": 1e9 + normal * 1e-3,
        "many zeros": np.where(random.random(ROWS) < 0.5, 0.0, normal),
        "in order": np.arange(ROWS) + 0.25 * seed,
        "few": random.integers(0, 40 + seed, size=ROWS),
        "word": np.where(normal > 0, "a", "b"),
    }


ROUNDED = {"normal", "heavy tails", "far from zero", "many zeros", "in order"}


def test_scores_are_off_by_no_more_than_they_say(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    both = write_both(_columns(1), _columns(3), group_rows=3_000)
    exact = {column.column: column for column in both.by_columns(a_monitor()).columns}
    monitor = a_monitor(engine="spark", sketch=SKETCH)
    found = {column.column: column for column in both.by_spark(spark, monitor, CUT).columns}
    sketched = {name for name, column in found.items() if column.score_error is not None}
    assert sketched == ROUNDED
    for name in sketched:
        column, error = found[name], found[name].score_error
        assert error is not None
        assert column.score is not None
        assert 0 < error <= SKETCH
        assert abs(column.score - (exact[name].score or 0)) <= error
        assert column.reason == f"a sketch: its score is off by {error:.2g} at most"
    for name in found.keys() - sketched:
        assert found[name].score == pytest.approx(exact[name].score, rel=1e-9)


def test_score_that_may_be_on_the_other_side_of_its_threshold_says_so(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    both = write_both(_columns(1), _columns(3), group_rows=3_000)
    exact = {column.column: column.score for column in both.by_columns(a_monitor()).columns}
    rules = {"normal": {"method": "wasserstein", "threshold": exact["normal"]}}
    monitor = a_monitor(engine="spark", sketch=SKETCH, drift={"columns": rules})
    found = both.by_spark(spark, monitor, CUT).columns
    (normal,) = (column for column in found if column.column == "normal")
    assert normal.reason is not None
    assert normal.reason.endswith(", and the threshold is nearer than that")


@pytest.mark.parametrize("method", ["ks", "psi"])
def test_methods_without_a_bound_are_exact(
    spark: SparkSession, write_both: WriteBoth, method: str
) -> None:
    both = write_both(_columns(1), _columns(3), group_rows=3_000)
    rules = {"numeric": {"method": method}}
    monitor = a_monitor(engine="spark", sketch=SKETCH, drift=rules)
    assert_same(both.by_spark(spark, monitor, CUT), both.by_columns(a_monitor(drift=rules)))


def test_table_that_needs_no_cutting_is_scored_exactly(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    both = write_both(_columns(1), _columns(3))
    monitor = a_monitor(engine="spark", sketch=SKETCH)
    assert_same(both.by_spark(spark, monitor, Sizes()), both.by_columns(a_monitor()))
