from datetime import datetime
from pathlib import Path

from builders import MONDAY, WEEK, a_column, a_result
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.history import History, RunEntry, read_history
from drift_monitor.results import DriftResult, run_id
from drift_monitor.store import FolderStore


def _entry(week: int, status: str | None = None) -> RunEntry:
    return RunEntry.of(a_result(scheduled_at=MONDAY + week * WEEK, status=status))


def _history(*weeks: int) -> History:
    history = History(monitor="flights")
    for week in weeks:
        history = history.including(_entry(week))
    return history


def test_a_run_is_kept_short_but_whole() -> None:
    result = a_result([a_column("x", "drifted", 0.5), a_column("gone", "missing")])
    entry = RunEntry.of(result)
    assert (entry.run_id, entry.status, entry.window) == (result.run_id, "drifted", result.window)
    assert (entry.reference_rows, entry.current_rows) == (12_345, 6_789)
    assert {name: (c.status, c.score, c.method) for name, c in entry.columns.items()} == {
        "x": ("drifted", 0.5, "wasserstein"),
        "gone": ("missing", None, None),
    }


def test_an_empty_history_has_no_newest_run_and_none_before() -> None:
    history = History(monitor="flights")
    assert history.newest is None
    assert history.before(run_id(MONDAY)) is None


def test_the_newest_run_is_the_latest_scheduled_not_the_last_added() -> None:
    newest = _history(2, 0, 1).newest
    assert newest is not None
    assert newest.scheduled_at == MONDAY + 2 * WEEK


def test_before_is_the_run_just_before_whether_or_not_the_run_is_there() -> None:
    history = _history(0, 1, 4)
    found = {week: history.before(run_id(MONDAY + week * WEEK)) for week in (0, 1, 2, 4, 9)}
    assert {week: run and run.scheduled_at for week, run in found.items()} == {
        0: None,
        1: MONDAY,
        2: MONDAY + WEEK,
        4: MONDAY + WEEK,
        9: MONDAY + 4 * WEEK,
    }


def test_a_run_again_takes_the_place_of_the_first() -> None:
    history = _history(0, 1).including(_entry(0, status="error"))
    assert [run.status for run in history.runs] == ["error", "ok"]


def test_a_run_is_in_the_history_by_its_id() -> None:
    assert run_id(MONDAY) in _history(0)
    assert run_id(MONDAY + WEEK) not in _history(0)


@given(st.lists(st.integers(-600, 600), max_size=12), st.randoms(use_true_random=False))
def test_the_order_in_which_runs_end_changes_nothing(weeks: list[int], random: object) -> None:
    shuffled = sorted(weeks, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert _history(*shuffled) == _history(*weeks) == _history(*weeks, *weeks)
    times = [run.scheduled_at for run in _history(*weeks).runs]
    assert times == sorted({MONDAY + week * WEEK for week in weeks})


def test_a_history_reads_back_as_it_was_written(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    result: DriftResult = a_result([a_column("x"), a_column("y", "skipped")])
    history = History(monitor="flights").including(RunEntry.of(result))
    body = history.model_dump_json(exclude_none=True).encode()
    store.write("monitors/flights/history.json", body)
    assert read_history(store, "flights") == history


def test_a_monitor_that_never_ran_has_an_empty_history(tmp_path: Path) -> None:
    assert read_history(FolderStore(tmp_path), "flights") == History(monitor="flights")


def test_run_ids_sort_as_times_do_and_are_safe_in_keys() -> None:
    moments = [MONDAY, MONDAY + WEEK, datetime.fromisoformat("2013-06-24T23:30:00-08:00")]
    ids = [run_id(moment) for moment in moments]
    assert ids == ["20130624T093000Z", "20130701T093000Z", "20130625T073000Z"]
    assert sorted(ids) == [run_id(moment) for moment in sorted(moments)]
