"""The command that proposes thresholds from a monitor's own past."""

import json
from dataclasses import asdict
from datetime import datetime
from difflib import unified_diff
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from drift_monitor.cli.options import (
    MemoryOption,
    MonitorFile,
    SiteOption,
    err,
    open_store,
    out,
    parse_time,
    progress_bar,
)
from drift_monitor.cli.run import times_of
from drift_monitor.config.load import load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.text import count, names, percent

if TYPE_CHECKING:
    from drift_monitor.cli.tuning.tuned import Tuned


def tune(
    monitor_file: MonitorFile,
    *,
    start: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            parser=parse_time,
            metavar="DATE",
            help="First day of a past to score now. Default: the history of --site, in which "
            "nothing can be tried.",
        ),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--to", parser=parse_time, metavar="DATE", help="Its last day."),
    ] = None,
    site: SiteOption = "site",
    alarms_a_year: Annotated[
        float,
        typer.Option(
            min=0, help="The alarm budget: false alarms that you accept. 4: one a quarter."
        ),
    ] = 4.0,
    write: Annotated[
        bool, typer.Option("--write", help="Write the thresholds into MONITOR.yaml.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and no words.")] = False,
    memory_mb: MemoryOption = 2048,
) -> None:
    """Propose thresholds from a past in which nothing was wrong.

    Says in how many windows each column would have alarmed, and raises
    thresholds until no more windows alarm than the budget allows. With --from
    and --to the windows are scored now (nothing is published), and changes are
    made to the last of them, to show what would still be found.
    """
    from drift_monitor.cli.tuning.edit import with_thresholds  # noqa: PLC0415 - brings ruamel
    from drift_monitor.cli.tuning.tuned import (  # noqa: PLC0415 - brings pyarrow
        tune_on_history,
        tune_on_tables,
    )

    monitor = load_monitor(monitor_file)
    if start is not None and end is not None:
        times = times_of(monitor, start, end)
        with progress_bar() as bar:
            task = bar.add_task(monitor.name, total=len(times))
            tuned = tune_on_tables(
                monitor,
                times,
                alarms_a_year,
                memory=memory_mb << 20,
                on_skipped=_say_skipped,
                on_scored=lambda: bar.advance(task),
            )
    elif start is end:
        tuned = tune_on_history(monitor, open_store(site), alarms_a_year)
    else:
        raise typer.BadParameter("give both --from and --to, or neither")
    # As bytes, for its line ends.
    text, thresholds = monitor_file.read_bytes().decode("utf-8"), tuned.proposal.thresholds
    new = with_thresholds(text, monitor, thresholds) if thresholds else text
    if write and new != text:
        monitor_file.write_bytes(new.encode("utf-8"))
    if as_json:
        summary = {"monitor": monitor.name} | asdict(tuned.proposal)
        summary["found"] = [asdict(each) for each in tuned.found]
        print(json.dumps(summary, indent=2))  # noqa: T201 - plain, for a pipe
        return
    _print_words(monitor, tuned)
    before, after = text.splitlines(), new.splitlines()
    for line in unified_diff(before, after, str(monitor_file), str(monitor_file), lineterm=""):
        out.print(line)


def _say_skipped(moment: datetime, reason: str) -> None:
    err.print(f"{moment:%Y-%m-%d %H:%M}  left out: {reason}")


def _print_words(monitor: Monitor, tuned: "Tuned") -> None:
    proposal = tuned.proposal
    out.print(
        f"{monitor.name}, {count(proposal.windows, 'window')}, taken as right: "
        f"{count(proposal.alarms, 'alarm')}; the budget allows {proposal.alarms_allowed}"
    )
    if proposal.drifted_in:
        table = Table(box=None, pad_edge=False)
        for heading in ("column", "drifted in", "threshold"):
            table.add_column(heading)
        for name, windows in proposal.drifted_in.items():
            threshold = proposal.thresholds.get(name)
            new = "as it is" if threshold is None else f"{threshold:g}"
            table.add_row(name, count(windows, "window"), new)
        out.print(table)
    if proposal.thresholds:
        out.print(f"With these thresholds: {count(proposal.alarms_left, 'alarm')}")
    if proposal.not_raised:
        out.print(
            "Not raised, as a p-value is no distance (name another method): "
            f"{names(proposal.not_raised, 5)}"
        )
    if not tuned.found:
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("change", "found now", "with these thresholds"):
        table.add_column(heading)
    for each in tuned.found:
        table.add_row(each.change, percent(each.now), percent(each.then))
    out.print(table)
