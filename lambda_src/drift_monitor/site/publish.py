"""The publishing of a run: its own files first, then the histories, and last the pages with links.

A reader never sees half a run, and the front page never goes back in time, whatever the order in
which runs end. See docs/decisions/0003-publishing.md; layout.py has the keys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import (
    RunEntry,
    is_of_version_1,
    read_year,
    renew_year,
    year_from,
    year_of,
    years_of,
)
from drift_monitor.site.layout import (
    ASSETS,
    ERROR_PAGE,
    FRONT_PAGE,
    HOME_OF_MONITOR,
    HOME_OF_REPORT,
    OVERVIEW,
    MonitorFiles,
)
from drift_monitor.site.overview import Overview, read_overview
from drift_monitor.site.pages.assets import assets, assets_folder
from drift_monitor.site.pages.html import (
    column_page,
    error_page,
    history_page,
    moved,
    overview_page,
    report_page,
)
from drift_monitor.site.pages.report import Report
from drift_monitor.site.profiles import ProfileYear
from drift_monitor.site.store import refresh, update
from drift_monitor.storage import Files


@dataclass(frozen=True)
class Front:
    """What the front pages show: a run's result, and its report as it is under `reports/`."""

    drift_json: bytes
    report_page: bytes


def publish(
    store: Files,
    result: DriftResult,
    report: Report,
    *,
    schedule: str | None,
    retention: timedelta | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Write a run's files, add it to the histories, and write the pages that lead to it.

    Repeating it writes the same keys: the same JSON, and pages that show the same.

    Args:
        store: the site.
        result: the run's.
        report: Evidently's.
        schedule: the monitor's; None where runs do not come by themselves.
        retention: how long a report stays; None for ever.
        now: the clock.
    """
    files = MonitorFiles(result.monitor)
    front = Front(_json(result), report_page(report, result, home=HOME_OF_REPORT))
    write_common(store)
    store.write(files.report(result.run_id), front.report_page)
    store.write(files.result(result.run_id), front.drift_json)
    _count_in(store, result, schedule, removed_at(now(), retention))
    write_pages(store, result.monitor, lambda newest: front if newest == result.run_id else None)


def removed_at(written_at: datetime, retention: timedelta | None) -> datetime | None:
    """Return when lifecycle removes a report: at the midnight after its time, as S3 does."""
    if retention is None:
        return None
    last_day = (written_at + retention).astimezone(UTC).date()
    return datetime.combine(last_day + timedelta(days=1), time(), UTC)


def write_common(store: Files) -> None:
    """Write the files that belong to no run; assets only where they are not there yet."""
    there = {file.key for file in store.list(f"{assets_folder()}/")}
    for name, body in assets().items():
        if f"{ASSETS}{name}" not in there:
            store.write(f"{ASSETS}{name}", body)
    store.write(ERROR_PAGE, error_page())


def _count_in(
    store: Files, result: DriftResult, schedule: str | None, report_until: datetime | None
) -> None:
    """Add a run to its year and to the overview, while other processes may do so, too."""
    monitor, year = result.monitor, year_of(result.run_id)
    files = MonitorFiles(monitor)

    def with_run(body: bytes | None) -> bytes:
        if body is None or is_of_version_1(body):
            # Before its own year, so that a run that fails here does it when it is run again.
            for other in years_of(store, monitor):
                if other != year:
                    renew_year(store, monitor, other)
        history = year_from(body, monitor, year)
        history.add(RunEntry.of(result, report_until))
        return history.to_json()

    def with_profiles(body: bytes | None) -> bytes:
        empty = ProfileYear(monitor=monitor, year=year)
        profiles = ProfileYear.from_json(body) if body else empty
        profiles.add(result)
        return profiles.to_json()

    def with_newest(body: bytes | None) -> bytes:
        # As it is in the history by now: another run of the same time may have taken its place.
        run = read_year(store, monitor, year).run(result.run_id)
        return Overview.from_json(body).including(monitor, run, schedule).to_json()

    update(store, files.history(year), with_run)
    update(store, files.profiles(year), with_profiles)
    update(store, OVERVIEW, with_newest)


def write_pages(store: Files, monitor: str, front_of: Callable[[str], Front | None]) -> None:
    """Write the pages that lead to a monitor's runs, from its history and the overview.

    Args:
        store: the site.
        monitor: the monitor's name.
        front_of: returns the front of the newest run, by its name; None to leave the front pages
            as they are.
    """
    files = MonitorFiles(monitor)

    def of_history() -> dict[str, bytes]:
        years = years_of(store, monitor)
        newest = read_year(store, monitor, years[-1])
        return {
            files.history_page: history_page(years, newest),
            files.column_page: column_page(years, newest),
        }

    def of_newest() -> dict[str, bytes]:
        front = front_of(read_overview(store).monitors[monitor].newest.run_id)
        if front is None:
            return {}
        page = moved(front.report_page, home=HOME_OF_MONITOR)
        return {files.newest_result: front.drift_json, files.front_page: page}

    def of_site() -> dict[str, bytes]:
        overview = read_overview(store)
        if len(overview.monitors) > 1:
            return {FRONT_PAGE: overview_page(overview)}
        front = front_of(overview.monitors[monitor].newest.run_id)
        return {FRONT_PAGE: moved(front.report_page, home="")} if front else {}

    refresh(store, [files.history_page, files.column_page], of_history)
    refresh(store, [files.newest_result, files.front_page], of_newest)
    refresh(store, [FRONT_PAGE], of_site)


def _json(result: DriftResult) -> bytes:
    return result.model_dump_json(indent=2).encode()
