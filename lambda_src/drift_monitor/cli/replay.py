"""The command that judges the stored history again, under the monitor's file as it is now."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from drift_monitor.alerts.summary import title
from drift_monitor.cli.options import MonitorFile, SiteOption, open_store, out
from drift_monitor.config.load import load_monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.drift import Status
from drift_monitor.text import count, names

if TYPE_CHECKING:
    from drift_monitor.cli.replayed import ReplayedRun

_NAMED = 5


def replay_command(
    monitor_file: MonitorFile,
    *,
    site: SiteOption = "site",
    was: Annotated[
        Path | None,
        typer.Option(
            metavar="OLD.yaml",
            help="Compare with what this file would send. Default: with the emails that were sent.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and no words.")] = False,
) -> None:
    """Judge the stored history again: which emails would this file have sent?

    Nothing is read but the history's scores, and nothing is written or sent. A
    column keeps the verdict that it had where the file now names another method
    than scored it.
    """
    from drift_monitor.cli.replayed import replay  # noqa: PLC0415 - brings pyarrow
    from drift_monitor.engines.importance import with_importance  # noqa: PLC0415 - as above

    monitor = with_importance(load_monitor(monitor_file))
    store = open_store(site)
    runs = replay(monitor, store)
    if not runs:
        raise DriftMonitorError(f"{site} has no run of {monitor.name}: name the site with --site")
    if was is None:
        before = {each.run.run_id for each in runs if each.was_sent}
    else:
        old = with_importance(load_monitor(was)).model_copy(update={"name": monitor.name})
        before = {each.run.run_id for each in replay(old, store) if each.decision.send}
    print_ = _print_json if as_json else _print_words
    print_(monitor.name, runs, before, "were sent" if was is None else "of before")


def _print_words(name: str, runs: Sequence["ReplayedRun"], before: set[str], which: str) -> None:
    now = [each for each in runs if each.decision.send]
    out.print(
        f"{name}, {count(len(runs), 'run')}: {count(len(before), 'email')} {which}, "
        f"{len(now)} with this file"
    )
    kept = sorted({column for each in runs for column in each.kept})
    if kept:
        out.print(
            f"{count(len(kept), 'column')} as it was, since another method scored it then: "
            f"{names(kept, _NAMED)}. A backfill --again would score it"
        )
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "email", "columns"):
        table.add_column(heading)
    for each in runs:
        sent, was_sent = each.decision.send, each.run.run_id in before
        if sent or was_sent:
            what = title(each.decision) if sent else "none"
            news = "" if sent == was_sent else ", new" if sent else ", no more"
            table.add_row(each.run.name, what + news, names(_drifted(each), _NAMED))
    if table.row_count:
        out.print(table)


def _print_json(name: str, runs: Sequence["ReplayedRun"], before: set[str], _which: str) -> None:
    found = [
        {
            "run_id": each.run.run_id,
            "email": each.decision.send,
            "email_before": each.run.run_id in before,
            "state": each.decision.state,
            "reason": each.decision.reason,
            "status": each.run.status,
            "severity": each.run.severity,
            "drifted": _drifted(each),
            "kept": list(each.kept),
        }
        for each in runs
    ]
    summary = {
        "monitor": name,
        "emails_before": len(before),
        "emails": sum(each.decision.send for each in runs),
        "runs": found,
    }
    print(json.dumps(summary, indent=2))  # noqa: T201 - plain, for a pipe


def _drifted(replayed: "ReplayedRun") -> list[str]:
    columns = replayed.run.columns.items()
    return [name for name, column in columns if column.status is Status.DRIFTED]
