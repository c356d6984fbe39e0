"""The committed schemas are the models' own, and take what the project itself writes."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from support.builders import a_column, a_result

from drift_monitor.cli.schemas import SCHEMAS, schema_text

ROOT = Path(__file__).parents[3]


def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_every_schema_is_committed_and_no_other() -> None:
    assert {file.name for file in (ROOT / "schemas").iterdir()} == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_committed_schema_is_the_generated_one(name: str) -> None:
    committed = (ROOT / "schemas" / name).read_text(encoding="utf-8")
    assert committed == schema_text(name), "run: make schemas"


def test_every_key_of_a_monitor_is_explained_to_the_editor() -> None:
    schema = json.loads(schema_text("monitor.schema.json"))
    unexplained = [
        f"{part}.{key}"
        for part, model in {"": schema, **schema["$defs"]}.items()
        for key, field in model.get("properties", {}).items()
        if "description" not in field and "$ref" not in field and "const" not in field
    ]
    assert unexplained == []


@pytest.mark.parametrize("file", ["monitors/flights.yaml", "examples/flights.yaml"])
def test_the_monitors_that_come_with_the_project_fit_the_schema(file: str) -> None:
    monitor = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    _validator("monitor.schema.json").validate(monitor)
    with pytest.raises(ValidationError):
        _validator("monitor.schema.json").validate({**monitor, "surprise": 1})


def test_a_result_fits_the_schema() -> None:
    result = a_result([a_column("x"), a_column("y", "drifted"), a_column("z", "missing")])
    _validator("drift.schema.json").validate(json.loads(result.model_dump_json()))
    with pytest.raises(ValidationError):
        _validator("drift.schema.json").validate({"version": 1})
