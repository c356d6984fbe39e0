"""CSV: spooled once as text, so that a type is found from the whole column, not its start."""

from collections.abc import Iterable

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


def infer_type(chunks: Iterable[pa.Array]) -> pa.DataType:
    """Return the first type that fits all of a column's text: numbers, booleans, times, or text.

    A column without a value has the null type.
    """
    fitting = list(_TYPES)
    is_empty = True
    for chunk in chunks:
        values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
        if values.null_count < len(values):
            is_empty = False
            fitting = [data_type for data_type in fitting if _fits(values, data_type)]
    return pa.null() if is_empty else [*fitting, pa.string()][0]


def _fits(text: pa.Array, data_type: pa.DataType) -> bool:
    try:
        pc.cast(text, data_type)
    except pa.ArrowInvalid:
        return False
    return True


def retyped(chunk: pa.Array, data_type: pa.DataType) -> pa.Array:
    """Return a chunk in the column's type; a dictionary of that type stays one."""
    if pa.types.is_null(data_type):
        return pa.nulls(len(chunk))
    if pa.types.is_dictionary(chunk.type):
        if chunk.type.value_type == data_type:
            return chunk
        return pc.cast(chunk.dictionary, data_type).take(chunk.indices)
    return chunk if chunk.type == data_type else pc.cast(chunk, data_type)
