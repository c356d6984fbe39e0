"""The repository of images that are built once: what stays in it, and who may pull."""

import json
from typing import Any

import pytest
from synthesis import Template, folded

REPOSITORY = "AWS::ECR::Repository"


@pytest.fixture(scope="module")
def repository(registry: Template) -> dict[str, Any]:
    return registry.properties(REPOSITORY)


def test_repository_has_the_name_that_environments_deploy_from(
    repository: dict[str, Any], from_registry: Template
) -> None:
    uri = folded(from_registry.properties("AWS::Lambda::Function")["Code"]["ImageUri"])
    assert repository["RepositoryName"] == "drift_monitoring"
    assert uri.endswith("/drift_monitoring:v1")


def test_images_are_scanned_and_their_tags_stay(repository: dict[str, Any]) -> None:
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert repository["ImageTagMutability"] == "IMMUTABLE"


def test_what_may_be_deployed_expires_only_after_a_hundred_newer_ones(
    repository: dict[str, Any],
) -> None:
    policy = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])
    assert [rule["selection"] for rule in policy["rules"]] == [
        {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countNumber": 7,
            "countUnit": "days",
        },
        {
            "tagStatus": "tagged",
            "tagPatternList": ["*"],
            "countType": "imageCountMoreThan",
            "countNumber": 100,
        },
    ]
    assert {rule["action"]["type"] for rule in policy["rules"]} == {"expire"}


def test_functions_of_this_account_may_pull_and_nobody_may_do_more(
    repository: dict[str, Any],
) -> None:
    assert folded(repository["RepositoryPolicyText"]["Statement"]) == [
        {
            "Sid": "FunctionsOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {
                "ArnLike": {
                    "aws:SourceArn": (
                        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}"
                        ":function:DriftMonitor-*"
                    )
                }
            },
        }
    ]


def test_images_outlive_the_stack(registry: Template) -> None:
    repository = registry.only(REPOSITORY)
    assert (repository["DeletionPolicy"], repository["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert "EmptyOnDelete" not in repository["Properties"]


def test_registry_holds_nothing_else(registry: Template) -> None:
    assert len(registry.body["Resources"]) == 1


def test_output_names_the_repository(registry: Template) -> None:
    parts = registry.body["Outputs"]["RepositoryUri"]["Value"]["Fn::Join"][1]
    (name,) = registry.of_type(REPOSITORY)
    assert parts[-1] == {"Ref": name}
