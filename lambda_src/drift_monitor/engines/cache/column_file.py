"""One side of a column as bytes, and back: the same bit by bit."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from drift_monitor.analysis.columns.arrays import as_arrow, as_floats, as_numpy, as_text
from drift_monitor.analysis.columns.blocks import Ascending, Floats, Integers, SortedBlocks
from drift_monitor.analysis.columns.source import SampledColumn
from drift_monitor.analysis.columns.values import Categories, Numbers
from drift_monitor.engines.cache.kept_values import Runs, checksums_of

_WORTHWHILE = 16
"""Values a run must have on average for runs to be kept in place of values."""


@dataclass(frozen=True)
class Packed:
    """A column as bytes.

    Attributes:
        head: all but what is in `values`.
        values: sorted numbers, if they are many and different.
    """

    head: pa.Buffer
    values: Floats | None


def pack(column: SampledColumn) -> Packed:
    """Write one side of a column as bytes."""
    side = column.values
    arrays = {"samples": _samples(column)}
    if isinstance(side, Categories):
        arrays |= {"values": side.values, "counts": as_arrow(side.counts)}
        facts: dict[str, Any] = {"nulls": side.nulls, "are_codes": side.are_codes}
        return Packed(_head(arrays, facts), None)
    blocks = side.blocks
    for name in ("lowest", "highest", "sums"):
        arrays[name] = as_arrow(getattr(blocks, name))
    facts = {name: getattr(blocks, name) for name in ("size", "origin", "squares")}
    facts |= {"nulls": side.nulls, "is_integer": side.is_integer}
    runs = _runs(side.sorted)
    if runs is None:
        arrays["checksums"] = as_arrow(checksums_of(side.sorted))
        return Packed(_head(arrays, facts), side.sorted)
    arrays |= {"runs": as_arrow(runs.values), "ends": as_arrow(runs.ends)}
    return Packed(_head(arrays, facts), None)


def unpack(head: pa.Buffer, values_of: Callable[[int, Integers], Ascending]) -> SampledColumn:
    """Return the side of a column that was packed.

    Args:
        head: what `pack` gave.
        values_of: gives the values where they are not in the head, by their number and checksums.
    """
    with ipc.open_stream(head) as stream:
        facts = json.loads(stream.schema.metadata[b"facts"])
        (batch,) = stream
    arrays = {name: batch.column(name).values for name in batch.schema.names}
    samples = [arrays["samples"]]
    if "counts" in arrays:
        counts = as_numpy(arrays["counts"])
        return SampledColumn(Categories(arrays["values"], counts, **facts), samples)
    blocks = SortedBlocks(
        size=facts.pop("size"),
        origin=facts.pop("origin"),
        lowest=as_numpy(arrays["lowest"]),
        highest=as_numpy(arrays["highest"]),
        sums=as_numpy(arrays["sums"]),
        squares=facts.pop("squares"),
    )
    if "runs" in arrays:
        values: Ascending = Runs(as_numpy(arrays["runs"]), as_numpy(arrays["ends"]))
    else:
        values = values_of(blocks.size, as_numpy(arrays["checksums"]))
    return SampledColumn(Numbers(values, blocks, **facts), samples)


def _head(arrays: dict[str, pa.Array], facts: dict[str, Any]) -> pa.Buffer:
    """Write arrays of any length as the one row of a batch."""
    lists = [
        pa.LargeListArray.from_arrays(pa.array([0, len(array)], pa.int64()), array)
        for array in arrays.values()
    ]
    batch = pa.record_batch(lists, names=list(arrays))
    batch = batch.replace_schema_metadata({"facts": json.dumps(facts)})
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def _runs(values: Floats) -> Runs | None:
    """Find runs of equal values; None where they are too short to be worthwhile."""
    bits = values.view(np.int64)
    differs = bits[1:] != bits[:-1]
    if (np.count_nonzero(differs) + 1) * _WORTHWHILE > len(values) > 0:
        return None
    ends = np.append(np.flatnonzero(differs) + 1, len(values)) if len(values) else np.arange(0)
    return Runs(values[ends - 1], ends)


def _samples(column: SampledColumn) -> pa.Array:
    """Return the sampled rows in one part: texts of categories, else numbers."""
    if isinstance(column.values, Categories):
        texts = [as_text(part) for part in column.sample]
        return pa.concat_arrays([pa.nulls(0, pa.large_string()), *texts])
    return pa.concat_arrays([pa.nulls(0, pa.float64()), *map(_numbers, column.sample)])


def _numbers(part: pa.Array) -> pa.Array:
    values = np.full(len(part), np.nan)
    values[as_numpy(part.is_valid().cast(pa.int8())).astype(bool)] = as_floats(part.drop_null())
    return as_arrow(values)
