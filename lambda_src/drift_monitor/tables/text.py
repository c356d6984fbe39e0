"""CSV: spooled once as text, so that a type is found from the whole column, not its start."""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, fs
from pyarrow import parquet as pq

from drift_monitor.errors import DriftMonitorError

_PARSE = csv.ParseOptions(newlines_in_values=True)
_TYPES = (
    pa.int64(),
    pa.float64(),
    pa.bool_(),
    pa.timestamp("us"),
    pa.timestamp("us", tz="UTC"),
)


def spool_csv(system: fs.FileSystem, path: str, copy: str) -> None:
    """Write a CSV file (gzip by its name) as a local Parquet file of text, in bounded memory.

    Raises:
        DriftMonitorError: the file is empty, or its rows do not have the header's columns.
    """
    try:
        with system.open_input_stream(path) as stream:
            names = csv.open_csv(stream, parse_options=_PARSE).schema.names
        as_text = csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True
        )
        with (
            system.open_input_stream(path) as stream,
            csv.open_csv(stream, parse_options=_PARSE, convert_options=as_text) as rows,
            pq.ParquetWriter(copy, rows.schema) as writer,
        ):
            for batch in rows:
                writer.write_batch(batch)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise DriftMonitorError(f"{path} cannot be read as CSV: {reason}") from error


def infer_type(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a column of text the first type that fits all its values: numbers, booleans, times."""
    if text.null_count == len(text):
        return pa.chunked_array([pa.nulls(len(text))])
    for data_type in _TYPES:
        try:
            return pc.cast(text, data_type)
        except pa.ArrowInvalid:
            continue
    return text
