"""Parts of a table read ahead, as most of a read's time in S3 is waiting."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa

from drift_monitor.tables.arrow_storage import READERS, REQUESTS

_MEMORY = 32 << 20

_Part = TypeVar("_Part")


def ahead(
    pool: ThreadPoolExecutor,
    read: Callable[[_Part], pa.ChunkedArray],
    parts: Iterable[_Part],
    size_of: Callable[[_Part], int],
) -> Iterator[pa.ChunkedArray]:
    """Read parts in order, some of them ahead: of small parts more, so that memory is bounded.

    Args:
        pool: reads them.
        read: reads one.
        parts: the parts.
        size_of: how many bytes a part takes.
    """
    under_way: deque[tuple[Future[pa.ChunkedArray], int]] = deque()
    total = 0
    for part in parts:
        size = size_of(part)
        while len(under_way) >= (READERS if total + size > _MEMORY else REQUESTS):
            done, its_size = under_way.popleft()
            total -= its_size
            yield done.result()
        under_way.append((pool.submit(read, part), size))
        total += size
    for done, _ in under_way:
        yield done.result()
