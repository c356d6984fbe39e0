"""The command that writes a first monitor."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drift_monitor.cli.options import out, progress_bar
from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import make_folder

if TYPE_CHECKING:
    from drift_monitor.cli.first_monitor.proposal import FirstMonitor

_SCHEMA = Path("schemas", "monitor.schema.json")


Locations = Annotated[
    list[str],
    typer.Argument(
        metavar="[REFERENCE] CURRENT",
        help="Where the tables lie: s3:// or a path; a file, a folder or a glob.",
    ),
]


def init(
    locations: Locations,
    *,
    output: Annotated[
        Path | None,
        typer.Option(metavar="MONITOR.yaml", help="The file to write. Default: print it."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> None:
    """Write a first monitor for a table, by what it looks like.

    The file says where the table lies, by which dates its files are laid out, a
    window that fits them, and what its columns may be: what is a guess is marked
    as one. What a first run found stands above it.

    With one table, its newest window is compared with the one before.
    """
    if len(locations) > 2:  # noqa: PLR2004 - there are two sides
        raise typer.BadParameter("give one table, or two: the reference, then the current one")
    if output is not None and output.exists() and not force:
        raise DriftMonitorError(f"{output} is there: name another, or add --force to write over it")
    from drift_monitor.cli.first_monitor.proposal import (  # noqa: PLC0415 - brings Arrow
        monitor_name,
        propose,
    )

    with progress_bar() as bar:
        task = bar.add_task("listing", total=None)
        first = propose(
            locations,
            name=monitor_name(output.stem) if output is not None else "",
            file=str(output or "MONITOR.yaml"),
            now=datetime.now(UTC).replace(second=0, microsecond=0),
            progress=lambda what, done, of: bar.update(
                task, description=what, completed=done, total=of
            ),
        )
    if output is None:
        print(first.text, end="")  # noqa: T201 - plain, for a pipe
        return
    _write(output, first.text)
    _say(output, first)


def _write(output: Path, text: str) -> None:
    make_folder(output.parent)
    has_schema = (output.absolute().parent.parent / _SCHEMA).is_file()
    schema = f"# yaml-language-server: $schema=../{_SCHEMA.as_posix()}\n" if has_schema else ""
    try:
        output.write_text(schema + text, encoding="utf-8")
    except OSError as error:
        raise DriftMonitorError(f"{output} cannot be written: {error.strerror}") from error


def _say(output: Path, first: "FirstMonitor") -> None:
    found = f"First run: {first.result.outcome}\n" if first.result is not None else ""
    out.print(f"{output} is written. {found}Look at what is marked as a guess in it.")
