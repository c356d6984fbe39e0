"""The app: cdk.json and the monitors' files in, stacks or clear sentences out."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from synthesis import ROOT

import app as cdk_app
from drift_monitor.errors import DriftMonitorError
from stacks.settings import CONTEXT_KEY, IMAGE_KEY

MONITOR = """\
name: flights
reference: {location: s3://tables/reference.csv}
current: {location: s3://tables/current.csv}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with one monitor, as the cdk command works where cdk.json is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "monitors").mkdir()
    (tmp_path / "monitors" / "flights.yaml").write_text(MONITOR)
    return tmp_path


def build(**environments: object) -> list[str]:
    """Return the ids of the stacks that cdk.json's settings lead to."""
    return [stack.node.id for stack in stacks({CONTEXT_KEY: environments or {"dev": {}}})]


def stacks(context: dict[str, object]) -> list[Stack]:
    app = App(context=context)
    cdk_app.build(app)
    return [child for child in app.node.children if isinstance(child, Stack)]


def mistakes() -> list[str]:
    with pytest.raises(DriftMonitorError) as found:
        build()
    return str(found.value).splitlines()


def test_each_environment_is_a_stack() -> None:
    assert build(prod={}, dev={}) == ["DriftMonitor-dev", "DriftMonitor-prod"]


@pytest.mark.parametrize(
    ("settings", "workers", "rows"),
    [
        ({}, "4 vCPU and 16 GB, 3 at most", "716 million"),
        (
            {"spark_maximum_vcpu": 64, "spark_worker_memory_gb": 120},
            "16 vCPU and 120 GB, 3 at most",
            "8,160 million",
        ),
    ],
)
def test_with_a_monitor_on_spark_it_says_how_tall_a_column_its_workers_compare(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, int],
    workers: str,
    rows: str,
) -> None:
    build(dev=settings)
    assert capsys.readouterr().err == ""
    (folder / "monitors" / "flights.yaml").write_text(f"{MONITOR}engine: spark\n")
    build(dev=settings)
    assert capsys.readouterr().err == (
        f"DriftMonitor-dev: monitors on Spark: workers of {workers}, compare columns of up to "
        f"{rows} rows, reference and current together; drift-monitor check says what a monitor's "
        "tallest column needs: raise spark_worker_memory_gb in cdk.json where that is more\n"
    )


def test_image_that_is_built_brings_the_registry_it_is_in() -> None:
    registry, dev, prod = stacks({CONTEXT_KEY: {"dev": {}, "prod": {}}, IMAGE_KEY: "v1"})
    assert registry.node.id == "DriftMonitor-registry"
    # A new account gets the registry first.
    assert dev.dependencies == prod.dependencies == [registry]


def test_mistake_in_the_image_is_a_sentence() -> None:
    with pytest.raises(DriftMonitorError, match="without the repository's address"):
        stacks({CONTEXT_KEY: {"dev": {}}, IMAGE_KEY: "example.com/drift_monitoring:v1"})


def test_environment_may_have_a_folder_of_monitors_of_its_own(folder: Path) -> None:
    (folder / "monitors").rename(folder / "others")
    assert build(dev={"monitors": "others"}) == ["DriftMonitor-dev"]


def test_this_repository_ships_one_environment_so_that_deploy_needs_no_name() -> None:
    shipped = json.loads((ROOT / "cdk.json").read_text())
    assert shipped["app"] == "python3 app.py"
    assert list(shipped["context"][CONTEXT_KEY]) == ["dev"]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            MONITOR + "schedule: cron(30 9 * * MON)\n",
            "monitors/flights.yaml:4: schedule: cron(30 9 * * MON) has 5 fields, EventBridge",
        ),
        (
            MONITOR.replace("s3://tables/current.csv", "s3://Tables/current.csv"),
            "monitors/flights.yaml:3: current.location: s3://Tables/current.csv: 'Tables' is not",
        ),
        (
            MONITOR.replace("s3://tables/current.csv", "current.csv"),
            "monitor flights: current.location: current.csv is a local path",
        ),
        (
            MONITOR + "columns: {exclude: ['<5']}\n",
            "monitor flights: <5 has < or >",
        ),
        (
            MONITOR + "alerts: {emails: [Me@example.com, me@example.com]}\n",
            "Me@example.com and me@example.com differ only in case",
        ),
        (
            MONITOR + f"columns: {{include: [{', '.join(f'column_{n}' for n in range(900))}]}}\n",
            "monitor flights: its configuration has",
        ),
    ],
    ids=["bad cron", "bad S3 URI", "local path", "angle bracket", "same but for case", "too long"],
)
def test_mistake_in_a_monitor_is_one_clear_sentence(folder: Path, file: str, expected: str) -> None:
    (folder / "monitors" / "flights.yaml").write_text(file)
    (mistake,) = mistakes()
    assert mistake.startswith(expected)


def test_two_monitors_with_one_name_are_a_mistake(folder: Path) -> None:
    (folder / "monitors" / "other.yaml").write_text(MONITOR)
    (mistake,) = mistakes()
    assert mistake.startswith("monitors/other.yaml:1: name: flights is another monitor's name")


def test_folder_without_monitors_is_a_mistake(folder: Path) -> None:
    (folder / "monitors" / "flights.yaml").unlink()
    assert mistakes() == ["monitors has no monitor: put one YAML file per table there"]


def test_mistake_ends_the_command_with_its_sentence_and_no_traceback(folder: Path) -> None:
    (folder / "monitors" / "flights.yaml").write_text(MONITOR + "schedule: daily\n")
    done = python(str(ROOT / "app.py"), CDK_CONTEXT_JSON=json.dumps({CONTEXT_KEY: {"dev": {}}}))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "monitors/flights.yaml:4: schedule: daily is not a cron expression such as "
        "cron(30 9 ? * MON *)\n"
    )


def test_app_needs_no_more_than_its_requirements() -> None:
    # Without the installed package: app.py finds drift_monitor by itself.
    done = python(
        "-c",
        f"""
import json, sys
sys.path = [{str(ROOT)!r}] + [path for path in sys.path if not path.endswith("lambda_src")]
import app
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
""",
    )
    assert done.returncode == 0, done.stderr
    imported, distributions = json.loads(done.stdout), packages_distributions()
    needed = {name for module in imported for name in distributions.get(module, [])}
    locked = {
        line.partition("==")[0] for line in (ROOT / "requirements.txt").read_text().splitlines()
    }
    # .pth files of the development environment are run at the start of each process.
    at_start = {"coverage", "drift-monitor", "editables", "setuptools"}
    assert {re.sub("[-_.]+", "-", name).lower() for name in needed} - at_start <= locked


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
            "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "20",
            **environment,
        },
    )
