"""The commands that rebuild a site from its runs, and serve it."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from drift_monitor.cli.options import SiteOption, open_store, out, progress_bar
from drift_monitor.errors import DriftMonitorError
from drift_monitor.site.rebuild import monitors_of
from drift_monitor.site.rebuild import rebuild as rebuild_monitor
from drift_monitor.site.serve import Website
from drift_monitor.text import count


def rebuild(
    monitors: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME…", help="The monitors. Default: all that have a run."),
    ] = None,
    *,
    site: SiteOption = "site",
    retention_days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="The deployment's report_retention_days: pages say until when a report is kept. "
            "Default: for ever.",
        ),
    ] = None,
) -> None:
    """Make a site's history, overview and pages again, from its runs.

    For when a file was lost or damaged, or a run's folder was removed. Each
    run's drift.json below monitors/NAME/runs/ is read; reports stay as they are.
    Runs may be published meanwhile. To take a monitor off the overview, remove
    its folder below monitors/ first.
    """
    store = open_store(site)
    retention = timedelta(days=retention_days) if retention_days else None
    names = monitors or monitors_of(store)
    if not names:
        raise DriftMonitorError(f"{site} has no run: name the site with --site")
    with progress_bar() as bar:
        for name in names:
            update = partial(_show, bar, bar.add_task(name, total=None))
            runs = rebuild_monitor(store, name, retention=retention, progress=update)
            bar.print(f"{name}: rebuilt from {count(runs, 'run')}")


def _show(bar: Progress, task: TaskID, done: int, of: int) -> None:
    bar.update(task, completed=done, total=of)


def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The site.")],
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where to listen; 0 picks a free port.")
    ] = 8000,
) -> None:
    """Serve a site on this machine as the S3 website does."""
    if not folder.is_dir():
        raise DriftMonitorError(f"{folder} is no folder: run a monitor first, or name its --site")
    try:
        website = Website.of(folder, port)
    except OSError as error:
        raise DriftMonitorError(
            f"port {port}: {error.strerror}; choose another with --port"
        ) from error
    with website:
        out.print(f"{website.url}  (Ctrl-C to stop)")
        website.serve_forever()
