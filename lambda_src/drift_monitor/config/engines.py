"""The sizes of Spark workers, and the tallest column that each compares: docs/spark.md."""

from dataclasses import dataclass

from drift_monitor.errors import DriftMonitorError

JAVA_GB = 4
"""What Java takes of a worker's memory: it passes bytes on, the columns are in Python's."""
_PYTHON_GB = 2
"""What Python takes before it reads a column: its libraries, the files' footers, one chunk."""
_SHARE = 0.8
"""Of the rest, what is planned for columns: allocators keep some of what was freed."""
BYTES_PER_ROW = 12
"""What a row of one column takes while it is scored: eight for the value, some for its chunk."""
_SIZES_GB = {4: range(8, 31), 8: range(32, 61, 4), 16: range(64, 121, 8)}
"""By processors, the memory that EMR Serverless gives a worker, where fewer do not have it."""
MEMORY_GB = tuple(memory_gb for sizes in _SIZES_GB.values() for memory_gb in sizes)
"""How much memory a worker may have, ascending."""


@dataclass(frozen=True)
class Worker:
    """A worker of one size.

    Attributes:
        memory_gb: its memory, one of MEMORY_GB.
    """

    memory_gb: int

    @property
    def vcpu(self) -> int:
        """Its processors: the fewest with which EMR Serverless gives this much memory."""
        return next(vcpu for vcpu, sizes in _SIZES_GB.items() if self.memory_gb <= sizes[-1])

    @property
    def column_memory(self) -> int:
        """The bytes that columns may take in it while they are compared."""
        return column_memory(self.memory_gb - JAVA_GB)

    @property
    def column_rows(self) -> int:
        """The rows of the tallest column that it compares, reference and current together."""
        return self.column_memory // BYTES_PER_ROW


DRIVER = Worker(16)
"""What leads a job: it lists files and hands out columns, whatever the workers' size."""


def column_memory(beside_java_gb: int) -> int:
    """Return the bytes that columns may take, of the memory that Java leaves in a worker."""
    return int((beside_java_gb - _PYTHON_GB) * _SHARE * (1 << 30))


def smallest_worker(needed: float) -> Worker | None:
    """Return the smallest worker with so many bytes for a column; None where there is none."""
    workers = map(Worker, MEMORY_GB)
    return next((worker for worker in workers if worker.column_memory >= needed), None)


def require_room(rows: int, memory: int) -> None:
    """Check that a task can hold a column: all columns of two tables have equally many rows.

    Args:
        rows: of both tables together.
        memory: bytes that a task may spend on columns.

    Raises:
        DriftMonitorError: a column takes more.
    """
    needed = rows * BYTES_PER_ROW
    if needed > memory:
        raise DriftMonitorError(
            f"a column of {rows:,} rows, reference and current together, takes "
            f"{needed / 1e9:.1f} GB, and a Spark task has {memory / 1e9:.1f} GB for it: "
            f"{worker_advice(needed)}"
        )


def worker_advice(needed: float) -> str:
    """Return a sentence on the workers that hold a column of so many bytes, if any does."""
    worker = smallest_worker(needed)
    if worker is not None:
        return (
            f"workers of {worker.vcpu} vCPU and {worker.memory_gb} GB hold it "
            f"(spark_worker_memory_gb: {worker.memory_gb})"
        )
    largest = Worker(MEMORY_GB[-1])
    billions = largest.column_rows / 1e9
    return (
        f"no worker holds it, as the largest, of {largest.memory_gb} GB, holds {billions:.1f} "
        "billion rows of reference and current together: shorten their windows, or sample their "
        "rows"
    )
