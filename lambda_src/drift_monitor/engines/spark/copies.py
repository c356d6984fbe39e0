"""Copying rows whose columns cannot be read alone: Spark's tasks write them where all can read."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from pyspark.sql import SparkSession

from drift_monitor.config.locations import Location
from drift_monitor.engines.spark.tasks import LostTaskError, Tasks
from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import files_at
from drift_monitor.tables.arrow_storage import storage_of
from drift_monitor.tables.spool import Copier, Copies, Rows, write_parts
from drift_monitor.tables.text import AS_IT_IS, Fits, TextTypes, joined_fits

_LEAST_BYTES = 64 << 20
"""What a task copies at least, where there are parts enough."""


@dataclass(frozen=True)
class _Work:
    """What is copied, what its text may stand for, and into which folder it goes."""

    rows: Rows
    texts: TextTypes
    folder: Location


@dataclass(frozen=True)
class _Copied:
    """The copies of some parts, and what their columns of text may stand for."""

    paths: list[str]
    fits: dict[str, Fits]


def copies_on(spark: SparkSession, folder: str) -> Copier:
    """Return what copies rows into folders below this one, `s3://…/` or a path.

    What lies in a bucket is left there: its lifecycle removes it.
    """
    return partial(_copy, spark, folder)


@contextmanager
def _copy(
    spark: SparkSession, folder: str, rows: Rows, texts: TextTypes | None
) -> Iterator[Copies]:
    place = Location.parse(f"{folder.rstrip('/')}/copies/{uuid4().hex}")
    work = _Work(rows, texts or AS_IT_IS, place)
    try:
        copied = _copied(spark, work)
        paths = [path for each in copied for path in each.paths]
        fits = joined_fits(each.fits for each in copied) if texts else None
        yield Copies(paths, storage_of(place), fits)
    finally:
        if place.bucket is None:
            shutil.rmtree(place.path, ignore_errors=True)


def _copied(spark: SparkSession, work: _Work) -> list[_Copied]:
    """Let tasks copy all parts.

    Raises:
        DriftMonitorError: they cannot be read, or a task was lost.
    """
    with Tasks(spark, work) as tasks:
        futures = [tasks.submit(_copy_parts, *each) for each in _ranges(work.rows.sizes)]
        try:
            return [future.result() for future in futures]
        except LostTaskError as error:
            raise DriftMonitorError(
                f"a table could not be copied for Spark to compare it: {error}; write it as "
                "smaller files, or as Parquet"
            ) from error


def _ranges(sizes: list[int]) -> list[tuple[int, int]]:
    """Put parts together that one task copies; rows without a part still have columns."""
    starts, size = [0], 0
    for part, its_size in enumerate(sizes):
        if size >= _LEAST_BYTES:
            starts.append(part)
            size = 0
        size += its_size
    return list(zip(starts, [*starts[1:], len(sizes)], strict=True))


def _copy_parts(work: _Work, first: int, stop: int) -> _Copied:
    """Copy some parts, in a task."""
    fits: dict[str, Fits] = {}
    with TemporaryDirectory(prefix="drift-monitor-") as folder:
        with work.rows.explained(first):
            batches = work.texts.looked_at(work.rows.read(first, stop), fits)
            parts = write_parts(batches, Path(folder) / "part")
        files, paths = files_at(work.folder), []
        for part in parts:
            key = f"{uuid4().hex}.parquet"
            files.move_in(part, key)
            paths.append(f"{work.folder.full_path}/{key}")
        return _Copied(paths, fits)
