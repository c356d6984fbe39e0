"""A site is the same whatever the order of its runs, and costs the same however long it is kept."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import MONDAY, WEEK, a_column, a_result
from support.interrupted import Interrupted

from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import HistoryYear, RunEntry
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.site.pages.report import Report
from drift_monitor.site.publish import publish
from drift_monitor.site.rebuild import monitors_of, rebuild
from drift_monitor.site.store import site_bucket
from drift_monitor.storage import Files, Folder

REPORT = Report("<html><head></head><body></body></html>", [], (1, 1))
MONDAYS = "cron(30 9 ? * MON *)"
NOW = datetime(2013, 7, 1, 9, 45, tzinfo=UTC)


def _publish(store: Files, result: DriftResult) -> None:
    publish(store, result, REPORT, schedule=MONDAYS, retention=timedelta(days=30), now=lambda: NOW)


def _run(week: int, monitor: str = "flights") -> DriftResult:
    """Return the run of a week; weeks differ in their columns and scores."""
    columns = [
        a_column("x", "drifted" if week % 3 else "ok", week + 1 / 3),
        *([a_column("comes and goes")] if week % 2 else []),
    ]
    return a_result(columns, monitor=monitor, scheduled_at=MONDAY + week * WEEK)


def _files(store: Files) -> dict[str, bytes]:
    found = {file.key: store.read(file.key) for file in store.list("")}
    return {key: stored.body for key, stored in found.items() if stored}


@pytest.mark.parametrize("weeks", [(0, 30, 60), (60, 30, 0), (30, 60, 0), (60, 0, 60, 30, 0)])
def test_backfills_in_any_order_leave_the_same_files(
    store: Files, tmp_path: Path, weeks: tuple[int, ...]
) -> None:
    in_order = Folder(tmp_path / "in order")
    for week in sorted(set(weeks)):
        _publish(in_order, _run(week))
    for week in weeks:
        _publish(store, _run(week))
    assert _files(store) == _files(in_order)


# Weeks of three years; each may come again, and others end just before one of its writes.
_RUN = st.tuples(st.integers(-60, 90), st.sampled_from(["flights", "weather"]))
_INTERRUPTIONS = st.lists(st.none() | _RUN, max_size=12)
Run = tuple[int, str]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(_RUN, _INTERRUPTIONS), min_size=1, max_size=4))
def test_any_order_repetition_and_interleaving_leaves_the_same_files(
    runs: list[tuple[Run, list[Run | None]]],
) -> None:
    with TemporaryDirectory() as folder:
        interleaved = Folder(Path(folder) / "interleaved")
        published: set[Run] = set()

        def run_now(run: Run | None, store: Files) -> None:
            if run is not None:
                published.add(run)
                _publish(store, _run(*run))

        for run, others in runs:
            turns = [partial(run_now, other, interleaved) for other in others]
            run_now(run, Interrupted(interleaved, turns))  # type: ignore[arg-type]
        once = Folder(Path(folder) / "once")
        for run in sorted(published):
            _publish(once, _run(*run))
        assert _files(interleaved) == _files(once)


def test_a_damaged_site_is_rebuilt_as_it_was(store: Files) -> None:
    for week in (-30, 0, 1):
        publish(store, _run(week), REPORT, schedule=MONDAYS)
        publish(store, _run(week, "weather"), REPORT, schedule=MONDAYS)
    before = _files(store)
    kept = ("/runs/", "reports/", "assets/", "overview.json")
    for key in [key for key in before if not any(part in key for part in kept)]:
        store.write(key, b"damaged")
    told: list[tuple[int, int]] = []
    for name in monitors_of(store):
        rebuild(store, name, progress=lambda done, of: told.append((done, of)))
    assert _files(store) == before
    assert told == [(1, 3), (2, 3), (3, 3)] * 2


def _keep_years(store: Files, monitor: str, years: int) -> None:
    """Give a monitor a history of whole years before the test's."""
    for year in range(2013 - years, 2013):
        history = HistoryYear(monitor=monitor, year=year)
        start = datetime(year, 1, 7, 9, 30, tzinfo=UTC)
        for week in range(52):
            run = a_result([a_column("x")], monitor=monitor, scheduled_at=start + week * WEEK)
            history.add(RunEntry.of(run))
        store.write(MonitorFiles(monitor).history(year), history.to_json())


def test_a_run_costs_the_same_requests_however_long_the_history_and_however_many_monitors(
    bucket: str,
) -> None:
    client = boto3.client("s3")
    store = site_bucket(client, bucket)
    _publish(store, _run(0))  # the first one writes what our pages load, too
    counted = {}
    sent: list[str] = []
    client.meta.events.register("before-send.s3", lambda **_: sent.append("request"))
    others = iter(f"other-{number}" for number in range(9))
    for monitors in (1, 10):
        for years in (0, 1, 5):
            _keep_years(store, "flights", years)
            sent.clear()
            _publish(store, _run(monitors + years))
            counted[monitors, years] = len(sent)
        for other in others:
            _publish(store, _run(0, other))
    assert set(counted.values()) == {REQUESTS}


REQUESTS = 25
"""As docs/decisions/0003-publishing.md says."""
