"""Portions of a table: the row groups that one task reads, and how it reads them.

Spark hands the tasks out; in a task the files are read by the column engine's own readers, so that
types, nulls and nested columns are the same on either engine by construction.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import pyarrow as pa

from drift_monitor.location import Location
from drift_monitor.tables.ahead import ahead
from drift_monitor.tables.parquet_file import ParquetFile, RowGroup, footer_of
from drift_monitor.tables.storage import REQUESTS, Bucket, Folder, Storage
from drift_monitor.tables.table import Table
from drift_monitor.tables.text import AS_IT_IS, TextTypes

_FOOTERS = 256
_TABLES = 4


@dataclass(frozen=True)
class TableFiles:
    """Where a table's files lie, in words that another process understands.

    Attributes:
        bucket: the location in the bucket that holds them; None where they lie in a folder.
        texts: what the columns of text stand for.
        digest: names their state: what a process keeps of them is of this state alone.
    """

    bucket: Location | None
    texts: TextTypes
    digest: str

    @classmethod
    def of(cls, table: Table) -> "TableFiles":
        """Return where a table's are."""
        is_here = table.storage.is_local
        bucket = None if is_here else table.found.wanted.location
        return cls(bucket, table.texts or AS_IT_IS, table.digest)


@dataclass(frozen=True)
class Portion:
    """Some rows of one of the two tables.

    Attributes:
        side: 0 for reference, 1 for current.
        path: the file that they are in.
        groups: its row groups that hold them.
        start: how many rows of the table come before them.
    """

    side: int
    path: str
    groups: tuple[RowGroup, ...]
    start: int

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(group.rows for group in self.groups)


def portions_of(files: list[ParquetFile], side: int, rows: int) -> list[Portion]:
    """Cut a table into portions of about so many rows each: whole row groups of one file."""
    portions: list[Portion] = []
    start = 0
    for file in files:
        groups: list[RowGroup] = []
        for group in file.groups:
            groups.append(group)
            if sum(each.rows for each in groups) >= rows:
                portions.append(Portion(side, file.path, tuple(groups), start))
                start += portions[-1].rows
                groups = []
        if groups:
            portions.append(Portion(side, file.path, tuple(groups), start))
            start += portions[-1].rows
    return portions


def read_portion(
    files: TableFiles, portion: Portion, columns: list[str]
) -> Iterator[tuple[str, list[pa.Array]]]:
    """Read some columns of a portion, one after the other, as they are in the file.

    Raises:
        DriftMonitorError: the file cannot be read.
    """
    storage, file = _storage(files), _footer(files, portion.path)

    def read(part: tuple[str, RowGroup]) -> pa.ChunkedArray:
        column, group = part
        return file.read(storage, group, column)

    parts = [(column, group) for column in columns for group in portion.groups]

    def size_of(part: tuple[str, RowGroup]) -> int:
        column, group = part
        return file.size_of(group, column)

    chunks = map(read, parts) if storage.is_local else ahead(_readers(), read, parts, size_of)
    for column, found in groupby(zip(parts, chunks, strict=True), lambda each: each[0][0]):
        yield column, [array for _, chunk in found for array in chunk.chunks]


@lru_cache(_TABLES)
def _storage(files: TableFiles) -> Storage:
    return Folder() if files.bucket is None else Bucket(files.bucket)


@lru_cache(_FOOTERS)
def _footer(files: TableFiles, path: str) -> ParquetFile:
    return footer_of(_storage(files), path)


@lru_cache(1)
def _readers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(REQUESTS)
