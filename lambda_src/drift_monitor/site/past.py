"""What earlier runs found in a monitor's columns, and a run judged by it."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from drift_monitor.analysis.drift.past import FEWEST_RUNS, Measures, PastRun, unusual
from drift_monitor.analysis.drift.verdict import judged_again
from drift_monitor.config.drift import Drift
from drift_monitor.config.methods import METHODS, MethodName
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.drift import ColumnDrift, OtherScore, Status
from drift_monitor.results.run import DriftResult, time_of_run
from drift_monitor.results.severity import severity_of
from drift_monitor.site.history import year_of
from drift_monitor.site.profiles import ProfileEntry, ProfileYear, read_profiles
from drift_monitor.storage import Files
from drift_monitor.text import count

_YEARS = 3
"""Files that are read, at most."""


class Past:
    """What runs found in each column."""

    def __init__(self, years: Sequence[ProfileYear]) -> None:
        """Take the years that are known, in order."""
        self._years = years
        self._columns: dict[str, list[PastRun]] = {}

    def before(self, run_id: str, column: str) -> list[PastRun]:
        """Return what runs before this one found in a column, the oldest first."""
        if column not in self._columns:
            self._columns[column] = [
                PastRun(time_of_run(run), _finite(measures_of(year.columns[column].cell(place))))
                for year in self._years
                if column in year.columns
                for place, run in enumerate(year.runs)
            ]
        runs = self._columns[column]
        return runs[: bisect_left(runs, time_of_run(run_id), key=attrgetter("time"))]


def read_past(store: Files, monitor: str, run_id: str) -> Past:
    """Read what says what is usual for a run: its year, and those before it, for the season."""
    year = year_of(run_id)
    years = range(year - _YEARS + 1, year + 1)
    return Past([read_profiles(store, monitor, each) for each in years])


def judged_by_past(monitor: Monitor, result: DriftResult, past: Past) -> DriftResult:
    """Judge a run's columns by what earlier runs found in them: `judge: history`.

    A column of which there are too few runs stays as the calibrated judge has it, and says so; so
    does one whose method the monitor names.

    Args:
        monitor: the thresholds.
        result: the run's, judged by the calibrated judge.
        past: the earlier runs.
    """
    if result.status == "no_data":
        return result
    columns = [by_past(column, result.run_id, past, monitor.drift) for column in result.columns]
    return judged_again(result, columns, monitor)


def by_past(column: ColumnDrift, run_id: str, past: Past, drift: Drift) -> ColumnDrift:
    """Return a column of a run as `held_against_past` judges it, by what it says of itself."""
    rows = column.current.values if column.current else 0
    return held_against_past(column, ProfileEntry.of(column), rows, run_id, past, drift)


def _finite(measures: Measures) -> Measures:
    """Leave out what says nothing of other runs: the spread of a column that was stuck."""
    return {name: value for name, value in measures.items() if math.isfinite(value)}


def measures_of(entry: ProfileEntry) -> Measures:
    """Return what a column is like in a run."""
    side = entry.current
    if side is None:
        return {}
    measures = {
        "null_share": side.null_share,
        "mean": side.mean,
        "log_std": None if side.std is None else _log(side.std),
        "q05": side.q05,
        "q25": side.q25,
        "q50": side.q50,
        "q75": side.q75,
        "q95": side.q95,
        "log_distinct": _log(side.distinct) if side.distinct else None,
        "top_share": side.top_share,
        "new_share": entry.new_share,
        "score": entry.score if entry.method in _DISTANCES else None,
    }
    return {name: value for name, value in measures.items() if value is not None}


_DISTANCES = {name for name, method in METHODS.items() if not method.is_p_value}


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf


def held_against_past(
    column: ColumnDrift, entry: ProfileEntry, rows: int, run_id: str, past: Past, drift: Drift
) -> ColumnDrift:
    """Return a column's verdict by what earlier runs found in it.

    Args:
        column: as the calibrated judge has it.
        entry: what the run found in it.
        rows: how many of current's rows have a value.
        run_id: the run.
        past: the earlier runs, among others.
        drift: the thresholds.
    """
    if column.score is None or column.kind is None:
        return column
    rule = drift.rule_for(column.column, column.kind)
    if rule.method is not None:
        return column
    before = past.before(run_id, column.column)
    found = unusual(measures_of(entry), rows, time_of_run(run_id), before)
    if found is None:
        few = f"{count(len(before), 'earlier run')} of {FEWEST_RUNS} needed"
        reasons = [column.reason, f"not held against its past: {few}"]
        return column.model_copy(update={"reason": "; ".join(filter(None, reasons))})
    method = METHODS[MethodName.HISTORY]
    threshold = method.threshold if rule.threshold is None else rule.threshold
    severity = severity_of(MethodName.HISTORY, found.times, threshold, rule.critical)
    return column.model_copy(
        update={
            "method": MethodName.HISTORY,
            "score": found.times,
            "threshold": threshold,
            "critical": rule.critical,
            "severity": severity,
            "status": Status.DRIFTED if severity else Status.OK,
            "reason": found.words if severity else None,
            "against_reference": OtherScore(method=column.method or "", score=column.score),
        }
    )
