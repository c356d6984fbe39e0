"""The column engine: the tables are compared in this process, a column at a time."""

from concurrent.futures import ThreadPoolExecutor

from drift_monitor.checks.baseline_file import find_baseline
from drift_monitor.checks.contract import Contract
from drift_monitor.drift.comparison import DEFAULT_MEMORY, Progress, compare
from drift_monitor.drift.slices import compare_slices
from drift_monitor.monitor import Monitor
from drift_monitor.quality.limits import quality_checks
from drift_monitor.quality.measure import measure_quality
from drift_monitor.report.renderer import load_renderer
from drift_monitor.scoring import Compared
from drift_monitor.sides import Sides


def by_columns(
    monitor: Monitor,
    sides: Sides,
    *,
    memory: int = DEFAULT_MEMORY,
    progress: Progress = lambda _done, _of: None,
) -> Compared:
    """Compare the tables, and do what else a monitor asks for.

    Args:
        monitor: what to compare, and how.
        sides: the tables.
        memory: bytes to spend on columns.
        progress: told after each column.
    """
    reference, current = sides.reference, sides.current
    contract = Contract(monitor, find_baseline(monitor))
    # Evidently takes seconds to import: meanwhile the columns are read and scored.
    with ThreadPoolExecutor(1) as background:
        background.submit(load_renderer)
        comparison = compare(
            reference, current, monitor, memory=memory, progress=progress, look=contract.look
        )
        quality = measure_quality(monitor, sides, memory=memory)
        slices = compare_slices(reference, current, monitor, comparison.columns, memory=memory)
    checks = [*contract.results(reference.digest, current), *quality_checks(monitor, quality)]
    return Compared(comparison, checks, quality, slices)
