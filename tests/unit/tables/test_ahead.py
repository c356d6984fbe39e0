"""Parts are read ahead: many small ones at once, and few large ones."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pyarrow as pa
import pytest

from drift_monitor.tables.ahead import ahead
from drift_monitor.tables.arrow_storage import READERS, REQUESTS

MEGABYTE = 1 << 20


def test_small_parts_are_read_many_at_once() -> None:
    together = Barrier(REQUESTS)

    def read(part: int) -> pa.ChunkedArray:
        together.wait(timeout=60)
        return pa.chunked_array([[part]])

    with ThreadPoolExecutor(REQUESTS) as pool:
        chunks = ahead(pool, read, range(2 * REQUESTS), lambda _: MEGABYTE)
        assert [chunk[0].as_py() for chunk in chunks] == list(range(2 * REQUESTS))


@pytest.mark.parametrize("sizes", [[100] * 40, [1] * 20 + [100] * 20, [0, 100] * 20])
def test_what_waits_in_memory_is_few_parts_or_small_ones(sizes: list[int]) -> None:
    waiting: set[int] = set()
    most: list[int] = []
    lock = Lock()

    def read(part: int) -> pa.ChunkedArray:
        with lock:
            waiting.add(part)
            if sum(sizes[each] for each in waiting) > 32:
                most.append(len(waiting))
        return pa.chunked_array([[part]])

    with ThreadPoolExecutor(REQUESTS) as pool:
        for chunk in ahead(pool, read, range(40), lambda part: sizes[part] * MEGABYTE):
            waiting.discard(chunk[0].as_py())
    assert max(most) <= READERS + 1  # the one that was just handed out


def test_an_error_is_raised_in_its_turn() -> None:
    def read(part: int) -> pa.ChunkedArray:
        if part == 3:
            raise OSError("gone")
        return pa.chunked_array([[part]])

    with ThreadPoolExecutor(REQUESTS) as pool:
        chunks = ahead(pool, read, range(9), lambda _: 1)
        assert [next(chunks)[0].as_py() for _ in range(3)] == [0, 1, 2]
        with pytest.raises(OSError, match="gone"):
            next(chunks)
