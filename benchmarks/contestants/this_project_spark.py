"""This project's scores of every column on Spark, on this machine's cores: its figures as JSON."""

import hashlib
import json
import sys
import time

from drift_monitor.spark.comparison import compare

from drift_monitor.monitor import Monitor
from drift_monitor.monitored_tables import CurrentTable, ReferenceTable
from drift_monitor.spark.session import open_session, sizes_here
from drift_monitor.tables.table import open_table

reference_path, current_path, partitions, sketch = sys.argv[1:]
monitor = Monitor(
    name="benchmark",
    reference=ReferenceTable(location=reference_path),
    current=CurrentTable(location=current_path),
    engine="spark",
    sketch=float(sketch) or None,
)
start = time.perf_counter()
with open_session() as spark:
    started = time.perf_counter()
    with open_table(reference_path) as reference, open_table(current_path) as current:
        comparison = compare(
            spark,
            reference,
            current,
            monitor,
            partitions=int(partitions) or None,
            sizes=sizes_here(),
        )
    done = time.perf_counter()
scores = {column.column: column.score for column in comparison.columns}
every_digit = "\n".join(sorted(column.model_dump_json() for column in comparison.columns))
print(
    json.dumps(
        {
            "start": started - start,
            "compare": done - started,
            "digest": hashlib.sha256(every_digit.encode()).hexdigest(),
            "scores": scores,
        }
    )
)
