"""Arrow's own files: IPC files, which are Feather's too, and IPC streams."""

from collections.abc import Iterator

import pyarrow as pa
from pyarrow import ipc

from drift_monitor.config.formats import TableFormat
from drift_monitor.tables.readers.source import Source, no_rows

_MAGIC = b"ARROW1"


def read_arrow(source: Source, _: TableFormat) -> Iterator[pa.RecordBatch]:
    """Read an IPC file or stream, whichever it is, batch by batch."""
    file = source.random_access()
    if file.read_at(len(_MAGIC), 0) == _MAGIC:
        opened = ipc.open_file(file)
        yield no_rows(opened.schema)
        for number in range(opened.num_record_batches):
            yield opened.get_batch(number)
    else:
        with source.stream() as stream, ipc.open_stream(stream) as batches:
            yield no_rows(batches.schema)
            yield from batches
