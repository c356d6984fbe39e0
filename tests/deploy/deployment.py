"""A copy of the project, the `cdk` command in it, and what it has put into the account."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from emulation import ACCOUNT, REGION
from infra.synthesis import Template, delivered

EVENT_ID = "7bf73129-1428-4cd3-a780-95db273d1602"
STACK = "DriftMonitor-dev"
# What the copy's settings say, where it is not the default.
EMAILS = ["data@example.com", "ops@example.com"]
MEMORY = 2048
ROOT = Path(__file__).parents[2]
TOOLS = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin")
# Seconds; the image's first build takes minutes.
_ENDS_WITHIN = 900
# Neither the CDK nor `make image-push` reads them.
_NOT_COPIED = (
    *(".git", ".venv*", "node_modules", "cdk.out", "benchmarks", "demo", "tests"),
    *("__pycache__", ".*_cache", ".hypothesis"),
)


@dataclass(frozen=True)
class Deployed:
    """A stack in the account."""

    name: str
    outputs: dict[str, str]
    resources: dict[str, tuple[str, str]]
    """By logical id: the type, and the name in the account."""

    @classmethod
    def read(cls, name: str) -> "Deployed":
        cloudformation = boto3.client("cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        return cls(
            name,
            {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
            {
                found["LogicalResourceId"]: (found["ResourceType"], found["PhysicalResourceId"])
                for page in pages
                for found in page["StackResourceSummaries"]
            },
        )

    def ids(self, kind: str) -> dict[str, str]:
        """Return the names that resources of a type have in the account, by logical id."""
        return {
            logical_id: name
            for logical_id, (found, name) in self.resources.items()
            if found == kind
        }

    def only(self, kind: str) -> str:
        """Return the name of the one resource of a type."""
        (found,) = self.ids(kind).values()
        return found

    def rule(self, prefix: str) -> dict[str, Any]:
        """Return the rule whose logical id begins so, with its one target."""
        (name,) = (
            found
            for logical_id, found in self.ids("AWS::Events::Rule").items()
            if logical_id.startswith(prefix)
        )
        events = boto3.client("events")
        rule = events.describe_rule(Name=name)
        return {**rule, "Targets": events.list_targets_by_rule(Rule=name)["Targets"]}

    def event(self, rule: str, time: str) -> dict[str, Any]:
        """Return what a rule's target receives when it fires, as EventBridge makes it."""
        return delivered(self.rule(rule), {"time": time, "id": EVENT_ID})

    def function(self) -> dict[str, Any]:
        """Return the function: its Configuration and its Code."""
        return boto3.client("lambda").get_function(FunctionName=self.outputs["FunctionName"])

    def subscriptions(self, topic: str) -> dict[str, dict[str, str]]:
        """Return what each email address gets of a topic: all, or what its filter lets through."""
        sns = boto3.client("sns")
        filters = {}
        for found in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            if found["Protocol"] == "email":
                attributes = sns.get_subscription_attributes(
                    SubscriptionArn=found["SubscriptionArn"]
                )["Attributes"]
                filters[found["Endpoint"]] = {
                    name: attributes[name]
                    for name in ("FilterPolicy", "FilterPolicyScope")
                    if name in attributes
                }
        return filters

    def image(self) -> dict[str, Any]:
        """Return what ECR says of the function's image: it must be there."""
        repository, mark, image = re.fullmatch(
            rf"{ACCOUNT}\.dkr\.ecr\.{REGION}\.amazonaws\.com/([^:@]+)([:@])(.+)",
            self.function()["Code"]["ImageUri"],
        ).groups()
        wanted = {"imageTag" if mark == ":" else "imageDigest": image}
        (found,) = boto3.client("ecr").describe_images(
            repositoryName=repository, imageIds=[wanted]
        )["imageDetails"]
        return found


def statement(policy: str, sid: str) -> dict[str, Any]:
    """Return a policy's one statement of that name."""
    (found,) = (each for each in json.loads(policy)["Statement"] if each.get("Sid") == sid)
    return found


class Project:
    """A copy of the project, to be changed as a user changes it."""

    def __init__(self, folder: Path, environment: dict[str, str], logs: Path) -> None:
        self.folder = folder
        self._logs = logs
        self._commands = 0
        self._environment = {
            **os.environ,
            **environment,
            "PATH": os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]]),
            # The engine's log-in to the emulated registry stays here.
            "DOCKER_CONFIG": str(folder / ".docker"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_VALIDATION": "false",
            "NO_COLOR": "1",
        }
        shutil.copytree(
            ROOT, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED), dirs_exist_ok=True
        )
        # Those of the project: its Makefile would make them again.
        for made in (".venv", "node_modules"):
            (folder / made).symlink_to(ROOT / made)

    def settings(self, environments: dict[str, Any]) -> None:
        """Write the deployment's settings, by environment, into cdk.json."""
        file = self.folder / "cdk.json"
        written = json.loads(file.read_text())
        written["context"]["drift-monitor"] = environments
        file.write_text(json.dumps(written, indent=2))

    def template(self, name: str) -> Template:
        """Return a stack as the CDK last wrote it."""
        folder = self.folder / "cdk.out"
        return Template(json.loads((folder / f"{name}.template.json").read_text()), {}, folder)

    def cdk(self, *arguments: str, code: int = 0) -> str:
        """Run a cdk command that ends with a code; return what it said."""
        return self.run("cdk", *arguments, "--no-notices", code=code)

    def deploy(self, name: str, *arguments: str) -> Deployed:
        """Deploy a stack and what it stands on."""
        self.cdk("deploy", name, "--require-approval", "never", *arguments)
        return Deployed.read(name)

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command in the copy that ends with a code; what it said is kept in the logs."""
        self._commands += 1
        log = self._logs / f"{self._commands:02}-{Path(command[0]).name}-{command[1]}.log"
        with log.open("w") as output:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_ENDS_WITHIN,
                check=False,
            )
        assert done.returncode == code, f"{command} ended with {done.returncode}: see {log}"
        return log.read_text()
