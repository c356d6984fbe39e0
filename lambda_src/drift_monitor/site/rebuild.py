"""The rebuilding of what is made from the runs: their years, the overview, the pages.

Safe while runs are published: each file is written only over the version that was there before the
runs were listed, as in `publish`. A run writes its drift.json first, so it is in the listing, or
its writing makes ours fail and start again.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from pydantic import ValidationError

from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import (
    HistoryRun,
    HistoryYear,
    RunEntry,
    read_year,
    year_of,
    years_of,
)
from drift_monitor.site.layout import MONITORS, OVERVIEW, MonitorFiles, run_of
from drift_monitor.site.overview import RECENT_RUNS, MonitorOverview, Overview
from drift_monitor.site.profiles import ProfileYear
from drift_monitor.site.publish import (
    Front,
    removed_at,
    write_common,
    write_pages,
)
from drift_monitor.site.store import refresh, update
from drift_monitor.storage import Files

_READERS = 8

Progress = Callable[[int, int], None]


def monitors_of(store: Files) -> list[str]:
    """Return the names of the monitors that have a run."""
    return [name for name in store.folders(MONITORS) if _run_ids(store, name)]


def rebuild(
    store: Files,
    monitor: str,
    *,
    retention: timedelta | None = None,
    progress: Progress = lambda _done, _of: None,
) -> int:
    """Make a monitor's years, its part of the overview and its pages again, from its runs.

    The schedule stays as the overview has it: it is not in the runs. So does a front page whose
    report was removed.

    Args:
        store: the site.
        monitor: the monitor's name.
        retention: how long a report stays since it was written; None for ever.
        progress: called after each run with how many are done, and of how many.

    Returns:
        How many runs there are.

    Raises:
        DriftMonitorError: a run's drift.json cannot be read, or there is no run.
    """
    write_common(store)
    run_ids = _run_ids(store, monitor)
    if not run_ids:
        raise DriftMonitorError(
            f"there is no run of {monitor} below {MonitorFiles(monitor).runs}: nothing was rebuilt"
        )
    done: set[str] = set()

    def note(run_id: str) -> None:
        done.add(run_id)
        progress(len(done), len(run_ids | done))

    for year in sorted({year_of(run_id) for run_id in run_ids} | {*years_of(store, monitor)}):
        _rebuild_year(store, monitor, year, retention, note)
    update(store, OVERVIEW, lambda body: _with_monitor(store, monitor, body))
    write_pages(store, monitor, lambda newest: _front(store, monitor, newest))
    return len(run_ids)


def _run_ids(store: Files, monitor: str, year: int | None = None) -> set[str]:
    """Return the names of the runs that have a drift.json."""
    files = MonitorFiles(monitor)
    keys = [file.key for file in store.list(f"{files.runs}{year or ''}")]
    return {run_of(key) for key in keys if key == files.result(run_of(key))}


def _rebuild_year(
    store: Files,
    monitor: str,
    year: int,
    retention: timedelta | None,
    note: Callable[[str], None],
) -> None:
    files = MonitorFiles(monitor)
    keys = [files.history(year), files.profiles(year)]

    def of_runs() -> dict[str, bytes]:
        history = HistoryYear(monitor=monitor, year=year)
        profiles = ProfileYear(monitor=monitor, year=year)
        run_ids = sorted(_run_ids(store, monitor, year))
        written = _reports(store, monitor, year)
        for result in _results(store, monitor, run_ids):
            report = written.get(result.run_id)
            # When a report was removed is not known: it was there after its run's time.
            until = removed_at(report, retention) if report else result.scheduled_at
            history.add(RunEntry.of(result, until))
            profiles.add(result)
            note(result.run_id)
        return dict(zip(keys, [history.to_json(), profiles.to_json()], strict=True))

    refresh(store, keys, of_runs)


def _reports(store: Files, monitor: str, year: int) -> dict[str, datetime]:
    """Return when each report of a year that is still there was written, by run."""
    files = store.list(f"{MonitorFiles(monitor).reports}{year}")
    return {run_of(file.key): file.written_at for file in files}


def _results(store: Files, monitor: str, run_ids: list[str]) -> Iterator[DriftResult]:
    """Read runs, several at once, and return them in order."""
    with ThreadPoolExecutor(_READERS) as readers:
        yield from readers.map(lambda run_id: _result(store, monitor, run_id), run_ids)


def _result(store: Files, monitor: str, run_id: str) -> DriftResult:
    key = MonitorFiles(monitor).result(run_id)
    stored = store.read(key)
    try:
        return DriftResult.model_validate_json(stored.body if stored else b"")
    except ValidationError as error:
        mistake = error.errors()[0]
        place = ".".join(map(str, mistake["loc"])) or "it"
        raise DriftMonitorError(
            f"{key} is no result of this version, {place}: {mistake['msg']}. "
            "Run this run again, or remove its folder"
        ) from error


def _with_monitor(store: Files, monitor: str, body: bytes | None) -> bytes:
    """Return the overview with a monitor as its years have it, and no monitor without files."""
    try:
        overview = Overview.from_json(body).of_only(store.folders(MONITORS))
    except ValidationError as error:
        raise DriftMonitorError(
            f"{OVERVIEW} is damaged: remove it, then rebuild all monitors"
        ) from error
    before = overview.monitors.get(monitor)
    newest: list[HistoryRun] = []
    years = years_of(store, monitor)
    while years and len(newest) < RECENT_RUNS:
        newest = read_year(store, monitor, years.pop()).runs + newest
    now = MonitorOverview.of(newest, before.schedule if before else None)
    return overview.with_monitor(monitor, now).to_json()


def _front(store: Files, monitor: str, run_id: str) -> Front | None:
    """Return what the front pages show of a run; None where its report is gone."""
    files = MonitorFiles(monitor)
    result, report = store.read(files.result(run_id)), store.read(files.report(run_id))
    return Front(result.body, report.body) if result and report else None
