"""What only large tables have: one value in half of the rows, ids, order, columns in waves."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from both import assert_same
from builders import a_monitor
from conftest import WriteBoth
from pyspark.sql import SparkSession

from drift_monitor.drift.columns import read_numbers
from drift_monitor.spark.plan import Sizes, sizes_for
from drift_monitor.spark.tally import (
    Tally,
    bands_of_numbers,
    joined_in_pieces,
    joined_numbers,
    pack,
    parts_of,
    tally_of,
)

IDS = 400_000
"""As text more than the 4 MB that the tests' driver takes from its tasks in all."""
BANDS = Sizes(portion=50_000, errand=100_000, band=100_000)
PATIENCE = 60


def _tally(values: np.ndarray, side: int = 0) -> Tally:
    return tally_of(read_numbers([pa.array(values)], pa.float64(), len(values)), side)


def test_a_value_in_half_of_the_rows_weighs_as_little_as_any_other() -> None:
    tally = _tally(np.where(np.arange(100_000) % 2, 7.0, np.arange(100_000)))
    bands = dict(bands_of_numbers(tally, np.array([1.0, 50_000.0])))
    assert [len(band) for band in bands.values()] == [1, 25_000, 25_000]
    assert sum(len(part) for each in parts_of(bands[1]) for part in pack(each)) < 25_000 * 13
    assert bands[1].reference.sum() == 74_999


def _by_lowest(tallies: list[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda tally: tally.lowest)


def test_a_column_in_order_is_put_together_piece_by_piece() -> None:
    tallies = [_tally(np.arange(start, start + 150.0), start % 2) for start in range(0, 9000, 99)]
    pieces = list(joined_in_pieces(_by_lowest(tallies), most=500))
    assert max(map(len, pieces)) <= 700
    ends = [(piece.lowest, piece.numbers[-1]) for piece in pieces]
    assert all(before[1] < after[0] for before, after in pairwise(ends))
    _assert_same_tally(pieces, joined_numbers(tallies))


def test_what_all_overlaps_stays_in_one_piece_with_the_same_cuts_in_any_order() -> None:
    random = np.random.default_rng(0)
    tallies = [_tally(random.integers(0, 40, 30).astype(float), side % 2) for side in range(60)]
    both = [
        list(joined_in_pieces(_by_lowest(given), most=50)) for given in (tallies, tallies[::-1])
    ]
    assert [len(piece) for piece in both[0]] == [len(piece) for piece in both[1]]
    for pieces in both:
        _assert_same_tally(pieces, joined_numbers(tallies))


def _assert_same_tally(pieces: list[Tally], whole: Tally) -> None:
    assert np.concatenate([piece.numbers for piece in pieces]).tolist() == whole.numbers.tolist()
    for side in (0, 1):
        counts = np.concatenate([piece.counts[side] for piece in pieces])
        assert counts.tolist() == whole.counts[side].tolist()


@pytest.fixture(scope="module")
def ids() -> dict[str, object]:
    random = np.random.default_rng(0)
    numbers = random.permutation(IDS)
    skewed = np.where(random.random(IDS) < 0.5, 0, numbers)
    return {
        "id": pa.array(numbers).cast(pa.string()),
        "number": numbers * 1.5,
        "in order": np.arange(IDS),
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


def _shuffles_on_disk(spark: SparkSession) -> set[str]:
    manager = spark.sparkContext._jvm.org.apache.spark.SparkEnv.get().blockManager()  # noqa: SLF001
    folders = [Path(folder.getPath()) for folder in manager.diskBlockManager().localDirs()]
    return {file.name.split("_")[1] for folder in folders for file in folder.rglob("shuffle_*")}


def _waited(spark: SparkSession, before: set[str]) -> Iterator[set[str]]:
    """Yield what is new on disk, until it is waited no more: Spark removes it by and by."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        yield _shuffles_on_disk(spark) - before
        time.sleep(0.1)


def test_a_wave_of_columns_leaves_its_room_to_the_next_ones(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    random = np.random.default_rng(0)
    table = {f"x{number}": random.normal(size=2_000) for number in range(7)}
    both, before = write_both(table, table, group_rows=1_000), _shuffles_on_disk(spark)
    waves = Sizes(portion=1_000, errand=10_000, band=3_000, wave=4_000)
    both.by_spark(spark, a_monitor(), waves, partitions=1)
    assert any(len(new) <= 2 for new in _waited(spark, before))


def test_as_many_columns_are_handled_at_one_time_as_a_clusters_disks_hold() -> None:
    assert 2 * sizes_for("3", "100g").wave * 30 < 3 * 100 * 10**9
    assert sizes_for("30", "100G").wave == 10 * sizes_for("3", "100g").wave
    assert sizes_for("4000", "200g").wave < 2 * sizes_for("400", "200g").wave
    assert sizes_for(None, "100g") == sizes_for("3", None) == Sizes()
