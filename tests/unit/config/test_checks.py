"""What a monitor's file says of checks, and what comes of it."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from support.builders import a_monitor

from drift_monitor.cli.schemas import schema_text
from drift_monitor.config.checks import DEFAULTS, CheckName, Checks, Rule
from drift_monitor.config.load import InvalidMonitorError, load_monitor
from drift_monitor.config.monitor import Monitor


def _checks(text: str) -> Checks:
    return Checks.model_validate(yaml.safe_load(text))


def test_every_check_has_a_default_and_a_key() -> None:
    checks = Checks()
    of_the_baseline = set(get_args(CheckName)) - {"model_quality"}  # which has limits of its own
    assert {name: checks.rule_for(name) for name in of_the_baseline} == DEFAULTS


@pytest.mark.parametrize(
    ("text", "check", "rule"),
    [
        ("missing_columns: warn", "missing_columns", Rule(0, "warn")),
        ("missing_columns: off", "missing_columns", None),
        ("missing_columns: 'off'", "missing_columns", None),
        ("null_share: {limit: 0.2}", "null_share", Rule(0.2, "warn")),
        ("null_share: {severity: critical}", "null_share", Rule(0.05, "critical")),
        ("null_share: critical", "null_share", Rule(0.05, "critical")),
        ("null_share: off", "null_share", None),
        ("null_share: {limit: 0.2, severity: off}", "null_share", None),
        ("range: off", "null_share", Rule(0.05, "warn")),
        ("duplicate_ids: {limit: 0}", "duplicate_ids", Rule(0, "warn")),
    ],
)
def test_the_file_says_what_it_leaves_to_the_default(
    text: str, check: CheckName, rule: Rule | None
) -> None:
    assert _checks(text).rule_for(check) == rule


OVERRIDES = """
null_share: {limit: 0.02, severity: critical}
range: off
columns:
  dep_delay: {null_share: {severity: warn}}
  "*_delay": {null_share: {limit: 0.5}, range: warn, missing_columns: off}
  "dep_*": {null_share: off}
"""


@pytest.mark.parametrize(
    ("column", "check", "rule"),
    [
        ("x", "null_share", Rule(0.02, "critical")),
        ("arr_delay", "null_share", Rule(0.5, "critical")),
        ("dep_delay", "null_share", Rule(0.02, "warn")),  # the exact name, and no glob beside it
        ("dep_time", "null_share", None),
        ("x", "range", None),
        ("arr_delay", "range", Rule(0.01, "warn")),
        ("arr_delay", "missing_columns", None),
        ("x", "missing_columns", Rule(0, "critical")),
    ],
)
def test_a_column_has_its_own_rule(column: str, check: CheckName, rule: Rule | None) -> None:
    assert _checks(OVERRIDES).rule_for(check, column) == rule


def test_a_column_that_the_checks_name_is_named_by_the_monitor() -> None:
    monitor = a_monitor(checks=yaml.safe_load(OVERRIDES))
    assert monitor.named_columns == {"dep_delay"}


@pytest.mark.parametrize("text", ["{}", OVERRIDES, "new_columns: off"])
def test_a_monitor_is_the_same_after_it_went_through_an_event(text: str) -> None:
    monitor = a_monitor(checks=yaml.safe_load(text))
    event = json.loads(json.dumps(monitor.model_dump(mode="json", exclude_none=True)))
    assert Monitor.model_validate(event) == monitor
    assert a_monitor().checks is None


MISTAKES = [
    ("nul_share: off", "checks.nul_share: is not a key here; did you mean null_share?"),
    ("null_share: {limt: 1}", "checks.null_share.limt: is not a key here; did you mean limit?"),
    ("null_share: {limit: 5}", "checks.null_share.limit: should be less than or equal to 1"),
    (
        "null_share: criticl",
        "checks.null_share.severity: should be 'warn', 'critical' or 'off'; did you mean",
    ),
    ("null_share: 0.1", "checks.null_share: should be a mapping: key: value"),
    (
        "new_columns: wran",
        "checks.new_columns: should be 'warn', 'critical' or 'off'; did you mean warn?",
    ),
    ("columns: {x: {rang: off}}", "checks.columns.x.rang: is not a key here; did you mean range?"),
    (
        "columns: {x: {range: {limit: -1}}}",
        "checks.columns.x.range.limit: should be greater than or equal to 0",
    ),
]


def _file(folder: Path, checks: str, reference: str = "{location: r.parquet}") -> Path:
    file = folder / "m.yaml"
    file.write_text(
        f"name: m\nreference: {reference}\n"
        'current: {location: "{date:%Y-%m-%d}.parquet", window: 7d}\n'
        f"checks:\n  {checks}\n",
        encoding="utf-8",
    )
    return file


@pytest.mark.parametrize(("text", "mistake"), MISTAKES)
def test_a_mistake_is_named_with_its_line(text: str, mistake: str, tmp_path: Path) -> None:
    file = _file(tmp_path, text)
    with pytest.raises(InvalidMonitorError) as caught:
        load_monitor(file)
    assert str(caught.value).startswith(f"{file}:5: {mistake}")


def test_a_reference_that_moves_has_checks(tmp_path: Path) -> None:
    monitor = load_monitor(_file(tmp_path, "spike: off", reference="{window: previous}"))
    assert monitor.checks is not None
    assert monitor.checks.rule_for("spike") is None


def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text("monitor.schema.json")))


def _monitor(checks: object) -> dict[str, Any]:
    return {**a_monitor().model_dump(mode="json", exclude_none=True), "checks": checks}


@pytest.mark.parametrize("text", ["{}", OVERRIDES, "null_share: critical", "range: 'off'"])
def test_the_schema_takes_what_the_monitor_takes(text: str) -> None:
    _validator().validate(_monitor(yaml.safe_load(text)))


@pytest.mark.parametrize("text", ["null_share: 0.1", "null_share: {limit: 2}", "range: loud"])
def test_the_schema_refuses_what_the_monitor_refuses(text: str) -> None:
    with pytest.raises(ValidationError):
        _validator().validate(_monitor(yaml.safe_load(text)))
