"""This project's scores of every column by either engine: its figures as JSON."""

import hashlib
import json
import os
import resource
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from pkgutil import resolve_name

from pyspark.sql import SparkSession

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import CurrentTable, ReferenceTable
from drift_monitor.engines.spark.engine import by_spark
from drift_monitor.engines.spark.session import open_session
from drift_monitor.engines.spark.tasks import Tasks, slots
from drift_monitor.engines.table_pair import TablePair
from drift_monitor.tables.table import open_table

sys.path.append(str(Path(__file__).parents[1]))

from processes import spent


def cluster(workers: int) -> SparkSession:
    """Start Spark with so many executors of one core, each a process."""
    return (
        SparkSession.builder.master(f"local-cluster[{workers},1,1024]")
        .config("spark.executor.memory", "512m")
        .config("spark.cores.max", workers)
        .config("spark.scheduler.minRegisteredResourcesRatio", "1")
        .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )


def start_workers(spark: SparkSession) -> None:
    """Let each worker start its Python, and import what it will need."""
    with Tasks(spark, "drift_monitor.engines.spark.engine:__name__") as tasks:
        for future in [tasks.submit(resolve_name) for _ in range(4 * slots(spark))]:
            future.result()


def peak_mb(spark: SparkSession | None) -> float:
    """Return the most memory that a worker has had, or this process."""
    if spark is None:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    with Tasks(spark, resource.RUSAGE_SELF) as tasks:
        futures = [tasks.submit(resource.getrusage) for _ in range(4 * slots(spark))]
        return max(future.result().ru_maxrss for future in futures) / 1e3


reference_path, current_path, engine, memory = sys.argv[1:]
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
monitor = Monitor(
    name="benchmark",
    reference=ReferenceTable(location=reference_path),
    current=CurrentTable(location=current_path),
)
start = time.perf_counter()
started_as = {"columns": nullcontext, "session": open_session}
with started_as.get(engine, lambda: cluster(int(engine)))() as spark:
    if spark is not None:
        start_workers(spark)
    before = peak_mb(spark)
    started, used = time.perf_counter(), spent()
    start_cpu = used
    with open_table(reference_path) as reference, open_table(current_path) as current:
        if spark is None:
            comparison = compare(reference, current, monitor, memory=int(memory))
        else:
            sides = TablePair(reference, current, None)
            found = by_spark(monitor, sides, spark=spark, memory=int(memory))
            comparison = found.comparison
    done, used = time.perf_counter(), spent() - used
    columns_mb = peak_mb(spark) - before
every_digit = "\n".join(column.model_dump_json() for column in comparison.columns)
print(
    json.dumps(
        {
            "start": started - start,
            "start_cpu": start_cpu,
            "compare": done - started,
            "compare_cpu": used,
            "columns_mb": columns_mb,
            "digest": hashlib.sha256(every_digit.encode()).hexdigest(),
        }
    )
)
