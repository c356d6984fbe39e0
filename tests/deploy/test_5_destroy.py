"""What `cdk destroy` leaves: with on_destroy retain the site's bucket, with destroy nothing."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from deployment import Deployed, Project
from emulation import Account
from infra.synthesis import Template

# By type, how to ask for one; policies, permissions and subscriptions go with what they are of.
LOOKED_UP = {
    "AWS::CloudWatch::Dashboard": ("cloudwatch", "get_dashboard", "DashboardName"),
    "AWS::Events::Rule": ("events", "describe_rule", "Name"),
    "AWS::IAM::Role": ("iam", "get_role", "RoleName"),
    "AWS::KMS::Key": ("kms", "describe_key", "KeyId"),
    "AWS::Lambda::Function": ("lambda", "get_function", "FunctionName"),
    "AWS::S3::Bucket": ("s3", "head_bucket", "Bucket"),
    "AWS::SNS::Topic": ("sns", "get_topic_attributes", "TopicArn"),
    "AWS::SQS::Queue": ("sqs", "get_queue_attributes", "QueueUrl"),
}
# What says that there is none.
ABSENT = {
    "404",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchEntity",
    "NotFound",
    "QueueDoesNotExist",
    "ResourceNotFound",
    "ResourceNotFoundException",
}


def remaining(deployed: Deployed) -> set[str]:
    """Return the logical ids of the resources that are still in the account."""
    found = {
        logical_id
        for kind, (service, operation, parameter) in LOOKED_UP.items()
        for logical_id, name in deployed.ids(kind).items()
        if exists(service, operation, {parameter: name})
    }
    groups = boto3.client("logs").describe_log_groups()["logGroups"]
    alarms = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    listed = {each["logGroupName"] for each in groups} | {each["AlarmName"] for each in alarms}
    return found | {
        logical_id for logical_id, (_, name) in deployed.resources.items() if name in listed
    }


def exists(service: str, operation: str, wanted: dict[str, str]) -> bool:
    try:
        answer = getattr(boto3.client(service), operation)(**wanted)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return False
        raise
    # A key goes when its waiting time is over.
    return answer.get("KeyMetadata", {}).get("KeyState") != "PendingDeletion"


def everything(deployed: Deployed) -> set[str]:
    kinds = {*LOOKED_UP, "AWS::Logs::LogGroup", "AWS::CloudWatch::Alarm"}
    return {logical_id for kind in kinds for logical_id in deployed.ids(kind)}


def keys(bucket: str) -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return [found["Key"] for found in listed]


def destroy(project: Project, name: str, *arguments: str) -> None:
    project.cdk("destroy", name, "--force", *arguments)
    with pytest.raises(ClientError, match="does not exist"):
        Deployed.read(name)


@pytest.fixture(scope="module")
def trial(project: Project) -> Deployed:
    """Return an environment that is to leave nothing, with a page on its site."""
    deployed = project.deploy("DriftMonitor-trial")
    boto3.client("s3").put_object(
        Bucket=deployed.outputs["SiteBucketName"], Key="index.html", Body=b"a page"
    )
    return deployed


@pytest.fixture(scope="module")
def trial_template(trial: Deployed, project: Project) -> Template:
    """Return that environment as the CDK wrote it."""
    return project.template(trial.name)


def test_retain_leaves_the_bucket_with_its_objects_and_nothing_else(
    project: Project, deployed: Deployed, account: Account
) -> None:
    bucket = deployed.outputs["SiteBucketName"]
    boto3.client("s3").put_object(Bucket=bucket, Key="index.html", Body=b"a page")
    before = keys(bucket)
    now = Deployed.read(deployed.name)
    assert remaining(now) == everything(now)

    destroy(project, deployed.name)

    assert remaining(now) == set(now.ids("AWS::S3::Bucket"))
    assert keys(bucket) == before
    # Its policy has gone with the stack: the history is kept, and no longer public.
    assert account.ask("GET", f"{bucket}/index.html")[0] == 403


def test_destroy_empties_the_bucket_first(trial: Deployed, trial_template: Template) -> None:
    (logical_id,) = trial.ids("AWS::S3::Bucket")
    bucket: dict[str, Any] = trial_template.only("AWS::S3::Bucket")
    assert bucket["DeletionPolicy"] == "Delete"
    emptier = trial_template.properties("Custom::S3AutoDeleteObjects")
    assert emptier["BucketName"] == {"Ref": logical_id}
    # Not run: see emulator.py.
    assert keys(trial.outputs["SiteBucketName"]) == ["index.html"]


def test_destroy_leaves_nothing(project: Project, trial: Deployed) -> None:
    assert remaining(trial) == everything(trial)
    # As the emptier does.
    boto3.client("s3").delete_object(Bucket=trial.outputs["SiteBucketName"], Key="index.html")

    destroy(project, trial.name)

    assert remaining(trial) == set()
