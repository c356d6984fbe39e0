"""The first half of a run: from its tables to what was found out from them, by either engine."""

from datetime import datetime

from drift_monitor.analysis.drift.comparison import Comparison
from drift_monitor.analysis.drift.verdict import judge
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.engine import Engine
from drift_monitor.engines.importance import with_importance
from drift_monitor.engines.no_data import why_no_data, without_data
from drift_monitor.engines.scored_run import ScoredRun
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.results.checks import failed_first
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
        why = why_no_data(monitor, pair)
        if why is not None:
            result = without_data(monitor, scheduled_at, pair, why)
            return ScoredRun(result, Comparison([], {}, (0, 0)))
        monitor = with_importance(monitor)
        compared = engine(monitor, pair)
    result = judge(
        monitor,
        scheduled_at,
        window=window_summary(pair.window),
        reference_window=window_summary(pair.reference_window),
        reference=pair.reference.summary,
        current=pair.current.summary,
        columns=compared.comparison.columns,
    )
    beside = {
        "transform": pair.transform,
        "model_quality": compared.model_quality,
        "checks": sorted(compared.checks, key=failed_first),
        "slices": list(compared.slices),
    }
    return ScoredRun(result.model_copy(update=beside), compared.comparison)
