"""How many rows of a table repeat an earlier row's ids, counted in bounded memory."""

from collections.abc import Sequence
from importlib import import_module

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import as_numpy
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.errors import ColumnError
from drift_monitor.slow_imports import SLOW_IMPORTS

Hashes = npt.NDArray[np.uint64]

_TEXTS = 1 << 16
"""Texts that are Python's own at once, as each takes much more than its bytes."""
_NULL = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xBF58476D1CE4E5B9)


def repeated_share(table: ColumnSource, names: Sequence[str]) -> float:
    """Return the share of rows whose ids, all columns together, an earlier row has.

    Each row's ids become a number of 64 bits, so that a row takes 9 bytes, whatever the ids are,
    besides the chunk at hand. Ids that differ share a number by chance alone: of 10 million rows
    one row too many is counted in 3 of a million tables. A null is an id like another: a join that
    failed leaves one id.

    Raises:
        ColumnError: an id column cannot be read as text; the message names it.
        DriftMonitorError: the table cannot be read.
    """
    if not table.rows:
        return 0.0
    keys = np.zeros(table.rows, np.uint64)
    for name in names:
        _mix_in(keys, table, name)
    keys.sort()
    return int(np.count_nonzero(keys[1:] == keys[:-1])) / table.rows


def _mix_in(keys: Hashes, table: ColumnSource, name: str) -> None:
    """Add one column to each row's number, in place."""
    data_type = table.type_of(name)
    start = 0
    for chunk in table.read(name):
        part = keys[start : start + len(chunk)]
        try:
            hashes = _hashes(chunk, data_type)
        except pa.ArrowException as error:
            raise ColumnError(f"{name} holds {data_type}, which names no row") from error
        # As splitmix64 mixes: the order of columns counts, and every bit goes everywhere.
        part *= _ODD
        part ^= part >> np.uint64(29)
        part += hashes
        part *= _ODD
        part ^= part >> np.uint64(32)
        start += len(chunk)


def _hashes(chunk: pa.Array, data_type: pa.DataType) -> Hashes:
    """Return a number per row: the same for the same value, whatever the chunk's own type."""
    if pa.types.is_dictionary(chunk.type):
        codes = pc.fill_null(chunk.indices.cast(pa.int64()), len(chunk.dictionary))
        of_codes: Hashes = np.append(_hashes(chunk.dictionary, data_type), _NULL)[as_numpy(codes)]
        return of_codes
    values = chunk.cast(data_type)
    found = values.is_valid()
    hashes = np.full(len(chunk), _NULL)
    hashes[as_numpy(found.cast(pa.int8())).astype(bool)] = _hashes_of(values.drop_null())
    return hashes


def _hashes_of(values: pa.Array) -> Hashes:
    with SLOW_IMPORTS:
        hash_array = import_module("pandas.util").hash_array
    if pa.types.is_integer(values.type):
        hashed: Hashes = hash_array(as_numpy(values))
        return hashed
    texts = values.cast(pa.large_string())
    steps = (texts.slice(start, _TEXTS).to_pylist() for start in range(0, len(texts), _TEXTS))
    hashes = [hash_array(np.array(step, object), categorize=False) for step in steps]
    return np.concatenate([np.array([], np.uint64), *hashes])
