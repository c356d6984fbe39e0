"""Short ways to make what several tests need."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from drift_monitor.alerts.decision import AlertDecision, AlertState
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.columns.values import ColumnValues, read_categories, read_numbers
from drift_monitor.analysis.drift.comparison import Comparison
from drift_monitor.analysis.drift.score import ColumnPair
from drift_monitor.config.checks import CheckName
from drift_monitor.config.drift import Severity
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.engine import EngineOutput
from drift_monitor.engines.scoring import build_result
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.results.checks import CheckResult
from drift_monitor.results.drift import ColumnDrift, Status, WholeTable, WholeTableColumn
from drift_monitor.results.run import DriftResult, run_id
from drift_monitor.results.tables import TableSummary, WindowSummary
from drift_monitor.site.history import RunEntry

if TYPE_CHECKING:
    from drift_monitor.tables.table import Table

MONDAY = datetime(2013, 6, 24, 9, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'


class InMemory:
    """A table that is read one column at a time, from memory: all rows at once, or a few."""

    def __init__(
        self, columns: Mapping[str, object] | pa.Table, chunk_rows: int | None = None
    ) -> None:
        self._table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        self._chunk_rows = chunk_rows
        self.rows = self._table.num_rows
        self.columns = self._table.column_names

    def type_of(self, column: str) -> pa.DataType:
        data_type = self._table.field(column).type
        return data_type.value_type if pa.types.is_dictionary(data_type) else data_type

    def read(self, column: str) -> Iterator[pa.Array]:
        for chunk in self._table.column(column).chunks:
            step = self._chunk_rows or max(len(chunk), 1)
            for start in range(0, len(chunk), step):
                yield chunk.slice(start, step)


def whole(table: ColumnSource, column: str) -> pa.ChunkedArray:
    """Read a column to its end: plain values, each chunk of the type that the table names."""
    data_type = table.type_of(column)
    chunks = [
        chunk.dictionary_decode() if pa.types.is_dictionary(chunk.type) else chunk
        for chunk in table.read(column)
    ]
    assert {chunk.type for chunk in chunks} <= {data_type}
    return pa.chunked_array(chunks, data_type)


def side_of(values: object, kind: Kind) -> ColumnValues:
    """Return values (a list, a pandas Series, an Arrow array) in the form that is scored."""
    array = _as_array(values)
    if kind is Kind.CATEGORICAL:
        return read_categories([array], array.type, len(array))
    return read_numbers([array], array.type, len(array))


def pair_of(reference: object, current: object, kind: Kind) -> ColumnPair:
    """Return two columns as the pair that is scored."""
    before, after = _as_array(reference), _as_array(current)
    return ColumnPair(
        kind, side_of(before, kind), side_of(after, kind), lambda: ([before], [after])
    )


def _as_array(values: object) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)


def a_monitor(name: str = "flights", **parts: object) -> Monitor:
    tables = {"reference": {"location": "r.parquet"}, "current": {"location": "c.parquet"}}
    return Monitor.model_validate({"name": name, **tables, **parts})


def a_column(name: str, status: str = "ok", score: float | None = 0.25) -> ColumnDrift:
    if status not in ("ok", "drifted"):
        return ColumnDrift(
            column=name, role="covariate", kind=None, status=Status(status), reason="as it is"
        )
    return ColumnDrift(
        column=name,
        role="covariate",
        kind=Kind.NUMERIC,
        status=Status(status),
        method="wasserstein",
        score=score,
        threshold=0.3 if status == "ok" else 0.1,
    )


def a_whole_table(status: str = "drifted", severity: Severity | None = "warn") -> WholeTable:
    return WholeTable(
        status=Status(status),
        severity=severity if status == "drifted" else None,
        reference_rows=5_000,
        current_rows=1_200,
        auc=0.714,
        threshold=0.55,
        noise=0.53,
        columns=[WholeTableColumn(column="price", share=0.8)],
    )


def a_result(
    columns: list[ColumnDrift] | None = None,
    *,
    monitor: str = "flights",
    scheduled_at: datetime = MONDAY,
    status: str | None = None,
) -> DriftResult:
    columns = [a_column("x")] if columns is None else columns
    scored = sum(column.is_scored for column in columns)
    drifted = sum(column.status is Status.DRIFTED for column in columns)
    share = drifted / scored if scored else 0.0
    verdict = "error" if not scored else "drifted" if share >= 0.5 else "ok"
    return DriftResult.model_validate(
        {
            "monitor": monitor,
            "run_id": run_id(scheduled_at),
            "scheduled_at": scheduled_at,
            "window": WindowSummary(start=scheduled_at - WEEK, end=scheduled_at),
            "reference": TableSummary(location="r.parquet", files=1, rows=12_345),
            "current": TableSummary(location="c.parquet", files=7, rows=6_789),
            "status": status or verdict,
            "scored_columns": scored,
            "drifted_columns": drifted,
            "drifted_share": share,
            "drifted_share_threshold": 0.5,
            "columns": columns,
        }
    )


def a_check(
    column: str | None = "x",
    *,
    check: CheckName = "null_share",
    severity: Severity = "warn",
    passed: bool | None = False,
    reason: str | None = "40% of rows have no value",
) -> CheckResult:
    return CheckResult(
        check=check,
        column=column,
        value=None if passed is None else 0.4,
        limit=0.05,
        severity=severity,
        passed=passed,
        reason=None if passed else reason,
    )


def without_data(
    scheduled_at: datetime = MONDAY, *, monitor: str = "flights", rows: int = 12
) -> DriftResult:
    """Return the result of a run that had nothing to compare."""
    result = a_result([], monitor=monitor, scheduled_at=scheduled_at, status="no_data")
    few = result.current.model_copy(
        update={"rows": rows, "files": 1 if rows else 0, "missing_files": ["c/2013-06-23.parquet"]}
    )
    why = f"current has {rows} rows, fewer than minimum_rows (500)"
    return result.model_copy(update={"current": few, "reason": why})


def a_decision(
    state: AlertState = AlertState.QUIET,
    *,
    severity: Severity | None = None,
    previous: DriftResult | None = None,
) -> AlertDecision:
    before = RunEntry.of(previous) if previous else None
    return AlertDecision(state=state, severity=severity, send=True, reason="", previous=before)


class _Summarized:
    """A table of which only the summary is asked for."""

    def __init__(self, rows: int) -> None:
        self.summary = TableSummary(location="t.parquet", files=1, rows=rows)


def result_of(
    monitor: Monitor,
    columns: list[ColumnDrift],
    rows: tuple[int, int] = (100, 100),
    whole_table: WholeTable | None = None,
) -> DriftResult:
    """Put together the result of a run that found these columns, its table judged."""
    reference, current = (cast("Table", _Summarized(each)) for each in rows)
    comparison = Comparison(columns, {}, rows)
    pair = TablePair(reference, current, None)
    return build_result(monitor, MONDAY, pair, EngineOutput(comparison, whole_table=whole_table))
