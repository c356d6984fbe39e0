"""What is kept of a column: it comes back as it was, and damage is noticed."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq
from support.builders import InMemory

from drift_monitor.analysis.columns.arrays import as_text
from drift_monitor.analysis.columns.source import SampledColumn, read_column
from drift_monitor.analysis.columns.values import Categories, Numbers
from drift_monitor.config.methods import Kind
from drift_monitor.engines.cache.column_file import (
    GROUP,
    UNREADABLE,
    DamagedError,
    read_column_file,
    write_column,
)

Floats = npt.NDArray[np.float64]

ROWS = np.arange(0, 1_000, 7)
NUMERIC, CATEGORICAL = Kind.NUMERIC, Kind.CATEGORICAL
COLUMNS: dict[str, tuple[Kind, pa.Array]] = {
    "numbers": (NUMERIC, pa.array([None, 1e30, *(n * -0.1 for n in range(998))])),
    "far apart": (NUMERIC, pa.array([-1.7e308, -5e-324, -0.0, 0.0, 5e-324, 1.7e308] * 100)),
    "equal numbers": (NUMERIC, pa.array([n % 7 for n in range(1_000)])),
    "infinite": (NUMERIC, pa.array([0.5, None, np.inf, -np.inf, np.nan] * 200)),
    "decimals": (NUMERIC, pa.array([Decimal(n) / 4 for n in range(1_000)])),
    "moments": (Kind.TIMESTAMP, pa.array(range(1_000), pa.timestamp("ms", "UTC"))),
    "nothing": (NUMERIC, pa.nulls(1_000, pa.float32())),
    "texts": (CATEGORICAL, pa.array(["b", None, "ä", ""] * 250)),
    "no text": (CATEGORICAL, pa.nulls(1_000, pa.string())),
    "flags": (CATEGORICAL, pa.array([True, None] * 500)),
    "codes": (CATEGORICAL, pa.array([n % 13 - 2.5 for n in range(1_000)])),
    "decimal codes": (CATEGORICAL, pa.array([Decimal(n % 9) / 2 for n in range(1_000)])),
    "long numbers": (NUMERIC, pa.array(np.random.default_rng(0).normal(size=3 * GROUP + 1_000))),
    "many texts": (CATEGORICAL, pa.array([f"text {n}" for n in range(GROUP + 1_000)])),
}


def _read(name: str) -> SampledColumn:
    kind, values = COLUMNS[name]
    return read_column(InMemory({name: values}, chunk_rows=30_000), name, kind, ROWS)


def _refuse(reason: str) -> NoReturn:
    raise DamagedError(reason)


def _back(
    body: bytes, checksum: int, read_anew: Callable[[str], SampledColumn] = _refuse
) -> SampledColumn:
    file = pq.ParquetFile(BytesIO(body), page_checksum_verification=True)
    back = read_column_file(file, checksum, ROWS, read_anew)
    assert back is not None
    return back


def _told(column: SampledColumn) -> list[object]:
    """Return all that a column says, bit by bit."""
    side = column.values
    if isinstance(side, Categories):
        texts = [text for part in column.sample for text in as_text(part).to_pylist()]
        values = [side.values.to_pylist(), side.counts.tolist(), side.nulls, side.are_codes]
        return [values, texts]
    whole = [side.sorted.tobytes(), repr(side.blocks), side.nulls, side.is_integer, side.infinite]
    return [whole, len(side.values)]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_bit_by_bit(name: str) -> None:
    column = _read(name)
    assert _told(_back(*write_column(column, ROWS))) == _told(column)


def test_a_column_of_other_samples_does_not_come_back() -> None:
    body, checksum = write_column(_read("numbers"), ROWS)
    assert read_column_file(pq.ParquetFile(BytesIO(body)), checksum, ROWS + 1, _refuse) is None


def test_another_file_of_the_same_column_is_not_taken_for_it() -> None:
    column = _read("numbers")
    body, _ = write_column(column, ROWS)
    with pytest.raises(DamagedError, match="not the file that was written"):
        _back(body, write_column(column, ROWS)[1])


def test_numbers_take_few_bytes_where_they_are_equal_or_near_each_other() -> None:
    equal = pa.array(np.repeat(np.arange(7.0), 100_000))
    read = {"long": COLUMNS["long numbers"][1], "equal": equal}
    taken = {
        name: len(write_column(read_column(InMemory({name: values}), name, NUMERIC, ROWS), ROWS)[0])
        for name, values in read.items()
    }
    assert taken["long"] < 8 * len(read["long"])
    assert taken["equal"] < len(equal) / 4


SMALL = {
    name: write_column(_read(name), ROWS) for name in ("numbers", "equal numbers", "texts", "codes")
}


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_bit_that_is_off_is_noticed_or_does_no_harm(name: str, data: st.DataObject) -> None:
    body, checksum = SMALL[name]
    place = data.draw(st.integers(0, len(body) - 1))
    damaged = bytearray(body)
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        told = _told(_back(bytes(damaged), checksum))
    except UNREADABLE:
        return
    assert told == _told(_read(name))


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=50, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True), filler=st.sampled_from([b"", b"\0"]))
def test_a_file_that_was_cut_off_is_noticed(name: str, share: float, filler: bytes) -> None:
    body, checksum = SMALL[name]
    kept = int(share * len(body))
    with pytest.raises(UNREADABLE):
        _told(_back(body[:kept] + filler * (len(body) - kept), checksum))


LONG = write_column(_read("long numbers"), ROWS)
VALUES: Floats = _read("long numbers").values.sorted  # type: ignore[union-attr]


def _kept(body: bytes, read_anew: Callable[[str], SampledColumn] = _refuse) -> Numbers:
    side = _back(body, LONG[1], read_anew).values
    assert isinstance(side, Numbers)
    return side


@settings(max_examples=60, deadline=None)
@given(ends=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_range_of_numbers_is_read(ends: tuple[float, float]) -> None:
    start, stop = (int(end * len(VALUES)) for end in sorted(ends))
    assert _kept(LONG[0]).values[start:stop].tobytes() == VALUES[start:stop].tobytes()


@settings(max_examples=30, deadline=None)
@given(shares=st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=40))
def test_single_numbers_are_read(shares: list[float]) -> None:
    positions = np.array([int(share * len(VALUES)) for share in shares[: len(shares) // 2 * 2]])
    kept = _kept(LONG[0])
    for wanted in (positions, positions.reshape(2, -1)):
        assert kept.values[wanted].tobytes() == VALUES[wanted].tobytes()


class _Counting(BytesIO):
    """A file that counts the bytes that are read of it."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        body = super().read(size)
        self.count += len(body)
        return body


def test_of_numbers_only_those_near_the_ones_asked_for_are_read() -> None:
    file = _Counting(LONG[0])
    opened = pq.ParquetFile(file, page_checksum_verification=True)
    column = read_column_file(opened, LONG[1], ROWS, _refuse)
    assert column is not None
    assert isinstance(column.values, Numbers)
    file.count = 0
    middle = len(VALUES) // 2
    for start in range(middle, middle + 100, 10):
        part = slice(start, start + 5)
        assert column.values.values[part].tolist() == VALUES[part].tolist()
    assert 0 < file.count <= 8 * GROUP


@pytest.mark.parametrize("wanted", [slice(None), slice(40_000, 40_010), np.array([0, 40_000])])
def test_numbers_that_are_damaged_are_read_anew_once(wanted: slice | npt.NDArray[np.int64]) -> None:
    damaged = bytearray(LONG[0])
    # The second row group's numbers.
    place = pq.ParquetFile(BytesIO(LONG[0])).metadata.row_group(1).column(4).data_page_offset
    damaged[place + 1_000] ^= 1
    reasons: list[str] = []

    def read_anew(reason: str) -> SampledColumn:
        reasons.append(reason)
        return _read("long numbers")

    kept = _kept(bytes(damaged), read_anew)
    for _ in range(2):
        assert kept.values[wanted].tobytes() == VALUES[wanted].tobytes()
    assert len(reasons) == 1
