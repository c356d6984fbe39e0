"""Each monitor's newest run, whatever the order in which runs end."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.builders import MONDAY, WEEK, a_column, a_result

from drift_monitor.site.history import HistoryRun, RunEntry
from drift_monitor.site.overview import RECENT_RUNS, Overview

MONDAYS = "cron(30 9 ? * MON *)"


def _run(week: int, status: str = "ok") -> HistoryRun:
    scheduled_at = MONDAY + week * WEEK
    return RunEntry.of(a_result([a_column("x", status)], scheduled_at=scheduled_at)).summary


def _overview(*weeks: int) -> Overview:
    overview = Overview()
    for week in weeks:
        overview = overview.including("flights", _run(week), MONDAYS)
    return overview


def test_a_monitor_says_its_newest_run_and_when_the_next_one_is_due() -> None:
    file = json.loads(_overview(1, 0).to_json())
    flights = file["monitors"]["flights"]
    assert file["version"] == 1
    assert flights["schedule"] == MONDAYS
    assert flights["next_run"] == "2013-07-08T09:30:00Z"
    assert flights["newest"]["run_id"] == "20130701T093000Z"
    assert "columns" not in flights["newest"]
    assert flights["recent"] == [
        {"run_id": "20130624T093000Z", "status": "ok", "drifted_share": 0.0},
        {"run_id": "20130701T093000Z", "status": "ok", "drifted_share": 0.0},
    ]


@given(st.lists(st.integers(0, 60), min_size=1), st.randoms(use_true_random=False))
def test_the_order_in_which_runs_end_changes_nothing(weeks: list[int], random: object) -> None:
    shuffled = sorted(weeks, key=lambda _: random.random())  # type: ignore[attr-defined]
    overview = _overview(*shuffled, *weeks)
    assert overview.to_json() == _overview(*sorted(set(weeks))).to_json()
    newest = sorted({_run(week).run_id for week in weeks})[-RECENT_RUNS:]
    assert [run.run_id for run in overview.monitors["flights"].recent] == newest


def test_a_run_again_takes_the_place_of_the_first() -> None:
    overview = _overview(0, 1)
    for week in (0, 1):
        overview = overview.including("flights", _run(week, "drifted"), MONDAYS)
    flights = overview.monitors["flights"]
    assert [run.status for run in flights.recent] == ["drifted", "drifted"]
    assert flights.newest.status == "drifted"


def test_the_schedule_is_the_newest_runs() -> None:
    overview = _overview(1)
    assert (
        overview.including("flights", _run(0), "cron(0 6 * * ? *)").monitors["flights"].next_run
        == MONDAY + 2 * WEEK
    )
    daily = overview.including("flights", _run(1), "cron(0 6 * * ? *)").monitors["flights"]
    assert daily.next_run == datetime(2013, 7, 1, 6, tzinfo=UTC) + timedelta(days=1)


def test_monitors_are_listed_by_name() -> None:
    overview = Overview()
    for name in ("b", "c", "a"):
        overview = overview.including(name, _run(0), MONDAYS)
    assert list(json.loads(overview.to_json())["monitors"]) == ["a", "b", "c"]
