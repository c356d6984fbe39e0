"""Comparing two tables on Spark: the same columns, statuses and scores as on the column engine."""

from functools import partial

from pyspark.sql import SparkSession

from drift_monitor.drift.column_side import sampled_rows
from drift_monitor.drift.comparison import Comparison, Pictured, Progress
from drift_monitor.drift.settling import ToScore, all_columns, attempt, settle, unread
from drift_monitor.drift.severity import worst_first
from drift_monitor.drift.verdict import correct
from drift_monitor.monitor import Monitor
from drift_monitor.results import ColumnDrift
from drift_monitor.spark.plan import Sizes
from drift_monitor.spark.sentences import in_a_sentence
from drift_monitor.spark.waves import Tables, compare_in_waves
from drift_monitor.tables.table import Table


def compare(
    spark: SparkSession,
    reference: Table,
    current: Table,
    monitor: Monitor,
    *,
    partitions: int | None = None,
    sizes: Sizes = Sizes(),  # noqa: B008 - it is frozen
    progress: Progress = lambda _done, _of: None,
) -> Comparison:
    """Compare two tables. One bad column never ends it: its status and reason say what happened.

    The rows for pictures are those that the column engine keeps.

    Args:
        spark: where the tables' files can be read.
        reference: the table that the model was trained on.
        current: the table that it sees now.
        monitor: which columns, and how.
        partitions: into how many parts Spark divides each pass; left out, by what there is to do.
            The result is the same to the last digit.
        sizes: how much is handled together.
        progress: told after some columns.

    Raises:
        DriftMonitorError: a file cannot be read.
    """
    names = all_columns(reference, current, monitor)
    settled = [
        attempt(
            unread(name, monitor),
            partial(settle, reference=reference, current=current, monitor=monitor),
        )
        for name in names
    ]
    columns = [each for each in settled if isinstance(each, ColumnDrift)]
    pictured: dict[str, Pictured] = {}
    tables = Tables(
        reference,
        current,
        [each for each in settled if isinstance(each, ToScore)],
        (sampled_rows(reference.rows, len(names)), sampled_rows(current.rows, len(names))),
        partitions,
        sizes,
        monitor.sketch,
    )
    with in_a_sentence():
        for wave in compare_in_waves(spark, tables):
            columns += wave.columns
            pictured.update(wave.pictured)
            progress(len(columns), len(names))
    columns = correct(columns, monitor.drift.correction)
    columns.sort(key=lambda column: worst_first(column.column, column))
    before, after = tables.sampled
    return Comparison(columns, pictured, (len(before), len(after)))
