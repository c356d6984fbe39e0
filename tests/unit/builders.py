"""Short ways to make what several tests need."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from drift_monitor.drift.methods import Kind
from drift_monitor.monitor import Monitor
from drift_monitor.results import (
    ColumnDrift,
    DriftResult,
    Status,
    TableSummary,
    WindowSummary,
    run_id,
)

MONDAY = datetime(2013, 6, 24, 9, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'


class InMemory:
    """A table that is read one column at a time, from memory."""

    def __init__(self, columns: Mapping[str, object] | pa.Table) -> None:
        self._table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        self.rows = self._table.num_rows
        self.columns = self._table.column_names

    def read(self, column: str) -> pa.ChunkedArray:
        return self._table.column(column)


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
