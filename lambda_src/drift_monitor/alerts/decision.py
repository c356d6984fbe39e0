"""Whether a run's messages are sent: the table of states is in docs/alerts.md.

The decision follows from the configuration, the run and the runs before it. Nothing else is
remembered, so an old run that is run again decides as it did then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from drift_monitor.config.drift import Severity
from drift_monitor.config.monitor import Alerts
from drift_monitor.results.drift import Status
from drift_monitor.site.history import ColumnEntry, RunEntry
from drift_monitor.text import count

REMINDERS = 12
"""Reminders of one alert, at most: whoever has not acted by then does not read them."""

SKIPPED_RUNS = 10
"""Runs without a score or without data that are skipped, at most."""

_NONE, _WARN, _CRITICAL = 0, 1, 2
_SEVERITIES: dict[int, Severity | None] = {_NONE: None, _WARN: "warn", _CRITICAL: "critical"}


class AlertState(StrEnum):
    """What a run means for the alert on its monitor: see the table in docs/alerts.md."""

    NO_DATA = "no data"
    NOT_SCORED = "not scored"
    DRIFT = "drift"
    WORSE = "worse"
    STILL = "still"
    RECOVERED = "recovered"
    UNCONFIRMED = "unconfirmed"
    QUIET = "quiet"
    BROKEN = "broken"
    CHECK_FAILED = "check failed"


@dataclass(frozen=True, kw_only=True)
class AlertDecision:
    """Whether a run's messages are sent, and what they say of the alert.

    Attributes:
        state: what the run means for the alert.
        severity: the alert's; None where there is none.
        send: whether the messages are sent.
        reason: why, or why not.
        previous: the last run before that had data, to compare with; None for the first.
    """

    state: AlertState
    severity: Severity | None
    send: bool
    reason: str
    previous: RunEntry | None


def runs_needed(alerts: Alerts) -> int:
    """Return how many runs before a run its decision depends on."""
    return alerts.after + REMINDERS * (alerts.remind_every or 0) + SKIPPED_RUNS


def decide(alerts: Alerts, run: RunEntry, recent: Sequence[RunEntry]) -> AlertDecision:
    """Decide whether a run's messages are sent.

    Args:
        alerts: the monitor's rules for alerts.
        run: what it found, short.
        recent: the runs before it, as many as `runs_needed` says or all there are; runs that are
            not before it, or that are not needed, are ignored.
    """
    earlier = sorted(
        (each for each in recent if each.run_id < run.run_id), key=lambda each: each.run_id
    )[-runs_needed(alerts) :]
    # A run without data says nothing of the table: the runs around it are next to each other.
    earlier = [each for each in earlier if each.status != "no_data"]
    if run.status == "no_data":
        return _without_score(AlertState.NO_DATA, "there is no data", earlier)
    decision = _by_drift(alerts, run, earlier)
    return _with_checks(decision, alerts, [*earlier, run])


def _without_score(state: AlertState, reason: str, earlier: list[RunEntry]) -> AlertDecision:
    previous = earlier[-1] if earlier else None
    return AlertDecision(state=state, severity=None, send=True, reason=reason, previous=previous)


def _by_drift(alerts: Alerts, run: RunEntry, earlier: list[RunEntry]) -> AlertDecision:
    if run.status == "error":
        return _without_score(AlertState.NOT_SCORED, "no column could be scored", earlier)
    runs = [*(each for each in earlier if each.status != "error"), run]
    levels = _alert_levels(runs, alerts.after)
    state = _state(levels, _level(runs[-1]))
    send, reason = _send_for_drift(alerts, state, levels, runs)
    return AlertDecision(
        state=state,
        severity=_SEVERITIES[levels[-1]],
        send=send,
        reason=reason,
        previous=earlier[-1] if earlier else None,
    )


def _with_checks(decision: AlertDecision, alerts: Alerts, runs: list[RunEntry]) -> AlertDecision:
    """Return the decision on drift, changed where failed checks say otherwise."""
    failing = [_CRITICAL if run.failed_checks.critical else _NONE for run in runs]
    if failing[-1]:
        state = AlertState.BROKEN if runs[-1].broken_columns else AlertState.CHECK_FAILED
        decision = replace(decision, state=state, severity="critical")
    found = _send_for_checks(alerts, runs, failing)
    if found is None or decision.send:
        return decision
    send, reason = found
    return replace(decision, send=send, reason=reason)


def _send_for_checks(
    alerts: Alerts, runs: list[RunEntry], failing: list[int]
) -> tuple[bool, str] | None:
    """Return whether the checks alone are a reason to send, and why; None where they are not."""
    before, now = ([_NONE, *failing])[-2:]
    if now != before:
        return True, "a critical check fails" if now else "no critical check fails any more"
    broken = [run.broken_columns for run in runs[-2:]]
    if broken[0] != broken[-1]:
        return True, "another number of columns is broken"
    failed = [run.failed_checks for run in runs[-2:]]
    if alerts.when == "on_change" and failed[0] != failed[-1]:
        return True, "another number of checks fails"
    return _reminder(alerts, failing, "a critical check still fails") if now else None


def _state(levels: list[int], level: int) -> AlertState:
    before, now = ([_NONE, *levels])[-2:]
    if now:
        return (
            AlertState.DRIFT
            if not before
            else AlertState.WORSE
            if now > before
            else AlertState.STILL
        )
    if before:
        return AlertState.RECOVERED
    return AlertState.UNCONFIRMED if level else AlertState.QUIET


def _send_for_drift(
    alerts: Alerts, state: AlertState, levels: list[int], runs: list[RunEntry]
) -> tuple[bool, str]:
    if alerts.when == "always":
        return True, "when is always"
    if state in _TURNS:
        return True, _TURNS[state]
    change = _change(runs, alerts.after) if alerts.when == "on_change" else None
    if change:
        return True, change
    if state is AlertState.STILL:
        return _reminder(alerts, levels)
    if state is AlertState.UNCONFIRMED:
        return False, f"drift is an alert after {alerts.after} runs in a row"
    return False, "nothing has changed" if alerts.when == "on_change" else "there is no drift"


def _change(runs: list[RunEntry], after: int) -> str | None:
    """Return what has changed since the run before; None where nothing has."""
    if len(runs) == 1:
        return "it is the first run"
    changed = _states(runs, after) != _states(runs[:-1], after)
    return "a column's status has changed" if changed else None


_TURNS = {
    AlertState.DRIFT: "drift has begun",
    AlertState.WORSE: "drift has become critical",
    AlertState.RECOVERED: "drift has ended",
}


def _reminder(alerts: Alerts, levels: list[int], what: str = "drift goes on") -> tuple[bool, str]:
    """Return whether a reminder is due, by the runs since the alert began or got worse, and why."""
    every = alerts.remind_every
    if every is None:
        send = alerts.when == "on_drift"
        return send, what + ("" if send else ", and remind_every is not set")
    age = 0
    while age + 1 < len(levels) and levels[-1 - age] <= levels[-2 - age]:
        age += 1
    number, rest = divmod(age, every)
    if number > REMINDERS or (number == REMINDERS and rest):
        return False, f"{what}, and {REMINDERS} reminders have been sent"
    if rest:
        return False, f"{what}, and the next reminder is due in {count(every - rest, 'run')}"
    return True, f"{what}: reminder {number} of {REMINDERS}"


def _alert_levels(runs: list[RunEntry], after: int) -> list[int]:
    """Return the alert's level in each run: the table's, or critical where one column's is."""
    table = _lasting([_table_level(run) for run in runs], after)
    names = {name for run in runs for name in run.columns if _is_critical(run.columns[name])}
    columns = [_lasting([_column_level(run, name) for run in runs], after) for name in names]
    return [
        _CRITICAL if any(column[place] == _CRITICAL for column in columns) else level
        for place, level in enumerate(table)
    ]


def _lasting(levels: list[int], after: int) -> list[int]:
    """Return for each run the level that it and the runs before it have, `after` in a row."""
    lasting: list[int] = []
    warn = critical = 0
    for level in levels:
        warn = warn + 1 if level >= _WARN else 0
        critical = critical + 1 if level >= _CRITICAL else 0
        lasting.append(_CRITICAL if critical >= after else _WARN if warn >= after else _NONE)
    return lasting


def _level(run: RunEntry) -> int:
    columns = any(_is_critical(column) for column in run.columns.values())
    return _CRITICAL if columns else _table_level(run)


def _table_level(run: RunEntry) -> int:
    if run.severity == "critical":
        return _CRITICAL
    return _WARN if run.status == "drifted" else _NONE


def _column_level(run: RunEntry, name: str) -> int:
    column = run.columns.get(name)
    if column is None or column.status is not Status.DRIFTED:
        return _NONE
    return _CRITICAL if _is_critical(column) else _WARN


def _is_critical(column: ColumnEntry) -> bool:
    return column.severity == "critical"


def _states(runs: list[RunEntry], after: int) -> Mapping[str, object]:
    """Return for each column of the last run its level, once it has lasted, or its status."""
    return {
        name: _lasting([_column_level(run, name) for run in runs[-after:]], after)[-1]
        if column.status in (Status.OK, Status.UNSURE, Status.MUTED, Status.DRIFTED)
        else column.status
        for name, column in runs[-1].columns.items()
    }
