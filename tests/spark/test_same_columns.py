"""Spark finds what the column engine finds of columns: scores, statuses, profiles, samples."""

import numpy as np
import pyarrow as pa
import pytest
from both import assert_same
from conftest import MonitorOf
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from support.samples import categories, numbers
from support.times import DAYS, LATER, TIMES, make_times
from support.zoo import MOVED, SAME, SETTLED

from drift_monitor.config.methods import METHODS, OF_THE_JUDGE, Kind

ONE_SIZE = {"g_test", "fisher_exact"}
"""Evidently computes these only for sides of equal length."""
COLUMNS = 24
ROWS = 3_000


def _methods(kind: Kind) -> list[str]:
    named = {name: how for name, how in METHODS.items() if name not in OF_THE_JUDGE}
    return [name for name, how in named.items() if kind in how.kinds]


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
    monitor_of: MonitorOf,
    of_numbers: list[tuple[pa.Array, pa.Array]],
    of_texts: list[tuple[pa.Array, pa.Array]],
    shift: int,
) -> None:
    rules, before, after = {}, {}, {}
    for kind, pairs in ((Kind.NUMERIC, of_numbers), (Kind.CATEGORICAL, of_texts)):
        methods = [None, *(name for name in _methods(kind) if name != "TVD")]
        for number, (reference, current) in enumerate(pairs):
            name = f"{kind} {number}"
            rules[name] = {"method": methods[(number + shift) % len(methods)]}
            before[name], after[name] = reference, current
    assert_same(spark, monitor_of(_padded(before), _padded(after), drift={"columns": rules}))


def _sample(rows: int, seed: int) -> dict[str, object]:
    random = np.random.default_rng(seed)
    normal = random.normal(seed / 100, size=rows)
    return {
        "normal": normal,
        "far from zero": 1e9 + normal * 1e-3,
        "tied": np.round(random.normal(seed / 100, size=rows), 1),
        "integers": random.integers(0, 5000 + seed, size=rows),
        "in order": np.arange(rows) + seed,
        "gaps": pa.array(normal, mask=random.random(rows) < 0.2),
        "flag": random.random(rows) < 0.5 + seed / 50,
        "zipf": np.char.add("w", random.zipf(1.5, size=rows).astype(str)),
        "ids": np.char.add("id", random.permutation(rows).astype(str)),
        "codes": random.integers(0, 40, size=rows),
    }


@pytest.mark.parametrize("kind", [Kind.NUMERIC, Kind.CATEGORICAL])
def test_every_method_scores_the_same(
    spark: SparkSession, monitor_of: MonitorOf, kind: Kind
) -> None:
    """Among them those that need the rows, and Evidently's own code."""
    methods = [name for name in _methods(kind) if name not in ONE_SIZE]
    name = "normal" if kind is Kind.NUMERIC else "flag"
    before, after = (_sample(400, seed)[name] for seed in (1, 3))
    rules = {method: {"method": method} for method in methods}
    monitor = monitor_of(
        dict.fromkeys(methods, before), dict.fromkeys(methods, after), drift={"columns": rules}
    )
    result = assert_same(spark, monitor)
    assert all(column.is_scored for column in result.columns)


def test_many_values_score_the_same(spark: SparkSession, monitor_of: MonitorOf) -> None:
    monitor = monitor_of(
        _sample(ROWS, 1), _sample(ROWS + 321, 3), columns={"categorical": ["codes"]}
    )
    assert_same(spark, monitor)


def test_columns_of_every_type_have_the_same_status(
    spark: SparkSession, monitor_of: MonitorOf
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
    monitor = monitor_of(
        before,
        after,
        columns={
            "include": ["*", "nowhere"],
            "exclude": ["settled lists"],
            "categorical": ["int8", "uint64", "decimals", "float32", "NaN*"],
            "roles": {"id": ["int64"], "timestamp": "settled zoned", "target": "target"},
        },
    )
    result = assert_same(spark, monitor)
    assert len({column.status for column in result.columns}) == 6


def test_times_score_the_same(spark: SparkSession, monitor_of: MonitorOf) -> None:
    before, after = (
        {str(data_type): make_times(days, data_type) for data_type in TIMES}
        for days in (DAYS, LATER)
    )
    rules = {"columns": {"*": {"method": "wasserstein"}}}
    result = assert_same(spark, monitor_of(before, after, drift=rules))
    assert all(column.is_scored for column in result.columns)


def test_a_table_without_rows_has_the_same_status(
    spark: SparkSession, monitor_of: MonitorOf
) -> None:
    full = pa.table({"x": [1, 2, 3], "w": ["a", "b", None]})
    monitor = monitor_of(full, full.slice(0, 0))
    monitor = monitor.model_copy(
        update={"current": monitor.current.model_copy(update={"window": "1d"})}
    )
    assert assert_same(spark, monitor).status == "no_data"


@pytest.mark.parametrize("correction", ["bonferroni", "benjamini_hochberg"])
def test_corrections_count_the_columns_of_all_tasks(
    spark: SparkSession, monitor_of: MonitorOf, correction: str
) -> None:
    random = np.random.default_rng(0)
    columns = [
        {f"x{n}": random.normal(shift * (n % 5) / 12, size=300) for n in range(30)}
        for shift in (0, 1)
    ]
    drift = {"correction": correction, "numeric": {"method": "ks"}}
    result = assert_same(spark, monitor_of(*columns, drift=drift))
    assert max(column.threshold or 1 for column in result.columns) < 0.05
    assert 0 < result.drifted_columns < 30
