"""The options that several commands have, and the consoles that they print on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from drift_monitor.config.locations import is_bucket_name
from drift_monitor.site.store import Site, site_bucket
from drift_monitor.storage import Files, Folder, make_folder, s3_client

# Names of files and columns are no markup.
out = Console(markup=False, highlight=False, soft_wrap=True)
err = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)


def parse_time(text: str) -> datetime:
    """Read an ISO date or time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is not a time such as 2013-06-24T09:30Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def open_store(place: str) -> Files:
    """Open a folder, or a bucket as s3://BUCKET, that holds a site."""
    if not place.startswith("s3://"):
        return Folder(Path(place))
    bucket = place.removeprefix("s3://").rstrip("/")
    if not is_bucket_name(bucket):
        raise typer.BadParameter(f"{place} is not s3://BUCKET: a site fills a bucket of its own")
    return site_bucket(s3_client(place), bucket)


def open_site(place: str, url: str | None) -> Site:
    """Open a site: a folder, or a bucket as s3://BUCKET."""
    if not place.startswith("s3://"):
        address = url or f"{Path(place).resolve().as_uri()}/"
        return Site(open_store(place), address, is_scheduled=False)
    if url is None:
        raise typer.BadParameter("an S3 site needs --site-url, the address people read it at")
    return Site(open_store(place), url.rstrip("/") + "/")


def make_site(place: str, url: str | None) -> Site:
    """Open a site to publish in; a folder is made at once, before a run takes its time."""
    if not place.startswith("s3://"):
        make_folder(Path(place))
    return open_site(place, url)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a bar on the terminal, gone when it is done."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        yield bar


MonitorFile = Annotated[Path, typer.Argument(metavar="MONITOR.yaml", help="The monitor's file.")]
SiteOption = Annotated[
    str, typer.Option("--site", metavar="DIR|s3://BUCKET", help="Where the site is written.")
]
SiteUrlOption = Annotated[
    str | None,
    typer.Option("--site-url", help="Where people read the site, for the email's links."),
]
MemoryOption = Annotated[
    int, typer.Option("--memory-mb", min=64, help="To spend on columns: more, and more at once.")
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        parser=parse_time,
        metavar="TIME",
        help="The run's time, such as 2013-06-24T09:30Z. Default: now.",
    ),
]
EmailsOption = Annotated[
    Path | None,
    typer.Option("--emails", metavar="DIR", help="Write each email to a file here."),
]
