"""The commands that run a monitor: once, or for each of its times in some days."""

import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from drift_monitor.alerts.notifiers import ConsoleNotifier, FolderNotifier
from drift_monitor.cli.engine import EngineOption, open_engine
from drift_monitor.cli.options import (
    AsOfOption,
    EmailsOption,
    MemoryOption,
    MonitorFile,
    SiteOption,
    SiteUrlOption,
    make_site,
    out,
    parse_time,
    progress_bar,
)
from drift_monitor.config.load import load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.schedule import Schedule
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.site.history import all_run_ids
from drift_monitor.site.layout import FRONT_PAGE, MonitorFiles
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

_EXIT_CODES = {"drifted": 3, "no_data": 4, "error": 4}
_CRITICAL_CHECK_FAILED = 5


def run_command(  # noqa: PLR0913 - each is an option
    monitor_file: MonitorFile,
    *,
    as_of: AsOfOption = None,
    site: SiteOption = "site",
    site_url: SiteUrlOption = None,
    emails: EmailsOption = None,
    memory_mb: MemoryOption = 2048,
    engine: EngineOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print drift.json and no words.")] = False,
    fail_on_drift: Annotated[
        bool,
        typer.Option(
            help="For pipelines: exit with 3 when the table has drifted, with 4 when there is no "
            "verdict (no data, or no score), and with 5, whatever drifted, when a column is broken "
            "or another critical check failed."
        ),
    ] = False,
) -> None:
    """Run a monitor once: compare, write the site, send the email."""
    monitor = load_monitor(monitor_file)
    target = make_site(site, site_url)
    words = Console(quiet=True) if as_json else out
    notifier = FolderNotifier(emails) if emails else ConsoleNotifier(words)
    from drift_monitor.run import run  # noqa: PLC0415 - brings Evidently, which takes seconds

    with progress_bar() as bar:
        task = bar.add_task(monitor.name, total=None)

        def progress(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        memory = memory_mb << 20
        with open_engine(monitor, engine, memory=memory, progress=progress) as opened:
            moment = as_of or datetime.now(UTC)
            result = run(monitor, moment, site=target, notifier=notifier, engine=opened)
    if as_json:
        print(result.model_dump_json(indent=2))  # noqa: T201 - plain, for a pipe
    elif emails:
        out.print(f"{monitor.name}: {result.outcome}")
    if fail_on_drift:
        raise typer.Exit(_exit_code(result))


def _exit_code(result: DriftResult) -> int:
    """Return the exit code for a pipeline: a failed check comes before drift, as everywhere."""
    if result.failed_checks.critical:
        return _CRITICAL_CHECK_FAILED
    return _EXIT_CODES.get(result.status, 0)


def backfill(
    monitor_file: MonitorFile,
    *,
    start: Annotated[
        datetime, typer.Option("--from", parser=parse_time, metavar="DATE", help="First day.")
    ],
    end: Annotated[
        datetime, typer.Option("--to", parser=parse_time, metavar="DATE", help="Last day.")
    ],
    site: SiteOption = "site",
    site_url: SiteUrlOption = None,
    emails: EmailsOption = None,
    again: Annotated[bool, typer.Option(help="Run those, too, that are in the history.")] = False,
) -> None:
    """Run a monitor for each of its scheduled times from one day to another.

    What is in the history is left out: a backfill that was cut off goes on where it stopped.
    Nobody is emailed.
    """
    monitor = load_monitor(monitor_file)
    target = make_site(site, site_url)
    times = times_of(monitor, start, end)
    failures = _run_all(
        monitor, times, target, FolderNotifier(emails) if emails else None, again=again
    )
    _say_where(monitor, target, site, emails)
    if failures:
        raise DriftMonitorError(f"{failures} of {len(times)} runs failed, for the reasons above")


def times_of(monitor: Monitor, start: datetime, end: datetime) -> list[datetime]:
    """Return a monitor's scheduled times from one day to another, both included.

    Raises:
        DriftMonitorError: there is none.
    """
    times = Schedule(monitor.schedule).between(start, _end_of_day(end))
    if not times:
        raise DriftMonitorError(
            f"{monitor.schedule} has no time from {start:%Y-%m-%d} to {end:%Y-%m-%d}"
        )
    return times


def _run_all(
    monitor: Monitor,
    times: list[datetime],
    target: Site,
    notifier: FolderNotifier | None,
    *,
    again: bool,
) -> int:
    """Run each time that is not in the history yet; return how many failed."""
    from drift_monitor.run import run  # noqa: PLC0415 - brings Evidently, which takes seconds

    done = all_run_ids(target.store, monitor.name)
    failures = 0
    with progress_bar() as bar, open_engine(monitor) as engine:
        for moment in bar.track(times, description=monitor.name):
            if run_id(moment) in done and not again:
                bar.print(f"{moment:%Y-%m-%d %H:%M}  done before")
                continue
            try:
                result = run(monitor, moment, site=target, notifier=notifier, engine=engine)
            except DriftMonitorError as error:
                failures += 1
                bar.print(f"{moment:%Y-%m-%d %H:%M}  failed: {error}")
                continue
            bar.print(f"{moment:%Y-%m-%d %H:%M}  {result.outcome}")
    return failures


def _say_where(monitor: Monitor, target: Site, site: str, emails: Path | None) -> None:
    links = MonitorFiles(monitor.name, target.url)
    lines = [
        f"Page     {target.url}{FRONT_PAGE}",
        f"History  {links.history_page}",
        f"JSON     {links.newest_result}",
    ]
    if emails:
        lines.append(f"Emails   {emails}/")
    if isinstance(target.store, Folder):
        lines += ["", f"To look at the site:  {_own_command()} serve {site}"]
    out.print("\n".join(["", *lines]))


def _own_command() -> str:
    """Return what the reader can type: a virtual environment need not be on PATH."""
    program = Path(sys.argv[0])
    return (
        str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else program.name
    )


def _end_of_day(moment: datetime) -> datetime:
    """Return the end of the day where a date has no time."""
    return moment + timedelta(days=1, seconds=-1) if moment.time() == time() else moment
