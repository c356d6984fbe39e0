"""Avro, record by record."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

import pyarrow as pa

from drift_monitor.config.formats import TableFormat
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.flat import UNREAD
from drift_monitor.tables.readers.source import Source, no_rows

_ROWS = 10_000
_DIGITS = 38
"""What a decimal of 128 bits holds."""
_TYPES: dict[str, pa.DataType] = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "fixed": pa.binary(),
    "string": pa.string(),
    "enum": pa.string(),
}
_LOGICAL: dict[str, pa.DataType] = {
    "date": pa.date32(),
    "time-millis": pa.time32("ms"),
    "time-micros": pa.time64("us"),
    "timestamp-millis": pa.timestamp("ms", "UTC"),
    "timestamp-micros": pa.timestamp("us", "UTC"),
    "timestamp-nanos": pa.timestamp("ns", "UTC"),
    "local-timestamp-millis": pa.timestamp("ms"),
    "local-timestamp-micros": pa.timestamp("us"),
    "local-timestamp-nanos": pa.timestamp("ns"),
    "uuid": pa.string(),
}


def read_avro(source: Source, _: TableFormat) -> Iterator[pa.RecordBatch]:
    """Read an Avro file, some thousand records at a time.

    Raises:
        DriftMonitorError: the file is not Avro.
    """
    import fastavro  # noqa: PLC0415 - most tables need not wait for it

    with source.stream() as stream:
        try:
            records = fastavro.reader(stream)
            whole = _arrow_type(fastavro.schema.expand_schema(records.writer_schema))
            schema = pa.schema(list(whole))
            yield no_rows(schema)
            while rows := list(islice(records, _ROWS)):
                values = [_value(row, whole) for row in rows]
                yield pa.RecordBatch.from_struct_array(pa.array(values, whole))
        except Exception as error:  # of a broken file it raises whatever it stumbles over
            raise DriftMonitorError(
                f"{source.path} cannot be read as Avro: {error}; write the file again"
            ) from error


def _arrow_type(schema: Any) -> pa.DataType:  # noqa: ANN401 - a name, a union or a mapping
    """Return the type that a schema's values have here."""
    if isinstance(schema, str):
        return _TYPES.get(schema, UNREAD)
    if isinstance(schema, list):
        types = [_arrow_type(branch) for branch in schema if branch != "null"]
        if all(pa.types.is_primitive(found) and not pa.types.is_temporal(found) for found in types):
            return _widest(types)
        return types[0] if len(types) == 1 else UNREAD
    kind, logical = schema["type"], schema.get("logicalType")
    if kind in ("record", "error"):
        fields = [(field["name"], _arrow_type(field["type"])) for field in schema["fields"]]
        return pa.struct(fields)
    if logical == "decimal":
        digits = schema["precision"], schema.get("scale", 0)
        return pa.decimal128(*digits) if digits[0] <= _DIGITS else pa.decimal256(*digits)
    return _LOGICAL.get(logical) or _arrow_type(kind)


def _widest(types: list[pa.DataType]) -> pa.DataType:
    schemas = [pa.schema([("", found)]) for found in types]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except pa.ArrowException:
        return UNREAD


def _value(value: Any, data_type: pa.DataType) -> Any:  # noqa: ANN401 - what Avro holds
    """Return a value without what is not read of it."""
    if pa.types.is_struct(data_type):
        if value is None:
            return None
        return {field.name: _value(value[field.name], field.type) for field in data_type}
    if pa.types.is_list(data_type):
        return None
    return str(value) if isinstance(value, UUID) else value
