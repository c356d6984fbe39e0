"""Faults in Spark's Python workers, which have this folder on their path: by the column read.

FAULT is what happens to a column of this name, in every process or only in the first:
`kill` ends the process as Linux does for want of memory, `worker-once` its Java executor.
"""

import os
import signal
from pathlib import Path

_FAULTS = Path(os.environ.get("FAULTS", "/nonexistent"))


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def _executor() -> int:
    """Return the Java process that this one works for."""
    process = os.getpid()
    while "java" not in Path(f"/proc/{process}/comm").read_text():
        process = _parent(process)
    return process


def _fail(column: str) -> None:
    """Do what the file of the column's name asks for."""
    fault = _FAULTS / column
    if not fault.exists():
        return
    what = fault.read_text()
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "kill the worker once":
        fault.unlink()
        os.kill(_executor(), signal.SIGKILL)
    if what == "kill the worker":
        os.kill(_executor(), signal.SIGKILL)
    if what == "memory":
        raise MemoryError


if _FAULTS.exists():
    from drift_monitor.tables.parquet_file import ParquetFile

    _read = ParquetFile.read

    def _faulty(self, storage, group, column):  # noqa: ANN001, ANN202 - as it is
        _fail(column)
        return _read(self, storage, group, column)

    ParquetFile.read = _faulty
