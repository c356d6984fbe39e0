"""Copying files that are not Parquet on Spark: a task for each, into a folder that all can read."""

import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
from pyspark.sql import SparkSession

from drift_monitor.location import Location
from drift_monitor.spark.sentences import in_a_sentence
from drift_monitor.spark.tasks import unpickled
from drift_monitor.table_format import FormatType, TableFormat
from drift_monitor.tables.files import FoundFiles
from drift_monitor.tables.source import Source
from drift_monitor.tables.spool import Copier, Copies, read_source, readable, write_parts
from drift_monitor.tables.storage import StoredFile, aws_session, storage_of
from drift_monitor.tables.text import Fits, TextTypes, is_text

if TYPE_CHECKING:
    from pyspark.broadcast import Broadcast

_COPIED = "number long, copied binary"


@dataclass(frozen=True)
class _Work:
    """What the tasks need to know."""

    location: Location
    files: tuple[StoredFile, ...]
    format_type: FormatType
    table_format: TableFormat
    texts: TextTypes
    folder: Location


@dataclass(frozen=True)
class _Copied:
    """A file's copies, and what its columns of text may stand for."""

    paths: list[str]
    fits: dict[str, Fits]


def copies_on(spark: SparkSession, folder: str) -> Copier:
    """Return what copies files into folders below this one, `s3://…/` or a path.

    What lies in a bucket is left there: its lifecycle removes it.
    """
    return partial(_copy, spark, folder)


@contextmanager
def _copy(
    spark: SparkSession,
    folder: str,
    found: FoundFiles,
    format_type: FormatType,
    texts: TextTypes | None,
) -> Iterator[Copies]:
    place = Location.parse(f"{folder.rstrip('/')}/copies/{uuid4().hex}")
    wanted = found.wanted
    work = _Work(
        wanted.location,
        tuple(found.files),
        format_type,
        wanted.table_format,
        texts or TextTypes(()),
        place,
    )
    shared = spark.sparkContext.broadcast(work)
    files = len(found.files)
    try:
        with in_a_sentence():
            rows = spark.range(0, files, 1, files).mapInArrow(partial(_task, shared), _COPIED)
            copied = {row.number: unpickled(bytes(row.copied)) for row in rows.collect()}
        in_order = [copied[number] for number in range(files)]
        paths = [path for each in in_order for path in each.paths]
        yield Copies(paths, storage_of(place), _together(in_order))
    finally:
        if place.bucket is None:
            shutil.rmtree(place.path, ignore_errors=True)


def _together(copied: Iterable[_Copied]) -> dict[str, Fits]:
    fits: dict[str, Fits] = {}
    for each in copied:
        for column, found in each.fits.items():
            fits[column] = fits[column].joined(found) if column in fits else found
    return fits


# What follows runs in Spark's tasks.


def _task(
    shared: "Broadcast[_Work]", batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for number in (number for batch in batches for number in batch.column(0).to_pylist()):
        copied = pickle.dumps(_copied(shared.value, number))
        yield pa.record_batch(
            {"number": pa.array([number]), "copied": pa.array([copied], pa.binary())}
        )


def _copied(work: _Work, number: int) -> _Copied:
    file, fits = work.files[number], dict[str, Fits]()
    source = Source(storage_of(work.location), file)
    with TemporaryDirectory(prefix="drift-monitor-") as folder:
        with readable(file, work.format_type):
            batches = read_source(source, work.format_type, work.table_format)
            parts = write_parts(_looked_at(batches, work.texts, fits), Path(folder) / str(number))
        put = _put_into(work.folder)
        return _Copied([put(part) for part in parts], fits)


def _looked_at(
    batches: Iterable[pa.RecordBatch], texts: TextTypes, fits: dict[str, Fits]
) -> Iterator[pa.RecordBatch]:
    """Pass batches on, and keep what their text may stand for."""
    for batch in batches:
        for field, column in zip(batch.schema, batch.columns, strict=True):
            if is_text(_values_of(field.type)):
                known = fits.get(field.name, Fits(texts.candidates))
                fits[field.name] = texts.narrowed(known, column)
        yield batch


def _values_of(data_type: pa.DataType) -> pa.DataType:
    return data_type.value_type if pa.types.is_dictionary(data_type) else data_type


def _put_into(folder: Location) -> Callable[[str], str]:
    """Return what puts a file of this machine there, under a new name, and returns its path."""
    if folder.bucket is None:
        Path(folder.path).mkdir(parents=True, exist_ok=True)
        return lambda part: shutil.move(part, f"{folder.path}/{_new_name()}")
    client, bucket = aws_session(folder.text)[0].client("s3"), folder.bucket

    def upload(part: str) -> str:
        key = f"{folder.path}/{_new_name()}"
        client.upload_file(part, bucket, key)
        return f"{bucket}/{key}"

    return upload


def _new_name() -> str:
    return f"{uuid4().hex}.parquet"
