"""This project's scores of every column, of a reference that is cached: the first run makes it."""

import sys
from datetime import UTC, datetime

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import CurrentTable, ReferenceTable
from drift_monitor.engines.table_pair import open_pair

reference_path, current_path, _ = sys.argv[1:]
monitor = Monitor(
    name="benchmark",
    reference=ReferenceTable(location=reference_path, cache=True),
    current=CurrentTable(location=current_path),
)
with open_pair(monitor, datetime(2013, 7, 1, 9, 30, tzinfo=UTC)) as pair:
    comparison = compare(pair.reference, pair.current, monitor)
for column in comparison.columns:
    print(column.column, column.method, column.score, column.status, column.reason)
