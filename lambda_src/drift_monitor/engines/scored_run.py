"""A scored run: what was found in its tables, which the rest of the run needs no more.

A Spark job writes it, and the function reads it: `scores.json`, and the samples for the plots as
`reference.parquet` and `current.parquet`. `scores.json` is written last.
"""

from dataclasses import dataclass

import pyarrow as pa
from pyarrow import parquet as pq
from pydantic import BaseModel, ValidationError

from drift_monitor.analysis.drift.comparison import Comparison, PlotSample
from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.storage import FILE_ERRORS, Files, files_at

_SCORES = "scores.json"
_ROWS = ("reference.parquet", "current.parquet")


@dataclass(frozen=True)
class ScoredRun:
    """What a run found in its tables.

    Attributes:
        result: the outcome.
        comparison: the columns with their samples.
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
    written = _Written(result=scored_run.result, sampled_rows=comparison.sampled_rows)
    files = files_at(Location.parse(folder))
    try:
        for name, columns in zip(_ROWS, list(tables) or ((), ()), strict=True):
            chunks = [pa.chunked_array(parts) for parts in columns]
            sink = pa.BufferOutputStream()
            pq.write_table(pa.table(chunks, list(comparison.samples)), sink)
            files.write(name, sink.getvalue().to_pybytes())
        files.write(_SCORES, written.model_dump_json().encode())
    except FILE_ERRORS as error:
        raise DriftMonitorError(f"{folder} cannot be written: {error}") from error


def read_scored_run(folder: str) -> ScoredRun:
    """Read scores from a folder.

    Raises:
        DriftMonitorError: there are none, or not of this version.
    """
    files = files_at(Location.parse(folder))
    try:
        scores, *tables = (_read(files, name) for name in (_SCORES, *_ROWS))
        written = _Written.model_validate_json(scores)
    except FILE_ERRORS as error:
        raise DriftMonitorError(
            f"{folder} has no scores that can be read: {error}; run the Spark job again"
        ) from error
    except ValidationError as error:
        raise DriftMonitorError(
            f"{folder} has no scores of this version: run the Spark job of the same image again"
        ) from error
    reference, current = (pq.read_table(pa.BufferReader(table)) for table in tables)
    samples = {
        name: PlotSample(reference[name].chunks, current[name].chunks)
        for name in reference.column_names
    }
    comparison = Comparison(written.result.columns, samples, written.sampled_rows)
    return ScoredRun(written.result, comparison)


def _read(files: Files, name: str) -> bytes:
    stored = files.read(name)
    if stored is None:
        raise FileNotFoundError(f"there is no {name}")
    return stored.body
