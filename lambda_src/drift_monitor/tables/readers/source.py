"""A source file that is to be spooled as Parquet."""

from collections.abc import Callable, Iterator
from functools import cached_property

import pyarrow as pa

from drift_monitor.config.formats import TableFormat
from drift_monitor.tables.arrow_storage import Storage, StoredFile
from drift_monitor.tables.formats import packing_of

_SMALL = 1 << 20


class Source:
    """A file that is read from its start, more than once if need be.

    Attributes:
        path: its path.
    """

    def __init__(self, storage: Storage, file: StoredFile) -> None:
        """Open nothing yet."""
        self.path = file.path
        self._storage = storage
        self._is_small = file.size <= _SMALL and not storage.is_local

    def stream(self) -> pa.NativeFile:
        """Open it from its start, decompressed where its name says that it is compressed."""
        if not self._is_small:
            return self._storage.stream(self.path)
        return pa.input_stream(self._body, compression=packing_of(self.path))

    def random_access(self) -> pa.NativeFile:
        """Open it for reads in any order, as it is."""
        return pa.BufferReader(self._body) if self._is_small else self._storage.open(self.path)

    @cached_property
    def _body(self) -> pa.Buffer:
        """A small object, fetched once: most of the time of a read is the request's."""
        return self._storage.open(self.path).read_buffer()


Reader = Callable[[Source, TableFormat], Iterator[pa.RecordBatch]]
"""Reads a file in bounded memory. The first batch of a file without rows has its columns."""


def no_rows(schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch without rows, which has the columns."""
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)
