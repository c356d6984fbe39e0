"""The first half of a run: from its tables to what was found out from them, by either engine."""

from datetime import datetime

from drift_monitor.analysis.drift.comparison import Comparison
from drift_monitor.analysis.drift.verdict import judge
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.engine import Engine
from drift_monitor.engines.importance import with_importance
from drift_monitor.engines.no_data import why_no_data, without_data
from drift_monitor.engines.scored_run import Scores
from drift_monitor.engines.table_pair import open_sides
from drift_monitor.results.checks import failed_first
from drift_monitor.tables.spool import Copier
from drift_monitor.tables.window import summary_of


def score_tables(
    monitor: Monitor, scheduled_at: datetime, engine: Engine, copier: Copier | None = None
) -> Scores:
    """Compare a monitor's tables and judge what was found.

    Args:
        monitor: what to compare, and how.
        scheduled_at: the run's time (aware).
        engine: what compares.
        copier: copies what is not Parquet, or goes through a transform; left out, this process.

    Raises:
        DriftMonitorError: something the user can mend.
    """
    with open_sides(monitor, scheduled_at, copier) as sides:
        why = why_no_data(monitor, sides)
        if why is not None:
            result = without_data(monitor, scheduled_at, sides, why)
            return Scores(result, Comparison([], {}, (0, 0)))
        monitor = with_importance(monitor)
        compared = engine(monitor, sides)
    result = judge(
        monitor,
        scheduled_at,
        window=summary_of(sides.window),
        reference_window=summary_of(sides.reference_window),
        reference=sides.reference.summary,
        current=sides.current.summary,
        columns=compared.comparison.columns,
    )
    beside = {
        "transform": sides.transform,
        "model_quality": compared.model_quality,
        "checks": sorted(compared.checks, key=failed_first),
        "slices": list(compared.slices),
    }
    return Scores(result.model_copy(update=beside), compared.comparison)
