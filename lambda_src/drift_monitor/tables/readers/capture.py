"""SageMaker's data capture: a request and its answer a line, either of which may hold many rows."""

import csv
import io
import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from drift_monitor.config.formats import TableFormat
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.flat import UNREAD
from drift_monitor.tables.readers.json_lines import blocks_of_lines, dotted, object_in
from drift_monitor.tables.readers.source import Source
from drift_monitor.tables.text import CELLS

_NULLS = arrow_csv.ConvertOptions().null_values
_WRAPPINGS = ("instances", "predictions", "data", "features", "values")
_METADATA = {
    "event_id": "eventId",
    "inference_id": "inferenceId",
    "inference_time": "inferenceTime",
}

Row = dict[str, Any]


class _Cell(str):
    """Text that may stand for a number, as CSV's values and JSON's numbers do."""

    __slots__ = ()


def read_capture(source: Source, table_format: TableFormat) -> Iterator[pa.RecordBatch]:
    """Read captured requests, block by block.

    Raises:
        DriftMonitorError: a line is not what SageMaker captures, or its payload cannot be read.
    """
    line = 1
    with source.stream() as stream:
        for block in blocks_of_lines(stream, source.path):
            rows = [
                row
                for number, text in enumerate(block.split(b"\n"), line)
                if text.strip()
                for row in _rows_of(text, source.path, number, table_format)
            ]
            if rows:
                yield _batch(rows)
            line += block.count(b"\n")


def _rows_of(text: bytes, path: str, line: int, table_format: TableFormat) -> list[Row]:
    event = object_in(text, path, line)
    try:
        captured, about = event["captureData"], event["eventMetadata"]
        known = {name: about[key] for name, key in _METADATA.items() if key in about}
        rows = _rows(captured, table_format.names or [], table_format.prediction or "prediction")
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise DriftMonitorError(
            f"{path}:{line} cannot be read as SageMaker data capture: {reason}"
        ) from error
    return [{**known, **_flat(row)} for row in rows]


def _flat(row: Row) -> Row:
    return dict(dotted("", row)) if dict in map(type, row.values()) else row


def _rows(captured: dict[str, Any], names: list[str], prediction: str) -> list[Row]:
    """Put each record that went in beside what came out for it."""
    request, answer = captured.get("endpointInput"), captured.get("endpointOutput")
    if not request:
        if not answer:
            raise ValueError("it has neither endpointInput nor endpointOutput")
        return [_predicted(record, prediction) for record in _records(answer, "output")]
    rows = [_named(record, names) for record in _records(request, "input")]
    if not answer:
        return rows
    answers = [
        _predicted(record, prediction) for record in _fitting(_records(answer, "output"), len(rows))
    ]
    both = {name for row, more in zip(rows, answers, strict=True) for name in row.keys() & more}
    if both:
        raise ValueError(
            f"its input has a column {min(both)} and so has its output: name the output's by "
            "format: {prediction: …}"
        )
    return [row | more for row, more in zip(rows, answers, strict=True)]


def _records(payload: dict[str, str], side: str) -> list[Any]:
    """Return what a payload holds: per record a list of values or an object."""
    text, encoding = payload["data"], payload["encoding"]
    content_type = payload.get("observedContentType") or "no type"
    if encoding == "BASE64":
        text = b64decode(text).decode()
        encoding = "CSV" if content_type.startswith("text/csv") else "JSON"
    if encoding == "CSV":
        return [[*map(_Cell, cells)] for cells in csv.reader(io.StringIO(text)) if cells]
    try:
        found = _unwrapped(_parsed(text))
    except ValueError as error:
        raise ValueError(f"its {side}, of {content_type}, is neither CSV nor JSON") from error
    if not isinstance(found, list):
        return [found if isinstance(found, dict) else [found]]
    records = [_unwrapped(record) for record in found]
    is_many = all(isinstance(record, (list, dict)) for record in records)
    return records if is_many else [records]


def _parsed(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Parse JSON, or JSON Lines, its numbers as the text that they are."""
    decoder = json.JSONDecoder(parse_float=_Cell, parse_int=_Cell, parse_constant=_Cell)
    try:
        return decoder.decode(text)
    except ValueError:
        return [decoder.decode(line) for line in text.splitlines() if line.strip()]


def _unwrapped(found: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return what is within SageMaker's common formats: {"instances": [{"features": […]}]}."""
    while isinstance(found, dict) and len(found) == 1 and next(iter(found)) in _WRAPPINGS:
        (found,) = found.values()
    return found


def _named(record: list[Any] | Row, names: list[str]) -> Row:
    if isinstance(record, dict):
        return record
    if not names:
        raise ValueError(
            "its input is values without names: give the columns' names in order by "
            "format: {names: […]}"
        )
    if len(record) != len(names):
        raise ValueError(
            f"its input has {len(record)} values and the format's names are {len(names)}: give "
            "one for each value"
        )
    return dict(zip(names, record, strict=True))


def _predicted(record: list[Any] | Row, prediction: str) -> Row:
    if isinstance(record, dict):
        return {prediction: record}
    if len(record) == 1:
        return {prediction: record[0]}
    return {f"{prediction}_{place}": each for place, each in enumerate(record)}


def _fitting(answers: list[Any], count: int) -> list[Any]:
    """Return one answer to a record: some endpoints write those of all records into one line."""
    if len(answers) == 1 and isinstance(answers[0], list) and len(answers[0]) == count > 1:
        return [[answer] for answer in answers[0]]
    if len(answers) != count:
        raise ValueError(f"its input has {count} records and its output has {len(answers)}")
    return answers


def _batch(rows: list[Row]) -> pa.RecordBatch:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.RecordBatch.from_pydict(
        {name: _column([row.get(name) for row in rows]) for name in names}
    )


def _column(values: list[Any]) -> pa.Array:
    """Return a column as text, whose type is found once all files are read."""
    kinds = set(map(type, values))
    if list in kinds:
        return pa.nulls(len(values), UNREAD)
    if kinds <= {_Cell, type(None)}:
        cells = pa.array(values, CELLS)
        return pc.if_else(pc.is_in(cells, pa.array(_NULLS, CELLS)), None, cells)
    return pa.array(map(_text, values), pa.string() if str in kinds else CELLS, size=len(values))


def _text(value: str | bool | None) -> str | None:  # noqa: FBT001 - a value, not a switch
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if isinstance(value, _Cell) and value in _NULLS else value
