"""What a baseline keeps of a reference, and where it lies."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.checks.baseline import (
    MOST_CATEGORIES,
    MOST_CATEGORY_BYTES,
    Baseline,
    ColumnBaseline,
    Ids,
    profile_table,
)
from drift_monitor.config.locations import BASELINE, Location, sidecar
from drift_monitor.config.methods import Kind
from drift_monitor.errors import ColumnError
from drift_monitor.tables.formats import format_of


class Reference(InMemory):
    location = "s3://bucket/reference.parquet"
    digest = "of these files"


def _profiled(values: object, **parts: object) -> ColumnBaseline:
    table = Reference(pa.table({"x": values}))
    return profile_table(table, a_monitor(**parts), files=1).columns["x"]


def test_numbers_are_kept_with_range_and_quantiles() -> None:
    column = _profiled([3.0, 1.0, 2.0, None, float("nan"), 4.0, 5.0, float("inf")])
    assert (column.type, column.kind) == ("double", Kind.NUMERIC)
    assert (column.null_share, column.min, column.max) == (0.375, 1, 5)
    assert column.quantiles is not None
    assert column.quantiles["0.5"] == 3
    assert column.categories is None


def test_categories_are_kept_with_their_rows_the_rare_ones_too() -> None:
    column = _profiled(["b", "a", "b", None])
    assert (column.type, column.kind, column.null_share) == ("string", Kind.CATEGORICAL, 0.25)
    assert column.distinct == 2
    assert list((column.categories or {}).items()) == [("b", 2), ("a", 1)]


def test_codes_are_kept_as_categories() -> None:
    column = _profiled([10, 9, 9], columns={"categorical": ["x"]})
    assert (column.type, column.categories, column.min) == ("int64", {"9": 2, "10": 1}, None)


def test_times_are_kept_as_seconds() -> None:
    column = _profiled([datetime(1970, 1, 2, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)])
    assert (column.kind, column.min, column.max) == (Kind.TIMESTAMP, 0, 86_400)


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ([1, 2], {"columns": {"exclude": ["x"]}}),
        ([1, 2], {"columns": {"roles": {"id": ["x"]}}}),
        ([[1], [2]], {}),
    ],
)
def test_of_what_is_not_compared_only_the_type_is_kept(
    values: object, parts: dict[str, object]
) -> None:
    column = _profiled(values, **parts)
    assert column.model_dump(exclude_none=True).keys() == {"type", "kind"}


def test_a_column_without_a_value_is_kept_as_that() -> None:
    column = _profiled(pa.nulls(3))
    assert column.model_dump(exclude_none=True) == {"type": "null", "null_share": 1}


@pytest.mark.parametrize(
    "values",
    [
        [str(number) for number in range(MOST_CATEGORIES + 1)],
        [f"{number}{'x' * (MOST_CATEGORY_BYTES // 10)}" for number in range(10)],
    ],
    ids=["too many", "too long"],
)
def test_too_many_categories_are_counted_alone(values: list[str]) -> None:
    column = _profiled(values)
    assert (column.categories, column.distinct) == (None, len(values))


def test_as_many_categories_as_are_allowed_are_kept() -> None:
    kept = _profiled([str(number) for number in range(MOST_CATEGORIES)]).categories
    assert kept is not None
    assert len(kept) == MOST_CATEGORIES


def test_a_column_that_cannot_be_read_ends_nothing() -> None:
    class Clashing(Reference):
        def type_of(self, column: str) -> pa.DataType:
            if column == "x":
                raise ColumnError("its files disagree")
            return super().type_of(column)

    baseline = profile_table(Clashing({"x": [1], "y": [1]}), a_monitor(), files=1)
    assert baseline.columns["x"] == ColumnBaseline(problem="its files disagree")
    assert baseline.columns["y"].null_share == 0


def test_ids_are_counted_together() -> None:
    monitor = a_monitor(columns={"roles": {"id": ["a", "b"]}})
    table = Reference({"a": [1, 1, 1, 2], "b": [1, 1, 2, 1]})
    (ids,) = profile_table(table, monitor, files=1).ids
    assert ids == Ids(columns=["a", "b"], repeated_share=0.25)
    assert profile_table(table, a_monitor(), files=1).ids == []


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"a": [[1], [2]], "b": [1, 2]}, "a holds list<item: int64>, which names no row"),
        ({"x": [1]}, "it has no a, b"),
    ],
)
def test_ids_that_cannot_be_counted_say_why(columns: dict[str, object], problem: str) -> None:
    monitor = a_monitor(columns={"roles": {"id": ["a", "b"]}})
    (ids,) = profile_table(Reference(columns), monitor, files=1).ids
    assert ids == Ids(columns=["a", "b"], problem=problem)


def test_a_column_that_could_be_read_this_time_has_no_problem_any_more() -> None:
    class Clashing(Reference):
        def read(self, column: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
            raise ColumnError(f"{column} is not what it was")

    table = {"x": [1, 2]}
    failed = profile_table(Clashing(table), a_monitor(), files=1)
    left_out = profile_table(Reference(table), a_monitor(columns={"exclude": ["x"]}), files=1)
    assert left_out.with_columns_of(failed).columns["x"].problem == "x is not what it was"
    read = profile_table(Reference(table), a_monitor(), files=1)
    assert read.with_columns_of(failed) == read


def test_progress_is_told_after_each_column() -> None:
    told = []
    profile_table(
        Reference({"x": [1], "y": [1]}),
        a_monitor(),
        files=1,
        progress=lambda done, of: told.append((done, of)),
    )
    assert told == [(1, 2), (2, 2)]


def test_two_monitors_of_one_reference_keep_what_each_of_them_compares() -> None:
    table = Reference({"x": [1, 2], "y": [3, 4], "z": ["a", "b"]})
    numbers = a_monitor(columns={"exclude": ["y"], "roles": {"id": ["x"]}})
    codes = a_monitor(columns={"categorical": ["x"], "exclude": ["z"]})
    first = profile_table(table, numbers, files=1)
    both = profile_table(table, codes, files=1).with_columns_of(first)
    assert both.columns["x"].categories == {"1": 1, "2": 1}
    assert (both.columns["y"].min, both.columns["z"].distinct) == (3, 2)
    assert both.ids == first.ids


def test_two_monitors_of_one_reference_may_name_its_rows_by_other_columns() -> None:
    table = Reference({"a": [1, 1], "b": [1, 2]})
    kept: Baseline | None = None
    for ids in (["a"], ["a", "b"], ["b", "a"], ["a"]):
        monitor = a_monitor(columns={"roles": {"id": ids}})
        kept = profile_table(table, monitor, files=1).with_columns_of(kept)
    assert kept is not None
    assert kept.ids == [
        Ids(columns=["a"], repeated_share=0.5),
        Ids(columns=["b", "a"], repeated_share=0),
    ]


def test_nothing_is_kept_of_a_baseline_of_other_files() -> None:
    older = Baseline(
        location="", digest="other files", files=1, rows=1, columns={"x": ColumnBaseline(min=7)}
    )
    table = Reference({"x": [1]})
    new = profile_table(table, a_monitor(columns={"exclude": ["x"]}), files=1)
    assert new.with_columns_of(older) == new
    assert new.with_columns_of(None) == new


def test_a_baseline_is_the_same_after_it_was_written() -> None:
    table = Reference({"x": [1.5, None], "c": ["é\n\"'", None], "l": [[1], [2]]})
    baseline = profile_table(table, a_monitor(), files=1)
    body = baseline.model_dump_json(exclude_none=True)
    assert Baseline.model_validate_json(body) == baseline


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("reference.parquet", "_reference.parquet.baseline.json"),
        ("data/reference.parquet", "data/_reference.parquet.baseline.json"),
        ("/data/ref/", "/data/_ref.baseline.json"),
        ("s3://bucket/ref", "s3://bucket/_ref.baseline.json"),
        ("s3://bucket/t/ref.csv.gz", "s3://bucket/t/_ref.csv.gz.baseline.json"),
        ("s3://bucket/t/ref//", "s3://bucket/t/_ref.baseline.json"),
        ("s3://bucket/t/*.csv", "s3://bucket/t/_all.csv.baseline.json"),
        ("s3://bucket/t/a=*/b-?.csv", "s3://bucket/t/_a=all-b--.csv.baseline.json"),
        ("t/part-[0-9]/", "t/_part--0-9-.baseline.json"),
        ("*", "_all.baseline.json"),
    ],
)
def test_a_baseline_lies_beside_its_reference(table: str, place: str) -> None:
    found = sidecar(Location.parse(table), BASELINE)
    assert (found.text, str(found)) == (place, place)
    assert found.bucket == Location.parse(table).bucket
    assert not found.is_glob


def test_a_baselines_own_name_begins_with_what_no_table_reads() -> None:
    name = sidecar(Location.parse("t/x.json"), BASELINE).path
    assert format_of(name) == "jsonl"  # so that it is the name's first sign that keeps it out
    assert name.rpartition("/")[2].startswith("_")
