"""Weeks of runs, written as letters, and what people are told of each.

A week's first letter is its drift: - none, w warn, c critical; e: not scored; n: no data. After it,
x stands for a critical check of the table that failed, y for one that warns, b and d for one broken
column each.
"""

from collections.abc import Iterable

from support.builders import MONDAY, WEEK, a_check, a_column, a_result, without_data

from drift_monitor.alerts.decision import AlertDecision, AlertState, decide
from drift_monitor.config.monitor import Alerts
from drift_monitor.results.checks import broken_among, failed_first
from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import RunEntry

LEVELS = {"-": (None, "ok"), "w": ("warn", "drifted"), "c": ("critical", "drifted")}
FAILED = {
    "x": a_check(None, check="duplicate_ids", severity="critical"),
    "y": a_check(),
    "b": a_check("y", check="no_values", severity="critical"),
    "d": a_check("z", check="no_values", severity="critical"),
}
LETTERS = {
    AlertState.NO_DATA: "n",
    AlertState.NOT_SCORED: "e",
    AlertState.DRIFT: "D",
    AlertState.WORSE: "W",
    AlertState.STILL: "s",
    AlertState.RECOVERED: "R",
    AlertState.UNCONFIRMED: "u",
    AlertState.QUIET: "q",
    AlertState.CHECK_FAILED: "B",
    AlertState.BROKEN: "X",
}


def a_week(letters: str, number: int) -> DriftResult:
    """Return the result of a week; whatever the table's level, its column is well."""
    drift, *failed = letters
    moment = MONDAY + number * WEEK
    if drift == "n":
        return without_data(moment)
    checks = sorted((FAILED[letter] for letter in failed), key=failed_first)
    broken = len(broken_among(checks))
    if drift == "e":
        result = a_result([a_column("x", "skipped")], scheduled_at=moment)
        return result.model_copy(update={"checks": checks, "broken_columns": broken})
    severity, status = LEVELS[drift]
    result = a_result([a_column("x")], scheduled_at=moment, status=status)
    found = {"severity": severity, "checks": checks, "broken_columns": broken}
    return result.model_copy(update=found)


def results_of(weeks: Iterable[str]) -> list[DriftResult]:
    """Return the results of weeks that follow each other."""
    return [a_week(letters, number) for number, letters in enumerate(weeks)]


def decisions_on(weeks: Iterable[DriftResult | str], **alerts: object) -> list[AlertDecision]:
    """Decide week after week, each with all the weeks before it."""
    wanted = Alerts.model_validate(alerts)
    results = [
        a_week(week, number) if isinstance(week, str) else week for number, week in enumerate(weeks)
    ]
    entries = [RunEntry.of(result) for result in results]
    return [
        decide(wanted, RunEntry.of(result), entries[:number])
        for number, result in enumerate(results)
    ]


def told_of(weeks: Iterable[str], **alerts: object) -> str:
    """Write down each week's state, by a letter, where people are told; else a dot."""
    return "".join(
        LETTERS[decision.state] if decision.send else "."
        for decision in decisions_on(weeks, **alerts)
    )
