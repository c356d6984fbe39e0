"""This project's whole run into a folder: scores, page, history and JSON; no email."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import CurrentTable, ReferenceTable
from drift_monitor.run import run
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

reference_path, current_path, folder = sys.argv[1:]
monitor = Monitor(
    name="benchmark",
    reference=ReferenceTable(location=reference_path),
    current=CurrentTable(location=current_path),
)
site = Site(Folder(Path(folder)), f"{Path(folder).resolve().as_uri()}/")
result = run(monitor, datetime(2013, 7, 1, 9, 30, tzinfo=UTC), site=site, notifier=None)
for column in result.columns:
    print(column.column, column.method, column.score, column.status, column.reason)
