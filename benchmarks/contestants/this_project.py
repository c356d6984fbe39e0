"""The flights by this project: one whole run with its pages."""

import sys

from drift_monitor.cli import app

app(["run", "examples/flights.yaml", "--as-of", "2013-07-01T09:30Z", "--site", sys.argv[1]])
