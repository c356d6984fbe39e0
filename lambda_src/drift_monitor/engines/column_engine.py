"""The column engine: compares the tables a column at a time, in this process.

Its work has independent parts: some columns, the ids, one table's model quality, some columns by
slice. `engine: spark` runs the same parts in many processes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from drift_monitor.analysis.checks.baseline import Baseline
from drift_monitor.analysis.checks.contract import Contract, Observations
from drift_monitor.analysis.checks.findings import Finding
from drift_monitor.analysis.drift.comparison import (
    DEFAULT_MEMORY,
    ComparedColumns,
    Comparison,
    Progress,
    compare_columns,
    judge_columns,
)
from drift_monitor.analysis.drift.triage import all_columns
from drift_monitor.analysis.drift.whole_table import compare_whole_rows
from drift_monitor.analysis.quality.limits import quality_checks
from drift_monitor.analysis.quality.measured import Measured
from drift_monitor.analysis.slices.comparison import (
    ColumnsBySlice,
    SlicedTables,
    compare_by_slice,
    judge_slices,
    slice_or_say_why_not,
    sliced_columns,
)
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.baseline_file import find_baseline
from drift_monitor.engines.engine import EngineOutput
from drift_monitor.engines.quality import TABLES, TableName, compare_measured, measure_table
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.results.checks import broken_among
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.results.slices import SliceDrift


@dataclass(frozen=True)
class Work:
    """Two tables, and what is asked of them. It can be sent to another process.

    Attributes:
        monitor: what to compare, and how.
        pair: the tables.
        baseline: what the checks need, if there is one.
        memory: bytes to spend on columns.
        threads: the most columns at once; None for as many as there are cores.
    """

    monitor: Monitor
    pair: TablePair
    baseline: Baseline | None
    memory: int = DEFAULT_MEMORY
    threads: int | None = None

    @property
    def columns(self) -> list[str]:
        """The columns of either table, and those that the monitor names."""
        return all_columns(self.pair.reference, self.pair.current, self.monitor)

    def compare(
        self, names: Sequence[str], progress: Progress = lambda _done, _of: None
    ) -> "CheckedColumns":
        """Compare some columns, and observe current's for the checks."""
        contract = Contract(self.monitor, self.baseline)
        compared = compare_columns(
            self.pair.reference,
            self.pair.current,
            self.monitor,
            names,
            memory=self.memory,
            threads=self.threads,
            progress=progress,
            on_column=contract.observe,
        )
        return CheckedColumns(compared, contract.observations)

    def check_ids(self) -> Sequence[Finding]:
        """Count the ids of current that repeat, if that check is on."""
        return Contract(self.monitor, self.baseline).check_ids(self.pair.current)

    def measure(self, name: TableName) -> Measured:
        """Measure the model's quality on one of the tables."""
        return measure_table(self.monitor, self.pair, name, memory=self.memory)

    def compare_by_slice(self, columns: list[ColumnDrift]) -> ColumnsBySlice:
        """Compare some columns in each slice; the tables are sliced once for all of them."""
        return compare_by_slice(self._sliced, columns, memory=self.memory, threads=self.threads)

    @cached_property
    def _sliced(self) -> SlicedTables | SliceDrift:
        if self.monitor.slices is None:
            raise ValueError("the monitor has no slices")
        reference, current = self.pair.reference, self.pair.current
        return slice_or_say_why_not(reference, current, self.monitor, self.monitor.slices)

    def judge(self, checked: "CheckedColumns") -> Comparison:
        """Judge all columns together."""
        reference, current = self.pair.reference, self.pair.current
        return judge_columns(reference, current, self.monitor, checked.compared)

    def sliced_columns(self, comparison: Comparison) -> list[ColumnDrift]:
        """Return the columns that are compared by slice; none where the monitor has no slices."""
        rules = self.monitor.slices
        return sliced_columns(comparison.columns, rules) if rules else []

    def put_together(
        self,
        checked: "CheckedColumns",
        comparison: Comparison,
        of_ids: Sequence[Finding],
        measured: Sequence[Measured] | None,
        by_slice: ColumnsBySlice | None,
    ) -> EngineOutput:
        """Put all parts together.

        Args:
            checked: all columns.
            comparison: the same, judged.
            of_ids: what the check of the ids found.
            measured: the model's quality on reference and on current, if the monitor asks for it.
            by_slice: the columns by slice, if the monitor asks for them.
        """
        rules = self.monitor.model_quality
        quality = compare_measured(rules, *measured) if rules and measured else None
        contract = Contract(self.monitor, self.baseline)
        contract.add(checked.observations)
        reference, current = self.pair.reference, self.pair.current
        checks = [
            *contract.results(reference, current, of_ids),
            *quality_checks(self.monitor, quality),
        ]
        slices = judge_slices(by_slice, self.monitor) if by_slice else []
        whole_table = compare_whole_rows(comparison, broken_among(checks), self.monitor)
        return EngineOutput(comparison, checks, quality, slices, whole_table)


@dataclass(frozen=True)
class CheckedColumns:
    """Some columns, compared and observed.

    Attributes:
        compared: what became of them.
        observations: what the checks saw of them.
    """

    compared: ComparedColumns
    observations: Observations

    @classmethod
    def joined(cls, parts: Iterable["CheckedColumns"]) -> "CheckedColumns":
        """Put parts together."""
        whole = cls(ComparedColumns([], {}), Observations())
        for part in parts:
            whole.compared.columns.extend(part.compared.columns)
            whole.compared.samples.update(part.compared.samples)
            whole.observations.columns.update(part.observations.columns)
            whole.observations.findings.extend(part.observations.findings)
        return whole


def by_columns(
    monitor: Monitor,
    pair: TablePair,
    *,
    memory: int = DEFAULT_MEMORY,
    progress: Progress = lambda _done, _of: None,
) -> EngineOutput:
    """Compare the tables, and do what else a monitor asks for.

    Args:
        monitor: what to compare, and how.
        pair: the tables.
        memory: bytes to spend on columns.
        progress: called after each column.
    """
    work = Work(monitor, pair, find_baseline(monitor), memory)
    checked = work.compare(work.columns, progress)
    comparison = work.judge(checked)
    measured = [work.measure(name) for name in TABLES] if monitor.model_quality else None
    in_slices = work.sliced_columns(comparison)
    by_slice = work.compare_by_slice(in_slices) if monitor.slices else None
    of_ids = work.check_ids()
    return work.put_together(checked, comparison, of_ids, measured, by_slice)
