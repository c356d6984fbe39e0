"""The topic: who reads what, and who may publish."""

import pytest
from synthesis import Scenario, Template, monitor, synthesize

from stacks.drift_alerts import subscribers

TOPIC = "AWS::SNS::Topic"
SUBSCRIPTION = "AWS::SNS::Subscription"


def id_of(template: Template, kind: str) -> str:
    (name,) = template.of_type(kind)
    return name


def filters(template: Template) -> dict[str, list[object]]:
    found = [resource["Properties"] for resource in template.of_type(SUBSCRIPTION).values()]
    return {each["Endpoint"]: each["FilterPolicy"]["monitor"] for each in found}


def test_topic_is_encrypted_with_a_key_of_its_own_that_rotates(template: Template) -> None:
    key = id_of(template, "AWS::KMS::Key")
    assert template.properties(TOPIC)["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert template.properties("AWS::KMS::Key")["EnableKeyRotation"] is True


def test_key_goes_with_the_stack_as_nothing_lasting_is_encrypted_with_it(
    template: Template,
) -> None:
    assert template.only("AWS::KMS::Key")["DeletionPolicy"] == "Delete"


def test_alarms_of_this_account_may_use_the_key(template: Template) -> None:
    statements = template.properties("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    assert {
        "Sid": "AlarmsOfThisAccount",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    } in statements


def test_topic_takes_tls_only_and_lets_alarms_of_this_account_publish(template: Template) -> None:
    topic = {"Ref": id_of(template, TOPIC)}
    policy = template.properties("AWS::SNS::TopicPolicy")
    assert policy["Topics"] == [topic]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "AllowPublishThroughSSLOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "AlarmsOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        },
    ]


def test_each_address_is_subscribed_once_by_email(two_teams: Template) -> None:
    found = [resource["Properties"] for resource in two_teams.of_type(SUBSCRIPTION).values()]
    assert {(each["Protocol"], each["TopicArn"]["Ref"]) for each in found} == {
        ("email", id_of(two_teams, TOPIC))
    }
    assert sorted(each["Endpoint"] for each in found) == ["data@example.com", "ops@example.com"]


def test_each_address_gets_its_own_monitors_and_every_alarm(two_teams: Template) -> None:
    # An alarm's message has no attributes: {"exists": false} is what lets it through.
    assert filters(two_teams) == {
        "data@example.com": ["flights", "weather", {"exists": False}],
        "ops@example.com": ["flights", {"exists": False}],
    }


def test_a_new_monitor_leaves_other_subscriptions_alone() -> None:
    mine = monitor("mine", alerts={"emails": ["me@example.com"]})
    yours = monitor("yours", alerts={"emails": ["you@example.com"]})
    before, after = synthesize(Scenario((mine,))), synthesize(Scenario((mine, yours)))
    assert before.of_type(SUBSCRIPTION).items() < after.of_type(SUBSCRIPTION).items()


def test_topic_is_an_output(template: Template) -> None:
    assert template.body["Outputs"]["TopicArn"]["Value"] == {"Ref": id_of(template, TOPIC)}


@pytest.mark.parametrize(
    ("named", "default", "expected"),
    [
        ([], [], {}),
        ([], ["a@example.com"], {"a@example.com": ["flights"]}),
        (["b@example.com"], ["a@example.com"], {"b@example.com": ["flights"]}),
        (["b@example.com", "b@example.com"], [], {"b@example.com": ["flights"]}),
    ],
)
def test_default_addresses_stand_in_for_monitors_that_name_nobody(
    named: list[str], default: list[str], expected: dict[str, list[str]]
) -> None:
    assert subscribers([monitor("flights", alerts={"emails": named})], default) == expected
