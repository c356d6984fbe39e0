"""The Spark job in the image that it is deployed in: on Spark with executors of their own.

EMR Serverless submits a job as this does, with the
properties that the stack gives its application, as far as Spark itself knows them.
"""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from infra.synthesis import ROOT, Scenario, monitor, synthesize
from pyarrow import parquet as pq

from drift_monitor.config.events import run_event
from drift_monitor.engines.scored_run import read_scored_run
from stacks.spark.application import JOB

ROWS = 20_000
# Two executors in processes of their own, each with a core and 1 GB for Java.
CLUSTER = "local-cluster[2,1,1024]"
EVENT_ID = "7bf73129-1428-4cd3-a780-95db273d1602"


def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert shutil.which("docker"), "Docker is needed: see docs.docker.com/engine/install"
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)  # noqa: S607


@pytest.fixture(scope="session")
def image() -> str:
    """Build the image; return its tag."""
    return build("drift_monitor:test-spark")


def build(tag: str, *arguments: str) -> str:
    context = ROOT / "lambda_src"
    dockerfile = ("-f", str(context / "Dockerfile.spark"))
    built = docker("build", *dockerfile, *arguments, "-t", tag, str(context))
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    return tag


def in_image(image: str, code: str) -> str:
    """Run code by the image's Python, as the user and without the network that a job has."""
    python = "/opt/drift-monitor/bin/python"
    done = docker("run", "--rm", "--network", "none", image, python, "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="session")
def properties() -> dict[str, str]:
    """Return the properties that the stack gives the application, without its workers' size."""
    template = synthesize(Scenario((monitor("trips", engine="spark"),)))
    application = template.properties("AWS::EMRServerless::Application")
    (configuration,) = application["RuntimeConfiguration"]
    return {
        name: "eu-west-1" if name.endswith("REGION") else value
        for name, value in configuration["Properties"].items()
        if "Env." in name
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two tables and the event of a run that compares them."""
    random = np.random.default_rng(7)
    for name, shift in (("reference", 0.0), ("current", 0.4)):
        columns = {
            "distance": random.normal(shift, 1, ROWS),
            "zone": random.choice(["a", "b", "c"], ROWS),
        }
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet", row_group_size=ROWS // 8)
    trips = monitor(
        "trips",
        engine="spark",
        reference={"location": "/data/reference.parquet"},
        current={"location": "/data/current.parquet"},
    )
    event = run_event(trips, "2026-03-16T09:30:00Z", EVENT_ID)
    (tmp_path / "event.json").write_text(json.dumps(event))
    tmp_path.chmod(0o777)
    return tmp_path


def submit(
    image: str, folder: Path, properties: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Submit the job as EMR Serverless does: the driver's environment, and Spark's properties."""
    driver = "spark.emr-serverless.driverEnv."
    environment = {
        name.removeprefix(driver): value
        for name, value in properties.items()
        if name.startswith(driver)
    }
    ours = {name: value for name, value in properties.items() if not name.startswith(driver)}
    return docker(
        *("run", "--rm", "--volume", f"{folder}:/data", "--network", "none"),
        *(f"--env={name}={value}" for name, value in environment.items()),
        *("--env=SPARK_LOCAL_IP=127.0.0.1", image),
        *("spark-submit", "--master", CLUSTER, "--conf", "spark.executor.memory=1g"),
        *(part for name, value in ours.items() for part in ("--conf", f"{name}={value}")),
        *(JOB, "--event", "/data/event.json", "--output", "/data/scores/"),
    )


def test_the_job_runs_on_executors_of_their_own(
    image: str, folder: Path, properties: dict[str, str]
) -> None:
    done = submit(image, folder, properties)
    assert done.returncode == 0, done.stderr[-3000:]
    result = read_scored_run(f"{folder}/scores/").result
    assert (result.reference.rows, result.current.rows) == (ROWS, ROWS)
    assert {column.column: column.status for column in result.columns} == {
        "distance": "drifted",
        "zone": "ok",
    }


def test_a_job_that_failed_says_why_and_leaves_no_scores(
    image: str, folder: Path, properties: dict[str, str]
) -> None:
    (folder / "current.parquet").unlink()
    done = submit(image, folder, properties)
    assert done.returncode == 1
    assert "/data/current.parquet has no file" in done.stdout + done.stderr
    assert not (folder / "scores" / "scores.json").exists()


def test_transforms_are_in_the_image(image: str) -> None:
    find = "from drift_monitor.config.transforms import find_transform as find"
    assert in_image(image, f"{find}; print(find('flown.py').read_text())") == (
        (ROOT / "lambda_src" / "transforms" / "flown.py").read_text().strip()
    )


def test_extras_have_all_that_their_tables_need() -> None:
    image = build("drift_monitor:test-spark-extras", "--build-arg", "EXTRAS=delta iceberg")
    in_image(image, "import drift_monitor.tables.lakes.delta, drift_monitor.tables.lakes.iceberg")


def test_pyspark_is_the_releases(image: str) -> None:
    listed = docker("run", "--rm", image, "/opt/drift-monitor/bin/pip", "list", "--format=json")
    installed = {each["name"] for each in json.loads(listed.stdout)}
    assert "pyarrow" in installed
    assert "pyspark" not in installed


def test_the_image_is_one_that_emr_serverless_takes(image: str) -> None:
    (found,) = json.loads(docker("inspect", image).stdout)
    assert found["Config"]["User"] == "hadoop:hadoop"
    assert found["Config"]["Entrypoint"] == json.loads(
        docker("inspect", "--format", "{{json .Config.Entrypoint}}", base()).stdout
    )


def base() -> str:
    dockerfile = (ROOT / "lambda_src" / "Dockerfile.spark").read_text()
    release = dockerfile.partition("ARG EMR_RELEASE=")[2].partition("\n")[0]
    return f"public.ecr.aws/emr-serverless/spark/{release}:latest"
