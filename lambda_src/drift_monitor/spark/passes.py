"""The passes over two tables, as Spark's operations on data frames.

1. `look`, at one portion in sixteen: where each column's values lie, to cut it into bands of about
   equal size. A small table needs no cutting, and no look.
2. `gather`: each task reads portions and counts each column's values there: sorted, each once. What
   it counted goes by (column, band) to where that band is put together: the one shuffle.
3. `ask`: of each band, sorted as it is, its part of what the drift methods want to know: prefix
   sums within it, from the count of values in the bands before it, which is then known.

Why so, and not as `groupBy(column, value)` on unpivoted rows: a row of Spark's costs a microsecond,
a value in a sorted array ten nanoseconds. The arrays travel as bytes in few rows, which Spark
partitions, spills, retries and keeps. Which portion and band a value is in depends on the tables
alone. So every number comes out the same to the last digit, however many partitions there are.
"""

import gc
from collections.abc import Iterable
from functools import partial
from math import inf
from typing import NamedTuple

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from drift_monitor.drift.outline import Floats
from drift_monitor.spark.bands import Answer, Band, Place, Question
from drift_monitor.spark.tally import Tally, joined_numbers, unpack
from drift_monitor.spark.tasks import Work, answer_task, join_task, look_task, tally_task, unpickled
from drift_monitor.spark.text_column import Texts

_ROWS_AT_ONCE = 64
"""Rows of at most a quarter of a megabyte that a task is given together."""
_LOOKED = "column int, distinct long, sample binary, spread double"
_GATHERED = (
    "column int, band long, kind string, side int, number int, "
    "values binary, reference binary, current binary, lowest double"
)
_ANSWERED = "column int, answer binary"


class Looked(NamedTuple):
    """What was seen of a column in some portions.

    Attributes:
        distinct: how many values occur, each counted once in each portion.
        sample: some of them.
        portions: how many they are.
        spread: the smallest standard deviation in a portion of reference; 0.0 where one has few
            values.
    """

    distinct: int = 0
    sample: Floats = np.array([])
    portions: int = 0
    spread: float = inf


class Gathered(NamedTuple):
    """What a pass of `gather` found.

    Attributes:
        frame: the bands of numbers, which Spark keeps.
        bands: by column, what each band of its numbers holds, by the band's number.
        texts: by column, what each part of its categories holds.
        pictured: by side and column, the rows for pictures, in parts, as they were written.
        failed: by column, the name of the error for which it was not read.
    """

    frame: DataFrame
    bands: dict[int, dict[int, Band]]
    texts: dict[int, list[Texts]]
    pictured: tuple[dict[int, list[bytes]], dict[int, list[bytes]]]
    failed: dict[int, str]


def look(spark: SparkSession, work: Work, stride: int, partitions: int) -> dict[int, Looked]:
    """Return by column how many values its portions have, and every so manieth of them."""
    shared = spark.sparkContext.broadcast(work)
    frame = _errands(spark, len(work.errands), partitions)
    rows = frame.mapInArrow(partial(look_task, shared, stride), _LOOKED).collect()
    found: dict[int, Looked] = {}
    for row in rows:
        before = found.get(row.column, Looked())
        sample = np.frombuffer(row.sample, np.float64)
        found[row.column] = Looked(
            before.distinct + row.distinct,
            np.concatenate([before.sample, sample]),
            before.portions + 1,
            min(before.spread, row.spread),
        )
    shared.destroy()
    return found


def gather(spark: SparkSession, work: Work, tasks: int, partitions: int) -> Gathered:
    """Count what each column holds, and put its bands together."""
    shared = spark.sparkContext.broadcast(work)
    frame = (
        _errands(spark, len(work.errands), tasks)
        .mapInArrow(partial(tally_task, shared), _GATHERED)
        .repartition(partitions, "column", "band")
        .sortWithinPartitions("column", "band", "lowest")
        .mapInArrow(partial(join_task, shared), _GATHERED)
        .persist(StorageLevel.DISK_ONLY)
    )
    gathered = Gathered(frame, {}, {}, ({}, {}), {})
    parts: dict[tuple[int, int], dict[int, bytes]] = {}
    for row in frame.where("kind != 'tally'").collect():
        said = bytes(row["values"])
        if row.kind == "picture":
            parts.setdefault((row.side, row.column), {})[row.number] = said
        elif row.kind == "failure":
            gathered.failed[row.column] = said.decode()
        elif row.kind == "band":
            gathered.bands.setdefault(row.column, {})[row.band] = unpickled(said)
        else:
            gathered.texts.setdefault(row.column, []).append(unpickled(said))
    for (side, column), pictures in sorted(parts.items()):
        gathered.pictured[side][column] = [pictures[number] for number in sorted(pictures)]
    return gathered


def remove_leftovers(spark: SparkSession) -> None:
    """Have Spark remove the files of shuffles that nobody refers to, which takes it a moment.

    Left to itself it does so when Python and Java happen to look for garbage, which may be half an
    hour later: the next waves of columns would not find the room.
    """
    gc.collect()
    spark.sparkContext._jvm.System.gc()  # noqa: SLF001 - there is no other way to it


def ask(
    spark: SparkSession,
    frame: DataFrame,
    questions: dict[int, Question],
    places: dict[tuple[int, int], Place],
) -> dict[int, list[Answer]]:
    """Ask each band of some columns of numbers; the answers come in the order of bands."""
    shared = spark.sparkContext.broadcast((questions, places))
    tallies = _tallies(frame, questions)
    rows = tallies.mapInArrow(partial(answer_task, shared), _ANSWERED).collect()
    answers: dict[int, dict[int, Answer]] = {}
    for row in rows:
        band, found = unpickled(row.answer)
        answers.setdefault(row.column, {})[band] = found
    shared.destroy()
    return {column: [found[band] for band in sorted(found)] for column, found in answers.items()}


def fetch(frame: DataFrame, columns: Iterable[int]) -> dict[int, Tally]:
    """Return all values of some columns of numbers, which should be few."""
    found: dict[int, dict[tuple[int, int], Tally]] = {}
    for row in _tallies(frame, columns).collect():
        packed = bytes(row["values"]), bytes(row.reference), bytes(row.current)
        part = found.setdefault(row.column, {})
        part[row.band, row.number] = unpack(packed, is_text=False)
    return {
        column: joined_numbers([parts[place] for place in sorted(parts)])
        for column, parts in found.items()
    }


def _tallies(frame: DataFrame, columns: Iterable[int]) -> DataFrame:
    return frame.where(frame["kind"] == "tally").where(frame["column"].isin(list(columns)))


def _errands(spark: SparkSession, count: int, partitions: int) -> DataFrame:
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", _ROWS_AT_ONCE)
    return spark.range(0, count, 1, max(1, min(count, partitions)))
