"""When people are told of a run: decided from the configuration, this run and the runs before it.

Nothing else is remembered, so an old run that is run again decides as it did then.

A run's *level* is critical, warn or none: the table's own, or critical where a column is critical.
It *alarms* once the table, or one column, has kept its level for `after` runs in a row. A run in
which no column could be scored, or that had no data, is looked past; a column without a score has
no level.

| state        | the alarm, and that of the run before | always | on_drift | on_change            |
|--------------|---------------------------------------|--------|----------|----------------------|
| no data      | this run had nothing to compare       | told   | told     | told                 |
| not scored   | this run has no score                 | told   | told     | told                 |
| drift        | there is one; there was none          | told   | told     | told                 |
| worse        | critical; it was warn                 | told   | told     | told                 |
| still        | goes on, or has eased to warn         | told   | reminder | reminder, any change |
| recovered    | there is none; there was one          | told   | told     | told                 |
| unconfirmed  | none yet, but a level                 | told   | silent   | any change           |
| quiet        | none, and no level                    | told   | silent   | any change           |
| check failed | a critical check fails in this run    | told   | below    | below                |

A *reminder* is due every `remind_every` runs after drift began or got worse, a dozen times; without
`remind_every`, each run on_drift and never on_change. A *change* is another status of any column
than in the run before, where ok and drifted count only once they have lasted for `after` runs; and
the first run of all.

A critical check that fails is told apart from drift, and at once, whatever `after` is: when it
begins, when none fails any more, and while it goes on by the same reminders. Another number of
failed checks is a change. What is told of drift is told of a run with a failed check, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from drift_monitor.config.drift import Severity
from drift_monitor.config.monitor import Alerts
from drift_monitor.results.drift import Status
from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import ColumnEntry, RunEntry
from drift_monitor.text import count

REMINDERS = 12
"""Of one alarm. Whoever has not acted by then is not reading."""

LOOKED_PAST = 10
"""Runs without a score or without data that are looked past, at most."""

_NONE, _WARN, _CRITICAL = 0, 1, 2
_SEVERITIES: dict[int, Severity | None] = {_NONE: None, _WARN: "warn", _CRITICAL: "critical"}


class State(StrEnum):
    """What a run is to those who are told: see the table above."""

    NO_DATA = "no data"
    NOT_SCORED = "not scored"
    DRIFT = "drift"
    WORSE = "worse"
    STILL = "still"
    RECOVERED = "recovered"
    UNCONFIRMED = "unconfirmed"
    QUIET = "quiet"
    CHECK_FAILED = "check failed"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What people are told of a run.

    Attributes:
        state: what the run is to them.
        severity: the alarm's, while there is one.
        is_told: whether they are told.
        why: a sentence that says why, or why not.
        previous: the last run before that had data, to compare with; None for the first.
    """

    state: State
    severity: Severity | None
    is_told: bool
    why: str
    previous: RunEntry | None


def runs_needed(alerts: Alerts) -> int:
    """Return how many runs before a run decide on it."""
    return alerts.after + REMINDERS * (alerts.remind_every or 0) + LOOKED_PAST


def decide(alerts: Alerts, result: DriftResult, recent: Sequence[RunEntry]) -> Decision:
    """Decide what people are told of a run.

    Args:
        alerts: what they asked for.
        result: what the run found.
        recent: the runs before it, at least as many as are needed if there are; others are ignored.
    """
    earlier = sorted(
        (run for run in recent if run.run_id < result.run_id), key=lambda run: run.run_id
    )[-runs_needed(alerts) :]
    # A run without data says nothing of the table: the runs around it are next to each other.
    earlier = [run for run in earlier if run.status != "no_data"]
    if result.status == "no_data":
        return _without_score(State.NO_DATA, "there is no data", earlier)
    decision = _of_drift(alerts, result, earlier)
    return _with_checks(decision, alerts, [*earlier, RunEntry.of(result)])


def _without_score(state: State, why: str, earlier: list[RunEntry]) -> Decision:
    previous = earlier[-1] if earlier else None
    return Decision(state=state, severity=None, is_told=True, why=why, previous=previous)


def _of_drift(alerts: Alerts, result: DriftResult, earlier: list[RunEntry]) -> Decision:
    if result.status == "error":
        return _without_score(State.NOT_SCORED, "no column could be scored", earlier)
    runs = [*(run for run in earlier if run.status != "error"), RunEntry.of(result)]
    alarms = _alarms(runs, alerts.after)
    state = _state(alarms, _level(runs[-1]))
    is_told, why = _told(alerts, state, alarms, runs)
    return Decision(
        state=state,
        severity=_SEVERITIES[alarms[-1]],
        is_told=is_told,
        why=why,
        previous=earlier[-1] if earlier else None,
    )


def _with_checks(decision: Decision, alerts: Alerts, runs: list[RunEntry]) -> Decision:
    """Add to what is told of drift what is told of the checks."""
    failing = [_CRITICAL if run.failed_checks.critical else _NONE for run in runs]
    if failing[-1]:
        decision = replace(decision, state=State.CHECK_FAILED, severity="critical")
    found = _told_of_checks(alerts, runs, failing)
    if found is None or decision.is_told:
        return decision
    is_told, why = found
    return replace(decision, is_told=is_told, why=why)


def _told_of_checks(
    alerts: Alerts, runs: list[RunEntry], failing: list[int]
) -> tuple[bool, str] | None:
    """Tell whether the checks alone are a reason to tell, and why; None where they say nothing."""
    before, now = ([_NONE, *failing])[-2:]
    if now != before:
        return True, "a critical check fails" if now else "no critical check fails any more"
    failed = [run.failed_checks for run in runs[-2:]]
    if alerts.when == "on_change" and failed[0] != failed[-1]:
        return True, "another number of checks fails"
    return _reminder(alerts, failing, "a critical check still fails") if now else None


def _state(alarms: list[int], level: int) -> State:
    before, now = ([_NONE, *alarms])[-2:]
    if now:
        return State.DRIFT if not before else State.WORSE if now > before else State.STILL
    if before:
        return State.RECOVERED
    return State.UNCONFIRMED if level else State.QUIET


def _told(
    alerts: Alerts, state: State, alarms: list[int], runs: list[RunEntry]
) -> tuple[bool, str]:
    if alerts.when == "always":
        return True, "when is always"
    if state in _TURNS:
        return True, _TURNS[state]
    change = _change(runs, alerts.after) if alerts.when == "on_change" else None
    if change:
        return True, change
    if state is State.STILL:
        return _reminder(alerts, alarms)
    if state is State.UNCONFIRMED:
        return False, f"drift alarms after {alerts.after} runs in a row"
    return False, "nothing has changed" if alerts.when == "on_change" else "there is no drift"


def _change(runs: list[RunEntry], after: int) -> str | None:
    """Say what is another than in the run before; None where nothing is."""
    if len(runs) == 1:
        return "it is the first run"
    changed = _states(runs, after) != _states(runs[:-1], after)
    return "a column's status has changed" if changed else None


_TURNS = {
    State.DRIFT: "drift has begun",
    State.WORSE: "drift has become critical",
    State.RECOVERED: "drift has ended",
}


def _reminder(alerts: Alerts, alarms: list[int], what: str = "drift goes on") -> tuple[bool, str]:
    """Tell whether what goes on is told again: by the runs since it began or got worse."""
    every = alerts.remind_every
    if every is None:
        is_told = alerts.when == "on_drift"
        return is_told, what + ("" if is_told else ", and remind_every is not set")
    age = 0
    while age + 1 < len(alarms) and alarms[-1 - age] <= alarms[-2 - age]:
        age += 1
    number, rest = divmod(age, every)
    if number > REMINDERS or (number == REMINDERS and rest):
        return False, f"{what}, and {REMINDERS} reminders have been sent"
    if rest:
        return False, f"{what}, and the next reminder is due in {count(every - rest, 'run')}"
    return True, f"{what}: reminder {number} of {REMINDERS}"


def _alarms(runs: list[RunEntry], after: int) -> list[int]:
    """Return the alarm in each run: the table's, or critical where one column's is."""
    table = _kept([_table_level(run) for run in runs], after)
    names = {name for run in runs for name in run.columns if _is_critical(run.columns[name])}
    columns = [_kept([_column_level(run, name) for run in runs], after) for name in names]
    return [
        _CRITICAL if any(column[place] == _CRITICAL for column in columns) else alarm
        for place, alarm in enumerate(table)
    ]


def _kept(levels: list[int], after: int) -> list[int]:
    """Return the level that each run and those just before it have kept, `after` in a row."""
    kept: list[int] = []
    warn = critical = 0
    for level in levels:
        warn = warn + 1 if level >= _WARN else 0
        critical = critical + 1 if level >= _CRITICAL else 0
        kept.append(_CRITICAL if critical >= after else _WARN if warn >= after else _NONE)
    return kept


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
    """Return what each column of the last run is: its level once it has lasted, or its status."""
    return {
        name: _kept([_column_level(run, name) for run in runs[-after:]], after)[-1]
        if column.status in (Status.OK, Status.DRIFTED)
        else column.status
        for name, column in runs[-1].columns.items()
    }
