"""The stored history, judged again under a monitor's file as it is now, from its scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drift_monitor.alerts.decision import AlertDecision, decide, runs_needed
from drift_monitor.analysis.drift.score import Score
from drift_monitor.analysis.drift.triage import ScoringTask
from drift_monitor.analysis.drift.verdict import (
    ScoredColumn,
    judge,
    severity_together,
    verdict_of,
    with_mutes,
)
from drift_monitor.analysis.drift.weighting import importance_of
from drift_monitor.config.drift import DriftRule
from drift_monitor.config.methods import METHODS, OF_THE_JUDGE, Kind, MethodName
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import ColumnDrift, ColumnProfile, Status
from drift_monitor.site.history import ColumnEntry, HistoryYear, RunEntry, read_year, years_of
from drift_monitor.site.layout import MonitorFiles, run_of
from drift_monitor.site.past import Past, held_against_past
from drift_monitor.site.profiles import ProfileEntry, ProfileYear, SideEntry, read_profiles
from drift_monitor.storage import Files

_NOTES = ("email", "no-data-email")
_BROKEN = (Status.MISSING, Status.ERROR)
"""What the history knows of broken columns."""


@dataclass(frozen=True)
class ReplayedRun:
    """A run of the history, judged again.

    Attributes:
        was: as it was judged.
        run: as it is judged now.
        decision: whether its messages would be sent, and why.
        was_sent: whether its email was sent.
        kept: columns that keep the verdict they had: another method scored them.
    """

    was: RunEntry
    run: RunEntry
    decision: AlertDecision
    was_sent: bool
    kept: Sequence[str]


def replay(monitor: Monitor, store: Files) -> list[ReplayedRun]:
    """Judge a monitor's history again, the oldest run first.

    Verdicts, alerts and emails follow from the file as it is now and from the scores that are
    there. A column that another method scored then keeps its verdict.

    Args:
        monitor: the file as it is now; its importances are read, if they lie in a file.
        store: the site.
    """
    years = years_of(store, monitor.name)
    histories = [read_year(store, monitor.name, year) for year in years]
    profiles = [read_profiles(store, monitor.name, year) for year in years]
    sent = _runs_sent(store, monitor.name)
    past = Past(profiles) if monitor.drift.judge == "history" else None
    replayed: list[ReplayedRun] = []
    runs: list[RunEntry] = []
    needed = runs_needed(monitor.alerts)
    for history, found in zip(histories, profiles, strict=True):
        for was, cells in _runs(history, found):
            run, kept = _judged_again(monitor, was, cells, past)
            decision = decide(monitor.alerts, run, runs[-needed:])
            replayed.append(ReplayedRun(was, run, decision, was.run_id in sent, kept))
            runs.append(run)
    return replayed


def _runs_sent(store: Files, monitor: str) -> set[str]:
    files = MonitorFiles(monitor)
    keys = [file.key for file in store.list(files.runs)]
    return {run_of(key) for key in keys if key in {files.note(run_of(key), n) for n in _NOTES}}


def _runs(
    history: HistoryYear, profiles: ProfileYear
) -> list[tuple[RunEntry, Mapping[str, ProfileEntry]]]:
    places = {run_id: place for place, run_id in enumerate(profiles.runs)}
    found: list[tuple[RunEntry, Mapping[str, ProfileEntry]]] = []
    for place, run_id in enumerate(history.run_ids):
        cells: dict[str, ProfileEntry] = {}
        if run_id in places:
            cells = {name: series.cell(places[run_id]) for name, series in profiles.columns.items()}
        found.append((history.entry(place), cells))
    return found


def _judged_again(
    monitor: Monitor, was: RunEntry, cells: Mapping[str, ProfileEntry], past: Past | None
) -> tuple[RunEntry, list[str]]:
    """Return a run as it is judged now, and the columns that keep the verdict they had."""
    if was.status == "no_data":
        return was, []
    again, kept = [], []
    for name, cell in was.columns.items():
        scored = _scored(monitor, name, cell, cells.get(name))
        if scored is None:
            kept += [name] if cell.score is not None else []
        else:
            again.append(scored)
    judged = {column.column: column for column in judge(again, monitor)}
    for name, column in judged.items():
        entry, chance = cells.get(name), _is_chance(was.columns[name], cells.get(name))
        if column.status is Status.DRIFTED and chance:
            judged[name] = column.model_copy(update={"status": Status.UNSURE, "severity": None})
        if past is not None and entry is not None:
            nulls = (entry.current and entry.current.null_share) or 0.0
            rows = round(was.current_rows * (1 - nulls))
            judged[name] = held_against_past(
                judged[name], entry, rows, was.run_id, past, monitor.drift
            )
    columns = [
        judged.get(name) or _as_it_was(monitor, name, cell) for name, cell in was.columns.items()
    ]
    columns = with_mutes(columns, monitor.drift, was.scheduled_at)
    broken = {column.column for column in columns if column.status in _BROKEN}
    together = severity_together(was.auc, was.auc_noise, monitor.drift.whole_table)
    verdict = verdict_of(columns, monitor, broken if was.broken_columns else (), together)
    return RunEntry(
        **was.summary.model_dump()
        | {
            "status": verdict.status,
            "severity": verdict.severity,
            "drifted_columns": sum(each.status is Status.DRIFTED for each in columns),
            "muted_columns": sum(each.status is Status.MUTED for each in columns),
            "drifted_share": verdict.share,
            "drifted_share_threshold": monitor.drift.needed_share,
        },
        columns={
            each.column: ColumnEntry(**each.model_dump(include=set(ColumnEntry.model_fields)))
            for each in columns
        },
    ), kept


def _scored(
    monitor: Monitor, name: str, cell: ColumnEntry, entry: ProfileEntry | None
) -> ScoredColumn | None:
    """Return a column with the score against the reference that it had; None if it is no use."""
    method, score = (entry.method, entry.score) if entry and entry.method else (None, None)
    if method is None and cell.method != MethodName.HISTORY:
        method, score = cell.method, cell.score
    if method is None or score is None or method not in METHODS:
        return None
    kind = entry.kind if entry else None
    kind = kind or (Kind.NUMERIC if METHODS[method].kinds == {Kind.NUMERIC} else Kind.CATEGORICAL)
    rule = monitor.drift.rule_for(name, kind)
    by_default = _EVIDENTLYS if monitor.drift.judge == "evidently" else OF_THE_JUDGE
    if method not in ({rule.method} if rule.method else by_default):
        return None
    if monitor.drift.judge == "history" and rule.method is None:
        rule = DriftRule()  # whose thresholds are for what the history judge makes of the score
    role = monitor.columns.role_of(name)
    task = ScoringTask(name, role, kind, rule, importance_of(name, role, monitor))
    threshold = METHODS[method].threshold if rule.threshold is None else rule.threshold
    found = Score(MethodName(method), score, threshold, rule.critical)
    if entry is None or not rule.direction:
        return ScoredColumn(task, found)
    return ScoredColumn(task, found, None, _profile(entry.reference), _profile(entry.current))


def _profile(side: SideEntry | None) -> ColumnProfile | None:
    """Return what is known of a table's numbers, to see to which side they moved."""
    if side is None or None in (side.mean, side.q05, side.q25, side.q50, side.q75, side.q95):
        return None
    shares = {"0.05": side.q05, "0.25": side.q25, "0.5": side.q50, "0.75": side.q75}
    quantiles = {share: value or 0.0 for share, value in (shares | {"0.95": side.q95}).items()}
    return ColumnProfile(values=0, nulls=0, mean=side.mean, quantiles=quantiles)


_EVIDENTLYS = {
    MethodName.KS,
    MethodName.WASSERSTEIN,
    MethodName.CHISQUARE,
    MethodName.Z,
    MethodName.JENSENSHANNON,
}
"""What Evidently chooses from."""


def _is_chance(cell: ColumnEntry, entry: ProfileEntry | None) -> bool:
    if entry is None or entry.noise is None or entry.score is None:
        return cell.status is Status.UNSURE
    return entry.score < entry.noise


def _as_it_was(monitor: Monitor, name: str, cell: ColumnEntry) -> ColumnDrift:
    role = monitor.columns.role_of(name)
    importance = importance_of(name, role, monitor) if cell.score is not None else None
    return ColumnDrift(column=name, role=role, importance=importance, **cell.model_dump())
