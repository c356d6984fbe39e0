"""What a monitor's file says of each feature's weight in the verdict: docs/model-quality.md."""

import math
from typing import Annotated

from pydantic import BeforeValidator, Field

from drift_monitor.config.locations import Location

FILE_ENDS = (".csv", ".json")


def _importance(value: object) -> object:
    if isinstance(value, str):
        _check_file(value)
    elif isinstance(value, dict):
        _check_weights(value)
    elif value is not None:
        raise ValueError("should be a mapping, column: importance, or where a file with them lies")
    return value


def _check_file(text: str) -> None:
    location = Location.parse(text)
    if location.is_dated or location.is_glob or not text.endswith(FILE_ENDS):
        raise ValueError(f"{text} should be one file, of CSV or JSON, that ends in .csv or .json")


def _check_weights(weights: dict[object, object]) -> None:
    for column, weight in weights.items():
        is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not isinstance(column, str) or not is_number or not math.isfinite(float(str(weight))):
            raise ValueError(f"{column}: {weight} should be a column's name and a number")
    if not any(weights.values()):
        raise ValueError("no column has an importance other than 0")


Importance = Annotated[
    dict[str, float] | str | None,
    BeforeValidator(_importance),
    Field(examples=[{"dep_delay": 0.4, "distance": 0.1}, "s3://bucket/model/importance.csv"]),
]
