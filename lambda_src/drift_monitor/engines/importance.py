"""The importance of features, read from the file that a monitor names."""

import csv
import io
import json
import math

import pyarrow as pa

from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError, first_line
from drift_monitor.tables.arrow_storage import storage_of

_LARGEST = 10 << 20


def with_importance(monitor: Monitor) -> Monitor:
    """Return a monitor with the importances that its file holds in place of the file's location.

    Raises:
        DriftMonitorError: the file cannot be read, or does not hold importances.
    """
    location = monitor.columns.importance
    if not isinstance(location, str):
        return monitor
    pairs = (_from_json if location.endswith(".json") else _from_csv)(_text(location), location)
    weights: dict[str, float] = {}
    for feature, value in pairs:
        if feature in weights:
            raise DriftMonitorError(f"{location} has {feature} twice: leave one of them out")
        weights[feature] = _number(value, feature, location)
    if not any(weights.values()):
        raise DriftMonitorError(f"{location} has no feature with an importance other than 0")
    columns = monitor.columns.model_copy(update={"importance": weights})
    return monitor.model_copy(update={"columns": columns})


def _text(location: str) -> str:
    place = Location.parse(location)
    storage = storage_of(place)
    try:
        file = storage.open(place.full_path)
        if file.size() > _LARGEST:
            raise DriftMonitorError(f"{location} is over 10 MB: that is no list of importances")
        return bytes(file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DriftMonitorError(f"{location} is not UTF-8 text: write it as that") from error
    except (OSError, pa.ArrowException) as error:
        raise DriftMonitorError(f"{location} cannot be read: {first_line(error)}") from error


def _from_csv(text: str, location: str) -> list[tuple[str, object]]:
    """Read the columns `feature` and `importance`; others are left alone."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        if not {"feature", "importance"} <= set(rows.fieldnames or []):
            raise DriftMonitorError(
                f"{location} should have the columns feature and importance: its first line names "
                "them"
            )
        return [(row["feature"], row["importance"]) for row in rows]
    except csv.Error as error:
        raise DriftMonitorError(f"{location} is not CSV: {error}") from error


def _from_json(text: str, location: str) -> list[tuple[str, object]]:
    """Read an object of importances by feature."""
    try:
        found = json.loads(text, object_pairs_hook=list)
    except ValueError as error:
        raise DriftMonitorError(f"{location} is not JSON: {error}") from error
    if not text.lstrip().startswith("{"):
        raise DriftMonitorError(f'{location} should be one JSON object: {{"feature": importance}}')
    return list(found)


def _number(value: object, feature: str, location: str) -> float:
    try:
        number = float(str(value))  # of what is no number the text is none either
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise DriftMonitorError(f"{location}: the importance of {feature} should be a number")
    return number
