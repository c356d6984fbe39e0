"""A column's values in the order of its rows: as numbers, or as positions among its categories."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import as_floats, as_numpy, as_text, ascending, kind_of
from drift_monitor.analysis.columns.blocks import Floats
from drift_monitor.config.methods import Kind

Codes = npt.NDArray[np.int32]


def floats_by_row(chunk: pa.Array) -> Floats:
    """Return numbers or times as float64, NaN where there is no value."""
    if not chunk.null_count and len(chunk):
        return as_floats(chunk)
    floats = np.full(len(chunk), np.nan)
    if chunk.null_count < len(chunk):
        floats[as_numpy(pc.indices_nonzero(chunk.is_valid()))] = as_floats(chunk.drop_null())
    return floats


def codes_by_row(
    chunks: Iterable[pa.Array], data_type: pa.DataType, rows: int
) -> tuple[pa.Array, Codes]:
    """Read a column as categories.

    Args:
        chunks: text, booleans or numbers.
        data_type: theirs.
        rows: how many there are.

    Returns:
        The categories, each once, ascending; and each row's position among them, the one after the
        last for a row without a value.
    """
    encoded = [_encoded(chunk) for chunk in chunks]
    nothing = pa.nulls(0, pa.large_string())
    texts = pa.concat_arrays([nothing, *(texts for texts, _ in encoded)])
    values = categories_of(texts, data_type)
    positions = positions_among(values, texts)
    codes = np.empty(rows, np.int32)
    start = first = 0
    for texts, indices in encoded:
        # An index of -1, which stands for a null, finds what is put last.
        own = np.append(positions[first : first + len(texts)], positions[-1])
        codes[start : start + len(indices)] = own[indices]
        start, first = start + len(indices), first + len(texts)
    return values, codes


def categories_of(texts: pa.Array, data_type: pa.DataType) -> pa.Array:
    """Return each text of a column of this type once, ascending: of codes by their numbers."""
    are_codes = kind_of(data_type) is Kind.NUMERIC
    return ascending(pc.unique(texts.drop_null()), are_codes=are_codes)


def positions_among(values: pa.Array, texts: pa.Array) -> Codes:
    """Return each text's position among values; after the last for null, and so once more."""
    positions = pc.fill_null(pc.index_in(texts, value_set=values), len(values))
    return np.append(as_numpy(positions), np.int32(len(values)))


def _encoded(chunk: pa.Array) -> tuple[pa.Array, Codes]:
    """Return a chunk's categories, and each row's index among them or -1."""
    if not pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_encode()
    indices = pc.fill_null(pc.cast(chunk.indices, pa.int32()), -1)
    return as_text(chunk.dictionary), as_numpy(indices)
