"""Columns of every sort: those that stay, those that move, those without a score."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf, nan

import pyarrow as pa
from support.builders import HOSTILE

ROWS = 40
COUNTS = [*range(ROWS)]
WORDS = ["red", "green", "blue", None] * (ROWS // 4)
MOMENTS = [datetime(2013, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in COUNTS]


def _array(values: list[object], data_type: pa.DataType | None = None) -> pa.Array:
    return pa.array(values, data_type)


def _numbers(data_type: pa.DataType) -> pa.Array:
    return _array(COUNTS, pa.int64()).cast(data_type)


SAME = {
    "int8": _numbers(pa.int8()),
    "int64": _numbers(pa.int64()),
    "uint8": _numbers(pa.uint8()),
    "uint64": _array([2**64 - 1 - n for n in COUNTS], pa.uint64()),
    "nullable integers": _array([None, *COUNTS[1:]]),
    "float32": _numbers(pa.float32()),
    "NaN and infinities": _array([nan, inf, -inf, None, *map(float, COUNTS[4:])]),
    "decimals": _array([Decimal(n) / 4 for n in COUNTS]),
    "few numbers": _array([1, 2, 3, 4] * 10),
    "a constant number": _array([7.5] * ROWS),
    "booleans": _array([True, False] * 20),
    "a constant boolean": _array([True] * ROWS),
    "nullable booleans": _array([True, False, None, True] * 10),
    "strings": _array(WORDS),
    "large strings": _array(WORDS, pa.large_string()),
    "a constant string": _array(["same"] * ROWS),
    "all strings distinct": _array([f"word {n}" for n in COUNTS]),
    "empty and blank strings": _array(["", " ", "  ", "\n"] * 10),
    "hostile strings": _array([HOSTILE, "日本", "🙂", "\x00"] * 10),
    "one value": _array([1.0, *[None] * (ROWS - 1)]),
    HOSTILE: _numbers(pa.float64()),
    "": _numbers(pa.float64()),
    " ": _numbers(pa.float64()),
    "日本語 🙂": _array(WORDS),
    "0": _numbers(pa.float64()),
    "line\nbreak": _array(WORDS),
    "target": _array(WORDS),
    "prediction": _numbers(pa.float64()),
    "index": _numbers(pa.float64()),
}


MOVED = {
    "integers": (_numbers(pa.int32()), _array([n + 30 for n in COUNTS])),
    "unsigned to signed": (_numbers(pa.uint16()), _array([-n for n in COUNTS], pa.int8())),
    "integers to floats": (_numbers(pa.int32()), _array([n + 30.5 for n in COUNTS])),
    "decimals": (_array([Decimal(n) for n in COUNTS]), _array([n + 30.5 for n in COUNTS])),
    "booleans": (_array([True] * ROWS), _array([False] * ROWS)),
    "strings": (_array(["a"] * ROWS), _array(["b"] * ROWS, pa.large_string())),
    "a new constant": (_array([7.0] * ROWS), _array([8.0] * ROWS)),
}


NOTHING = _array([None] * ROWS, pa.float64())
SETTLED = {
    # name: reference, current, status, how the reason begins
    "dates": (_array([date(2013, 1, 1)] * ROWS), None, "skipped", "timestamp columns are not"),
    "timestamps": (_array(MOMENTS, pa.timestamp("ns")), None, "skipped", "timestamp columns"),
    "zoned": (_array(MOMENTS, pa.timestamp("us", "UTC")), None, "skipped", "timestamp columns"),
    "no moments": (_array([None] * ROWS, pa.timestamp("us")), None, "skipped", "timestamp col"),
    "durations": (_array(COUNTS, pa.duration("s")), None, "skipped", "durations are not scored"),
    "binary": (_array([b"\xff\x00"] * ROWS), None, "skipped", "bytes are not scored"),
    "lists": (_array([[1, 2]] * ROWS), None, "skipped", "lists are not scored"),
    "structs": (_array([{"a": 1}] * ROWS), None, "skipped", "structs are not scored"),
    "no values": (NOTHING, None, "error", "no value in reference"),
    "no type": (pa.nulls(ROWS), None, "error", "no value in either table"),
    "only NaN": (_array([nan] * ROWS), _numbers(pa.int8()), "error", "no value in reference"),
    "infinite": (
        _array([inf] * ROWS),
        None,
        "error",
        "reference has 40 values, all inf",
    ),
    "emptied": (_numbers(pa.int8()), NOTHING, "error", "no value in current"),
    "emptied without a type": (_numbers(pa.int8()), pa.nulls(ROWS), "error", "no value in current"),
    "filled": (NOTHING, _numbers(pa.int8()), "error", "no value in reference"),
    "to text": (
        _numbers(pa.int8()),
        _array(WORDS),
        "error",
        "its kind changed: numeric (int8)",
    ),
    "to dates": (
        _array(WORDS),
        _array(MOMENTS),
        "error",
        "its kind changed: categorical",
    ),
    "to flags": (
        _numbers(pa.int8()),
        _array([True] * ROWS),
        "error",
        "its kind changed: numeric (int8)",
    ),
}
