"""Build once and promote: the registry, `make image-push`, and a deploy of what was pushed."""

import json

import boto3
import pytest
from deployment import STACK, Deployed, Project, statement
from emulation import ACCOUNT, REGION

REPOSITORY = "drift_monitoring"
# Not v1, which the engine may have already: a person's own.
TAG = "deploy-test"
ADDRESS = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}"


@pytest.fixture(scope="module")
def registry(project: Project) -> Deployed:
    """Return the registry's stack."""
    return project.deploy("DriftMonitor-registry", "-c", f"image={TAG}")


@pytest.fixture(scope="module")
def digest(registry: Deployed, project: Project) -> str:  # noqa: ARG001 - it must be there
    """Build the image and push it; return its digest."""
    push_image(project)
    return pushed()


def push_image(project: Project, code: int = 0) -> str:
    # What make would install first is there: see Project.
    made = ("-o", ".venv/ready", "-o", "node_modules/ready")
    return project.run("make", "image-push", f"TAG={TAG}", *made, code=code)


def pushed() -> str:
    (image,) = boto3.client("ecr").describe_images(
        repositoryName=REPOSITORY, imageIds=[{"imageTag": TAG}]
    )["imageDetails"]
    return image["imageDigest"]


def test_the_registry_scans_images_and_keeps_their_tags(registry: Deployed) -> None:
    name = registry.only("AWS::ECR::Repository")
    (repository,) = boto3.client("ecr").describe_repositories(repositoryNames=[name])[
        "repositories"
    ]
    assert registry.outputs["RepositoryUri"] == repository["repositoryUri"] == ADDRESS
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["imageTagMutability"] == "IMMUTABLE"


def test_the_registry_removes_old_images(registry: Deployed) -> None:
    name = registry.only("AWS::ECR::Repository")
    policy = boto3.client("ecr").get_lifecycle_policy(repositoryName=name)
    rules = json.loads(policy["lifecyclePolicyText"])["rules"]
    assert {rule["selection"]["tagStatus"] for rule in rules} == {"untagged", "tagged"}
    assert {rule["action"]["type"] for rule in rules} == {"expire"}


def test_lambda_may_pull_from_the_registry(registry: Deployed) -> None:
    name = registry.only("AWS::ECR::Repository")
    policy = boto3.client("ecr").get_repository_policy(repositoryName=name)["policyText"]
    allowed = statement(policy, "FunctionsOfThisAccount")
    assert allowed["Effect"] == "Allow"
    assert allowed["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert allowed["Action"] == ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def test_other_code_cannot_be_pushed_under_the_same_tag(digest: str, project: Project) -> None:
    handler = project.folder / "lambda_src" / "drift_lambda.py"
    code = handler.read_text()
    handler.write_text(f"{code}# changed\n")
    said = push_image(project, code=2)
    handler.write_text(code)
    assert "immutable" in said
    assert pushed() == digest


@pytest.mark.parametrize("by", ["tag", "digest"])
def test_the_function_is_deployed_from_the_registry(digest: str, project: Project, by: str) -> None:
    image = TAG if by == "tag" else digest
    deployed = project.deploy(STACK, "-c", f"image={image}")
    uri = deployed.function()["Code"]["ImageUri"]
    assert uri == (f"{ADDRESS}:{TAG}" if by == "tag" else f"{ADDRESS}@{digest}")
    assert deployed.image()["imageDigest"] == digest


@pytest.mark.usefixtures("digest")
def test_what_is_deployed_from_the_registry_shows_no_difference(project: Project) -> None:
    project.deploy(STACK, "-c", f"image={TAG}")
    said = project.cdk("diff", STACK, "--fail", "-c", f"image={TAG}")
    assert "There were no differences" in said
