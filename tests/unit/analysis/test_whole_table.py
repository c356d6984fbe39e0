"""What all columns together say, where no column says it by itself."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Collection

import numpy as np
import pyarrow as pa
import pytest
from support.builders import MONDAY, InMemory, a_monitor

from drift_monitor.analysis.columns.source import SAMPLE_ROWS
from drift_monitor.analysis.drift import whole_table
from drift_monitor.analysis.drift.comparison import Comparison, compare
from drift_monitor.analysis.drift.whole_table import chance_level, compare_whole_rows
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.column_engine import by_columns
from drift_monitor.engines.scoring import score_run
from drift_monitor.results.drift import WholeTable

pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
ROWS = 1_000


def _monitor(**rule: object) -> Monitor:
    return a_monitor(drift={"whole_table": rule})


def _compared(
    reference: pa.Table,
    current: pa.Table,
    monitor: Monitor | None = None,
    broken: Collection[str] = (),
) -> tuple[Comparison, WholeTable]:
    monitor = monitor or _monitor()
    comparison = compare(InMemory(reference), InMemory(current), monitor)
    found = compare_whole_rows(comparison, broken, monitor)
    assert found is not None
    return comparison, found


def _numbers(seed: int, correlation: float = 0.0, rows: int = ROWS) -> pa.Table:
    """Make columns of normal numbers; two of them correlate."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(2, rows))
    b = correlation * a + np.sqrt(1 - correlation**2) * b
    others = {name: random.normal(size=rows) for name in "cdef"}
    return pa.table({"a": a, "b": b, **others})


def _categories(seed: int, step: int) -> pa.Table:
    """Make two columns of three categories, of which one follows from the other."""
    random = np.random.default_rng(seed)
    first = random.permutation(np.arange(ROWS) % 3)
    second = np.where(random.random(ROWS) < 0.8, (first + step) % 3, random.integers(0, 3, ROWS))
    names = np.array(["red", "green", "blue"])
    return pa.table({"first": names[first], "second": names[second], "n": random.random(ROWS)})


def test_a_correlation_that_turned_is_found_though_no_column_moved() -> None:
    comparison, found = _compared(_numbers(1, 0.8), _numbers(2, -0.8))
    assert {column.status for column in comparison.columns} == {"ok"}
    assert found.auc is not None
    assert found.noise is not None
    assert (found.status, found.severity) == ("drifted", "warn")
    assert (found.reference_rows, found.current_rows) == (ROWS, ROWS)
    assert found.auc > 0.75 > found.noise > 0.5
    assert {column.column for column in found.columns} == {"a", "b"}
    assert sum(column.share for column in found.columns) > 0.9


def test_another_dependence_among_categories_is_found_though_no_column_moved() -> None:
    comparison, found = _compared(_categories(1, step=0), _categories(2, step=1))
    assert "drifted" not in {column.status for column in comparison.columns}
    assert found.status == "drifted"
    assert {column.column for column in found.columns} == {"first", "second"}


def test_where_nothing_moved_it_is_silent() -> None:
    for seed in range(4):
        tables = _numbers(seed, 0.8), _numbers(seed + 10, 0.8)
        _, found = _compared(*tables, _monitor(threshold=0.51))
        assert found.status in ("ok", "unsure")
        assert found.columns == []


@pytest.mark.parametrize("rows", [(100, 100), (300, 60)])
def test_chance_reaches_its_level_no_more_often_than_it_says(rows: tuple[int, int]) -> None:
    aucs = []
    for seed in range(25):
        before, now = (_numbers(seed + 100 * each, rows=rows[each]) for each in (0, 1))
        aucs.append(_compared(before, now)[1].auc or 1.0)
    often, seldom = (chance_level(rows, rate) for rate in (0.2, 0.01))
    assert sum(auc >= often for auc in aucs) <= 9  # 5 are expected at most
    assert sum(auc >= seldom for auc in aucs) <= 2  # 0.25
    # Nor is the level out of reach: chance comes close to it.
    assert max(aucs) > 0.5 + (seldom - 0.5) / 4


def test_chance_gives_less_with_more_rows_of_either_table_and_more_at_a_lower_rate() -> None:
    levels = [
        chance_level(rows, 0.01) for rows in ((50, 50), (500, 50), (500, 500), (5_000, 5_000))
    ]
    assert levels == sorted(levels, reverse=True)
    assert chance_level((500, 500), 0.001) > chance_level((500, 500), 0.01) > 0.5


def test_the_whole_table_takes_a_column_s_share_of_the_rate() -> None:
    without, with_it = a_monitor().drift, _monitor().drift
    for columns in (1, 9, 10, 200):
        alpha = with_it.rate_of_a_column(columns)
        assert alpha == without.rate_of_a_column(columns + 1)
        assert (columns + 1) * alpha <= with_it.false_alarm_rate * (1 + 1e-9)
    _, found = _compared(_numbers(1), _numbers(2))
    assert found.noise == chance_level((ROWS, ROWS), with_it.rate_of_a_column(6))


def test_beyond_its_threshold_and_within_chance_it_is_unsure() -> None:
    _, found = _compared(_numbers(1, 0.6, rows=100), _numbers(2, -0.6, rows=100))
    assert found.auc is not None
    assert found.noise is not None
    assert 0.55 <= found.auc < found.noise
    assert (found.status, found.severity, found.columns) == ("unsure", None, [])
    assert found.reason is not None
    assert "but 100 rows against 100 of reference give up to" in found.reason


def test_it_is_critical_from_its_own_threshold_on() -> None:
    tables = _numbers(1, 0.8), _numbers(2, -0.8)
    assert _compared(*tables, _monitor(critical=0.7))[1].severity == "critical"
    assert _compared(*tables, _monitor(critical=0.99))[1].severity == "warn"


def test_the_same_tables_give_the_same_result_on_any_number_of_processors() -> None:
    _, found = _compared(_numbers(1, 0.8), _numbers(2, -0.8))
    again = (
        "from unit.analysis.test_whole_table import _compared, _numbers;"
        "print(_compared(_numbers(1, 0.8), _numbers(2, -0.8))[1].model_dump_json())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", again],
        env={"PYTHONPATH": ":".join(sys.path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout) == found.model_dump(mode="json")


def test_of_large_tables_some_rows_are_compared() -> None:
    rows = 20 * SAMPLE_ROWS
    _, found = _compared(_numbers(1, 0.8, rows=rows), _numbers(2, -0.8, rows=rows // 2))
    assert found.status == "drifted"
    assert (found.reference_rows, found.current_rows) == (SAMPLE_ROWS, SAMPLE_ROWS)


def test_one_bad_column_costs_only_itself() -> None:
    before, now = _numbers(1, 0.8), _numbers(2, -0.8)
    bad = pa.array([[1]] * ROWS), pa.array([None] * ROWS, pa.float64())
    before = before.append_column("list", bad[0]).append_column("empty", bad[1])
    now = now.append_column("list", bad[0]).append_column("empty", bad[1])
    _, found = _compared(before, now)
    assert found == _compared(_numbers(1, 0.8), _numbers(2, -0.8))[1]


def test_a_broken_column_is_told_as_that_and_makes_no_drift(write_table: WriteTable) -> None:
    def table(seed: int, *, is_stuck: bool) -> dict[str, object]:
        columns = _numbers(seed).to_pydict()
        stuck = pa.array([1.5] * ROWS if is_stuck else columns["c"])
        return {**columns, "stuck": stuck, "y": pa.array(columns["d"])}

    locations = {
        "reference": {"location": write_table("reference.parquet", table(1, is_stuck=False))},
        "current": {"location": write_table("current.parquet", table(2, is_stuck=True))},
    }
    monitor = Monitor.model_validate(
        {"name": "x", **locations, "drift": {"whole_table": {"threshold": 0.51}}}
    )
    result = score_run(monitor, MONDAY, by_columns).result
    assert (result.broken_columns, result.status) == (1, "ok")
    assert result.whole_table is not None
    assert result.whole_table.status in ("ok", "unsure")


def test_values_that_are_missing_infinite_or_rare_are_compared_too() -> None:
    def table(seed: int, *, has_value: bool) -> pa.Table:
        random = np.random.default_rng(seed)
        flag = random.random(ROWS) < 0.5
        gone = flag if has_value else ~flag
        x = random.normal(size=ROWS)
        x[:3] = np.inf
        words = [f"w{each}" for each in random.integers(0, 400, ROWS)]
        return pa.table({"flag": flag, "x": pa.array(x, mask=gone), "word": words})

    monitor = a_monitor(drift={"whole_table": {}}, columns={"categorical": ["word"]})
    _, found = _compared(table(1, has_value=True), table(2, has_value=False), monitor)
    assert found.status == "drifted"
    assert {column.column for column in found.columns} == {"flag", "x"}


def test_a_type_that_is_shorter_in_one_table_gives_no_row_away() -> None:
    def table(seed: int, number: pa.DataType, code: pa.DataType) -> pa.Table:
        random = np.random.default_rng(seed)
        tenths, codes = random.integers(0, 50, ROWS) / 10, random.integers(1, 9, ROWS)
        return pa.table({"x": pa.array(tenths).cast(number), "code": pa.array(codes).cast(code)})

    monitor = a_monitor(drift={"whole_table": {}}, columns={"categorical": ["code"]})
    tables = table(1, pa.float64(), pa.int64()), table(2, pa.float32(), pa.float64())
    assert _compared(*tables, monitor)[1].status == "ok"


def test_what_tells_when_a_row_happened_or_which_it_is_is_not_compared() -> None:
    def table(seed: int, start: int) -> pa.Table:
        telling = np.arange(start, start + ROWS)
        return pa.table(
            {
                "x": _numbers(seed)["a"],
                "id": telling,
                "text": [f"row {each}" for each in telling],
                "at": pa.array(telling * 10**6, pa.timestamp("us")),
                "epoch": telling + 1_500_000_000,
                "month": np.full(ROWS, 1 + start // ROWS) + telling % 2,
                "left": telling,
                "y": telling,
            }
        )

    monitor = a_monitor(
        columns={"exclude": ["left"], "roles": {"target": "y"}, "include": ["epoch", "*"]},
        drift={"whole_table": {}, "columns": {"at": {"method": "wasserstein"}}},
    )
    comparison, found = _compared(table(1, 0), table(2, 5 * ROWS), monitor)
    scored = {each.column for each in comparison.columns if each.is_scored}
    assert scored == {"x", "at", "epoch", "month", "y"}
    assert found.status == "ok"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (20, "20 rows against 20 of reference are too few: 50 of each table are needed"),
        (0, "no column to compare"),
    ],
)
def test_too_few_rows_or_columns_are_a_reason(rows: int, reason: str) -> None:
    values = {"x": pa.array(np.arange(rows), pa.float64())}
    _, found = _compared(pa.table(values), pa.table(values))
    assert (found.status, found.severity, found.auc) == ("error", None, None)
    assert found.reason == reason


def test_what_goes_wrong_is_a_reason_and_no_drift(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("a value: 12345")

    monkeypatch.setattr(whole_table, "_cross_validate", fails)
    with caplog.at_level(logging.ERROR):
        _, found = _compared(_numbers(1), _numbers(2))
    assert (found.status, found.severity, found.reason) == (
        "error",
        None,
        "could not be compared (ValueError): the log says more",
    )
    assert caplog.records


def test_without_the_rule_nothing_is_compared_and_no_library_is_imported() -> None:
    show = (
        "import sys; from unit.analysis.test_whole_table import *; from unit.analysis."
        "test_whole_table import _numbers; m = a_monitor();"
        "c = compare(InMemory(_numbers(1, 0.8)), InMemory(_numbers(2, -0.8)), m);"
        "print(compare_whole_rows(c, (), m), 'sklearn' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", show],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["None", "False"]
