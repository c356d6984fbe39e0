"""The JSON schemas, written by `python -m drift_monitor.cli.schemas FOLDER`."""

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import BaseModel

from drift_monitor.config.monitor import Monitor
from drift_monitor.results.run import DriftResult

SCHEMAS: dict[str, type[BaseModel]] = {
    "monitor.schema.json": Monitor,
    "drift.schema.json": DriftResult,
}


def schema_text(name: str) -> str:
    """Return the text of a schema file."""
    model = SCHEMAS[name]
    schema = model.model_json_schema()
    descriptions = _field_docstrings(model)
    for title, part in {**schema["$defs"], model.__name__: schema}.items():
        _describe(part, descriptions.get(title, {}))
    return json.dumps(schema, indent=2) + "\n"


def _describe(part: dict[str, Any], docstrings: dict[str, str]) -> None:
    for field, docstring in docstrings.items():
        part["properties"][field]["description"] = docstring


def _field_docstrings(model: type[BaseModel]) -> dict[str, dict[str, str]]:
    """Return the docstring below each field of a model's parts, inherited ones too, by class.

    Pydantic can do this, but reads all source to do so whenever the module is imported.
    """
    parts = {part.__name__: part for part in _parts(model)}
    return {
        name: {
            field: text
            for base in reversed(part.__mro__)
            if issubclass(base, BaseModel) and base is not BaseModel
            for field, text in _docstrings_in(base)
        }
        for name, part in parts.items()
    }


def _parts(annotation: object) -> Iterator[type[BaseModel]]:
    """Find a model, the models of its fields, and so on."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _parts(field.annotation)
    for inner in get_args(annotation):
        yield from _parts(inner)


def _docstrings_in(part: type[BaseModel]) -> list[tuple[str, str]]:
    found = cast("ast.ClassDef", ast.parse(inspect.getsource(part)).body[0])
    pairs = zip(found.body, found.body[1:], strict=False)
    return [
        (field.target.id, inspect.cleandoc(below.value.value))
        for field, below in pairs
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    ]


if __name__ == "__main__":
    for file_name in SCHEMAS:
        (Path(sys.argv[1]) / file_name).write_text(schema_text(file_name), encoding="utf-8")
