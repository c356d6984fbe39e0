"""Every example of docs/model-quality.md is a monitor, and its run says what the page promises."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet as pq

from drift_monitor.alerts.email import Email
from drift_monitor.alerts.notifiers import Message
from drift_monitor.config.load import load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.run import run
from drift_monitor.site.store import Site
from drift_monitor.storage import FolderStore

pytestmark = pytest.mark.xdist_group("evidently")

DOCS = (Path(__file__).parents[2] / "docs" / "model-quality.md").read_text(encoding="utf-8")
ROLES, GIVEN, FILE, REGRESSION, CLASSIFICATION, LATE = re.findall(
    r"```yaml\n(.*?)```", DOCS, re.DOTALL
)
NOON = datetime(2013, 6, 4, 12, tzinfo=UTC)
ROWS = 120


def _flights(first: int, delayed: int) -> dict[str, list[Any]]:
    """Return flights of which each is later by so many minutes than the model says."""
    numbers = list(range(ROWS))
    return {
        "flight_id": [first + number for number in numbers],
        "dep_delay": [float(number + 5 * delayed) for number in numbers],
        "distance": [float(100 + number % 50) for number in numbers],
        "carrier": ["UA" if number % 3 else "AA" for number in numbers],
        "predicted_delay": [float(number) for number in numbers],
        "arr_delay": [float(number + 1 + delayed) for number in numbers],
        "chance_of_delay": [number / ROWS for number in numbers],
        "is_late": [int(number + delayed > ROWS / 2) for number in numbers],
    }


REFERENCE, CURRENT = _flights(0, 0), _flights(ROWS, 30)


def _without(columns: dict[str, list[Any]], *names: str) -> dict[str, list[Any]]:
    return {name: values for name, values in columns.items() if name not in names}


class Inbox:
    """Keeps the emails."""

    def __init__(self) -> None:
        self.emails: list[Message] = []

    def send(self, email: Message) -> None:
        self.emails.append(email)


Ran = tuple[dict[str, Any], str, str]


@pytest.fixture
def run_example(tmp_path: Path, write_table: Callable[..., str]) -> Callable[..., Ran]:
    """Run a monitor; return its drift.json, the words of its email and its page."""

    def ran(example: str, current: dict[str, list[Any]] = CURRENT) -> Ran:
        mailbox = Inbox()
        site = Site(FolderStore(tmp_path / "site"), "https://example.com/")
        run(_load(tmp_path, example, write_table, current), NOON, site=site, notifier=mailbox)
        (email,) = mailbox.emails
        assert isinstance(email, Email)
        page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
        result = json.loads((tmp_path / "site/monitors/m/drift.json").read_text(encoding="utf-8"))
        return result, email.summary, page.partition("</header>")[0]

    return ran


def _load(
    folder: Path, example: str, write_table: Callable[..., str], current: dict[str, list[Any]]
) -> Monitor:
    rest: dict[str, Any] = {
        "name": "m",
        "reference": {"location": write_table("reference.parquet", REFERENCE)},
    }
    if "current:" not in example:
        rest["current"] = {"location": write_table("current.parquet", current)}
    file = folder / "m.yaml"
    file.write_text(yaml.safe_dump(rest) + example, encoding="utf-8")
    return load_monitor(file)


@pytest.fixture
def bucket(aws: str) -> Any:  # noqa: ANN401 - boto3's own
    client = boto3.client("s3", endpoint_url=aws)
    client.create_bucket(
        Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return client


def test_prediction_and_target_are_told_apart(run_example: Callable[..., Ran]) -> None:
    result, email, page = run_example(ROLES)
    roles = result["by_role"]
    assert (roles["prediction"]["column"], roles["prediction"]["status"]) == (
        "predicted_delay",
        "ok",
    )
    assert (roles["target"]["column"], roles["target"]["status"]) == ("arr_delay", "drifted")
    covariates = [each for each in result["columns"] if each["role"] == "covariate"]
    assert roles["scored_covariates"] == len(covariates) == 5
    assert roles["drifted_covariates"] == sum(each["status"] == "drifted" for each in covariates)
    lines = email.splitlines()
    assert "Prediction: no drift" in lines
    assert any(line.startswith("Target drifted: arr_delay, ") for line in lines)
    assert f"Covariates: {roles['drifted_covariates']} of 5 drifted" in lines
    assert "Prediction: no drift</span>" in page
    assert "Target drifted</span>" in page


@pytest.mark.parametrize("example", [GIVEN, FILE], ids=["given", "file"])
def test_importance_weighs_the_verdict(
    example: str,
    run_example: Callable[..., Ran],
    bucket: Any,  # noqa: ANN401
) -> None:
    body = b"feature,importance,gain\ndep_delay,0.6,9\ndistance,-0.3,1\ncarrier,0.1,0\n"
    bucket.put_object(Bucket="my-bucket", Key="model/importance.csv", Body=body)
    result, email, page = run_example(example)
    importance = {each["column"]: each["importance"] for each in result["columns"]}
    assert importance["dep_delay"] == 0.6
    assert importance["distance"] == 0.3
    assert importance["chance_of_delay"] == 0
    assert importance["arr_delay"] is None
    assert (result["status"], result["drifted_share"]) == ("drifted", 0.6)
    assert result["is_weighted"]
    assert email.startswith("Drift: 4 of 8 columns drifted (60% of the importance)")
    assert "weighs columns by their importance" in page


def test_a_feature_that_neither_table_has_shows(run_example: Callable[..., Ran]) -> None:
    result, _, _ = run_example(GIVEN.replace("carrier", "carier"))
    statuses = {each["column"]: each["status"] for each in result["columns"]}
    assert statuses["carier"] == "missing"


def test_a_regression_is_measured(run_example: Callable[..., Ran]) -> None:
    result, email, page = run_example(REGRESSION)
    quality = result["model_quality"]
    assert quality["rows_with_labels"] == {"reference": ROWS, "current": ROWS}
    assert quality["metrics"]["mae"] == {"reference": 1.0, "current": 31.0}
    assert quality["metrics"]["mean_error"] == {"reference": -1.0, "current": -31.0}
    assert "Model quality: mean error -1 → -31, MAE 1 → 31," in email
    assert "<td>1</td><td>31</td>" in page


def test_a_classification_is_measured_and_its_limits_checked(
    run_example: Callable[..., Ran],
) -> None:
    result, email, page = run_example(CLASSIFICATION)
    metrics = result["model_quality"]["metrics"]
    assert list(metrics) == ["accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"]
    assert metrics["roc_auc"] == {"reference": 1.0, "current": 1.0}
    assert metrics["recall"]["reference"] == 1.0
    checks = {check["reason"].split(" is ")[0]: check for check in result["checks"]}
    assert checks["ROC AUC"]["passed"]
    assert not checks["recall"]["passed"]
    assert checks["recall"]["value"] == pytest.approx(1 - metrics["recall"]["current"])
    assert "model_quality (critical)" in email
    assert "1 critical check failed" in page


def test_labels_that_come_later_are_joined(
    run_example: Callable[..., Ran],
    bucket: Any,  # noqa: ANN401
) -> None:
    for day in ("02", "03"):
        file = BytesIO()
        pq.write_table(pa.table(_without(CURRENT, "arr_delay")), file)
        key = f"predictions/2013-06-{day}.parquet"
        bucket.put_object(Bucket="my-bucket", Key=key, Body=file.getvalue())
    labels = "flight_id,arr_delay\n120,40\n120,31\n121,32\n"
    bucket.put_object(Bucket="my-bucket", Key="labels/2013-06-04.csv", Body=labels.encode())
    result, email, page = run_example(LATE)
    quality = result["model_quality"]
    assert quality["rows_with_labels"] == {"reference": ROWS, "current": 4}
    assert quality["metrics"]["mae"] == {"reference": 1.0, "current": 31.0}
    assert quality["reasons"][-1] == (
        "current: 1 label has a later one of the same id, which counts"
    )
    assert "(4 labels)" in email
    assert quality["reasons"][-1] in page


def test_labels_that_are_not_there_yet_leave_the_run_as_it_is(
    run_example: Callable[..., Ran],
) -> None:
    result, email, page = run_example(REGRESSION, _without(CURRENT, "arr_delay"))
    quality = result["model_quality"]
    assert quality["metrics"]["mae"] == {"reference": 1.0, "current": None}
    assert quality["reasons"] == ["current: it has no column arr_delay"]
    assert "current: it has no column arr_delay" in email
    assert "current: it has no column arr_delay" in page


def test_a_monitor_is_the_same_after_it_went_through_an_event(
    tmp_path: Path, write_table: Callable[..., str]
) -> None:
    for example in (ROLES, GIVEN, FILE, REGRESSION, CLASSIFICATION, LATE):
        monitor = _load(tmp_path, example, write_table, CURRENT)
        assert Monitor.model_validate(monitor.model_dump(mode="json", exclude_none=True)) == monitor
