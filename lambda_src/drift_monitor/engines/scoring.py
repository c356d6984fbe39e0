"""The first half of a run: from its tables to what was found out from them, by either engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from drift_monitor.analysis.drift.comparison import Comparison
from drift_monitor.analysis.drift.verdict import judge
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.importance import with_importance
from drift_monitor.engines.no_data import why_no_data, without_data
from drift_monitor.engines.scored_run import Scores
from drift_monitor.engines.table_pair import Sides, open_sides
from drift_monitor.results.checks import CheckResult, failed_first
from drift_monitor.results.quality import ModelQuality
from drift_monitor.results.slices import SliceDrift
from drift_monitor.tables.spool import Copier
from drift_monitor.tables.window import summary_of


@dataclass(frozen=True)
class Compared:
    """Two tables compared by an engine: their columns, and what else a monitor asks for.

    Attributes:
        comparison: the columns.
        checks: what current was checked for.
        model_quality: how good the predictions are.
        slices: the columns once more, slice by slice.
    """

    comparison: Comparison
    checks: Sequence[CheckResult] = ()
    model_quality: ModelQuality | None = None
    slices: Sequence[SliceDrift] = ()


Engine = Callable[[Monitor, Sides], Compared]
"""What compares two tables: of a monitor whose importances are read, if they lie in a file."""


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
