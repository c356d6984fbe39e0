"""Sorted values that are kept in a file, or as runs, and read when they are asked for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
import pyarrow as pa

from drift_monitor.analysis.columns.blocks import BLOCK, Floats, Integers

PAGE = 128 * BLOCK
"""Values in a page, which is read when one of them is asked for: 256 KB."""
_PAGES_AT_ONCE = 16
"""Pages that one request brings where many are asked for: 4 MB. A file without more is one page."""
_FEW_PAGES = 2
"""A range of so few pages is likely to be followed by another one in the same pages."""


class DamagedError(Exception):
    """What is kept is not what was written; the message says how it shows."""


@dataclass(frozen=True)
class Runs:
    """Sorted values of which many are equal.

    Attributes:
        values: one of each run of values that are equal bit by bit.
        ends: the position behind each run.
    """

    values: Floats
    ends: Integers

    def __len__(self) -> int:
        """Return how many values there are."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def __getitem__(self, wanted: slice | Integers) -> Floats:
        """Return some of the values."""
        if not isinstance(wanted, slice):
            return self.values[np.searchsorted(self.ends, wanted, "right")]
        start, stop, _ = wanted.indices(len(self))
        first, last = np.searchsorted(self.ends, (start, stop), "right")
        ends = np.clip(self.ends[first : last + 1], start, max(start, stop))
        return np.repeat(self.values[first : last + 1], np.diff(ends, prepend=start))


class KeptValues:
    """Sorted values in a file, eight bytes each, read a page at a time.

    If a page is not what was written, or cannot be read, all values are read anew, from the table.
    """

    def __init__(
        self,
        open_file: Callable[[], pa.NativeFile],
        size: int,
        checksums: Integers,
        readers: ThreadPoolExecutor,
        read_anew: Callable[[str], Floats],
    ) -> None:
        """Read nothing yet.

        Args:
            open_file: opens the file for reads in any order.
            size: how many values there are.
            checksums: of the pages.
            readers: make several requests at once.
            read_anew: reads the values from the table; it is told why.
        """
        self._open_file = lru_cache(1)(open_file)
        self._size = size
        self._page_size = _page_size(size)
        self._checksums = checksums
        self._readers = readers
        self._read_anew = read_anew
        self._anew: Floats | None = None
        self._recent: dict[int, Floats] = {}

    def __len__(self) -> int:
        """Return how many values there are."""
        return self._size

    def __getitem__(self, wanted: slice | Integers) -> Floats:
        """Return some of the values."""
        if self._anew is None:
            try:
                self._open_file()
                return self._range(wanted) if isinstance(wanted, slice) else self._single(wanted)
            except (OSError, DamagedError) as error:
                self._anew = self._read_anew(str(error))
        return self._anew[wanted]

    def _range(self, wanted: slice) -> Floats:
        start, stop, _ = wanted.indices(self._size)
        first, last = start // self._page_size, -(-stop // self._page_size)
        skipped = first * self._page_size
        if last - first <= _FEW_PAGES:
            pages = [self._page(page) for page in range(first, last)]
            values = np.concatenate([np.array([]), *pages])
        else:
            values = np.empty(min(last * self._page_size, self._size) - skipped)

            def read(page: int) -> None:
                part = self._pages(page, min(page + _PAGES_AT_ONCE, last))
                place = page * self._page_size - skipped
                values[place : place + len(part)] = part

            list(self._readers.map(read, range(first, last, _PAGES_AT_ONCE)))
        return values[start - skipped : stop - skipped]

    def _single(self, wanted: Integers) -> Floats:
        pages, places = np.unique(wanted // self._page_size, return_inverse=True)
        found = np.empty(wanted.shape)
        for place, page in enumerate(self._readers.map(self._page, pages.tolist())):
            here = places.reshape(wanted.shape) == place
            found[here] = page[wanted[here] % self._page_size]
        return found

    def _page(self, page: int) -> Floats:
        # Other threads add pages, and make way for them, at the same time.
        values = self._recent.get(page)
        if values is None:
            values = self._pages(page, page + 1)
            if len(self._recent) >= _PAGES_AT_ONCE:
                self._recent.clear()
            self._recent[page] = values
        return values

    def _pages(self, first: int, last: int) -> Floats:
        """Read pages that follow each other, by one request."""
        start, stop = first * self._page_size, min(last * self._page_size, self._size)
        body = self._open_file().read_at(8 * (stop - start), 8 * start)
        if _checksums(memoryview(body), self._page_size) != self._checksums[first:last].tolist():
            raise DamagedError("its values are not those that were written")
        return np.frombuffer(body, "<f8")


def checksums_of(values: Floats) -> Integers:
    """Return the checksums of the pages of some values."""
    body = memoryview(pa.py_buffer(values))
    return np.array(_checksums(body, _page_size(len(values))), np.int64)


def _checksums(body: memoryview, page_size: int) -> list[int]:
    step = 8 * page_size
    return [crc32(body[start : start + step]) for start in range(0, len(body), step)]


def _page_size(size: int) -> int:
    return PAGE if size > _PAGES_AT_ONCE * PAGE else _PAGES_AT_ONCE * PAGE
