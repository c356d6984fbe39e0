"""The email about a run: a body for people, then the JSON. Machines get the JSON alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap

from drift_monitor.alerts.decision import AlertDecision, AlertState
from drift_monitor.alerts.summary import WIDTH, body, title
from drift_monitor.results.checks import CheckResult
from drift_monitor.results.drift import ColumnDrift, Status
from drift_monitor.results.run import DriftResult
from drift_monitor.results.severity import worst_first
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.text import count

LIMIT = 250_000
"""Bytes of a message, all parts together, as they are sent. SNS takes 262,144, of which the
attributes and a margin are taken off."""

MISSING_FILES_LISTED = 50
"""A window's missing files in the JSON, at most. The body has their number, drift.json all."""


@dataclass(frozen=True)
class Email:
    """An email, and what machines get in its place.

    Attributes:
        name: unique among a monitor's emails: MONITOR-RUN.
        subject: ASCII, under 100 characters, no line breaks, as SNS wants.
        body: what a person reads first.
        json: the result, for people.
        machine_json: the result, for machines.
        attributes: what subscriptions can filter on: monitor, status, severity.
    """

    name: str
    subject: str
    body: str
    json: str
    machine_json: str
    attributes: dict[str, str]

    @property
    def text(self) -> str:
        """The body and the JSON, as an inbox shows them."""
        return f"{self.body}\n\n{self.json}\n"

    @property
    def message(self) -> str:
        """Both parts as SNS takes them: by protocol, the JSON for every one but email."""
        return json.dumps({"default": self.machine_json, "email": self.text}, ensure_ascii=False)


def compose(
    result: DriftResult, decision: AlertDecision, site_url: str, limit: int = LIMIT
) -> Email:
    """Write the email about a run.

    Where all does not fit into `limit` bytes, the email's JSON is shortened first, then the
    machines': columns with a problem and checks that did not pass stay, the worst first, then as
    many of them as fit. The JSON says how many were left out, and the email links the rest.
    """

    def email(shown: int | None, sent: int | None) -> Email:
        return _email(result, decision, site_url, shown=shown, sent=sent)

    whole = email(None, None)
    if _fits(whole, limit):
        return whole
    most = max(len(_problems(result)), len(_not_passed(result)))
    shortened = _longest_that_fits(lambda shown: email(shown, None), most, limit)
    return shortened or _longest_that_fits(lambda sent: email(0, sent), most, limit) or whole


def _problems(result: DriftResult) -> list[ColumnDrift]:
    """Return the columns with a problem, the worst first."""
    return sorted(
        result.having(Status.DRIFTED, Status.MISSING, Status.NEW, Status.ERROR),
        key=lambda column: worst_first(column.column, column),
    )


def _not_passed(result: DriftResult) -> list[CheckResult]:
    return [check for check in result.checks if not check.passed]


def attributes_of(result: DriftResult, decision: AlertDecision) -> dict[str, str]:
    """Return what subscriptions can filter a run's messages on."""
    return {
        "monitor": result.monitor,
        "status": result.status,
        "severity": decision.severity or "none",
    }


def _longest_that_fits(email: Callable[[int], Email], most: int, limit: int) -> Email | None:
    """Return the email with the most problems that fits; None where none fits."""
    while not _fits(found := email(most), limit):
        if not most:
            return None
        most = most * 3 // 4
    return found


def _fits(email: Email, limit: int) -> bool:
    return len(email.message.encode()) <= limit


def _email(
    result: DriftResult,
    decision: AlertDecision,
    site_url: str,
    *,
    shown: int | None,
    sent: int | None,
) -> Email:
    """Write an email whose JSON has so many problems of each kind; None: it has all.

    Args:
        result: what the run found.
        decision: whether it is sent, and why.
        site_url: for links.
        shown: how many people get.
        sent: how many machines get.
    """
    for_people, for_machines = (_shortened(result, site_url, kept) for kept in (shown, sent))
    return Email(
        name=f"{result.monitor}-{result.run_id}",
        subject=f"{title(decision)}: {_subject_of(result, decision)}",
        body=body(result, decision, site_url) + _left_out(for_people, result, site_url),
        json=for_people.model_dump_json(indent=2, exclude_none=True),
        machine_json=for_machines.model_dump_json(exclude_none=True),
        attributes=attributes_of(result, decision),
    )


def _subject_of(result: DriftResult, decision: AlertDecision) -> str:
    """Return the subject after the title: the monitor, a number, and the day."""
    day = f"({result.scheduled_at:%Y-%m-%d})"
    match decision.state:
        case AlertState.NOT_SCORED:
            return f"{result.monitor} {day}"
        case AlertState.NO_DATA:
            sides = {"current": result.current.rows, "reference": result.reference.rows}
            fewer = min(sides, key=sides.__getitem__)
            what = f"{count(sides[fewer], 'row')} of {fewer}"
        case AlertState.BROKEN:
            what = count(result.broken_columns, "column")
        case AlertState.CHECK_FAILED:
            what = f"{result.failed_checks.total} of {len(result.checks)} checks"
        case _ if result.together and not result.drifted_columns:
            what = "all columns together"
        case _:
            what = f"{result.drifted_columns} of {result.scored_columns} columns"
    return f"{result.monitor}, {what} {day}"


def _left_out(listed: DriftResult, result: DriftResult, site_url: str) -> str:
    """Return lines on what the email's JSON leaves out, and where it is; empty where it has all."""
    counts = {
        "columns": (listed.columns_left_out, len(result.columns)),
        "checks": (listed.checks_left_out, len(result.checks)),
        "slices": (listed.slices_left_out, len(result.slices)),
    }
    said = [f"{lacking} of {of} {what}" for what, (lacking, of) in counts.items() if lacking]
    if not said:
        return ""
    place = MonitorFiles(result.monitor, site_url).result(result.run_id)
    return "\n".join(["", "", *wrap(f"{', '.join(said)} did not fit here:", WIDTH), place])


def _shortened(result: DriftResult, site_url: str, problems: int | None) -> DriftResult:
    """Return the result as it is sent: with so many problems of each kind; None: whole."""
    sides = {
        side: table.model_copy(update={"missing_files": table.missing_files[:MISSING_FILES_LISTED]})
        for side, table in (("reference", result.reference), ("current", result.current))
    }
    is_whole = problems is None
    columns = result.columns if is_whole else _problems(result)[:problems]
    checks = result.checks if is_whole else _not_passed(result)[:problems]
    return result.model_copy(
        update={
            "columns": columns,
            "checks": checks,
            "checks_left_out": len(result.checks) - len(checks),
            "slices": result.slices if is_whole else [],
            "slices_left_out": 0 if is_whole else len(result.slices),
            **sides,
            "columns_left_out": len(result.columns) - len(columns),
            "report_url": MonitorFiles(result.monitor, site_url).report(result.run_id),
        }
    )
