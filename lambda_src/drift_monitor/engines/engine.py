"""The engine's interface: it takes two tables, and returns what it found in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drift_monitor.analysis.drift.comparison import Comparison
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.results.checks import CheckResult
from drift_monitor.results.drift import WholeTable
from drift_monitor.results.quality import ModelQuality
from drift_monitor.results.slices import SliceDrift


@dataclass(frozen=True)
class EngineOutput:
    """Two tables compared by an engine: their columns, and what else a monitor asks for.

    Attributes:
        comparison: the columns.
        checks: what current was checked for.
        model_quality: how good the predictions are.
        slices: the columns once more, slice by slice.
        whole_table: all columns together.
    """

    comparison: Comparison
    checks: Sequence[CheckResult] = ()
    model_quality: ModelQuality | None = None
    slices: Sequence[SliceDrift] = ()
    whole_table: WholeTable | None = None


Engine = Callable[[Monitor, TablePair], EngineOutput]
"""What compares two tables: of a monitor whose importances are read, if they lie in a file."""
