"""A monitor's past windows, scored in memory; and the last of them once more, with changes made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from drift_monitor.analysis.checks.contract import Contract
from drift_monitor.analysis.drift.comparison import compare_columns, judge_columns
from drift_monitor.cli.tuning.changes import CHANGES, Change, ChangedTable
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.baseline_file import find_baseline
from drift_monitor.engines.column_engine import by_columns
from drift_monitor.engines.importance import with_importance
from drift_monitor.engines.no_data import why_no_data
from drift_monitor.engines.scoring import build_result
from drift_monitor.engines.table_pair import TablePair, open_pair
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.checks import CheckResult
from drift_monitor.results.drift import ColumnDrift, Status
from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import RunEntry, year_of
from drift_monitor.site.past import Past, by_past, judged_by_past
from drift_monitor.site.profiles import ProfileYear


@dataclass(frozen=True)
class Tried:
    """What a monitor makes of one change of one column in one window.

    Attributes:
        change: the change.
        column: the column.
        score: its score, where it drifted; None where it did not.
        failed: whether a check of the column failed.
    """

    change: Change
    column: str
    score: float | None
    failed: bool


@dataclass(frozen=True)
class PastWindow:
    """A window, scored.

    Attributes:
        run: what was found.
        tried: what is found where changes are made; nothing where none were.
    """

    run: RunEntry
    tried: Sequence[Tried]


def past_windows(
    monitor: Monitor,
    times: Sequence[datetime],
    *,
    proved: int,
    memory: int,
    on_skipped: Callable[[datetime, str], None],
) -> Iterator[PastWindow]:
    """Score the windows of some scheduled times, the oldest first; nothing is published.

    Args:
        monitor: what to compare, and how.
        times: the scheduled times, in order.
        proved: in how many of the last windows changes are made.
        memory: bytes to spend on columns.
        on_skipped: called with the time of a window without data, or that cannot be read, and why.
    """
    monitor = with_importance(monitor)
    years: dict[int, ProfileYear] = {}
    for number, moment in enumerate(times):
        try:
            with open_pair(monitor, moment) as pair:
                reason = why_no_data(monitor, pair)
                if reason is not None:
                    on_skipped(moment, reason)
                    continue
                past = Past(list(years.values())) if monitor.drift.judge == "history" else None
                result = _scored(monitor, moment, pair, past, memory)
                is_proved = number >= len(times) - proved
                tried = _tried(monitor, pair, result, past, memory) if is_proved else []
        except DriftMonitorError as error:
            on_skipped(moment, str(error))
            continue
        year = year_of(result.run_id)
        years.setdefault(year, ProfileYear(monitor=monitor.name, year=year)).add(result)
        yield PastWindow(RunEntry.of(result), tried)


def _scored(
    monitor: Monitor, moment: datetime, pair: TablePair, past: Past | None, memory: int
) -> DriftResult:
    output = by_columns(monitor, pair, memory=memory)
    result = build_result(monitor, moment, pair, output)
    return result if past is None else judged_by_past(monitor, result, past)


def _tried(
    monitor: Monitor, pair: TablePair, result: DriftResult, past: Past | None, memory: int
) -> list[Tried]:
    holds = {
        column.column: (column.kind, column.reference)
        for column in result.columns
        if column.is_scored
        and column.kind in (Kind.NUMERIC, Kind.CATEGORICAL)
        and column.reference is not None
    }
    found: list[Tried] = []
    for change in CHANGES:
        table = ChangedTable(pair.current, change, holds)
        if not table.changed:
            continue
        columns, checks = _compared(monitor, pair, table, memory)
        failed = {check.column for check in checks if check.failed}
        for name in table.changed:
            column = columns[name]
            if past is not None:
                column = by_past(column, result.run_id, past, monitor.drift)
            score = column.score if column.status is Status.DRIFTED else None
            found.append(Tried(change, name, score, name in failed))
    return found


def _compared(
    monitor: Monitor, pair: TablePair, current: ChangedTable, memory: int
) -> tuple[Mapping[str, ColumnDrift], Sequence[CheckResult]]:
    contract = Contract(monitor, find_baseline(monitor))
    compared = compare_columns(
        pair.reference,
        current,
        monitor,
        current.changed,
        memory=memory,
        on_column=contract.observe,
    )
    comparison = judge_columns(pair.reference, current, monitor, compared)
    columns = {column.column: column for column in comparison.columns}
    return columns, contract.results(pair.reference, current)
