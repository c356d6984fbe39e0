"""Thresholds from a monitor's own past, and the changes that they are proved on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from support.builders import InMemory, a_column, a_monitor, a_result, whole

from drift_monitor.cli.tuning.changes import CHANGES, ChangedTable
from drift_monitor.cli.tuning.edit import with_thresholds
from drift_monitor.cli.tuning.proposal import propose
from drift_monitor.config.methods import Kind
from drift_monitor.results.drift import ColumnDrift, ColumnProfile, FrequentValue, Status
from drift_monitor.site.history import RunEntry

START = datetime(2013, 1, 7, 9, 30, tzinfo=UTC)
THRESHOLD = 0.1


def _column(name: str, score: float, method: str = "robust_wasserstein") -> ColumnDrift:
    status = Status.DRIFTED if score >= THRESHOLD else Status.OK
    return a_column(name).model_copy(
        update={
            "method": method,
            "score": score,
            "threshold": THRESHOLD,
            "status": status,
            "severity": "warn" if status is Status.DRIFTED else None,
        }
    )


def _runs(windows: list[Mapping[str, float]]) -> list[RunEntry]:
    runs = []
    for week, scores in enumerate(windows):
        columns = [_column(name, score) for name, score in scores.items()]
        drifted = any(column.status is Status.DRIFTED for column in columns)
        result = a_result(columns, scheduled_at=START + timedelta(days=7 * week))
        runs.append(
            RunEntry.of(result.model_copy(update={"status": "drifted" if drifted else "ok"}))
        )
    return runs


def test_the_worst_windows_may_alarm_and_the_others_do_not() -> None:
    proposal = propose(_runs([{"x": 0.15, "y": 0.02}] * 7 + [{"x": 0.9, "y": 0.3}]), 1)
    assert (proposal.windows, proposal.alarms, proposal.alarms_left) == (8, 8, 1)
    assert proposal.thresholds == {"x": 0.17}  # 0.15 and a tenth more, rounded up
    assert proposal.drifted_in == {"x": 8, "y": 1}


def test_nothing_is_proposed_where_the_budget_is_kept() -> None:
    proposal = propose(_runs([{"x": 0.05}] * 9 + [{"x": 0.5}]), 1)
    assert (proposal.alarms, proposal.alarms_left, dict(proposal.thresholds)) == (1, 1, {})


def test_a_p_value_is_named_and_left_alone() -> None:
    columns = [_column("x", 0.5, "ks")]
    result = a_result(columns).model_copy(update={"status": "drifted"})
    proposal = propose([RunEntry.of(result)] * 8, 0)
    assert (dict(proposal.thresholds), proposal.not_raised) == ({}, ["x"])
    assert proposal.alarms_left == 8


@given(
    st.lists(
        st.fixed_dictionaries({name: st.floats(0, 5) for name in "abc"}), min_size=8, max_size=30
    ),
    st.integers(0, 5),
)
def test_the_budget_is_kept_and_no_threshold_is_lowered(
    windows: list[Mapping[str, float]], allowed: int
) -> None:
    proposal = propose(_runs(windows), allowed)
    assert proposal.alarms_left <= max(allowed, 0)
    assert all(threshold > THRESHOLD for threshold in proposal.thresholds.values())


FILE = """\
# Orders of the shop.
name: orders
reference: {location: r.parquet}   # of training
current: {location: c.parquet}
drift:
  drifted_share: 0.3
  columns:
    # Delays are noisy.
    "*_delay": {method: wasserstein, threshold: 0.2, critical: 0.5}
    price: {threshold: 0.15}
alerts: {when: on_drift}
"""


def test_a_file_keeps_its_comments_order_and_the_rules_of_its_patterns() -> None:
    monitor = a_monitor(
        drift={"columns": {"*_delay": {"method": "wasserstein", "threshold": 0.2, "critical": 0.5}}}
    )
    new = with_thresholds(FILE, monitor, {"dep_delay": 0.6, "price": 0.3, "age: new": 2.0})
    assert new == FILE.replace("price: {threshold: 0.15}", "price: {threshold: 0.3}").replace(
        "alerts:",
        "    dep_delay: {method: wasserstein, threshold: 0.6, critical: 1.2}\n"
        "    'age: new': {threshold: 2}\n"
        "alerts:",
    )


def test_a_file_without_rules_gets_them_at_its_end() -> None:
    new = with_thresholds("name: x\n", a_monitor(), {"a": 0.3})
    assert new == "name: x\ndrift:\n  columns:\n    a: {threshold: 0.3}\n"


LAYOUTS = {
    "lists are indented": """\
name: orders
columns:
  exclude:
    - a   # one
    - b

drift:
  columns:
    price:
      threshold: 0.2   # why
alerts:
  emails:
    - a@example.com
""",
    "four blanks": """\
name: orders
drift:
    columns:
        price: {threshold: 0.2}
""",
    "a marker, and blanks in braces": """\
---
# Head.
reference: { location: 'r.parquet' }
drift:
  columns:
    price: {threshold: 0.20}
""",
    "text over lines": """\
sql: >
  select *
  from t

drift:
  columns: {price: {threshold: 1e-1}}
""",
    "shared rules": """\
drift:
  numeric: &rule {threshold: 0.1}
  columns:
    weight: *rule
    price: *rule
""",
    "a byte order mark": "\ufeffname: x\ndrift:\n  columns:\n    price: {threshold: 0.2}\n",
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_only_the_lines_of_the_thresholds_change_whoever_wrote_the_file(
    text: str, end: str
) -> None:
    text = text.replace("\n", end)
    new = with_thresholds(text, a_monitor(), {"price": 0.5, "größe": 0.7})
    removed = set(text.split(end)) - set(new.split(end))
    assert len(removed) <= 1 + ("&rule" in text)
    assert all("price" in line or "threshold" in line for line in removed)
    says = YAML(typ="safe").load(text.removeprefix("\ufeff"))
    says["drift"]["columns"] |= {"price": {"threshold": 0.5}, "größe": {"threshold": 0.7}}
    assert YAML(typ="safe").load(new.removeprefix("\ufeff")) == says


def test_a_file_of_one_long_line_says_the_same_but_for_the_thresholds() -> None:
    text = '{"name": "x", "drift": {"columns": {"price":\n {"threshold": 0.2}}}}\n'
    new = with_thresholds(text, a_monitor(), {"price": 0.5})
    assert YAML(typ="safe").load(new) == {
        "name": "x",
        "drift": {"columns": {"price": {"threshold": 0.5}}},
    }


NUMBERS = ColumnProfile(values=200, nulls=0, mean=0.0, std=2.0)
PLANS = ColumnProfile(
    values=200,
    nulls=0,
    distinct=3,
    frequent=[FrequentValue(value="a", share=0.5), FrequentValue(value="b", share=0.3)],
)
TABLE = InMemory(
    {
        "x": np.arange(200),
        "code": np.arange(200) % 5,
        "plan": pa.array(["a", "a", "b", "c"] * 50).dictionary_encode(),
    },
    chunk_rows=30,
)
HOLDS = {
    "x": (Kind.NUMERIC, NUMBERS),
    "code": (Kind.CATEGORICAL, PLANS),
    "plan": (Kind.CATEGORICAL, PLANS),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_is_made_to_the_columns_that_it_fits_and_no_others(change) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    changed = ChangedTable(TABLE, change, HOLDS)
    for column in TABLE.columns:
        before, after = whole(TABLE, column).to_pylist(), whole(changed, column).to_pylist()
        assert (before != after) is (column in changed.changed)
    wanted = {Kind.NUMERIC: ["x"], Kind.CATEGORICAL: ["plan"], None: ["x", "code", "plan"]}
    assert changed.changed == wanted[change.kind]


def test_changes_are_of_the_size_that_they_name() -> None:
    of = {change.name: ChangedTable(TABLE, change, HOLDS) for change in CHANGES}
    x = np.arange(200)
    assert whole(of["+1 standard deviation"], "x").to_pylist() == (x + 2.0).tolist()
    assert whole(of["-9999 in 1 of 100 rows"], "x").to_pylist().count(-9999.0) == 2
    assert whole(of["no value in 1 of 4 rows"], "plan").null_count == 50
    swapped = whole(of["two categories exchanged"], "plan").to_pylist()
    assert swapped[:4] == ["b", "b", "a", "c"]
