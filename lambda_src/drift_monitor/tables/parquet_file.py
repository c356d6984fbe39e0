"""A Parquet file, read one column and one row group at a time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet as pq

from drift_monitor.errors import as_user_error, first_line
from drift_monitor.tables.arrow_storage import Storage
from drift_monitor.tables.flat import ColumnPath, column_at, paths_of
from drift_monitor.tables.text import is_text

_AGAIN = "write the file again, or remove it"
_ADVICE = {
    "ACCESS_DENIED": "allow s3:GetObject on it, and kms:Decrypt with its key",
    "HTTP status 301": "its bucket is in another region: set AWS_REGION to that one",
    "AWS Error": "run again",
}
"""What to do, by what Arrow says of S3."""


@dataclass(frozen=True)
class RowGroup:
    """A row group of a file, or some of its rows.

    Attributes:
        number: which one it is in its file.
        rows: how many rows count.
        chosen: which ones, a bit for each; None where all of them do.
    """

    number: int
    rows: int
    chosen: pa.BooleanArray | None = None

    def only(self, chosen: pa.BooleanArray) -> "RowGroup":
        """Return it with only some of its rows."""
        rows = int(chosen.true_count)
        return replace(self, rows=rows, chosen=None if rows == len(chosen) else chosen)


@dataclass(frozen=True)
class ParquetFile:
    """A file's footer: with it, each read is one request for one part of the file.

    Attributes:
        columns: by its dotted path, each column's type and the names that lead there; more than
            one where columns clash.
        groups: the row groups that count.
    """

    path: str
    metadata: pq.FileMetaData
    columns: dict[str, list[tuple[ColumnPath, pa.DataType]]]
    groups: list[RowGroup]

    def read(self, storage: Storage, group: RowGroup, column: str) -> pa.ChunkedArray:
        """Read one row group's part of a column; nulls where the file does not have it.

        Raises:
            DriftMonitorError: the file cannot be read.
        """
        if column not in self.columns:
            return pa.chunked_array([pa.nulls(group.rows)])
        ((path, data_type),) = self.columns[column]
        with _readable(self.path):
            opened = pq.ParquetFile(
                storage.open(self.path),
                metadata=self.metadata,
                read_dictionary=[column] if is_text(data_type) else None,
                # Buffered beforehand, it would wait for one of Arrow's own eight threads.
                pre_buffer=False,
            )
            # A name that is another's prefix before a dot brings that other along: pick ours.
            part = opened.read_row_group(group.number, columns=[column], use_threads=False)
            values = column_at(part.column(part.schema.get_field_index(path[0])), path)
        return values if group.chosen is None else _chosen(values, group.chosen)

    def read_rows(
        self, storage: Storage, group: RowGroup, at_once: int
    ) -> Iterator[pa.RecordBatch]:
        """Read all columns of a row group, by their dotted paths, so many rows at once or fewer.

        Raises:
            DriftMonitorError: the file cannot be read.
        """
        start = 0
        with _readable(self.path):
            opened = pq.ParquetFile(
                storage.open(self.path), metadata=self.metadata, pre_buffer=True
            )
            for batch in opened.iter_batches(at_once, [group.number]):
                columns = [
                    column_at(pa.chunked_array([batch.column(path[0])]), path).combine_chunks()
                    for ((path, _), *_) in self.columns.values()
                ]
                rows = pa.RecordBatch.from_arrays(columns, names=list(self.columns))
                yield (
                    rows
                    if group.chosen is None
                    else rows.filter(group.chosen.slice(start, len(batch)))
                )
                start += len(batch)

    def statistics(self, group: RowGroup, column: str) -> pq.Statistics | None:
        """Return what the file says of a column's values, or None where it does not."""
        place = self._places.get(column)
        if place is None:
            return None
        return self.metadata.row_group(group.number).column(place).statistics

    def size_of(self, group: RowGroup, column: str) -> int:
        """Return how many bytes a row group's part of a column is, once unpacked."""
        place = self._places.get(column)
        if place is None:
            return 0
        return int(self.metadata.row_group(group.number).column(place).total_uncompressed_size)

    def group_size(self, group: RowGroup) -> int:
        """Return how many bytes a row group is, once unpacked."""
        return int(self.metadata.row_group(group.number).total_byte_size)

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where the file's columns are, by their dotted paths; not those of which two have one."""
        schema = self.metadata.schema
        paths = [schema.column(place).path for place in range(len(schema))]
        times = Counter(paths)
        return {path: place for place, path in enumerate(paths) if times[path] == 1}


def footer_of(storage: Storage, path: str, size: int | None = None) -> ParquetFile:
    """Read a file's footer.

    Args:
        storage: where it is.
        path: its path.
        size: in bytes, where it was listed: then the file is not asked for it.

    Raises:
        DriftMonitorError: it cannot be read.
    """
    with _readable(path):
        metadata = storage.footer(path, size)
        columns: dict[str, list[tuple[ColumnPath, pa.DataType]]] = {}
        for names, data_type in paths_of(metadata.schema.to_arrow_schema()):
            columns.setdefault(".".join(names), []).append((names, data_type))
    rows = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    groups = [RowGroup(number, count) for number, count in enumerate(rows)]
    return ParquetFile(path, metadata, columns, groups)


def _chosen(values: pa.ChunkedArray, chosen: pa.BooleanArray) -> pa.ChunkedArray:
    """Return the rows that count; of a dictionary only the texts that they hold.

    A column's type is told by its texts, and those of other rows are none of them.
    """
    rows = values.filter(chosen)
    if not pa.types.is_dictionary(rows.type):
        return rows
    return pa.chunked_array(map(_without_unused, rows.chunks), rows.type)


def _without_unused(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    used = pc.unique(chunk.indices.drop_null())
    codes = pc.index_in(chunk.indices, value_set=used)
    return pa.DictionaryArray.from_arrays(codes, chunk.dictionary.take(used))


def _readable(path: str) -> AbstractContextManager[None]:
    """Raise an error for the user where a file cannot be read."""
    return as_user_error(f"{path} cannot be read", OSError, pa.ArrowException, explain=_reason)


def _reason(error: Exception) -> str:
    # Arrow reads S3's answer from a buffer that may hold other bytes behind it; then S3's own words
    # are lost, and nothing stands after the colon.
    reason = first_line(error).rstrip(": ")
    return f"{reason}; {next((text for sign, text in _ADVICE.items() if sign in reason), _AGAIN)}"
