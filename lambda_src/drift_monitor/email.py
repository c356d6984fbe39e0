"""The email about a run: what people need first, then the JSON."""

from dataclasses import dataclass

from drift_monitor.history import RunEntry
from drift_monitor.monitor import Alerts
from drift_monitor.results import ColumnDrift, DriftResult, Status
from drift_monitor.words import window_words

LIMIT = 250_000
"""Bytes of text. SNS takes 262,144, of which the attributes and a margin are taken off."""

MISSING_FILES_LISTED = 50
"""Of a window's missing files. The summary has their number, drift.json all of them."""

_SUBJECTS = {"ok": "No drift", "drifted": "Drift", "error": "Not scored"}


@dataclass(frozen=True)
class Email:
    """An email.

    Attributes:
        name: unique among a monitor's emails: MONITOR-RUN.
        subject: ASCII, under 100 characters, no line breaks, as SNS wants.
        summary: what a person reads first.
        json: the result.
        attributes: what subscriptions can filter on: monitor, status.
    """

    name: str
    subject: str
    summary: str
    json: str
    attributes: dict[str, str]

    @property
    def text(self) -> str:
        """The whole body."""
        return f"{self.summary}\n\n{self.json}\n"


def is_due(alerts: Alerts, result: DriftResult, previous: RunEntry | None) -> bool:
    """Tell whether people want to hear of this run, given the run before it.

    A run in which no column could be scored is always told.
    """
    if alerts.when == "always" or result.status == "error":
        return True
    if alerts.when == "on_drift":
        return result.status == "drifted"
    if previous is None or previous.status != result.status:
        return True
    before = {name: entry.status for name, entry in previous.columns.items()}
    return before != {column.column: column.status for column in result.columns}


def compose(result: DriftResult, site_url: str, limit: int = LIMIT) -> Email:
    """Write the email about a run.

    Where all columns do not fit into `limit` bytes, those with a problem stay, then as many of them
    as fit; the summary says how many were left out and links the rest.
    """
    email = _with_columns(result, site_url, result.columns)
    if len(email.text.encode()) <= limit:
        return email
    kept = result.having(Status.DRIFTED, Status.MISSING, Status.NEW, Status.ERROR)
    email = _with_columns(result, site_url, kept)
    while kept and len(email.text.encode()) > limit:
        kept = kept[: len(kept) * 3 // 4]
        email = _with_columns(result, site_url, kept)
    return email


def _with_columns(result: DriftResult, site_url: str, kept: list[ColumnDrift]) -> Email:
    share = f"{result.drifted_columns} of {result.scored_columns} columns"
    day = f"{result.scheduled_at:%Y-%m-%d}"
    return Email(
        name=f"{result.monitor}-{result.run_id}",
        subject=f"{_SUBJECTS[result.status]}: {result.monitor}, {share} ({day})",
        summary=_summary(result, site_url, kept),
        json=_json(result, kept),
        attributes={"monitor": result.monitor, "status": result.status},
    )


def _json(result: DriftResult, kept: list[ColumnDrift]) -> str:
    missing = result.current.missing_files[:MISSING_FILES_LISTED]
    current = result.current.model_copy(update={"missing_files": missing})
    listed = result.model_copy(update={"columns": kept, "current": current})
    return listed.model_dump_json(indent=2, exclude_none=True)


def _summary(result: DriftResult, site_url: str, kept: list[ColumnDrift]) -> str:
    run_json = f"{site_url}monitors/{result.monitor}/runs/{result.run_id}/drift.json"
    share, from_share = f"{result.drifted_share:.0%}", f"{result.drifted_share_threshold:.0%}"
    rows, reference_rows = f"{result.current.rows:,}", f"{result.reference.rows:,}"
    lines = [
        f"{result.verdict} ({share}; the table counts as drifted from {from_share}).",
        f"{result.monitor}, {window_words(result.window)}: {rows} rows against {reference_rows}.",
        *_gaps(result.current.missing_files),
        *_section("Drifted", [column for column in kept if column.status is Status.DRIFTED]),
        *_section(
            "Not compared",
            [c for c in kept if c.status in (Status.MISSING, Status.NEW, Status.ERROR)],
        ),
        "",
        f"Report   {site_url}reports/{result.monitor}/{result.run_id}/index.html",
        f"History  {site_url}monitors/{result.monitor}/history.html",
    ]
    left_out = len(result.columns) - len(kept)
    if left_out:
        lines += ["", f"{left_out} of {len(result.columns)} columns did not fit here: {run_json}"]
    return "\n".join(lines)


def _gaps(missing: list[str]) -> list[str]:
    if not missing:
        return []
    return ["", f"Files of the window are not there: {len(missing)}, the first is {missing[0]}"]


def _section(title: str, columns: list[ColumnDrift]) -> list[str]:
    if not columns:
        return []
    # A line break in a column's name must not look like a line of ours.
    names = [" ".join(column.column.split()) for column in columns]
    whats = [_what(column) for column in columns]
    return ["", title, *(f"  {name}: {what}" for name, what in zip(names, whats, strict=True))]


def _what(column: ColumnDrift) -> str:
    if column.is_scored:
        remark = f"; {column.reason}" if column.reason else ""
        return f"{column.bound} ({column.method}){remark}"
    return f"{column.status}, {column.reason}"
