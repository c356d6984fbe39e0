"""What Spark's tasks do: each takes batches of rows, and returns others."""

import logging
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from drift_monitor.drift.column_side import sampling
from drift_monitor.drift.columns import Side, as_numpy, read_categories, read_numbers
from drift_monitor.drift.outline import Floats, Integers
from drift_monitor.errors import DriftMonitorError
from drift_monitor.spark.bands import Band, Place, Question, answer
from drift_monitor.spark.portions import Portion, TableFiles, read_portion
from drift_monitor.spark.sketch import rounded, spread_of
from drift_monitor.spark.tally import (
    Tally,
    bands_of_numbers,
    bands_of_texts,
    in_order,
    joined_in_pieces,
    joined_texts,
    pack,
    parts_of,
    tally_of,
    unpack,
    write_array,
)
from drift_monitor.spark.text_column import Texts

if TYPE_CHECKING:
    from pyspark.broadcast import Broadcast

_NO_BAND = -1
_PIECES = 1 << 16
"""More than any band has."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """A column to be scored.

    Attributes:
        name: its name.
        types: its type in reference and in current.
        is_text: its values are categories.
        are_codes: these are numbers.
    """

    name: str
    types: tuple[pa.DataType, pa.DataType]
    is_text: bool
    are_codes: bool


@dataclass(frozen=True)
class Errand:
    """What a task does: some columns of a portion."""

    portion: Portion
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """What the tasks of a pass need to know.

    Attributes:
        files: where reference's and current's lie.
        columns: all that are scored, by their numbers.
        errands: what is to be done.
        cuts: how each column is cut: the bounds between numbers' bands, or how many bands of texts.
        steps: what the values of some columns of numbers are rounded to.
        sampled: the rows of either table that are kept for pictures, ascending.
        piece: how many values of a band to hold before a piece of it is cut off.
    """

    files: tuple[TableFiles, TableFiles]
    columns: tuple[Wanted, ...]
    errands: tuple[Errand, ...]
    cuts: dict[int, Floats | int]
    steps: dict[int, float]
    sampled: tuple[Integers, Integers]
    piece: int


_Kind = Literal["tally", "band", "texts", "picture", "failure"]


class _Row(NamedTuple):
    """A row between the passes; one without counts says something of its column.

    Attributes:
        lowest: the smallest of its values, where they are numbers to be put in order.
    """

    column: int
    band: int
    kind: _Kind
    side: int
    number: int
    values: bytes
    reference: bytes = b""
    current: bytes = b""
    lowest: float = 0.0


_SCHEMA = pa.schema(
    [
        ("column", pa.int32()),
        ("band", pa.int64()),
        ("kind", pa.string()),
        ("side", pa.int32()),
        ("number", pa.int32()),
        ("values", pa.binary()),
        ("reference", pa.binary()),
        ("current", pa.binary()),
        ("lowest", pa.float64()),
    ]
)


def _batch(rows: list[_Row]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [
        _binaries(each) if field.type == pa.binary() else pa.array(each, field.type)
        for each, field in zip(columns, _SCHEMA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _binaries(values: tuple[bytes, ...]) -> pa.Array:
    """Return bytes as Arrow's, copied once: its own way copies them several times."""
    ends = np.cumsum([0, *map(len, values)]).astype(np.int32)
    body = values[0] if len(values) == 1 else b"".join(values)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(body)]
    return pa.Array.from_buffers(pa.binary(), len(values), buffers)


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[_Row]:
    for batch in batches:
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield _Row(*row)


def look_task(
    shared: "Broadcast[Work]", stride: int, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Count the values of portions, and sample them."""
    work = shared.value
    for errand, number, column in _columns(work, batches):
        if isinstance(column, Exception):
            continue  # it fails again when it is read for good
        values, counts = column.side.count_values()
        sample, spread = b"", inf
        if not work.columns[number].is_text:
            sample = values.to_numpy()[stride // 2 :: stride].tobytes()
            if work.errands[errand].portion.side == 0:
                spread = spread_of(as_numpy(values), counts)
        yield pa.record_batch(
            {
                "column": pa.array([number], pa.int32()),
                "distinct": pa.array([len(values)], pa.int64()),
                "sample": pa.array([sample], pa.binary()),
                "spread": pa.array([spread], pa.float64()),
            }
        )


def tally_task(
    shared: "Broadcast[Work]", batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Tally the columns of portions, cut into bands; keep their rows for pictures."""
    work = shared.value
    for errand, number, column in _columns(work, batches):
        side = work.errands[errand].portion.side
        if isinstance(column, Exception):
            name = type(column).__name__.encode()
            yield _batch([_Row(number, _NO_BAND, "failure", side, errand, name)])
            continue
        is_text = work.columns[number].is_text
        tally = tally_of(column.side, side)
        if number in work.steps:
            tally = rounded(tally, work.steps[number])
        rows = [
            _Row(number, band, "tally", side, errand, *pack(part), 0.0 if is_text else part.lowest)
            for band, tally in _cut(tally, number, work)
            for part in parts_of(tally)
        ]
        if len(column.pictured):
            picture = write_array(column.pictured)
            rows.append(_Row(number, _NO_BAND, "picture", side, errand, picture))
        if rows:
            yield _batch(rows)


def _cut(tally: Tally, number: int, work: Work) -> Iterator[tuple[int, Tally]]:
    cuts = work.cuts[number]
    return bands_of_texts(tally, cuts) if isinstance(cuts, int) else bands_of_numbers(tally, cuts)


@dataclass(frozen=True)
class _Column:
    """A column of a portion: its values in the form that is scored, and its rows for pictures."""

    side: Side
    pictured: pa.Array


def _columns(
    work: Work, batches: Iterable[pa.RecordBatch]
) -> Iterator[tuple[int, int, _Column | Exception]]:
    """Read the columns of errands; yield the errand's number, the column's, and what was read.

    Raises:
        DriftMonitorError: a file cannot be read.
    """
    for errand in (number for batch in batches for number in batch.column(0).to_pylist()):
        portion, numbers = work.errands[errand].portion, work.errands[errand].columns
        names = [work.columns[number].name for number in numbers]
        read = read_portion(work.files[portion.side], portion, names)
        for number, (_, chunks) in zip(numbers, read, strict=True):
            yield errand, number, _column(work, portion, number, chunks)


def _column(
    work: Work, portion: Portion, number: int, chunks: list[pa.Array]
) -> _Column | Exception:
    wanted, texts = work.columns[number], work.files[portion.side].texts
    data_type, sampled = wanted.types[portion.side], work.sampled[portion.side]
    first, last = np.searchsorted(sampled, (portion.start, portion.start + portion.rows))
    pictured: list[pa.Array] = []
    read = read_categories if wanted.is_text else read_numbers
    try:
        retyped = (texts.retyped(chunk, data_type) for chunk in chunks)
        kept = sampling(retyped, sampled[first:last] - portion.start, pictured)
        side = read(kept, data_type, portion.rows)
        return _Column(side, pa.concat_arrays([pa.nulls(0, data_type), *pictured]))
    except DriftMonitorError:
        raise
    except Exception as error:  # the cause may be any library's, and may quote a value: log only
        logger.exception("column could not be compared", extra={"column": wanted.name})
        return error


def join_task(
    shared: "Broadcast[Work]", batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Put the bands together that come in order, and describe each."""
    for (number, band), found in groupby(_rows(batches), lambda row: (row.column, row.band)):
        if band == _NO_BAND:
            yield from (_batch([row]) for row in found)
            continue
        wanted = shared.value.columns[number]
        tallies = (_tally_in(row, is_text=wanted.is_text) for row in found)
        if wanted.is_text:
            joined = joined_texts(list(tallies), are_codes=wanted.are_codes)
            yield _batch([_Row(number, band, "texts", 0, 0, pickle.dumps(Texts.of(joined)))])
            continue
        pieces = joined_in_pieces(tallies, shared.value.piece)
        # From here on each piece is a band of its own.
        for own, piece in enumerate(pieces, band * _PIECES):
            yield _batch([_Row(number, own, "band", 0, 0, pickle.dumps(Band.of(piece)))])
            for place, part in enumerate(parts_of(piece)):
                yield _batch([_Row(number, own, "tally", 0, place, *pack(part))])


def answer_task(
    shared: "Broadcast[tuple[dict[int, Question], dict[tuple[int, int], Place]]]",
    batches: Iterable[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """Answer the questions for the bands that come in order."""
    questions, places = shared.value
    for (column, band), found in groupby(_rows(batches), lambda row: (row.column, row.band)):
        parts = sorted(found, key=lambda row: row.number)
        tally = in_order([_tally_in(row, is_text=False) for row in parts])
        answered = answer(tally, questions[column], places[column, band])
        yield pa.record_batch(
            {
                "column": pa.array([column], pa.int32()),
                "answer": pa.array([pickle.dumps((band, answered))], pa.binary()),
            }
        )


def _tally_in(row: _Row, *, is_text: bool) -> Tally:
    return unpack((row.values, row.reference, row.current), is_text=is_text)


def unpickled(said: bytes) -> Any:  # noqa: ANN401 - whatever it is
    """Return what a task pickled."""
    return pickle.loads(said)  # noqa: S301 - our own tasks wrote it
