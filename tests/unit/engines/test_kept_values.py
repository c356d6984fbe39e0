"""Sorted values that are read when they are asked for are the ones that were written."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_monitor.engines.cache import kept_values
from drift_monitor.engines.cache.kept_values import PAGE, KeptValues, Runs, checksums_of

Floats = npt.NDArray[np.float64]
SMALL, LARGE = 5_000, 20 * PAGE + 1_000


@pytest.fixture(scope="module")
def readers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture(scope="module", params=[SMALL, LARGE], ids=["one page", "many pages"])
def values(request: pytest.FixtureRequest) -> Floats:
    return np.sort(np.random.default_rng(0).normal(size=request.param))


@pytest.fixture(scope="module")
def file(values: Floats, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cache") / "x.float64"
    values.tofile(path)
    return path


Keep = Callable[[Path], tuple[KeptValues, list[str]]]


@pytest.fixture(scope="module")
def keep(values: Floats, readers: ThreadPoolExecutor) -> Keep:
    """Read a file as the values' own; why they were read anew is told in the list."""

    def open_kept(path: Path) -> tuple[KeptValues, list[str]]:
        reasons: list[str] = []

        def read_anew(reason: str) -> Floats:
            reasons.append(reason)
            return values

        sums = checksums_of(values)
        kept = KeptValues(lambda: pa.OSFile(str(path)), len(values), sums, readers, read_anew)
        return kept, reasons

    return open_kept


@settings(max_examples=60, deadline=None)
@given(ends=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_range_is_read(values: Floats, file: Path, keep: Keep, ends: tuple[float, float]) -> None:
    start, stop = (int(end * len(values)) for end in sorted(ends))
    kept, reasons = keep(file)
    assert kept[start:stop].tobytes() == values[start:stop].tobytes()
    assert reasons == []


def test_all_are_read(values: Floats, file: Path, keep: Keep) -> None:
    kept, reasons = keep(file)
    assert (kept[:].tobytes(), len(kept), reasons) == (values.tobytes(), len(values), [])


@settings(max_examples=30, deadline=None)
@given(shares=st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=40))
def test_single_ones_are_read(values: Floats, file: Path, keep: Keep, shares: list[float]) -> None:
    positions = np.array([int(share * len(values)) for share in shares[: len(shares) // 2 * 2]])
    kept, reasons = keep(file)
    for wanted in (positions, positions.reshape(2, -1)):
        assert kept[wanted].tobytes() == values[wanted].tobytes()
    assert reasons == []


def _flip_a_bit(body: bytearray) -> None:
    body[len(body) // 2] ^= 1


def _exchange_two_values(body: bytearray) -> None:
    middle = len(body) // 16 * 8
    body[middle : middle + 8], body[:8] = body[:8], body[middle : middle + 8]


def _cut(body: bytearray) -> None:
    del body[len(body) // 3 :]


@pytest.mark.parametrize("damage", [_flip_a_bit, _exchange_two_values, _cut, bytearray.clear])
def test_damage_is_noticed_where_it_is_read(
    values: Floats, file: Path, keep: Keep, tmp_path: Path, damage: Callable[[bytearray], None]
) -> None:
    body = bytearray(file.read_bytes())
    damage(body)
    path = tmp_path / "damaged"
    path.write_bytes(body)
    middle = len(values) // 2
    for wanted in (slice(None), slice(middle - 2, middle + 2), np.array([0, middle])):
        kept, reasons = keep(path)
        assert kept[wanted].tobytes() == values[wanted].tobytes()
        assert len(reasons) == 1


class Counting:
    """A file that counts what is read of it, by several threads."""

    def __init__(self, path: Path) -> None:
        self._file = pa.OSFile(str(path))
        self.reads: list[int] = []

    def read_at(self, size: int, start: int) -> bytes:
        self.reads.append(start)
        return self._file.read_at(size, start)


def test_few_pages_stay_in_memory_however_many_are_asked_for(
    readers: ThreadPoolExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_values, "PAGE", 4)
    values = np.arange(2_400.0)
    values.tofile(tmp_path / "x.float64")
    firsts, file = np.arange(0, len(values), 4), Counting(tmp_path / "x.float64")
    sums = checksums_of(values)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that threads meet wherever they can
    try:
        for _ in range(30):
            kept = KeptValues(lambda: file, len(values), sums, readers, pytest.fail)
            file.reads.clear()
            for _ in range(2):
                assert kept[firsts].tolist() == values[firsts].tolist()
            assert len(file.reads) > 2 * len(firsts) - 50
    finally:
        sys.setswitchinterval(usual)


def test_a_file_that_is_gone_is_read_anew_once(values: Floats, keep: Keep, tmp_path: Path) -> None:
    kept, reasons = keep(tmp_path / "gone")
    for _ in range(2):
        assert kept[10:20].tobytes() == values[10:20].tobytes()
    assert len(reasons) == 1


@settings(deadline=None)
@given(
    lengths=st.lists(st.integers(1, 9), max_size=9),
    ends=st.tuples(st.integers(0, 90), st.integers(0, 90)),
)
def test_runs_are_the_values_that_they_stand_for(lengths: list[int], ends: tuple[int, int]) -> None:
    numbers = np.arange(len(lengths)) * 0.5
    values = np.repeat(numbers, lengths)
    runs = Runs(numbers, np.cumsum(lengths, dtype=np.int64))
    assert len(runs) == len(values)
    start, stop = ends
    assert runs[start:stop].tolist() == values[start:stop].tolist()
    positions = np.arange(len(values))[::-1]
    assert runs[positions].tolist() == values[positions].tolist()
