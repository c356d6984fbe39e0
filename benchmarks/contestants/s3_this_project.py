"""This project reads all columns of a table in S3, one at a time."""

import json
import sys

from s3_clock import clock, since

from drift_monitor.config.locations import Location
from drift_monitor.tables.arrow_storage import storage_of
from drift_monitor.tables.files import TableRequest, find_files
from drift_monitor.tables.table import open_table

location, server = sys.argv[1], int(sys.argv[2])
storage_of(Location.parse(location))  # brings boto3, which is no part of listing
start = clock(server)
files = find_files(TableRequest(Location.parse(location))).files
figures = {"list": since(start, server)["seconds"]}
start = clock(server)
with open_table(location) as table:
    figures["open"] = since(start, server)["seconds"]
    reading = clock(server)
    values = 0
    for column in table.columns:
        values += sum(len(chunk) - chunk.null_count for chunk in table.read(column))
        figures.setdefault("first", since(start, server)["seconds"])
    figures |= since(reading, server)
print(values, "values in", len(files), "objects")
print(json.dumps(figures))
