"""`make image-push`: in which order it calls the engine and the CDK, and what it refuses.

ECR is moto's; the engine and the CDK are scripts that note how they were called, and what the
engine pushes is in the registry.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from synthesis import ROOT

from stacks.settings import CONTEXT_KEY

pytestmark = pytest.mark.xdist_group("cdk-cli")

DIGEST = f"sha256:{'0a' * 32}"
ADDRESS = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

NOTES_CALLS = """\
#!/usr/bin/env bash
echo "${0##*/} $*" >> calls
"""
ENGINE = f"""\
{NOTES_CALLS}
case $1 in
  login) cat > password ;;
  image) echo "${{STAND_IN-}}" ;;
  push)
    [[ ! ${{LOST-}} ]] || exit 0
    [[ ! ${{FAILS_WITH-}} ]] || exit "$FAILS_WITH"
    curl --silent --fail "$AWS_ENDPOINT_URL_ECR" --output /dev/null \
      -H "Authorization: AWS4-HMAC-SHA256 Credential=testing/20260309/eu-west-1/ecr/aws4_request" \
      -H "Content-Type: application/x-amz-json-1.1" \
      -H "X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.PutImage" \
      -d '{{"repositoryName": "drift_monitoring", "imageTag": "'"${{2##*:}}"'",
           "imageManifest": "{{}}", "imageManifestMediaType": "any", "imageDigest": "{DIGEST}"}}' ;;
esac
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the command needs, with an engine and a CDK of its own."""
    for name in ("scripts", "stacks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "cdk.json"):
        shutil.copy(ROOT / name, tmp_path)
    for name, text in {"engine": ENGINE, "cdk": NOTES_CALLS}.items():
        command = tmp_path / "bin" / name
        command.parent.mkdir(exist_ok=True)
        command.write_text(text)
        command.chmod(0o755)
    return tmp_path


@pytest.fixture
def _repository(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the repository, as the registry's stack does; only ECR's own endpoint answers."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECR", aws)
    boto3.client("ecr").create_repository(repositoryName="drift_monitoring")


def image_push(copy: Path, *tag: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [copy / "scripts" / "image-push", *tag],
        cwd=copy,
        env={
            **os.environ,
            "PATH": os.pathsep.join(
                [str(copy / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
            ),
            "CDK_DOCKER": "engine",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def calls(copy: Path) -> list[str]:
    noted = copy / "calls"
    return noted.read_text().splitlines() if noted.exists() else []


def run_on(copy: Path, **architectures: str) -> None:
    """Let cdk.json's environments have these processors."""
    configure(
        copy,
        {name: {"architecture": architecture} for name, architecture in architectures.items()},
    )


def configure(copy: Path, environments: dict[str, dict[str, object]]) -> None:
    """Let cdk.json have these environments."""
    file = copy / "cdk.json"
    cdk_json = json.loads(file.read_text())
    cdk_json["context"][CONTEXT_KEY] = environments
    file.write_text(json.dumps(cdk_json))


@pytest.mark.usefixtures("_repository")
def test_image_is_built_and_pushed_into_a_registry_that_is_there(copy: Path) -> None:
    done = image_push(copy, "v7")
    assert done.returncode == 0, done.stderr
    build, inspect, deploy, *rest = calls(copy)
    assert build == (
        "engine build --platform linux/amd64"
        " --build-arg VERSION=v7 --build-arg REVISION=unknown -t drift_monitor:v7 lambda_src"
    )
    assert inspect.startswith("engine image inspect")
    assert deploy == (
        "cdk deploy DriftMonitor-registry -c image=v7"
        " --import-existing-resources --require-approval never"
    )
    assert rest == [
        f"engine login --username AWS --password-stdin {ADDRESS}",
        f"engine tag drift_monitor:v7 {ADDRESS}/drift_monitoring:v7",
        f"engine push {ADDRESS}/drift_monitoring:v7",
    ]


@pytest.mark.usefixtures("_repository")
def test_password_goes_to_the_engine_and_nowhere_else(copy: Path) -> None:
    done = image_push(copy, "v7")
    password = (copy / "password").read_text()
    assert password
    assert password not in done.stdout + done.stderr + "".join(calls(copy))


@pytest.mark.usefixtures("_repository")
def test_digest_and_the_next_command_are_said(copy: Path) -> None:
    said = image_push(copy, "v7").stdout
    assert said.endswith(
        f"Pushed {ADDRESS}/drift_monitoring:v7\n  {DIGEST}\nDeploy it:  make deploy IMAGE=v7\n"
    )


@pytest.mark.usefixtures("_repository")
def test_image_is_built_for_the_processor_in_the_settings(copy: Path) -> None:
    run_on(copy, dev="arm64", prod="arm64")
    image_push(copy, "v7")
    assert "--platform linux/arm64" in calls(copy)[0]


@pytest.mark.usefixtures("_repository")
def test_image_has_the_extras_of_all_environments(copy: Path) -> None:
    configure(copy, {"dev": {"extras": ["iceberg"]}, "prod": {"extras": ["iceberg", "delta"]}})
    image_push(copy, "v7")
    assert "--build-arg EXTRAS=delta iceberg -t drift_monitor:v7" in calls(copy)[0]


def test_another_processor_than_the_functions_is_refused(copy: Path) -> None:
    done = image_push(copy, "v7", PLATFORM="linux/arm64")
    assert done.returncode == 1
    assert done.stderr == (
        "cdk.json's environments run on linux/amd64: push an image for each, as make image-push "
        "TAG=v7-amd64 PLATFORM=linux/amd64\n"
    )
    assert calls(copy) == []


@pytest.mark.usefixtures("_repository")
def test_environments_with_two_processors_ask_which_one(copy: Path) -> None:
    run_on(copy, dev="arm64", prod="x86_64")
    done = image_push(copy, "v7")
    assert done.returncode == 1
    assert "run on linux/amd64 and linux/arm64" in done.stderr
    assert calls(copy) == []
    image_push(copy, "v7", PLATFORM="linux/arm64")
    assert "--platform linux/arm64" in calls(copy)[0]


@pytest.mark.parametrize("tag", [[], [""], [DIGEST], ["v1", "v2"]])
def test_a_tag_is_needed(copy: Path, tag: list[str]) -> None:
    done = image_push(copy, *tag)
    assert (done.returncode, done.stderr) == (
        1,
        "Name the image's tag: make image-push TAG=v1\n",
    )


def test_tag_that_ecr_does_not_take_is_refused(copy: Path) -> None:
    done = image_push(copy, "feature/x")
    assert done.returncode == 1
    assert "'feature/x' is no image of the registry" in done.stderr
    assert calls(copy) == []


def test_an_image_on_a_stand_in_for_the_base_is_not_pushed(copy: Path) -> None:
    done = image_push(copy, "v7", STAND_IN="true")
    assert done.returncode == 1
    assert "drift_monitor:v7 is built on a stand-in for AWS's base image" in done.stderr
    assert [call.split()[1] for call in calls(copy)] == ["build", "image"]


@pytest.mark.usefixtures("_repository")
def test_push_that_fails_fails(copy: Path) -> None:
    done = image_push(copy, "v7", FAILS_WITH="3")
    assert done.returncode == 3
    assert "Deploy it" not in done.stdout


@pytest.mark.usefixtures("_repository")
def test_push_of_which_the_registry_has_nothing_is_not_believed(copy: Path) -> None:
    done = image_push(copy, "v7", LOST="yes")
    assert done.returncode == 1
    assert "ImageNotFoundException" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Deploy it" not in done.stdout


def test_what_aws_refuses_is_said_without_a_traceback(copy: Path, aws: str) -> None:
    done = image_push(copy, "v7", AWS_ENDPOINT_URL_ECR=aws)  # whose account has no repository
    assert done.returncode == 1
    assert "RepositoryNotFoundException" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_engine_is_said(copy: Path) -> None:
    done = image_push(copy, "v7", CDK_DOCKER="no-such-engine")
    assert done.returncode != 0
    assert "Docker is needed" in done.stdout


@pytest.mark.usefixtures("_repository")
def test_the_spark_jobs_image_goes_with_the_functions_where_a_monitor_asks_for_it(
    copy: Path,
) -> None:
    configure(copy, {"dev": {"extras": ["delta"]}})
    monitors = copy / "monitors"
    monitors.mkdir()
    (monitors / "trips.yaml").write_text(
        "name: trips\nengine: spark\n"
        "reference: {location: s3://tables/reference.parquet}\n"
        "current: {location: s3://tables/current.parquet}\n"
    )
    done = image_push(copy, "v7")
    assert done.returncode == 0, done.stderr
    builds = [call for call in calls(copy) if call.startswith("engine build")]
    assert [build.partition(" -t ")[2] for build in builds] == [
        "drift_monitor:v7 lambda_src",
        "drift_monitor:v7-spark lambda_src",
    ]
    assert " -f lambda_src/Dockerfile.spark " in builds[1]
    assert all(" --build-arg EXTRAS=delta " in build for build in builds)
    assert calls(copy)[-2:] == [
        f"engine tag drift_monitor:v7-spark {ADDRESS}/drift_monitoring:v7-spark",
        f"engine push {ADDRESS}/drift_monitoring:v7-spark",
    ]
    pushed = f"Pushed {ADDRESS}/drift_monitoring:v7-spark\n  {DIGEST}\n"
    assert done.stdout.endswith(f"{pushed}Deploy it:  make deploy IMAGE=v7\n")
