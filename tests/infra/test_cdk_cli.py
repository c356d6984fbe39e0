"""What a user does: the real `cdk` command, on the repository and on a changed copy of it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from synthesis import FEATURE_FLAGS, ROOT, SCENARIOS

# One process each, so they can run beside the other tests of the stacks.
pytestmark = pytest.mark.xdist_group("cdk-cli")

CDK = ROOT / "node_modules" / ".bin" / "cdk"
STACK = "DriftMonitor-dev"


# A rule that only the CDK's validation knows to be wrong.
UNDEPLOYABLE = """
from aws_cdk import App, Stack
from aws_cdk.aws_events import CfnRule

app = App()
CfnRule(Stack(app, "Bad"), "Rule", schedule_expression="cron(30 9 * * MON)")
app.synth()
"""


def cdk(
    folder: Path, *arguments: str, app: Path = ROOT / "app.py", validation: bool = False
) -> subprocess.CompletedProcess[str]:
    assert CDK.exists(), f"{CDK} is missing: run `make test`, which installs it, or `npm ci`"
    environment = {
        **os.environ,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "20",
        "NO_COLOR": "1",
        "CDK_VALIDATION": "true" if validation else "false",
    }
    return subprocess.run(
        [CDK, *arguments, "--no-notices", "--app", f"{sys.executable} {app}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it is, synthesized with the CDK's own validation on."""
    folder = tmp_path_factory.mktemp("cdk")
    done = cdk(ROOT, "synth", "--quiet", "--output", str(folder), validation=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what a user edits."""
    shutil.copytree(ROOT / "monitors", tmp_path / "monitors")
    shutil.copy(ROOT / "cdk.json", tmp_path)
    return tmp_path


def test_repository_synthesizes_and_the_cdks_own_validation_passes(output: Path) -> None:
    template = json.loads((output / f"{STACK}.template.json").read_text())
    assert len(template["Resources"]) > 15
    report = json.loads((output / "validation-report.json").read_text())
    assert {plugin["conclusion"] for plugin in report["pluginReports"]} == {"success"}


def test_cdks_own_validation_would_have_failed_a_template_that_cannot_deploy(copy: Path) -> None:
    (copy / "bad.py").write_text(UNDEPLOYABLE)
    done = cdk(copy, "synth", "--quiet", app=copy / "bad.py", validation=True)
    assert done.returncode == 1
    assert "ScheduleExpression: '30' is not of length 6" in done.stdout + done.stderr


def test_each_access_passes_the_cdks_own_validation(copy: Path) -> None:
    settings = json.loads((copy / "cdk.json").read_text())
    settings["context"]["drift-monitor"] = {
        name.replace("_", "-"): SCENARIOS[name].settings
        for name in ("allowlist", "cloudfront", "own_domain")
    }
    (copy / "cdk.json").write_text(json.dumps(settings))
    done = cdk(copy, "synth", "--quiet", validation=True)
    assert done.returncode == 0, done.stderr
    report = json.loads((copy / "cdk.out" / "validation-report.json").read_text())
    assert {plugin["conclusion"] for plugin in report["pluginReports"]} == {"success"}


def test_synthesis_looks_nothing_up_in_the_account(output: Path) -> None:
    manifest = json.loads((output / "manifest.json").read_text())
    assert "missing" not in manifest
    assert manifest["artifacts"][STACK]["environment"] == "aws://unknown-account/unknown-region"


def test_diff_of_a_changed_threshold_shows_it_and_nothing_else(copy: Path, output: Path) -> None:
    file = copy / "monitors" / "flights.yaml"
    text = file.read_text()
    changed = text.replace('"*_delay": {threshold: 0.2}', '"*_delay": {threshold: 0.35}')
    assert changed != text
    file.write_text(changed)

    # Exit code 1 is --fail's for a difference; with credentials, no --template is needed.
    done = cdk(copy, "diff", "--fail", "--template", str(output / f"{STACK}.template.json"))

    assert done.returncode == 1, done.stderr
    said = done.stdout + done.stderr
    resources = re.findall(r"^\[.\] (\S+) \S+ (\w+?)[0-9A-F]{8}", said, re.MULTILINE)
    assert resources == [
        ("AWS::Events::Rule", "ScheduleflightsScheduled"),
        ("AWS::Events::Rule", "ScheduleflightsDeployed"),
    ]
    inputs = (re.findall(rf"\[{sign}\](.*InputTemplate.*)", said) for sign in (r"-", r"\+"))
    for before, after in zip(*inputs, strict=True):
        was = r"\"*_delay\":{\"threshold\":0.2}"
        assert was in before
        assert after == before.replace(was, r"\"*_delay\":{\"threshold\":0.35}")
    # The same once more for reading: the path to the field, the old value and the new.
    fields = re.findall(r"\[.\] (?:\.(\S+):|([\d.]+))$", said, re.MULTILINE)
    assert [name or value for name, value in fields] == [
        *("Monitor", "drift", "columns", "*_delay", "threshold"),
        *("0.2", "0.35"),
    ]


def test_mistake_in_a_monitor_ends_synth_with_its_sentence(copy: Path) -> None:
    file = copy / "monitors" / "flights.yaml"
    file.write_text(file.read_text().replace("cron(30 9 ? * MON *)", "cron(30 9 * * MON)"))
    done = cdk(copy, "synth", "--quiet")
    assert done.returncode == 1
    assert "monitors/flights.yaml:4: schedule: cron(30 9 * * MON) has 5 fields" in done.stderr
    assert "Traceback" not in done.stderr


def test_feature_flags_are_those_of_a_new_app(tmp_path: Path) -> None:
    # A flag that is not set has its oldest meaning.
    done = cdk(tmp_path, "init", "app", "--language", "python", "--generate-only")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "cdk.json").read_text())["context"] == FEATURE_FLAGS
