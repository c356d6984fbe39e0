"""Files whose columns cannot be read alone, copied once as Parquet files in a temporary folder."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet as pq

from drift_monitor.errors import DriftMonitorError
from drift_monitor.table_format import FormatType
from drift_monitor.tables.arrow_files import read_arrow
from drift_monitor.tables.avro import read_avro
from drift_monitor.tables.capture import read_capture
from drift_monitor.tables.delimited import read_csv
from drift_monitor.tables.files import FoundFiles
from drift_monitor.tables.flat import flattened
from drift_monitor.tables.formats import NAMES
from drift_monitor.tables.json_lines import read_json_lines
from drift_monitor.tables.source import Reader, Source
from drift_monitor.tables.storage import StoredFile

_READERS: dict[FormatType, Reader] = {
    "csv": read_csv,
    "jsonl": read_json_lines,
    "arrow": read_arrow,
    "avro": read_avro,
    "sagemaker_capture": read_capture,
}
_ROW_GROUP = 8 << 20


def spool(
    found: FoundFiles, format_type: FormatType, folder: Path, pool: ThreadPoolExecutor
) -> list[str]:
    """Copy files, in bounded memory; return the copies' paths in the order of the files' rows.

    Raises:
        DriftMonitorError: a file is not what it should be.
    """

    def copy(number: int, file: StoredFile) -> list[str]:
        source, stem = Source(found.storage, file), folder / str(number)
        try:
            batches = _READERS[format_type](source, found.wanted.table_format)
            return write_parts(map(flattened, batches), stem)
        except (OSError, UnicodeError, pa.ArrowException) as error:
            reason = str(error).partition("\n")[0]
            advice = "; name its encoding by format: {encoding: …}" if "UTF8" in reason else ""
            raise DriftMonitorError(
                f"{file.path} cannot be read as {NAMES[format_type]}: {reason}{advice}"
            ) from error

    return [path for paths in pool.map(copy, count(), found.files) for path in paths]


def write_parts(batches: Iterator[pa.RecordBatch], stem: Path) -> list[str]:
    """Write rows as Parquet files: into another part wherever the columns or their types change.

    Args:
        batches: the rows.
        stem: what the parts' paths begin with.
    """
    paths: list[str] = []
    for schema, alike in _alike(batches):
        paths.append(f"{stem}-{len(paths)}.parquet")
        with pq.ParquetWriter(paths[-1], schema) as writer:
            for group in _grouped(alike):
                writer.write_table(pa.Table.from_batches(group, schema))
    return paths


def _alike(
    batches: Iterator[pa.RecordBatch],
) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """Put batches together that fit the schema of the first of them."""
    following = next(batches, None)

    def fitting(schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        nonlocal following
        while following is not None and (fitted := _fitted(following, schema)) is not None:
            yield fitted
            following = next(batches, None)

    while following is not None:
        schema = following.schema
        yield schema, fitting(schema)


def _fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch | None:
    """Return a batch with the columns of a schema, or None where that would change a value."""
    if batch.schema.equals(schema):
        return batch
    try:
        unified = pa.unify_schemas([schema, batch.schema], promote_options="permissive")
        if not unified.equals(schema):
            return None
        columns = [
            batch.column(field.name).cast(field.type)
            if field.name in batch.schema.names
            else pa.nulls(len(batch), field.type)
            for field in schema
        ]
    except pa.ArrowException:
        return None
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _grouped(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Put batches together to row groups that are worth a read each."""
    group: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        group.append(batch)
        size += batch.nbytes
        if size >= _ROW_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group
