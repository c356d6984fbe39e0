"""Labels that arrive after their predictions, in a table of their own, joined on the rows' ids."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import as_arrow, as_numpy, as_text
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.quality.values import Values
from drift_monitor.errors import ColumnError

_BETWEEN_PARTS = "\x1f"


@dataclass(frozen=True)
class Joined:
    """The label of each row of a table.

    Attributes:
        labels: in the order of the table's rows; null where there is none.
        repeated: how many rows of the labels' table were replaced by a later one of the same id.
    """

    labels: Values
    repeated: int


def join_labels(table: ColumnSource, labels: ColumnSource, ids: list[str], target: str) -> Joined:
    """Find the label of each row by its id; of labels with one id the last counts.

    The last is that of the last file, in the order of the files' paths, and there of the last row.
    A row without an id has no label.

    Raises:
        ColumnError: a column that is needed is in one of the tables only, or no id is in both.
    """
    for name, source, columns in (("it has", table, ids), ("labels have", labels, [*ids, target])):
        lacking = [column for column in columns if column not in source.columns]
        if lacking:
            raise ColumnError(f"{name} no column {lacking[0]}")
    are_numbers = len(ids) == 1 and all(
        _is_whole_number(source.type_of(ids[0])) for source in (table, labels)
    )
    known = _keys(labels, ids, are_numbers=are_numbers).dictionary_encode()
    found = pc.index_in(
        _keys(table, ids, are_numbers=are_numbers), value_set=known.dictionary, skip_nulls=True
    )
    if found.null_count == len(found):
        raise ColumnError(f"no id ({', '.join(ids)}) is among those of the labels")
    rows = as_arrow(_last_rows(known)).take(found)
    repeated = len(known) - known.null_count - len(known.dictionary)
    every = _together(map(_decoded, labels.read(target)), labels.type_of(target))
    return Joined(Values(target, every.type, [every.take(rows)]), repeated)


def _is_whole_number(data_type: pa.DataType) -> bool:
    return pa.types.is_integer(data_type) and not pa.types.is_uint64(data_type)


def _keys(table: ColumnSource, ids: list[str], *, are_numbers: bool) -> pa.Array:
    """Return each row's id: null where a part of it is."""
    if are_numbers:
        return _together((chunk.cast(pa.int64()) for chunk in table.read(ids[0])), pa.int64())
    texts = [map(as_text, map(_decoded, table.read(name))) for name in ids]
    parts = [_together(column, pa.large_string()) for column in texts]
    separator = pa.scalar(_BETWEEN_PARTS, pa.large_string())
    return pc.binary_join_element_wise(*parts, separator) if len(parts) > 1 else parts[0]


def _decoded(chunk: pa.Array) -> pa.Array:
    return chunk.dictionary_decode() if pa.types.is_dictionary(chunk.type) else chunk


def _together(chunks: Iterable[pa.Array], data_type: pa.DataType) -> pa.Array:
    return pa.concat_arrays([pa.nulls(0, data_type), *(chunk.cast(data_type) for chunk in chunks)])


def _last_rows(keys: pa.DictionaryArray) -> npt.NDArray[np.int64]:
    """Return the last row of each key."""
    codes = as_numpy(keys.indices.drop_null())
    rows = as_numpy(pc.indices_nonzero(keys.is_valid())).astype(np.int64)
    last = np.empty(len(keys.dictionary), np.int64)
    last[codes] = rows  # of several rows numpy keeps the last
    return last
