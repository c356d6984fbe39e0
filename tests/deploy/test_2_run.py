"""The deployed rule's input, run in the deployed image with the deployed role's permissions.

The account's policies are enforced: a run that succeeds here needs no permission it has not got.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from deployment import EMAILS, Deployed
from emulation import ACCOUNT, REGION, Account
from function import Function, pull, running

from examples.flights import read_flights, write_tables

TABLES = "amzn-s3-demo-bucket"
SCHEDULED_AT = "2013-07-01T09:30:00Z"
RUN = "20130701T093000Z"


@pytest.fixture(scope="module")
def tables(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> str:  # noqa: ARG001 - into its account
    """Put a reference and one week of flights where the monitor looks; return the bucket."""
    folder = tmp_path_factory.mktemp("tables")
    write_tables(read_flights(), folder)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=TABLES, CreateBucketConfiguration={"LocationConstraint": REGION})
    days = [folder / "daily" / f"2013-06-{day}.parquet" for day in range(24, 31)]
    for file in [folder / "reference.parquet", *days]:
        s3.upload_file(str(file), TABLES, f"flights/{file.relative_to(folder)}")
    return TABLES


@pytest.fixture(scope="module")
def inboxes(deployed: Deployed) -> dict[str, str]:
    """Subscribe a queue to all that an email address gets; return the queues' URLs by address."""
    sqs, sns, queues = boto3.client("sqs"), boto3.client("sns"), {}
    for topic in deployed.ids("AWS::SNS::Topic").values():
        for address, attributes in deployed.subscriptions(topic).items():
            name = f"inbox-{address.partition('@')[0]}"
            arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
            queues[address] = sqs.create_queue(QueueName=name)["QueueUrl"]
            sqs.set_queue_attributes(QueueUrl=queues[address], Attributes={"Policy": let_in(arn)})
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return queues


def let_in(queue: str) -> str:
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


def received(queue: str) -> list[dict[str, Any]]:
    """Take the messages out of a queue."""
    sqs = boto3.client("sqs")
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


@pytest.fixture(scope="module")
def function(deployed: Deployed, account: Account, logs: Path) -> Iterator[Function]:
    """Return the deployed function, running."""
    with running(deployed, account, logs / "function.log") as function:
        yield function


@pytest.fixture(scope="module")
def answer(
    function: Function,
    deployed: Deployed,
    tables: str,  # noqa: ARG001 - it must be there
    inboxes: dict[str, str],  # noqa: ARG001 - the same
) -> dict[str, Any]:
    """Return what the function answers to what the rule sends on a Monday."""
    return function.invoke(deployed.event("ScheduleflightsScheduled", SCHEDULED_AT))


def test_the_engine_runs_the_image_that_the_registry_has(deployed: Deployed) -> None:
    image = pull(deployed.function()["Code"]["ImageUri"])
    digests = {name.rpartition("@")[2] for name in image["RepoDigests"]}
    assert deployed.image()["imageDigest"] in digests


def test_the_rules_input_runs_in_the_deployed_image(answer: dict[str, Any]) -> None:
    assert answer == {"monitor": "flights", "run_id": RUN, "status": "drifted"}


@pytest.mark.usefixtures("answer")
def test_the_site_is_published(deployed: Deployed) -> None:
    listed = boto3.client("s3").list_objects_v2(Bucket=deployed.outputs["SiteBucketName"])
    assert {
        "index.html",
        "error.html",
        "monitors/flights/index.html",
        "monitors/flights/drift.json",
        "monitors/flights/history.html",
        f"monitors/flights/runs/{RUN}/drift.json",
        f"reports/flights/{RUN}/index.html",
    } <= {found["Key"] for found in listed["Contents"]}


@pytest.mark.usefixtures("answer")
def test_an_anonymous_reader_sees_the_front_page_and_the_report(
    deployed: Deployed, account: Account
) -> None:
    bucket = deployed.outputs["SiteBucketName"]
    for key in ("index.html", f"reports/flights/{RUN}/index.html"):
        status, page = account.ask("GET", f"{bucket}/{key}")
        assert status == 200
        assert b"flights" in gzip.decompress(page)


@pytest.mark.usefixtures("answer")
def test_the_run_is_announced_to_its_readers_alone(
    inboxes: dict[str, str], deployed: Deployed
) -> None:
    for address in EMAILS:
        (message,) = received(inboxes[address])
        assert message["Subject"].startswith("Drift: flights, ")
        report = f"{deployed.outputs['SiteUrl']}/reports/flights/{RUN}/index.html"
        assert report in message["Message"]
    assert received(inboxes["weather@example.com"]) == []


def test_an_alarm_reaches_every_reader(inboxes: dict[str, str], deployed: Deployed) -> None:
    alarms = boto3.client("cloudwatch")
    for name in deployed.ids("AWS::CloudWatch::Alarm").values():
        alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
        for queue in inboxes.values():
            assert any(name in message["Message"] for message in received(queue))


@pytest.mark.usefixtures("answer")
def test_the_regular_look_finds_overdue_monitors_in_the_deployed_image(
    function: Function, deployed: Deployed
) -> None:
    soon, late = (
        function.invoke(deployed.event("WatchScheduled", time))
        for time in ("2013-07-01T12:00:00Z", "2013-07-20T12:00:00Z")
    )
    assert soon == {"overdue": []}
    assert late == {"overdue": ["flights", "weather"]}


def test_the_functions_role_can_write_nothing_but_the_site(deployed: Deployed, tables: str) -> None:
    function = deployed.function()["Configuration"]
    role = boto3.client("sts").assume_role(RoleArn=function["Role"], RoleSessionName="trespass")
    trespasser = boto3.client(
        "s3",
        aws_access_key_id=role["Credentials"]["AccessKeyId"],
        aws_secret_access_key=role["Credentials"]["SecretAccessKey"],
        aws_session_token=role["Credentials"]["SessionToken"],
    )
    site = deployed.outputs["SiteBucketName"]
    for bucket, key in ((tables, "flights/reference.parquet"), (site, "other.html")):
        with pytest.raises(ClientError, match="AccessDenied"):
            trespasser.put_object(Bucket=bucket, Key=key, Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        trespasser.list_objects_v2(Bucket=tables, Prefix="salaries/")
