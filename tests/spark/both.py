"""The same comparison by either engine, and whether they agree."""

from dataclasses import dataclass
from typing import Any

import pytest
from pandas.testing import assert_frame_equal
from pyspark.sql import SparkSession

from drift_monitor.drift.comparison import Comparison
from drift_monitor.drift.comparison import compare as by_columns
from drift_monitor.monitor import Monitor
from drift_monitor.report.pictures import frames
from drift_monitor.results import ColumnDrift
from drift_monitor.spark.comparison import compare as by_spark
from drift_monitor.spark.plan import Sizes
from drift_monitor.tables.table import open_table

SMALL = Sizes(portion=600, errand=2_000, band=150, wave=400_000)
"""So that tables of a few thousand rows are cut as those of billions are."""
ROOTS = {"hellinger", "jensenshannon"}
"""Roots of a difference of sums: its rounding (1e-16 or so) is up to 1e-7 in a score near 0."""
NEAR_ZERO = 1e-3


@dataclass(frozen=True)
class Both:
    """Two tables, by their locations."""

    reference: str
    current: str

    def by_columns(self, monitor: Monitor) -> Comparison:
        with open_table(self.reference) as before, open_table(self.current) as after:
            return by_columns(before, after, monitor)

    def by_spark(
        self,
        spark: SparkSession,
        monitor: Monitor,
        sizes: Sizes = SMALL,
        partitions: int | None = 4,
    ) -> Comparison:
        with open_table(self.reference) as before, open_table(self.current) as after:
            return by_spark(spark, before, after, monitor, sizes=sizes, partitions=partitions)


def assert_same(spark: Comparison, columns: Comparison) -> None:
    """Compare all that is said of each column, and the rows for its pictures."""
    assert_same_columns(spark.columns, columns.columns)
    assert spark.sampled_rows == columns.sampled_rows
    scored = [column for column in columns.columns if column.is_scored]
    for found, expected in zip(frames(scored, spark), frames(scored, columns), strict=True):
        assert_frame_equal(found, expected)


def assert_same_columns(spark: list[ColumnDrift], columns: list[ColumnDrift]) -> None:
    """Compare all that is said of each column."""
    ours, theirs = ({each.column: each for each in found} for found in (spark, columns))
    assert set(ours) == set(theirs)
    for name, column in ours.items():
        _assert_same(name, _said(column), _said(theirs[name]))


def _said(column: ColumnDrift) -> dict[str, Any]:
    """Return what is said of a column; of a root, its square."""
    said = column.model_dump()
    if column.method in ROOTS and column.score is not None:
        said["square"] = column.score**2
        if column.score < NEAR_ZERO:
            del said["score"]
    return said


def _assert_same(where: str, found: Any, expected: Any, least: float = 1e-14) -> None:  # noqa: ANN401
    if isinstance(expected, dict):
        assert set(found) == set(expected), where
        for key, value in expected.items():
            # A mean near zero is a difference: its digits are as good as the deviation's.
            least = 1e-9 * (expected["std"] or 0.0) if key == "mean" else 1e-14
            _assert_same(f"{where}: {key}", found[key], value, least)
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for one, other in zip(found, expected, strict=True):
            _assert_same(where, one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-9, abs=least), where
    else:
        assert found == expected, where
