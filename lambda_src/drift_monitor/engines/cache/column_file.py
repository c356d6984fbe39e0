"""A column in the form that is scored, as one Parquet file: the same bit by bit, read in part."""

import json
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import cast
from uuid import uuid4
from zlib import crc32

import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq

from drift_monitor.analysis.columns.arrays import as_arrow, as_floats, as_numpy, as_text
from drift_monitor.analysis.columns.blocks import BLOCK, Floats, Integers, SortedBlocks
from drift_monitor.analysis.columns.source import SampledColumn
from drift_monitor.analysis.columns.values import Categories, Numbers
from drift_monitor.errors import first_line
from drift_monitor.storage import FILE_ERRORS

GROUP = 128 * BLOCK
"""Rows of a row group, the least that is read: 256 KB of numbers."""
_FEW_GROUPS = 2
"""A range in so few row groups is likely to be followed by another one in the same."""
_BLOCKS = ("lowest", "highest", "sums")


class DamagedError(Exception):
    """A file is not what was written; the message says how it shows."""


UNREADABLE = (*FILE_ERRORS, pa.ArrowException, DamagedError, LookupError, ValueError)
"""What reading a file raises that is damaged, gone, or not to be had."""


def write_column(column: SampledColumn, rows: Integers) -> tuple[bytes, int]:
    """Return a column as a file, and the checksum that it is opened with.

    The file has a Parquet column for each array, the shorter ones with nulls behind their values.
    Numbers are kept as their bits, which ascend by small steps: so they take half the space.

    Args:
        column: what was read of it.
        rows: which rows are its sample.
    """
    values = column.values
    arrays = {"sample": _sample(column)}
    if isinstance(values, Categories):
        arrays |= {"values": values.values, "counts": as_arrow(values.counts)}
        facts = {"nulls": values.nulls, "are_codes": values.are_codes}
    else:
        blocks = values.blocks
        arrays |= {name: as_arrow(getattr(blocks, name)) for name in _BLOCKS}
        arrays["bits"] = as_arrow(values.sorted.view(np.int64))
        facts = {name: getattr(blocks, name) for name in ("size", "origin", "squares")}
        facts |= {name: getattr(values, name) for name in ("nulls", "is_integer", "infinite")}
    lengths = {name: len(array) for name, array in arrays.items()}
    # With a name of its own, a file is not taken for another one of the same column.
    about = json.dumps([uuid4().hex, crc32(rows.tobytes()), lengths, facts]).encode()
    schema = pa.schema([(name, array.type) for name, array in arrays.items()], {"about": about})
    sink = BytesIO()
    with pq.ParquetWriter(
        sink,
        schema,
        compression="none",
        use_dictionary=False,
        column_encoding={"bits": "DELTA_BINARY_PACKED"} if "bits" in arrays else None,
        write_statistics=False,
        write_page_checksum=True,
    ) as writer:
        for start in range(0, max(lengths.values()), GROUP):
            parts = [array.slice(start, GROUP) for array in arrays.values()]
            longest = max(map(len, parts))
            parts = [pa.concat_arrays([p, pa.nulls(longest - len(p), p.type)]) for p in parts]
            writer.write_batch(pa.record_batch(parts, schema=schema))
    return sink.getvalue(), _checksum_of(pq.ParquetFile(sink).metadata)


def read_column_file(
    file: pq.ParquetFile, checksum: int, rows: Integers, read_anew: Callable[[str], SampledColumn]
) -> SampledColumn | None:
    """Return a column as it was written; None if its sample is of other rows.

    Args:
        file: in which it is.
        checksum: what `write_column` gave.
        rows: those of the sample.
        read_anew: reads the column from the table, should its numbers turn out to be damaged; it is
            told how that shows.

    Raises:
        UNREADABLE: it is damaged.
    """
    if _checksum_of(file.metadata) != checksum:
        raise DamagedError("it is not the file that was written")
    _, sampled, lengths, facts = json.loads(file.metadata.metadata[b"about"])
    if sampled != crc32(rows.tobytes()):
        return None
    size = facts.pop("size", None)
    lengths.pop("bits", None)
    groups = range(-(-max(lengths.values()) // GROUP))
    table = file.read_row_groups(groups, columns=list(lengths), use_threads=False)
    arrays = {name: table[name][:length].combine_chunks() for name, length in lengths.items()}
    sample = [arrays.pop("sample")]
    if size is None:
        categories = Categories(arrays["values"], as_numpy(arrays["counts"]), **facts)
        return SampledColumn(categories, sample)
    outline = {name: as_numpy(array) for name, array in arrays.items()}
    blocks = SortedBlocks(size, facts.pop("origin"), **outline, squares=facts.pop("squares"))
    return SampledColumn(Numbers(KeptNumbers(file, size, read_anew), blocks, **facts), sample)


class KeptNumbers:
    """Sorted numbers in a file, of which those row groups are read that hold what is asked for.

    If one of them is damaged, or cannot be read, all numbers are read anew, from the table.
    """

    def __init__(
        self, file: pq.ParquetFile, size: int, read_anew: Callable[[str], SampledColumn]
    ) -> None:
        """Read nothing yet."""
        self._file = file
        self._size = size
        self._read_anew = read_anew
        self._anew: Floats | None = None
        self._read_few = lru_cache(8)(self._read)

    def __len__(self) -> int:
        """Return how many there are."""
        return self._size

    def __getitem__(self, wanted: slice | Integers) -> Floats:
        """Return some of them."""
        if self._anew is None:
            try:
                return self._find(wanted)
            except UNREADABLE as error:
                self._anew = cast("Numbers", self._read_anew(first_line(error)).values).sorted
        return self._anew[wanted]

    def _find(self, wanted: slice | Integers) -> Floats:
        places: slice | Integers
        if isinstance(wanted, slice):
            start, stop, _ = wanted.indices(self._size)
            groups = np.arange(start // GROUP, -(-stop // GROUP))
            skipped = start // GROUP * GROUP
            places = slice(start - skipped, stop - skipped)
        else:
            groups, among = np.unique(wanted // GROUP, return_inverse=True)
            places = among.reshape(wanted.shape) * GROUP + wanted % GROUP
        read = self._read_few if len(groups) <= _FEW_GROUPS else self._read
        values: Floats = read(tuple(groups.tolist()))
        return values[places]

    def _read(self, groups: tuple[int, ...]) -> Floats:
        values = np.empty(sum(min(GROUP, self._size - group * GROUP) for group in groups))
        filled = 0
        for batch in self._file.iter_batches(GROUP, groups, ["bits"], use_threads=False):
            part = as_numpy(batch.column("bits").drop_null()).view(np.float64)
            values[filled : filled + len(part)] = part
            filled += len(part)
        if filled < len(values):
            raise DamagedError("it has not the rows that were written")
        return values


def _sample(column: SampledColumn) -> pa.Array:
    """Return the sampled rows in one part: texts of categories, else numbers."""
    if isinstance(column.values, Categories):
        texts = [as_text(part) for part in column.sample]
        return pa.concat_arrays([pa.nulls(0, pa.large_string()), *texts])
    return pa.concat_arrays([pa.nulls(0, pa.float64()), *map(_numbers, column.sample)])


def _numbers(part: pa.Array) -> pa.Array:
    values = np.full(len(part), np.nan)
    values[as_numpy(part.is_valid().cast(pa.int8())).astype(bool)] = as_floats(part.drop_null())
    return as_arrow(values)


def _checksum_of(footer: pq.FileMetaData) -> int:
    """Return a checksum of where what lies in a file; the pages have their own."""
    sink = BytesIO()
    footer.write_metadata_file(sink)
    return crc32(sink.getvalue())
