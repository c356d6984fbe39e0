"""Every example of docs/slices.md is a monitor, and slices the tables it speaks of."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.analysis.slices.comparison import compare_slices
from drift_monitor.config.load import load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.slices import SliceRules
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.results.slices import SliceDrift

DOCS = (Path(__file__).parents[2] / "docs" / "slices.md").read_text(encoding="utf-8")
BY_CARRIER, BY_BOTH = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
(RESULT,) = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)
NOON = datetime(2013, 6, 4, 12, tzinfo=UTC)
CARRIERS = {**{f"C{number:02}": 600 - number for number in range(11)}, "UA": 1200, None: 700}
"""Rows by carrier. The ten largest are UA, those without one, and C00 to C07."""


@pytest.fixture
def load(tmp_path: Path, write_table: Callable[..., str]) -> Callable[[str], Monitor]:
    """Load an example with two tables: UA's delays are longer in current."""

    def table(path: str, later: float) -> str:
        carriers = [carrier for carrier, rows in CARRIERS.items() for _ in range(rows)]
        columns = {
            "carrier": pa.array(carriers),
            "origin": pa.array((["EWR", "JFK"] * len(carriers))[: len(carriers)]),
            "delay": pa.array(
                [n % 40 + later * (carrier == "UA") for n, carrier in enumerate(carriers)]
            ),
        }
        return write_table(path, columns)

    def loaded(example: str) -> Monitor:
        file = tmp_path / "m.yaml"
        rest = {
            "name": "m",
            "reference": {"location": table("r.parquet", 0)},
            "current": {"location": table("c.parquet", 20)},
        }
        file.write_text(yaml.safe_dump(rest) + example, encoding="utf-8")
        return load_monitor(file)

    return loaded


def _slices(monitor: Monitor) -> list[SliceDrift]:
    with open_pair(monitor, NOON) as pair:
        columns = compare(pair.reference, pair.current, monitor).columns
        return compare_slices(pair.reference, pair.current, monitor, columns)


def test_the_table_is_sliced_by_carrier(load: Callable[[str], Monitor]) -> None:
    monitor = load(BY_CARRIER)
    assert monitor.slices == SliceRules(by=["carrier"])  # what is shown are the defaults
    found = _slices(monitor)
    assert [each.values for each in found] == [
        ["UA"],
        [None],
        *([f"C{number:02}"] for number in range(8)),
        None,
    ]
    assert [each.status for each in found] == ["drifted", *["ok"] * 10]
    assert found[-1].is_other
    assert found[-1].current_rows == sum(CARRIERS[f"C{number:02}"] for number in (8, 9, 10))
    assert found[0].worst[0].column == "delay"


def test_the_table_is_sliced_by_carrier_and_origin(load: Callable[[str], Monitor]) -> None:
    found = _slices(load(BY_BOTH))
    assert [each.values for each in found[:3]] == [["UA", "EWR"], ["UA", "JFK"], [None, "EWR"]]
    assert [each.status for each in found] == ["drifted", "drifted", *["ok"] * 9]


def test_slices_of_a_kept_reference_are_those_of_the_table(load: Callable[[str], Monitor]) -> None:
    monitor = load(BY_CARRIER)
    kept = monitor.reference.model_copy(update={"cache": True})
    with_cache = monitor.model_copy(update={"reference": kept})
    assert [_slices(each) for each in (with_cache, with_cache)] == [_slices(monitor)] * 2


def test_the_result_that_is_shown_is_one() -> None:
    shown = json.loads(RESULT)
    assert SliceDrift.model_validate(shown).model_dump(mode="json") == shown


@pytest.mark.parametrize("example", [BY_CARRIER, BY_BOTH])
def test_a_monitor_is_the_same_after_it_went_through_an_event(
    load: Callable[[str], Monitor], example: str
) -> None:
    monitor = load(example)
    assert Monitor.model_validate(monitor.model_dump(mode="json", exclude_none=True)) == monitor
