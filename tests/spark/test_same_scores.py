"""Spark finds what the column engine finds: scores, statuses, profiles, and rows for pictures."""

import numpy as np
import pyarrow as pa
import pytest
from both import assert_same
from builders import a_monitor
from conftest import WriteBoth
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from test_comparison import MOVED, SAME, SETTLED
from test_parity import categories, numbers
from test_zoo import DAYS, LATER, TIMES, make_times

from drift_monitor.drift.methods import METHODS, Kind
from drift_monitor.results import Status
from drift_monitor.spark.plan import Sizes
from drift_monitor.spark.scores import ROWS_NEEDED

EQUAL_SIDES = {"g_test", "fisher_exact"}
"""Evidently computes these only for sides of equal length."""
COLUMNS = 24
ROWS = 12_000
"""More than the methods take for few, which are scored from the values themselves."""


def _methods(kind: Kind) -> list[str]:
    return [name for name, how in METHODS.items() if kind in how.kinds and name not in ROWS_NEEDED]


def _padded(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Fill columns up with nulls, as a table's are equally long."""
    rows = max(map(len, columns.values()))
    return {
        name: pa.concat_arrays([column, pa.nulls(rows - len(column), column.type)])
        for name, column in columns.items()
    }


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # smaller examples take as long
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    of_numbers=st.lists(st.tuples(numbers(), numbers()), min_size=COLUMNS, max_size=COLUMNS),
    of_texts=st.lists(st.tuples(categories(), categories()), min_size=COLUMNS, max_size=COLUMNS),
    shift=st.integers(0, COLUMNS),
)
def test_columns_of_any_shape_score_the_same_by_each_method(
    spark: SparkSession,
    write_both: WriteBoth,
    of_numbers: list[tuple[pa.Array, pa.Array]],
    of_texts: list[tuple[pa.Array, pa.Array]],
    shift: int,
) -> None:
    rules, before, after = {}, {}, {}
    for kind, pairs in ((Kind.NUMERIC, of_numbers), (Kind.CATEGORICAL, of_texts)):
        methods = [None, *(name for name in _methods(kind) if name not in EQUAL_SIDES)]
        for number, (reference, current) in enumerate(pairs):
            name = f"{kind} {number}"
            rules[name] = {"method": methods[(number + shift) % len(methods)]}
            before[name], after[name] = reference, current
    both = write_both(_padded(before), _padded(after))
    monitor = a_monitor(drift={"columns": rules})
    assert_same(both.by_spark(spark, monitor), both.by_columns(monitor))


def _sample(rows: int, seed: int) -> dict[str, object]:
    random = np.random.default_rng(seed)
    shift = seed / 100
    normal = random.normal(shift, size=rows)
    return {
        "normal": normal,
        "far from zero": 1e9 + normal * 1e-3,
        "heavy tails": random.lognormal(shift, 3, size=rows),
        "tied": np.round(random.normal(shift, size=rows), 1),
        "many zeros": np.where(random.random(rows) < 0.5, 0.0, normal),
        "integers": random.integers(0, 5000 + seed, size=rows),
        "few": random.integers(0, 9, size=rows),
        "in order": np.arange(rows) + seed,
        "gaps": pa.array(normal, mask=random.random(rows) < 0.2),
    }


def _words(rows: int, seed: int) -> dict[str, object]:
    random = np.random.default_rng(seed)
    share = 0.5 + seed / 50
    return {
        "flag": random.random(rows) < share,
        "two": np.where(random.random(rows) < share, "b", "a"),
        "zipf": np.char.add("w", random.zipf(1.5, size=rows).astype(str)),
        "codes": random.integers(0, 40, size=rows),
        "broken codes": pa.array(random.integers(0, 40, size=rows) / 4),
    }


@pytest.mark.parametrize("method", _methods(Kind.NUMERIC))
def test_a_method_scores_many_numbers_the_same(
    spark: SparkSession, write_both: WriteBoth, method: str
) -> None:
    both = write_both(_sample(ROWS, 1), _sample(ROWS + 321, 3), group_rows=1000)
    monitor = a_monitor(drift={"numeric": {"method": method}})
    assert_same(both.by_spark(spark, monitor), both.by_columns(monitor))


@pytest.mark.parametrize("method", _methods(Kind.CATEGORICAL))
def test_a_method_scores_many_categories_the_same(
    spark: SparkSession, write_both: WriteBoth, method: str
) -> None:
    rows = ROWS if method in EQUAL_SIDES else ROWS + 321
    both = write_both(_words(ROWS, 1), _words(rows, 3), group_rows=1000)
    monitor = a_monitor(
        drift={"categorical": {"method": method}}, columns={"categorical": ["*codes"]}
    )
    assert_same(both.by_spark(spark, monitor), both.by_columns(monitor))


def test_columns_of_every_type_have_the_same_status(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    """As the column engine's tests have them, in one table."""
    pairs = {name: (column, column) for name, column in SAME.items()}
    pairs |= {f"moved {name}": pair for name, pair in MOVED.items()}
    pairs |= {
        f"settled {name}": (before, before if after is None else after)
        for name, (before, after, _, _) in SETTLED.items()
    }
    before, after = ({name: pair[side] for name, pair in pairs.items()} for side in (0, 1))
    del before["moved integers"], after["moved decimals"]
    both = write_both(before, after)
    monitor = a_monitor(
        columns={
            "include": ["*", "nowhere"],
            "exclude": ["settled lists"],
            "categorical": ["int8", "uint64", "decimals", "float32", "NaN*"],
            "roles": {"id": ["int64"], "timestamp": "settled zoned", "target": "target"},
        }
    )
    columns = both.by_columns(monitor)
    assert len({column.status for column in columns.columns}) == 6
    assert_same(both.by_spark(spark, monitor), columns)


@pytest.mark.parametrize("method", ["wasserstein", "ks", "psi"])
def test_times_score_the_same_as_their_seconds(
    spark: SparkSession, write_both: WriteBoth, method: str
) -> None:
    before, after = (
        {str(data_type): make_times(days, data_type) for data_type in TIMES}
        for days in (DAYS, LATER)
    )
    both = write_both(before, after)
    monitor = a_monitor(drift={"columns": {"*": {"method": method}}})
    columns = both.by_columns(monitor)
    assert all(column.is_scored for column in columns.columns)
    assert_same(both.by_spark(spark, monitor), columns)


@pytest.mark.parametrize("empty", ["reference", "current", "both"])
def test_a_table_without_rows_has_the_same_statuses(
    spark: SparkSession, write_both: WriteBoth, empty: str
) -> None:
    full = pa.table({"x": [1, 2, 3], "w": ["a", "b", None]})
    rows = {"reference": [0, 3], "current": [3, 0], "both": [0, 0]}[empty]
    both = write_both(*(full.slice(0, count) for count in rows))
    assert_same(both.by_spark(spark, a_monitor()), both.by_columns(a_monitor()))


def test_a_method_that_needs_more_than_counts_names_the_engine_that_has_it(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    methods = dict(zip("xyzw", sorted(ROWS_NEEDED, key=str.lower), strict=True))
    table = {name: list("ab" * 9) if how == "TVD" else range(18) for name, how in methods.items()}
    rules = {name: {"method": method} for name, method in methods.items()}
    columns = write_both(table, table).by_spark(spark, a_monitor(drift={"columns": rules})).columns
    for column in columns:
        assert column.status == Status.ERROR
        assert column.reason is not None
        assert column.reason.startswith(
            f"{methods[column.column]} is not computed by engine: spark"
        )
        assert "engine: columns" in column.reason
        assert column.reference is not None


@pytest.mark.parametrize("partitions", [2, 8, 64, 512])
def test_the_number_of_partitions_changes_no_digit(
    spark: SparkSession, write_both: WriteBoth, partitions: int
) -> None:
    both = write_both(_sample(ROWS, 1) | _words(ROWS, 1), _sample(ROWS, 2) | _words(ROWS, 2))
    monitor = a_monitor()
    one = both.by_spark(spark, monitor, partitions=1)
    assert both.by_spark(spark, monitor, partitions=partitions).columns == one.columns


@pytest.mark.parametrize("sizes", [Sizes(), Sizes(wave=30_000), Sizes(band=97, portion=2_000)])
def test_how_much_is_handled_together_changes_no_score(
    spark: SparkSession, write_both: WriteBoth, sizes: Sizes
) -> None:
    both = write_both(_sample(ROWS, 1) | _words(ROWS, 1), _sample(ROWS, 2) | _words(ROWS, 2))
    assert_same(both.by_spark(spark, a_monitor(), sizes), both.by_columns(a_monitor()))
