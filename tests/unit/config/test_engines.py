"""Which Spark worker holds a column of so many rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.config.engines import BYTES_PER_ROW, MEMORY_GB, Worker, smallest_worker
from drift_monitor.config.engines import worker_advice as advice

LARGEST = Worker(MEMORY_GB[-1])


@pytest.mark.parametrize(
    ("memory_gb", "vcpu"), [(8, 4), (30, 4), (32, 8), (60, 8), (64, 16), (120, 16)]
)
def test_a_worker_has_the_processors_that_emr_gives_with_its_memory(
    memory_gb: int, vcpu: int
) -> None:
    worker = Worker(memory_gb)
    assert worker.vcpu == vcpu
    assert 2 * vcpu <= worker.memory_gb <= 7.5 * vcpu


@given(st.floats(1, LARGEST.column_memory))
def test_the_smallest_worker_is_the_first_that_holds_a_column(needed: float) -> None:
    worker = smallest_worker(needed)
    assert worker is not None
    assert worker.column_memory >= needed
    smaller = [Worker(memory_gb) for memory_gb in MEMORY_GB if memory_gb < worker.memory_gb]
    assert all(each.column_memory < needed for each in smaller)


@pytest.mark.parametrize("memory_gb", [MEMORY_GB[0], MEMORY_GB[-1]])
def test_a_worker_keeps_memory_for_java_and_python(memory_gb: int) -> None:
    assert 0 < Worker(memory_gb).column_memory < (memory_gb - 5) << 30


def test_a_column_that_no_worker_holds_is_told_with_the_limit() -> None:
    billions = LARGEST.column_memory / BYTES_PER_ROW / 1e9
    assert smallest_worker(LARGEST.column_memory + 1) is None
    assert f"of 120 GB, holds {billions:.1f} billion rows" in advice(LARGEST.column_memory + 1)
    assert "workers of 8 vCPU and 48 GB hold it (spark_worker_memory_gb: 48)" in advice(32 << 30)
