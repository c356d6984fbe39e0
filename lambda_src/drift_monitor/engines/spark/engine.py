"""The Spark engine: hands the columns out to tasks, which run the column engine."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, TypeVar

from pyspark.sql import SparkSession

from drift_monitor.analysis.checks.contract import Observations
from drift_monitor.analysis.checks.findings import Finding
from drift_monitor.analysis.drift.comparison import ComparedColumns, Comparison, Progress, at_once
from drift_monitor.analysis.drift.triage import unscored
from drift_monitor.analysis.quality.measured import Measured
from drift_monitor.analysis.slices.comparison import BYTES_PER_ROW as BYTES_PER_SLICED_ROW
from drift_monitor.analysis.slices.comparison import ColumnsBySlice, unscored_in_slices
from drift_monitor.config.engines import BYTES_PER_ROW, require_room
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.baseline_file import find_baseline
from drift_monitor.engines.cache.cache import Manifest
from drift_monitor.engines.cache.cached_reference import CachedReference
from drift_monitor.engines.column_engine import CheckedColumns, Work
from drift_monitor.engines.engine import EngineOutput
from drift_monitor.engines.quality import TABLES
from drift_monitor.engines.spark.tasks import LostTaskError, Tasks, cores_of_a_task
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.drift import Status
from drift_monitor.results.slices import SliceDrift

if TYPE_CHECKING:
    from drift_monitor.analysis.drift.verdict import ComparedColumn

_LEAST_BYTES = 128 << 20
"""What a task reads at least, where there are columns enough: starting one takes some 20 ms."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def by_spark(
    monitor: Monitor,
    pair: TablePair,
    *,
    spark: SparkSession,
    memory: int,
    progress: Progress = lambda _done, _of: None,
) -> EngineOutput:
    """Compare the tables, and do what else a monitor asks for, on Spark's workers.

    Every result is the column engine's, to the last digit.

    Args:
        monitor: what to compare, and how.
        pair: the tables.
        spark: its workers can read the tables' files.
        memory: bytes that a task may spend on columns.
        progress: called after some columns.

    Raises:
        DriftMonitorError: a file cannot be read, a column has more rows than a worker holds, or
            no task came to an end.
    """
    require_room(pair.reference.rows + pair.current.rows, memory)
    work = Work(monitor, pair, find_baseline(monitor), memory, cores_of_a_task(spark))
    names = work.columns
    if isinstance(pair.reference, CachedReference):
        pair.reference.prepare(set(names) & set(pair.reference.columns))
    with Tasks(spark, work) as tasks:
        of_ids = tasks.submit(Work.check_ids)
        measured = [tasks.submit(Work.measure, name) for name in TABLES if monitor.model_quality]
        checked = _compare(tasks, work, names, progress)
        comparison = work.judge(checked)
        by_slice = _compare_by_slice(tasks, work, comparison)
        return work.put_together(
            checked,
            comparison,
            _result_or(of_ids, lambda why: [Finding("duplicate_ids", None, None, why)]),
            [_result_or(each, lambda why: Measured(reasons=[why])) for each in measured],
            by_slice,
        )


def _compare(
    tasks: Tasks[Work], work: Work, names: list[str], progress: Progress
) -> CheckedColumns:
    """Compare all columns: the largest first, so that no worker is left with one at the end."""
    reference, current = work.pair.reference, work.pair.current
    # Of a cached reference the footers are not known; its columns are as large as current's, about.
    tables = [current] if isinstance(reference, CachedReference) else [reference, current]
    sizes = {name: sum(table.size_of(name) for table in tables) for name in names}
    ordered = sorted(names, key=lambda name: -sizes[name])
    batches = _batches(work, ordered, sizes.__getitem__, BYTES_PER_ROW)
    parts: list[CheckedColumns] = []
    done, lost = 0, ""
    for batch, found in _spread(tasks, _compare_columns, batches):
        if isinstance(found, LostTaskError):
            lost = str(found)
            reason = f"could not be compared: {lost}"
            columns: list[ComparedColumn] = [
                unscored(name, work.monitor, Status.ERROR, reason) for name in batch
            ]
            parts.append(CheckedColumns(ComparedColumns(columns, {}), Observations()))
        else:
            part, added = found
            parts.append(part)
            if isinstance(reference, CachedReference) and added is not None:
                reference.added.kept.update(added.kept)
                reference.added.types.update(added.types)
        done += len(batch)
        progress(done, len(names))
    checked = CheckedColumns.joined(parts)
    if lost and not any(column.reference for column in checked.compared.columns):
        raise DriftMonitorError(f"no column could be compared: {lost}")
    return checked


def _compare_columns(work: Work, names: list[str]) -> tuple[CheckedColumns, Manifest | None]:
    """Compare some columns in a task; say what was put into the reference's cache."""
    reference = work.pair.reference
    found = work.compare(names)
    return found, reference.added if isinstance(reference, CachedReference) else None


def _compare_by_slice(
    tasks: Tasks[Work], work: Work, comparison: Comparison
) -> ColumnsBySlice | None:
    """Compare the columns once more, slice by slice, if the monitor has slices."""
    rules = work.monitor.slices
    if rules is None:
        return None

    def not_sliced(why: str) -> ColumnsBySlice:
        reason = f"the tables could not be sliced: {why}"
        slices = SliceDrift(by=rules.by, smallest=rules.smallest, status="error", reason=reason)
        return ColumnsBySlice({0: slices}, [], {})

    rows = work.pair.reference.rows + work.pair.current.rows
    if rows * BYTES_PER_SLICED_ROW > work.memory:
        needed, there = rows * BYTES_PER_SLICED_ROW / 1e9, work.memory / 1e9
        return not_sliced(f"a column takes {needed:.1f} GB, and a Spark worker has {there:.1f}")
    columns = work.sliced_columns(comparison)
    # Which slice a row is in, a worker finds out once. Without a column, there are the slices.
    batches = _batches(work, columns, lambda _: rows * 8, BYTES_PER_SLICED_ROW) or [[]]
    found: ColumnsBySlice | None = None
    by_column: dict[str, list[ComparedColumn]] = {}
    lost: dict[str, str] = {}
    for batch, part in _spread(tasks, Work.compare_by_slice, batches):
        if isinstance(part, LostTaskError):
            lost |= dict.fromkeys((column.column for column in batch), str(part))
        else:
            found = part
            by_column |= part.by_column
    if found is None:
        return not_sliced("; ".join(sorted(set(lost.values()))))
    for column in columns:
        if column.column in lost:
            reason = f"could not be compared: {lost[column.column]}"
            in_slice = unscored_in_slices(column, work.monitor, reason)
            by_column[column.column] = [in_slice] * len(found.compared)
    in_order = {column.column: by_column.get(column.column, []) for column in columns}
    return ColumnsBySlice(found.slices, found.compared, in_order if found.compared else {})


def _batches(
    work: Work, items: Iterable[_Item], size_of: Callable[[_Item], int], per_row: int
) -> list[list[_Item]]:
    """Put columns together that one task compares: as many as it can at once, or more small ones.

    Args:
        work: the tables, and what a task may spend.
        items: the columns, the largest first.
        size_of: returns how many bytes one is read from.
        per_row: the bytes that a row of one column takes meanwhile.
    """
    rows = work.pair.reference.rows + work.pair.current.rows
    together = at_once(rows * per_row, work.memory, work.threads)
    batches: list[list[_Item]] = []
    size = _LEAST_BYTES
    for item in items:
        if size >= _LEAST_BYTES and (not batches or len(batches[-1]) >= together):
            batches.append([])
            size = 0
        batches[-1].append(item)
        size += size_of(item)
    return batches


def _spread(
    tasks: Tasks[Work],
    do: Callable[[Work, list[_Item]], _Result],
    batches: Iterable[list[_Item]],
) -> Iterator[tuple[list[_Item], _Result | LostTaskError]]:
    """Let tasks do something with each batch, and yield what they return, as it comes.

    A batch whose task is lost is tried again item by item, so that one of them costs only itself.
    """
    waiting = {tasks.submit(do, batch): batch for batch in batches}
    while waiting:
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in finished:
            batch = waiting.pop(future)
            result: _Result | LostTaskError
            try:
                result = future.result()
            except LostTaskError as error:
                if len(batch) > 1:
                    waiting |= {tasks.submit(do, [item]): [item] for item in batch}
                    continue
                result = error
            yield batch, result


def _result_or(future: Future[_Result], otherwise: Callable[[str], _Result]) -> _Result:
    """Return what a task found, or a result with the reason where it was lost."""
    try:
        return future.result()
    except LostTaskError as error:
        return otherwise(f"could not be done: {error}")
