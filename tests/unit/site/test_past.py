"""A run judged by the runs that the site has: `judge: history`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.builders import MONDAY, WEEK, a_monitor

from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.run import run
from drift_monitor.site.profiles import ProfileYear, read_profiles
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
ROWS = 400
RNG = np.random.default_rng(4)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(Folder(tmp_path / "site"), "https://example.com/")


@pytest.fixture
def write_week(write_table: WriteTable) -> Callable[..., None]:
    def write(week: int, **columns: object) -> None:
        # Every week is far from the reference, and about as far as the week before.
        usual = {
            "temperature": RNG.normal(20 + week / 2, 5, ROWS),
            "demand": RNG.gamma(2, 10, ROWS),
            "kind": RNG.choice(["a", "b"], ROWS),
            "named": RNG.normal(size=ROWS),
        }
        day = MONDAY + week * WEEK
        write_table(f"weekly/{day:%Y-%m-%d}.parquet", usual | columns)

    return write


@pytest.fixture
def monitor(write_table: WriteTable, tmp_path: Path) -> Monitor:
    reference = {
        "temperature": RNG.normal(0, 5, ROWS),
        "demand": RNG.gamma(2, 10, ROWS),
        "kind": RNG.choice(["a", "b"], ROWS),
        "named": RNG.normal(size=ROWS),
    }
    return a_monitor(
        reference={"location": write_table("reference.parquet", reference)},
        current={
            "location": f"{tmp_path}/weekly/{{date:%Y-%m-%d}}.parquet",
            "window": "1d",
        },
        drift={"judge": "history", "columns": {"named": {"method": "ks"}}},
    )


def _run(monitor: Monitor, site: Site, week: int) -> DriftResult:
    moment = MONDAY + week * WEEK
    return run(monitor, moment + WEEK / 7, site=site, notifier=None)


def _columns(result: DriftResult) -> dict[str, ColumnDrift]:
    return {column.column: column for column in result.columns}


def test_a_monitor_is_held_against_its_past_once_it_has_one(
    monitor: Monitor, site: Site, write_week: Callable[..., None]
) -> None:
    for week in range(8):
        write_week(week)
        result = _run(monitor, site, week)
        temperature = _columns(result)["temperature"]
        assert temperature.method == "robust_wasserstein"
        assert result.status == "drifted"  # from the reference, as the calibrated judge has it
        assert temperature.reason is not None
        assert temperature.reason.endswith(f"{week} earlier run{'s' * (week != 1)} of 8 needed")

    write_week(8)
    result = _run(monitor, site, 8)
    temperature = _columns(result)["temperature"]
    assert (result.status, result.drifted_columns) == ("ok", 0)
    assert (temperature.method, temperature.threshold, temperature.reason) == ("history", 1, None)
    assert temperature.against_reference is not None
    assert temperature.against_reference.method == "robust_wasserstein"
    assert _columns(result)["named"].method == "ks"

    write_week(9, demand=RNG.gamma(2, 10, ROWS) * 1000)
    result = _run(monitor, site, 9)
    demand = _columns(result)["demand"]
    assert (result.status, demand.status, demand.severity) == ("drifted", "drifted", "warn")
    assert demand.reason is not None
    assert "usually" in demand.reason
    assert demand.reason.endswith("(9 runs)")

    again = _run(monitor, site, 9)
    assert again == result
    earlier = _run(monitor, site, 8)  # which later runs do not change
    assert (earlier.status, earlier.drifted_columns) == ("ok", 0)


def test_an_old_file_of_profiles_is_read_as_far_as_it_goes(
    monitor: Monitor, site: Site, write_week: Callable[..., None]
) -> None:
    write_week(0)
    _run(monitor, site, 0)
    year = read_profiles(site.store, monitor.name, MONDAY.year)
    old = year.model_dump(mode="json")
    for column in old["columns"].values():
        del column["noise"], column["score"], column["new_share"], column["method"]
        del column["current"]["top_share"], column["reference"]["top_share"]
    read = ProfileYear.from_json(json.dumps(old).encode())
    assert read.runs == [run_id(MONDAY + WEEK / 7)]
    assert read.columns["demand"].score == [None]
    assert read.columns["demand"].current == year.columns["demand"].current
