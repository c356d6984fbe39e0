"""What only large tables have: a value in half of the rows, and more ids than a driver holds."""

import numpy as np
import pyarrow as pa
import pytest
from both import assert_same
from builders import a_monitor
from conftest import WriteBoth
from pyspark.sql import SparkSession

from drift_monitor.drift.columns import read_numbers
from drift_monitor.spark.plan import Sizes, sizes_for
from drift_monitor.spark.tally import bands_of_numbers, pack, tally_of

IDS = 400_000
"""As text more than the 4 MB that the tests' driver takes from its tasks in all."""
BANDS = Sizes(portion=50_000, errand=100_000, band=100_000)


def test_a_value_in_half_of_the_rows_weighs_as_little_as_any_other() -> None:
    values = np.where(np.arange(100_000) % 2, 7.0, np.arange(100_000))
    tally = tally_of(read_numbers([pa.array(values)], pa.float64(), len(values)), 0)
    bands = dict(bands_of_numbers(tally, np.array([1.0, 50_000.0])))
    assert [len(band) for band in bands.values()] == [1, 25_000, 25_000]
    assert sum(len(part) for packed in pack(bands[1]) for part in packed) < 25_000 * 13
    assert bands[1].reference.sum() == 74_999


@pytest.fixture(scope="module")
def ids() -> dict[str, object]:
    random = np.random.default_rng(0)
    numbers = random.permutation(IDS)
    skewed = np.where(random.random(IDS) < 0.5, 0, numbers)
    return {
        "id": pa.array(numbers).cast(pa.string()),
        "number": numbers * 1.5,
        "code": numbers,
        "skewed": skewed,
        "skewed text": pa.array(skewed).cast(pa.string()),
        "constant": np.full(IDS, 3),
    }


def test_ids_are_counted_where_they_are_and_never_on_the_driver(
    spark: SparkSession, write_both: WriteBoth, ids: dict[str, object]
) -> None:
    before = pa.table(ids)
    after = pa.table({**ids, "id": pa.array(np.arange(IDS) + IDS // 2).cast(pa.string())})
    both = write_both(before, after, group_rows=50_000)
    monitor = a_monitor(columns={"categorical": ["code"]})
    found = both.by_spark(spark, monitor, BANDS, partitions=8)
    assert_same(found, both.by_columns(monitor))
    column = next(column for column in found.columns if column.column == "id")
    assert column.new_categories is not None
    assert column.new_categories.categories == IDS // 2


def test_as_many_columns_are_handled_at_one_time_as_a_clusters_disks_hold() -> None:
    assert sizes_for("3", "100g").wave * 30 < 3 * 100 * 10**9
    assert sizes_for("30", "100G").wave == 10 * sizes_for("3", "100g").wave
    assert sizes_for("4000", "200g").wave < 2 * sizes_for("400", "200g").wave
    assert sizes_for(None, "100g") == sizes_for("3", None) == Sizes()
