"""JSON Lines: an object a line, its objects within by dotted paths."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyarrow import json as arrow_json

from drift_monitor.config.formats import TableFormat
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.flat import UNREAD
from drift_monitor.tables.readers.source import Source

_BLOCK = 4 << 20
_LONGEST_LINE = 64 << 20


def read_json_lines(source: Source, _: TableFormat) -> Iterator[pa.RecordBatch]:
    """Read objects, block by block.

    Times stay text, as the next block may hold other text.

    Raises:
        DriftMonitorError: a line is not a JSON object.
    """
    line = 1
    texts = pa.schema([])
    with source.stream() as stream:
        for block in blocks_of_lines(stream, source.path):
            try:
                block.decode()  # as Arrow takes any bytes for text here
                table = _parse(block, texts)
                texts = _texts_in(table.schema)
                if _has_times(table.schema):
                    table = _parse(block, texts)
                yield from table.combine_chunks().to_batches()
            except (UnicodeDecodeError, pa.ArrowInvalid):  # values of differing types, or no JSON
                yield _parse_mixed(block, source.path, line)
            line += block.count(b"\n")


def blocks_of_lines(stream: pa.NativeFile, path: str) -> Iterator[bytes]:
    """Cut a stream into blocks of whole lines.

    Raises:
        DriftMonitorError: a line is too long for memory.
    """
    rest = b""
    while piece := stream.read(_BLOCK):
        lines, newline, end = piece.rpartition(b"\n")
        if not newline:
            rest += piece
        else:
            yield rest + lines + newline
            rest = end
        if len(rest) > _LONGEST_LINE:
            raise DriftMonitorError(
                f"{path} has a line of more than {_LONGEST_LINE >> 20} MB: write one object a line"
            )
    if rest.strip():
        yield rest


def _parse(block: bytes, texts: pa.Schema) -> pa.Table:
    return arrow_json.read_json(
        io.BytesIO(block),
        read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(block)),
        parse_options=arrow_json.ParseOptions(explicit_schema=texts),
    )


def _texts_in(fields: Iterable[pa.Field]) -> pa.Schema:
    """Return the fields that hold text, with those that Arrow takes for times."""
    texts = []
    for field in fields:
        if pa.types.is_string(field.type) or pa.types.is_timestamp(field.type):
            texts.append((field.name, pa.string()))
        elif pa.types.is_struct(field.type) and (within := _texts_in(field.type)):
            texts.append((field.name, pa.struct(list(within))))
    return pa.schema(texts)


def _has_times(fields: Iterable[pa.Field]) -> bool:
    return any(
        pa.types.is_timestamp(field.type)
        or (pa.types.is_struct(field.type) and _has_times(field.type))
        for field in fields
    )


def _parse_mixed(block: bytes, path: str, first: int) -> pa.RecordBatch:
    """Read lines one by one: a column whose values are of several types becomes text."""
    rows = [
        dict(dotted("", object_in(text, path, first + number)))
        for number, text in enumerate(block.split(b"\n"))
        if text.strip()
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: _column([row.get(name) for row in rows]) for name in names}
    return pa.RecordBatch.from_pydict(columns)


def object_in(text: bytes, path: str, line: int) -> dict[str, Any]:
    """Parse a line.

    Raises:
        DriftMonitorError: it is not a JSON object.
    """
    try:
        found = json.loads(text.decode("utf-8-sig"))
    except ValueError as error:
        raise DriftMonitorError(
            f"{path}:{line} cannot be read as JSON Lines: {error}; write one object a line"
        ) from error
    if not isinstance(found, dict):
        raise DriftMonitorError(
            f"{path}:{line} cannot be read as JSON Lines: it holds no object; write one a line"
        )
    return found


def dotted(prefix: str, within: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """List an object's values, and those of objects within it, by their dotted paths."""
    for name, value in within.items():
        if isinstance(value, dict):
            yield from dotted(f"{prefix}{name}.", value)
        else:
            yield prefix + name, value


def _column(values: list[Any]) -> pa.Array:
    kinds = {_KINDS[type(value)] for value in values if value is not None}
    if "list" in kinds:
        return pa.nulls(len(values), UNREAD)
    if len(kinds) > 1:
        return pa.array([None if value is None else _text(value) for value in values], pa.string())
    try:
        return pa.array(values)
    except (OverflowError, pa.ArrowInvalid):  # whole numbers of more than 64 bits
        return pa.array([None if value is None else float(value) for value in values])


_KINDS = {bool: "boolean", int: "number", float: "number", str: "text", list: "list"}


def _text(value: float | str) -> str:
    """Write a value as Arrow does, to which a whole number of more than 64 bits is a float."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        value = float(value)
    return str(pa.scalar(value).cast(pa.string()).as_py())
