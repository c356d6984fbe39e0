"""The baseline: what the reference holds in each column; a file beside the reference."""

from collections.abc import Callable
from typing import Literal, Protocol

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from drift_monitor.analysis.checks.duplicates import repeated_share
from drift_monitor.analysis.columns.arrays import kind_of
from drift_monitor.analysis.columns.profile import profile
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.columns.values import (
    Categories,
    ColumnValues,
    read_categories,
    read_numbers,
)
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import ColumnError

MOST_CATEGORIES = 10_000
MOST_CATEGORY_BYTES = 1 << 20
"""Of one column, in a baseline: with more of either it keeps their number alone."""


class _Baseline(BaseModel):
    model_config = ConfigDict(frozen=True)


class ColumnBaseline(_Baseline):
    """One column of the reference. Numbers are as they are compared; times in seconds since 1970.

    Of a column that the monitor does not compare, only the type is known.
    """

    type: str | None = None
    """As Arrow names it; None where it is not known."""
    kind: Kind | None = None
    """As what it is compared; None where it holds nothing."""
    null_share: float | None = None
    """Rows without a value; of numbers, NaN and infinities are among them."""
    min: float | None = None
    max: float | None = None
    quantiles: dict[str, float] | None = None
    distinct: int | None = None
    """How many categories."""
    categories: dict[str, int] | None = None
    """Each category and its rows, the most frequent first; None where there are too many."""
    problem: str | None = None
    """Why it could not be read."""

    def with_contents_of(self, older: "ColumnBaseline") -> "ColumnBaseline":
        """Keep what an older baseline knows of the column and this one does not."""
        known = self.model_dump(exclude_none=True)
        is_read = self.null_share is not None
        return older.model_copy(update=known | ({"problem": None} if is_read else {}))


class Ids(_Baseline):
    """The columns that name a row, and how well they do."""

    columns: list[str]
    repeated_share: float | None = None
    """Rows whose ids an earlier row has, 0 to 1; None where they could not be counted."""
    problem: str | None = None
    """Why they could not."""


class Baseline(_Baseline):
    """What a reference holds."""

    version: Literal[1] = 1
    location: str
    digest: str
    """Names the state of the reference's files that was read."""
    files: int
    rows: int
    ids: list[Ids] = []
    """Of each monitor of the reference that names its rows."""
    columns: dict[str, ColumnBaseline]

    def with_columns_of(self, older: "Baseline | None") -> "Baseline":
        """Keep what an older baseline of the same files knows and this one does not.

        Two monitors of one reference compare other columns, or the same as numbers and as codes.
        """
        if older is None or older.digest != self.digest:
            return self
        columns = {
            name: column.with_contents_of(older.columns.get(name, column))
            for name, column in self.columns.items()
        }
        ours = [set(ids.columns) for ids in self.ids]
        others = [ids for ids in older.ids if set(ids.columns) not in ours]
        return self.model_copy(update={"columns": columns, "ids": self.ids + others})

    def ids_of(self, columns: list[str]) -> Ids | None:
        """Return what is known of these columns as names of rows, in whatever order."""
        return next((ids for ids in self.ids if set(ids.columns) == set(columns)), None)


class DigestedTable(ColumnSource, Protocol):
    """A table whose files' state has a name."""

    location: str
    digest: str


def profile_table(
    table: DigestedTable,
    monitor: Monitor,
    *,
    files: int,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Baseline:
    """Read each column of a reference that a monitor compares once, one after the other.

    Args:
        table: the reference.
        monitor: which columns are compared, and as what.
        files: how many the table has.
        progress: called after each column.

    Raises:
        DriftMonitorError: the table cannot be read.
    """
    columns: dict[str, ColumnBaseline] = {}
    for name in table.columns:
        columns[name] = _profile_column(name, table, monitor)
        progress(len(columns), len(table.columns))
    ids = monitor.columns.roles.id
    return Baseline(
        location=table.location,
        digest=table.digest,
        files=files,
        rows=table.rows,
        ids=[_ids(table, ids)] if ids else [],
        columns=columns,
    )


def _profile_column(name: str, table: ColumnSource, monitor: Monitor) -> ColumnBaseline:
    try:
        data_type = table.type_of(name)
        kind = kind_of(data_type)
        if kind is Kind.NUMERIC and monitor.columns.is_categorical(name):
            kind = Kind.CATEGORICAL
        known = ColumnBaseline(type=str(data_type), kind=kind)
        if not monitor.columns.includes(name) or monitor.columns.role_of(name) == "id":
            return known
        side = _read(name, table, data_type, kind)
    except ColumnError as error:
        return ColumnBaseline(problem=str(error))
    return known if side is None else known.model_copy(update=_contents(side))


def _read(
    name: str, table: ColumnSource, data_type: pa.DataType, kind: Kind | None
) -> ColumnValues | None:
    if kind is Kind.OTHER:
        return None
    if kind is Kind.CATEGORICAL:
        return read_categories(table.read(name), data_type, table.rows)
    return read_numbers(table.read(name), data_type, table.rows)


def _contents(side: ColumnValues) -> dict[str, object]:
    """Describe what a column holds."""
    seen = profile(side)
    contents: dict[str, object] = {"null_share": side.nulls / max(seen.values + seen.nulls, 1)}
    if isinstance(side, Categories):
        return contents | {"distinct": seen.distinct, "categories": _categories(side)}
    if not side.size:
        return contents
    return contents | {
        "min": float(side.sorted[0]),
        "max": float(side.sorted[-1]),
        "quantiles": seen.quantiles,
    }


def _categories(side: Categories) -> dict[str, int] | None:
    if len(side.values) > MOST_CATEGORIES or side.values.nbytes > MOST_CATEGORY_BYTES:
        return None
    order = (-side.counts).argsort(kind="stable").tolist()
    values = side.values.to_pylist()
    return {values[place]: int(side.counts[place]) for place in order}


def _ids(table: ColumnSource, names: list[str]) -> Ids:
    """Count how many rows repeat their ids, or say why not."""
    lacking = [name for name in names if name not in table.columns]
    if lacking:
        return Ids(columns=names, problem=f"it has no {', '.join(lacking)}")
    try:
        return Ids(columns=names, repeated_share=repeated_share(table, names))
    except ColumnError as error:
        return Ids(columns=names, problem=str(error))
