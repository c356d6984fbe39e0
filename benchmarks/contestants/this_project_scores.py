"""This project's scores of every column, without a page, and so without Evidently."""

import sys

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import CurrentTable, ReferenceTable
from drift_monitor.tables.table import open_table

reference_path, current_path, _ = sys.argv[1:]
monitor = Monitor(
    name="benchmark",
    reference=ReferenceTable(location=reference_path),
    current=CurrentTable(location=current_path),
)
with open_table(reference_path) as reference, open_table(current_path) as current:
    comparison = compare(reference, current, monitor)
for column in comparison.columns:
    print(column.column, column.method, column.score, column.status, column.reason)
