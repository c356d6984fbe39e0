"""Templates of the stack, by scenario of monitors and settings."""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from drift_monitor.config.monitor import Monitor
from stacks.monitor_stack import DriftMonitorStack
from stacks.registry_stack import ImageRegistryStack
from stacks.settings import CONTEXT_KEY, DeploymentSettings
from stacks.spark.application import on_spark

ROOT = Path(__file__).parents[2]
STACK = "DriftMonitor-test"
REGISTRY = "DriftMonitor-registry"
SITE = "SiteBucket978D4AEB"

# The CDK's command line reads cdk.json; pytest has to.
FEATURE_FLAGS = {
    key: value
    for key, value in json.loads((ROOT / "cdk.json").read_text())["context"].items()
    if key != CONTEXT_KEY
}

# Gone when the tests end.
_OUTPUT = TemporaryDirectory(prefix="drift-monitor-")


def monitor(name: str, **fields: object) -> Monitor:
    """Make a monitor, with tables of its own in one bucket."""
    return Monitor.model_validate(
        {
            "name": name,
            "reference": {"location": f"s3://tables/{name}/reference.parquet"},
            "current": {
                "location": f"s3://tables/{name}/daily/{{date:%Y-%m-%d}}.parquet",
                "window": "7d",
            },
            **fields,
        }
    )


def queried(name: str, **query: object) -> Monitor:
    """Make a monitor whose current table is what Athena returns."""
    return monitor(
        name,
        current={
            "sql": "SELECT * FROM t WHERE dt >= '{start}' AND dt < '{end}'",
            "window": "7d",
            "database": f"{name}_db",
            "output": "s3://scratch/athena/",
            "reads": [f"s3://tables/{name}/daily/"],
            **query,
        },
    )


def every_place(name: str) -> dict[str, Any]:
    """Return the parts of a monitor that read all that a monitor can, and keep a cache."""
    return {
        "reference": {"location": f"s3://tables/{name}/reference.parquet", "cache": True},
        "columns": {
            "roles": {"prediction": "p", "target": "y", "id": ["id"]},
            "importance": f"s3://models/{name}.json",
        },
        "model_quality": {
            "task": "regression",
            "labels": {"location": "s3://truth/labels/{date:%Y-%m-%d}/"},
        },
    }


@dataclass(frozen=True)
class Scenario:
    """What a user has written."""

    monitors: tuple[Monitor, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    image: str | None = None


SCENARIOS = {
    "defaults": Scenario((monitor("flights", alerts={"emails": ["data@example.com"]}),)),
    "two_teams": Scenario(
        (
            monitor("flights", alerts={"emails": ["data@example.com", "ops@example.com"]}),
            monitor("weather", schedule="cron(0 6 * * ? *)", alerts={"when": "on_change"}),
        ),
        {"emails": ["data@example.com"], "run_on_deploy": False},
    ),
    # Every setting, and every sort of place that a monitor reads or writes.
    "everything": Scenario(
        (
            monitor(
                "flights",
                column_metrics=True,
                alerts={"emails": ["data@example.com", "ops@example.com"], "chat": True},
                **every_place("flights"),
            ),
            queried("weather", workgroup="drift"),
            monitor("trips", engine="spark", schedule="cron(0 6 * * ? *)"),
        ),
        {
            "emails": ["data@example.com"],
            "access": "cloudfront",
            "allow_ips": ["203.0.113.0/24", "2001:db8::/32"],
            "password": True,
            "domain": "drift.example.com",
            "certificate_arn": (
                "arn:aws:acm:us-east-1:111122223333:certificate/"
                "1234abcd-12ab-34cd-56ef-1234567890ab"
            ),
            "report_retention_days": 30,
            "on_destroy": "destroy",
            "run_on_deploy": False,
            "data_key_arns": [
                "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
            ],
            "extras": ["iceberg", "delta"],
            "architecture": "arm64",
            "memory_mb": 10_240,
            "ephemeral_storage_mb": 512,
            "spark_maximum_vcpu": 36,
            "spark_worker_memory_gb": 64,
            "spark_timeout_minutes": 240,
            "log_retention_days": 7,
            "runbook_url": "https://example.com/drift/runbook",
        },
    ),
    "queries": Scenario((queried("flights"), queried("weather", workgroup="drift"))),
    "spark": Scenario(
        (
            monitor("flights"),
            monitor("trips", engine="spark", alerts={"emails": ["data@example.com"]}),
            monitor("fares", engine="spark"),
        )
    ),
    "from_registry": Scenario((monitor("flights"),), image="v1"),
    "allowlist": Scenario(
        (monitor("flights"),), {"access": "allowlist", "allow_ips": ["203.0.113.0/24"]}
    ),
    "cloudfront": Scenario(
        (monitor("flights"),),
        {
            "access": "cloudfront",
            "allow_ips": ["203.0.113.0/24", "2001:db8::/32"],
            "password": True,
        },
    ),
    "own_domain": Scenario(
        (monitor("flights"),),
        {
            "access": "cloudfront",
            "allow_ips": ["203.0.113.0/24"],
            "domain": "drift.example.com",
            "certificate_arn": (
                "arn:aws:acm:us-east-1:111122223333:certificate/"
                "1234abcd-12ab-34cd-56ef-1234567890ab"
            ),
            "on_destroy": "destroy",
        },
    ),
}


@dataclass(frozen=True)
class Template:
    """A synthesized stack: its template, its images, and the folder that both are in."""

    body: dict[str, Any]
    images: dict[str, Any]
    folder: Path

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a type, by logical id, without the CDK's own bucket emptier."""
        return {
            name: resource
            for name, resource in self.body["Resources"].items()
            if resource["Type"] == kind and not name.startswith("CustomS3AutoDeleteObjects")
        }

    def only(self, kind: str) -> dict[str, Any]:
        """Return the one resource of a type."""
        (resource,) = self.of_type(kind).values()
        return resource

    def properties(self, kind: str) -> dict[str, Any]:
        """Return the properties of the one resource of a type."""
        return self.only(kind)["Properties"]

    def rule(self, prefix: str) -> dict[str, Any]:
        """Return the properties of the rule whose logical id begins so."""
        rules = self.of_type("AWS::Events::Rule").items()
        (rule,) = (resource["Properties"] for name, resource in rules if name.startswith(prefix))
        return rule

    def alarm(self, metric: str) -> dict[str, Any]:
        """Return the properties of the alarm on a metric."""
        alarms = self.of_type("AWS::CloudWatch::Alarm").values()
        (alarm,) = (
            found["Properties"] for found in alarms if found["Properties"]["MetricName"] == metric
        )
        return alarm


def app_of(scenario: Scenario, name: str = STACK) -> tuple[App, DriftMonitorStack]:
    """Make the app of a scenario, not yet synthesized."""
    folder = mkdtemp(dir=_OUTPUT.name)
    app = App(context=FEATURE_FLAGS, analytics_reporting=False, outdir=folder)
    settings = DeploymentSettings.model_validate(scenario.settings)
    if scenario.image:
        ImageRegistryStack(app, REGISTRY, spark=bool(on_spark(scenario.monitors)))
    stack = DriftMonitorStack(
        app, name, settings=settings, monitors=scenario.monitors, image=scenario.image
    )
    return app, stack


@cache
def template_of(name: str) -> Template:
    """Return the template of one of SCENARIOS, synthesized once per session."""
    return synthesize(SCENARIOS[name])


def synthesize(scenario: Scenario, name: str = STACK) -> Template:
    """Return a scenario's template."""
    app, stack = app_of(scenario, name)
    return _read(Path(app.synth().directory), stack.stack_name)


def registry_template() -> Template:
    """Return the template of the registry, which is the same for all that deploy from it."""
    return _read(template_of("from_registry").folder, REGISTRY)


def registry_of(scenario: Scenario) -> Template:
    """Return the template of the registry that a scenario deploys from."""
    return _read(synthesize(scenario).folder, REGISTRY)


def _read(folder: Path, stack: str) -> Template:
    assets = json.loads((folder / f"{stack}.assets.json").read_text())
    body = json.loads((folder / f"{stack}.template.json").read_text())
    return Template(body, assets.get("dockerImages", {}), folder)


@cache
def nag_report(scenario: str) -> dict[str, Any]:
    """Return what cdk-nag's AwsSolutions rules say of a scenario."""
    app, _ = app_of(SCENARIOS[scenario])
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    folder = Path(app.synth().directory)
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    (report,) = (report for report in reports if report["pluginName"] == "AwsSolutions")
    return report


def folded(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a part of a template with its references in one string, as Fn::Sub has them."""
    match value:
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Join": [separator, parts]}:
            return separator.join(map(folded, parts))
        case dict():
            return {key: folded(each) for key, each in value.items()}
        case list():
            return [folded(each) for each in value]
    return value


def delivered(rule: dict[str, Any], event: dict[str, str]) -> dict[str, Any]:
    """Return what a rule's target receives for an event, as EventBridge makes it."""
    (target,) = rule["Targets"]
    text = target["InputTransformer"]["InputTemplate"]
    for name, path in target["InputTransformer"]["InputPathsMap"].items():
        text = text.replace(f"<{name}>", json.dumps(event[path.removeprefix("$.")]))
    return json.loads(text)
