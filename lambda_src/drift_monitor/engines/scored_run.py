"""What a run found out from its tables: all that is left to do needs them no more.

A Spark job writes it, and the function reads it: `scores.json`, and the rows behind the pictures
as `reference.parquet` and `current.parquet`. `scores.json` is written last.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError
from pyarrow import parquet as pq
from pydantic import BaseModel, ValidationError

from drift_monitor.analysis.drift.comparison import Comparison, PlotSample
from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.storage import FolderStore, aws_session

_SCORES = "scores.json"
_ROWS = ("reference.parquet", "current.parquet")


@dataclass(frozen=True)
class ScoredRun:
    """What a run found out from its tables.

    Attributes:
        result: the outcome.
        comparison: the columns with the rows behind their pictures.
    """

    result: DriftResult
    comparison: Comparison


class _Written(BaseModel):
    result: DriftResult
    sampled_rows: tuple[int, int]


def write_scored_run(folder: str, scored_run: ScoredRun) -> None:
    """Write scores into a folder, `s3://…/` or a path.

    Raises:
        DriftMonitorError: it cannot be written.
    """
    comparison = scored_run.comparison
    tables = zip(
        *((each.reference, each.current) for each in comparison.samples.values()), strict=True
    )
    for name, columns in zip(_ROWS, list(tables) or ((), ()), strict=True):
        rows = pa.table([pa.chunked_array(parts) for parts in columns], list(comparison.samples))
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink)
        _write(folder, name, sink.getvalue().to_pybytes())
    written = _Written(result=scored_run.result, sampled_rows=comparison.sampled_rows)
    _write(folder, _SCORES, written.model_dump_json().encode())


def read_scored_run(folder: str) -> ScoredRun:
    """Read scores from a folder.

    Raises:
        DriftMonitorError: there are none, or not of this version.
    """
    try:
        written = _Written.model_validate_json(_read(folder, _SCORES))
    except ValidationError as error:
        raise DriftMonitorError(
            f"{folder} has no scores of this version: run the Spark job of the same image again"
        ) from error
    reference, current = (pq.read_table(pa.BufferReader(_read(folder, name))) for name in _ROWS)
    samples = {
        name: PlotSample(reference[name].chunks, current[name].chunks)
        for name in reference.column_names
    }
    comparison = Comparison(written.result.columns, samples, written.sampled_rows)
    return ScoredRun(written.result, comparison)


def _write(folder: str, name: str, body: bytes) -> None:
    place = Location.parse(folder)
    try:
        if place.bucket is None:
            FolderStore(Path(place.path)).write(name, body)
            return
        client = aws_session(folder)[0].client("s3")
        client.put_object(Bucket=place.bucket, Key=_key(place, name), Body=body)
    except (OSError, BotoCoreError, ClientError) as error:
        raise DriftMonitorError(f"{folder} cannot be written: {error}") from error


def _read(folder: str, name: str) -> bytes:
    place = Location.parse(folder)
    try:
        if place.bucket is None:
            return (Path(place.path) / name).read_bytes()
        client = aws_session(folder)[0].client("s3")
        return client.get_object(Bucket=place.bucket, Key=_key(place, name))["Body"].read()
    except (OSError, BotoCoreError, ClientError) as error:
        raise DriftMonitorError(
            f"{folder} has no scores that can be read: {error}; run the Spark job again"
        ) from error


def _key(place: Location, name: str) -> str:
    return f"{place.path.rstrip('/')}/{name}"
