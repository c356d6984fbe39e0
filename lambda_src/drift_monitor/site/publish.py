"""The publishing of a run: its own files first, then the histories, and last the pages with links.

A reader never sees half a run, and the front page never goes back in time, whatever the order in
which runs end. See docs/decisions/0003-publishing.md.

    index.html                               the latest report; with several monitors, an overview
    error.html                               what the website shows in place of a missing page
    overview.json                            each monitor's newest run, and when it runs next
    assets/HASH/*.css, *.js                  what our pages load, in a folder named after it
    monitors/NAME/index.html, drift.json     the latest run
    monitors/NAME/history.html               every run
    monitors/NAME/column.html                one column in every run
    monitors/NAME/history/YEAR.json          every run of a year, short
    monitors/NAME/profiles/YEAR.json         what its tables held in each column
    monitors/NAME/runs/RUN/drift.json        one run, kept for ever
    monitors/NAME/runs/RUN/email.json        whether the run's email is sent; chat.json and, of a
                                             run without data, no-data-email.json say the same
    reports/NAME/RUN/index.html              one run's report, removed when it is old
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import (
    RunEntry,
    history_key,
    is_of_version_1,
    read_year,
    renew_year,
    year_from,
    year_of,
    years_of,
)
from drift_monitor.site.overview import OVERVIEW, Overview, read_overview
from drift_monitor.site.pages.assets import assets, assets_folder
from drift_monitor.site.pages.html import (
    MONITOR_PAGES,
    error_page,
    moved,
    overview_page,
    report_page,
)
from drift_monitor.site.pages.report import Report
from drift_monitor.site.profiles import ProfileYear, profiles_key
from drift_monitor.site.store import refresh, update
from drift_monitor.storage import Store


@dataclass(frozen=True)
class Front:
    """What the front pages show: a run's result, and its report as it is under `reports/`."""

    drift_json: bytes
    report_page: bytes


def publish(
    store: Store,
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
    front = Front(_json(result), report_page(report, result, home="../../../"))
    write_common(store)
    store.write(report_key(result.monitor, result.run_id), front.report_page)
    store.write(drift_json_key(result.monitor, result.run_id), front.drift_json)
    _count_in(store, result, schedule, removed_at(now(), retention))
    write_pages(store, result.monitor, lambda newest: front if newest == result.run_id else None)


def report_key(monitor: str, run_id: str) -> str:
    """Return where a run's report lies."""
    return f"reports/{monitor}/{run_id}/index.html"


def drift_json_key(monitor: str, run_id: str) -> str:
    """Return where a run's result lies."""
    return f"monitors/{monitor}/runs/{run_id}/drift.json"


def removed_at(written_at: datetime, retention: timedelta | None) -> datetime | None:
    """Return when lifecycle removes a report: at the midnight after its time, as S3 does."""
    if retention is None:
        return None
    last_day = (written_at + retention).astimezone(UTC).date()
    return datetime.combine(last_day + timedelta(days=1), time(), UTC)


def write_common(store: Store) -> None:
    """Write the files that belong to no run; assets only where they are not there yet."""
    there = {file.key for file in store.files(f"{assets_folder()}/")}
    for name, body in assets().items():
        if f"assets/{name}" not in there:
            store.write(f"assets/{name}", body)
    store.write("error.html", error_page())


def _count_in(
    store: Store, result: DriftResult, schedule: str | None, report_until: datetime | None
) -> None:
    """Add a run to its year and to the overview, while other processes may do so, too."""
    monitor, year = result.monitor, year_of(result.run_id)

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
        profiles = ProfileYear.model_validate_json(body) if body else empty
        profiles.add(result)
        return profiles.to_json()

    def with_newest(body: bytes | None) -> bytes:
        # As it is in the history by now: another run of the same time may have taken its place.
        run = read_year(store, monitor, year).run(result.run_id)
        return Overview.from_json(body).including(monitor, run, schedule).to_json()

    update(store, history_key(monitor, year), with_run)
    update(store, profiles_key(monitor, year), with_profiles)
    update(store, OVERVIEW, with_newest)


def write_pages(store: Store, monitor: str, front_of: Callable[[str], Front | None]) -> None:
    """Write the pages that lead to a monitor's runs, from its history and the overview.

    Args:
        store: the site.
        monitor: the monitor's name.
        front_of: returns the front of the newest run, by its name; None to leave the front pages
            as they are.
    """
    folder = f"monitors/{monitor}"

    def of_history() -> dict[str, bytes]:
        years = years_of(store, monitor)
        newest = read_year(store, monitor, years[-1])
        return {f"{folder}/{name}": page(years, newest) for name, page in MONITOR_PAGES.items()}

    def of_newest() -> dict[str, bytes]:
        front = front_of(read_overview(store).monitors[monitor].newest.run_id)
        if front is None:
            return {}
        page = moved(front.report_page, home="../../")
        return {f"{folder}/drift.json": front.drift_json, f"{folder}/index.html": page}

    def of_site() -> dict[str, bytes]:
        overview = read_overview(store)
        if len(overview.monitors) > 1:
            return {"index.html": overview_page(overview)}
        front = front_of(overview.monitors[monitor].newest.run_id)
        return {"index.html": moved(front.report_page, home="")} if front else {}

    refresh(store, [f"{folder}/{name}" for name in MONITOR_PAGES], of_history)
    refresh(store, [f"{folder}/drift.json", f"{folder}/index.html"], of_newest)
    refresh(store, ["index.html"], of_site)


def _json(result: DriftResult) -> bytes:
    return result.model_dump_json(indent=2).encode()
