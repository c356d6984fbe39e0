"""The email about a run: what people need first, then the JSON. Machines get the JSON alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from drift_monitor.alarm import Decision
from drift_monitor.drift.severity import worst_first
from drift_monitor.results import ColumnDrift, DriftResult, Status
from drift_monitor.summary import report_url, summarize, title

LIMIT = 250_000
"""Bytes of a message, all parts together, as they are sent. SNS takes 262,144, of which the
attributes and a margin are taken off."""

MISSING_FILES_LISTED = 50
"""Of a window's missing files. The summary has their number, drift.json all of them."""


@dataclass(frozen=True)
class Email:
    """An email, and what machines get in its place.

    Attributes:
        name: unique among a monitor's emails: MONITOR-RUN.
        subject: ASCII, under 100 characters, no line breaks, as SNS wants.
        summary: what a person reads first.
        json: the result, for people.
        machine_json: the result, for machines.
        attributes: what subscriptions can filter on: monitor, status, severity.
    """

    name: str
    subject: str
    summary: str
    json: str
    machine_json: str
    attributes: dict[str, str]

    @property
    def text(self) -> str:
        """The whole body."""
        return f"{self.summary}\n\n{self.json}\n"

    @property
    def message(self) -> str:
        """Both parts as SNS takes them: by protocol, the JSON for every one but email."""
        return json.dumps({"default": self.machine_json, "email": self.text}, ensure_ascii=False)


def compose(result: DriftResult, decision: Decision, site_url: str, limit: int = LIMIT) -> Email:
    """Write the email about a run.

    Where all does not fit into `limit` bytes, the email's JSON is shortened first, then the
    machines': columns with a problem stay, the worst first, then as many of them as fit. The JSON
    says how many were left out, and the email links the rest.
    """
    every = result.columns
    problems = sorted(
        result.having(Status.DRIFTED, Status.MISSING, Status.NEW, Status.ERROR),
        key=lambda column: worst_first(column.column, column),
    )

    def email(shown: list[ColumnDrift], sent: list[ColumnDrift]) -> Email:
        return _email(result, decision, site_url, shown=shown, sent=sent)

    whole = email(every, every)
    if _fits(whole, limit):
        return whole
    shortened = _longest_that_fits(lambda shown: email(shown, every), problems, limit)
    return shortened or _longest_that_fits(lambda sent: email([], sent), problems, limit) or whole


def attributes_of(result: DriftResult, decision: Decision) -> dict[str, str]:
    """Return what subscriptions can filter a run's messages on."""
    return {
        "monitor": result.monitor,
        "status": result.status,
        "severity": decision.severity or "none",
    }


def _longest_that_fits(
    email: Callable[[list[ColumnDrift]], Email], columns: list[ColumnDrift], limit: int
) -> Email | None:
    """Leave columns out from the end, until an email fits; None if it never does."""
    while not _fits(found := email(columns), limit):
        if not columns:
            return None
        columns = columns[: len(columns) * 3 // 4]
    return found


def _fits(email: Email, limit: int) -> bool:
    return len(email.message.encode()) <= limit


def _email(
    result: DriftResult,
    decision: Decision,
    site_url: str,
    *,
    shown: list[ColumnDrift],
    sent: list[ColumnDrift],
) -> Email:
    summary = summarize(result, decision, site_url)
    left_out = len(result.columns) - len(shown)
    if left_out:
        summary += (
            f"\n\n{left_out} of {len(result.columns)} columns did not fit here:\n"
            f"{site_url}monitors/{result.monitor}/runs/{result.run_id}/drift.json"
        )
    share = f"{result.drifted_columns} of {result.scored_columns} columns"
    return Email(
        name=f"{result.monitor}-{result.run_id}",
        subject=f"{title(decision)}: {result.monitor}, {share} ({result.scheduled_at:%Y-%m-%d})",
        summary=summary,
        json=_json(result, site_url, shown, indent=2),
        machine_json=_json(result, site_url, sent),
        attributes=attributes_of(result, decision),
    )


def _json(
    result: DriftResult, site_url: str, columns: list[ColumnDrift], indent: int | None = None
) -> str:
    missing = result.current.missing_files[:MISSING_FILES_LISTED]
    listed = result.model_copy(
        update={
            "columns": columns,
            "current": result.current.model_copy(update={"missing_files": missing}),
            "columns_left_out": len(result.columns) - len(columns),
            "report_url": report_url(result, site_url),
        }
    )
    return listed.model_dump_json(indent=indent, exclude_none=True)
