"""The same parts of the same objects, as many at once, by the same S3 client; bytes discarded."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from pyarrow import parquet as pq
from s3_clock import clock, since

from drift_monitor.config.locations import Location
from drift_monitor.tables.arrow_storage import REQUESTS
from drift_monitor.tables.files import TableRequest, find_files

found = find_files(TableRequest(Location.parse(sys.argv[1])))
server = int(sys.argv[2])


def parts_of(path: str) -> list[tuple[str, int, int]]:
    """List where an object's columns are: a start and a length each."""
    group = pq.read_metadata(found.storage.open(path)).row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    starts = [column.dictionary_page_offset or column.data_page_offset for column in columns]
    sizes = [column.total_compressed_size for column in columns]
    return [(path, *part) for part in zip(starts, sizes, strict=True)]


def discard(part: tuple[str, int, int]) -> int:
    """Read a part of an object; return how many bytes it has."""
    path, start, size = part
    return len(found.storage.open(path).read_at(size, start))


with ThreadPoolExecutor(REQUESTS) as pool:
    by_object = list(pool.map(parts_of, [file.path for file in found.files]))
    # Column by column, as tables are read.
    parts = [part for column in zip(*by_object, strict=True) for part in column]
    reading = clock(server)
    size = sum(pool.map(discard, parts))
    figures = since(reading, server)
print(json.dumps({**figures, "requests": len(parts), "bytes": size, "columns": len(by_object[0])}))
