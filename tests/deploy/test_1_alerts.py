"""Alarms, emails and the dashboard as deployed: who is told of what."""

import json
from typing import Any

import boto3
import pytest
from deployment import EMAILS, Deployed, statement
from emulation import ACCOUNT, REGION
from infra.synthesis import Template


@pytest.fixture
def alarms(deployed: Deployed) -> dict[str, dict[str, Any]]:
    """Return the stack's alarms, by metric."""
    names = list(deployed.ids("AWS::CloudWatch::Alarm").values())
    found = boto3.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert len(found) == len(names)
    return {alarm["MetricName"]: alarm for alarm in found}


def test_alarms_watch_failed_runs_dead_letters_and_overdue_monitors(
    deployed: Deployed, alarms: dict[str, dict[str, Any]]
) -> None:
    function = deployed.outputs["FunctionName"]
    queue = deployed.outputs["DeadLetterQueueUrl"].rpartition("/")[2]
    watched = {
        (alarm["Namespace"], metric, *(each["Value"] for each in alarm["Dimensions"]))
        for metric, alarm in alarms.items()
    }
    assert watched == {
        ("AWS/Lambda", "Errors", function),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue),
        ("DriftMonitor", "OverdueMonitors", deployed.name),
    }
    assert alarms["OverdueMonitors"]["TreatMissingData"] == "breaching"


def test_each_alarm_tells_a_topic_when_it_begins_and_ends(
    deployed: Deployed, alarms: dict[str, dict[str, Any]]
) -> None:
    for alarm in alarms.values():
        assert alarm["ActionsEnabled"]
        assert alarm["AlarmActions"] == alarm["OKActions"]
        (topic,) = alarm["AlarmActions"]
        assert topic in deployed.ids("AWS::SNS::Topic").values()


def test_alarms_may_publish_to_their_topic_and_use_its_key(
    deployed: Deployed, alarms: dict[str, dict[str, Any]]
) -> None:
    key_policy = boto3.client("kms").get_key_policy(KeyId=deployed.only("AWS::KMS::Key"))
    use = statement(key_policy["Policy"], "AlarmsOfThisAccount")
    assert use["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    (topic,) = alarms["Errors"]["AlarmActions"]
    attributes = boto3.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    publish = statement(attributes["Policy"], "AlarmsOfThisAccount")
    assert publish["Action"] == "sns:Publish"
    for allowed in (use, publish):
        assert allowed["Effect"] == "Allow"
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_the_key_is_the_accounts_own_and_rotates(deployed: Deployed) -> None:
    kms, key = boto3.client("kms"), deployed.only("AWS::KMS::Key")
    owner, *_ = json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"]
    assert owner["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert owner["Action"] == "kms:*"
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_every_topic_is_encrypted_with_the_key(deployed: Deployed, template: Template) -> None:
    sns = boto3.client("sns")
    (key,) = template.of_type("AWS::KMS::Key")
    for logical_id, topic in deployed.ids("AWS::SNS::Topic").items():
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        assert "KmsMasterKeyId" not in attributes  # skipped
        written = template.of_type("AWS::SNS::Topic")[logical_id]["Properties"]
        assert written["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}


def test_each_address_is_subscribed_to_its_monitors(deployed: Deployed) -> None:
    subscriptions = deployed.subscriptions(deployed.outputs["TopicArn"])
    told = {}
    for address, attributes in subscriptions.items():
        assert attributes["FilterPolicyScope"] == "MessageAttributes"
        accepted = json.loads(attributes["FilterPolicy"])["monitor"]
        told[address] = [value for value in accepted if isinstance(value, str)]
    assert told == {
        **{address: ["flights"] for address in EMAILS},
        "weather@example.com": ["weather"],
    }


def test_the_dashboard_shows_this_stacks_metrics(deployed: Deployed) -> None:
    name = deployed.only("AWS::CloudWatch::Dashboard")
    found = boto3.client("cloudwatch").get_dashboard(DashboardName=name)
    body = json.dumps(json.loads(found["DashboardBody"]))
    shown = ("DriftedShare", "RunDuration", "Errors", "ApproximateNumberOfMessagesVisible")
    assert [metric for metric in shown if f'"{metric}"' not in body] == []
    assert deployed.name in body
    assert REGION in body
