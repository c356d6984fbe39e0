"""The command that shows what would be sent about a run."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from drift_monitor.alerts.alert import write_alert
from drift_monitor.cli.options import (
    MonitorFile,
    SiteOption,
    SiteUrlOption,
    err,
    open_site,
    parse_time,
)
from drift_monitor.config.load import load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.site.store import Site
from drift_monitor.storage import Files, Folder


def preview_email(
    monitor_file: MonitorFile,
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_time,
            metavar="TIME",
            help="The run's time. Default: the newest run of the site, or now if it has none.",
        ),
    ] = None,
    site: SiteOption = "site",
    site_url: SiteUrlOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what queues, functions and HTTPS endpoints get.")
    ] = False,
    as_chat: Annotated[
        bool, typer.Option("--chat", help="Print what the chat channel gets.")
    ] = False,
) -> None:
    """Print the email that a run would send, and say why, or why none.

    The run is the site's if it is there; else it is run now, and nothing is
    written or sent. The runs before it are the site's.
    """
    monitor = load_monitor(monitor_file)
    place = open_site(site, site_url)
    result = _published(place.store, monitor, as_of)
    source = f"in {site}"
    if result is None:
        result, source = _unpublished(monitor, as_of or datetime.now(UTC), place), "not published"
    alert = write_alert(monitor, result, place)
    run = f"the run of {result.scheduled_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC ({source})"
    email, chat = alert.email, alert.chat
    if email is None:
        err.print(f"Nothing would be sent for {run}: {alert.decision.reason}")
    elif as_chat and chat is None:
        err.print(f"Nothing would be sent to chat for {run}: set alerts.chat to true")
    else:
        err.print(f"Would be sent for {run}: {alert.decision.reason}\n")
        text = email.machine_json if as_json else f"Subject: {email.subject}\n\n{email.text}"
        if as_chat and chat is not None:
            text = chat.json
        print(text)  # noqa: T201 - plain, for a pipe


def _published(store: Files, monitor: Monitor, as_of: datetime | None) -> DriftResult | None:
    files = MonitorFiles(monitor.name)
    stored = store.read(files.result(run_id(as_of)) if as_of else files.newest_result)
    return DriftResult.model_validate_json(stored.body) if stored else None


def _unpublished(monitor: Monitor, moment: datetime, place: Site) -> DriftResult:
    """Run a monitor into a temporary folder."""
    from drift_monitor.run import run  # noqa: PLC0415 - brings Evidently, which takes seconds

    with TemporaryDirectory() as folder:
        site = Site(Folder(Path(folder)), place.url)
        return run(monitor, moment, site=site, notifier=None)
