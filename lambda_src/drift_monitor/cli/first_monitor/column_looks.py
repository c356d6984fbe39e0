"""A closer look at some rows of each column: enough to guess what it is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import finite_floats, kind_of
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.drift.comparison import Progress
from drift_monitor.config.methods import Kind
from drift_monitor.errors import ColumnError
from drift_monitor.tables.arrow_storage import READERS
from drift_monitor.tables.text import TIMES

ROWS_LOOKED_AT = 50_000
_AS_TIMES = [
    (20_000_101, 21_001_231),
    *((946_684_800 * per, 4_102_444_800 * per) for per in (1, 10**3, 10**6, 10**9)),
]
"""Numbers that may stand for times of this century: 20261123, or (milli-, micro-, nano-) seconds
since 1970."""
_DECIMAL_COMMA = r"^-?\d+,(\d{1,2}|\d{4,})$"
_COMMA_OR_WHOLE = r"^-?\d+(,\d+)?$"


@dataclass(frozen=True)
class ColumnLook:
    """What some rows of a column hold.

    Attributes:
        name: the column's.
        kind: how it is compared; None where it holds nothing.
        values: how many values were looked at.
        distinct: how many different ones.
        is_whole: all are whole numbers.
        is_numbered: all are whole numbers, each one once, and hardly one is left out.
        has_decimal_comma: all are texts such as 1,5.
        may_be_times: all are texts such as 2026-11-23T09:30, or numbers that may stand for times.
    """

    name: str
    kind: Kind | None
    values: int = 0
    distinct: int = 0
    is_whole: bool = False
    is_numbered: bool = False
    has_decimal_comma: bool = False
    may_be_times: bool = False


def look_at_columns(table: ColumnSource, progress: Progress) -> list[ColumnLook]:
    """Look at the first rows of each column of a table.

    Raises:
        DriftMonitorError: a file cannot be read.
    """
    looks = []
    with ThreadPoolExecutor(READERS) as pool:
        for look in pool.map(partial(_look_at, table), table.columns):
            looks.append(look)
            progress(len(looks), len(table.columns))
    return looks


def _look_at(table: ColumnSource, name: str) -> ColumnLook:
    try:
        data_type = table.type_of(name)
        kind = kind_of(data_type)
        if kind is Kind.NUMERIC:
            return _of_numbers(name, list(_first_rows(table, name)))
        if kind is Kind.CATEGORICAL and not pa.types.is_boolean(data_type):
            return _of_texts(name, list(_first_rows(table, name)))
    except ColumnError:  # the first run says so
        return ColumnLook(name, Kind.OTHER)
    return ColumnLook(name, kind)


def _first_rows(table: ColumnSource, name: str) -> Iterator[pa.Array]:
    left = ROWS_LOOKED_AT
    for chunk in table.read(name):
        some = chunk.slice(0, left)
        yield some.dictionary_decode() if pa.types.is_dictionary(some.type) else some
        left -= len(some)
        if left <= 0:
            return


def _of_numbers(name: str, chunks: list[pa.Array]) -> ColumnLook:
    values = np.concatenate([np.array([]), *map(finite_floats, chunks)])
    distinct = len(np.unique(values))
    is_whole = bool(len(values)) and bool((values == np.floor(values)).all())
    is_numbered = is_whole and distinct == len(values) and np.ptp(values) < 2 * len(values)
    may_be_times = bool(len(values)) and any(
        first <= values.min() and values.max() <= last for first, last in _AS_TIMES
    )
    return ColumnLook(
        name,
        Kind.NUMERIC,
        len(values),
        distinct,
        is_whole=is_whole,
        is_numbered=bool(is_numbered),
        may_be_times=may_be_times,
    )


def _of_texts(name: str, chunks: list[pa.Array]) -> ColumnLook:
    cast = [pc.cast(chunk, pa.large_string()) for chunk in chunks]
    texts = pa.chunked_array(cast, pa.large_string()).drop_null()
    return ColumnLook(
        name,
        Kind.CATEGORICAL,
        len(texts),
        pc.count_distinct(texts).as_py(),
        has_decimal_comma=bool(
            len(texts)
            and pc.all(pc.match_substring_regex(texts, _COMMA_OR_WHOLE)).as_py()
            and pc.any(pc.match_substring_regex(texts, _DECIMAL_COMMA)).as_py()
        ),
        may_be_times=any(_are_all(texts, data_type) for data_type in TIMES),
    )


def _are_all(texts: pa.ChunkedArray, data_type: pa.DataType) -> bool:
    try:
        return len(pc.cast(texts, data_type)) > 0
    except pa.ArrowInvalid:
        return False
