"""Labels and importances are read like tables: the role may, and a path on a laptop is refused."""

import json

import pytest
from synthesis import Scenario, monitor, synthesize

from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from stacks.preflight import check
from stacks.settings import DeploymentSettings


def _reading(importance: str, labels: str) -> Monitor:
    return monitor(
        "flights",
        columns={
            "roles": {"prediction": "p", "target": "y", "id": ["id"]},
            "importance": importance,
        },
        model_quality={"task": "regression", "labels": {"location": labels}},
    )


def test_the_role_reads_labels_and_importances_and_nothing_beside_them() -> None:
    reading = _reading("s3://models/flights.json", "s3://truth/labels/{date:%Y-%m-%d}/")
    template = synthesize(Scenario((reading,)))
    statements = template.properties("AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    said = [json.dumps(each) for each in statements if "GetObject" in str(each["Action"])]
    assert any(':s3:::models/flights.json"' in each for each in said)
    assert any(":s3:::truth/labels/*" in each for each in said)
    assert not any(":s3:::models/*" in each or ":s3:::truth/*" in each for each in said)


def test_a_local_path_is_refused_as_lambda_cannot_read_it() -> None:
    with pytest.raises(DriftMonitorError) as refused:
        check([_reading("weights.csv", "labels/")], DeploymentSettings())
    told = str(refused.value)
    assert "columns.importance: weights.csv is a local path" in told
    assert "model_quality.labels.location: labels/ is a local path" in told
