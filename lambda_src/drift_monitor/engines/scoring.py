"""The first half of a run: from its tables to its result, by either engine."""

from dataclasses import replace
from datetime import datetime

from drift_monitor.analysis.drift.comparison import NOTHING_COMPARED
from drift_monitor.analysis.drift.verdict import verdict_of, with_mutes
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.engine import Engine, EngineOutput
from drift_monitor.engines.importance import with_importance
from drift_monitor.engines.no_data import why_no_data
from drift_monitor.engines.scored_run import ScoredRun
from drift_monitor.engines.table_pair import TablePair, open_pair
from drift_monitor.results.checks import broken_among, failed_first
from drift_monitor.results.drift import DriftByRole, Status
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.tables.spool import Copier
from drift_monitor.tables.window import window_summary


def score_run(
    monitor: Monitor, scheduled_at: datetime, engine: Engine, copier: Copier | None = None
) -> ScoredRun:
    """Compare a monitor's tables and judge what was found.

    Args:
        monitor: what to compare, and how.
        scheduled_at: the run's time (aware).
        engine: what compares.
        copier: copies what is not Parquet, or goes through a transform; left out, this process.

    Raises:
        DriftMonitorError: something the user can mend.
    """
    with open_pair(monitor, scheduled_at, copier) as pair:
        reason = why_no_data(monitor, pair)
        if reason is None:
            monitor = with_importance(monitor)
            output = engine(monitor, pair)
        else:
            output = EngineOutput(NOTHING_COMPARED)
        result = build_result(monitor, scheduled_at, pair, output, reason)
    return ScoredRun(result, replace(output.comparison, columns=result.columns))


def build_result(
    monitor: Monitor,
    scheduled_at: datetime,
    pair: TablePair,
    output: EngineOutput,
    reason: str | None = None,
) -> DriftResult:
    """Put a run's result together, and judge its table.

    Args:
        monitor: the bounds; its importances are read, if they lie in a file.
        scheduled_at: the run's time (aware).
        pair: the tables.
        output: what the engine found in them.
        reason: why there is no data, where nothing was compared.
    """
    columns = with_mutes(output.comparison.columns, monitor.drift, scheduled_at)
    broken = broken_among(output.checks)
    together = output.whole_table.severity if output.whole_table else None
    verdict = None if reason else verdict_of(columns, monitor, broken, together)
    return DriftResult(
        monitor=monitor.name,
        run_id=run_id(scheduled_at),
        scheduled_at=scheduled_at,
        window=window_summary(pair.window),
        reference_window=window_summary(pair.reference_window),
        transform=pair.transform,
        reference=pair.reference.summary,
        current=pair.current.summary,
        status=verdict.status if verdict else "no_data",
        reason=reason,
        severity=verdict.severity if verdict else None,
        broken_columns=len(broken),
        scored_columns=sum(column.is_scored for column in columns),
        drifted_columns=sum(column.status is Status.DRIFTED for column in columns),
        drifted_share=verdict.share if verdict else 0.0,
        is_weighted=verdict.is_weighted if verdict else False,
        drifted_share_threshold=monitor.drift.needed_share,
        critical_share_threshold=monitor.drift.critical_share,
        by_role=DriftByRole.of(columns) if verdict else None,
        whole_table=output.whole_table,
        model_quality=output.model_quality,
        columns=columns,
        checks=sorted(output.checks, key=failed_first),
        slices=list(output.slices),
    )
