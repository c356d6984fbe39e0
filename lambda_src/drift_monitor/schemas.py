"""Writes the JSON schemas: `python -m drift_monitor.schemas FOLDER`."""

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from drift_monitor.monitor import Monitor
from drift_monitor.results import DriftResult

SCHEMAS: dict[str, type[BaseModel]] = {
    "monitor.schema.json": Monitor,
    "drift.schema.json": DriftResult,
}


def schema_text(name: str) -> str:
    """Return the text of a schema file."""
    return json.dumps(SCHEMAS[name].model_json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    for file_name in SCHEMAS:
        (Path(sys.argv[1]) / file_name).write_text(schema_text(file_name), encoding="utf-8")
