"""The topic: who reads what, and who may publish."""

from typing import Any

import pytest
from synthesis import Scenario, Template, monitor, synthesize

from stacks.alerts import subscribers

TOPIC = "AWS::SNS::Topic"
SUBSCRIPTION = "AWS::SNS::Subscription"


def id_of(template: Template, kind: str) -> str:
    (name,) = template.of_type(kind)
    return name


def topic_of(template: Template, output: str) -> dict[str, str]:
    """Return a topic as the template refers to it, by the stack's output."""
    reference: dict[str, str] = template.body["Outputs"][output]["Value"]
    assert reference["Ref"] in template.of_type(TOPIC)
    return reference


def subscriptions(template: Template, output: str) -> dict[str, dict[str, Any]]:
    """Return the subscriptions of a topic, by address."""
    topic = topic_of(template, output)
    found = [resource["Properties"] for resource in template.of_type(SUBSCRIPTION).values()]
    return {each["Endpoint"]: each for each in found if each["TopicArn"] == topic}


def test_topics_are_encrypted_with_a_key_of_their_own_that_rotates(template: Template) -> None:
    key = {"Fn::GetAtt": [id_of(template, "AWS::KMS::Key"), "Arn"]}
    topics = template.of_type(TOPIC).values()
    assert [topic["Properties"]["KmsMasterKeyId"] for topic in topics] == [key, key]
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


def policy_of(template: Template, topic: dict[str, str]) -> list[dict[str, Any]]:
    policies = [each["Properties"] for each in template.of_type("AWS::SNS::TopicPolicy").values()]
    (policy,) = [policy for policy in policies if policy["Topics"] == [topic]]
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def tls_only(topic: dict[str, str]) -> dict[str, Any]:
    return {
        "Sid": "AllowPublishThroughSSLOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_results_come_by_tls_only_and_from_the_function_alone(template: Template) -> None:
    topic = topic_of(template, "TopicArn")
    assert policy_of(template, topic) == [tls_only(topic)]


def test_alarms_come_by_tls_only_and_from_this_account(template: Template) -> None:
    topic = topic_of(template, "AlarmTopicArn")
    assert policy_of(template, topic) == [
        tls_only(topic),
        {
            "Sid": "AlarmsOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        },
    ]


def test_each_address_gets_the_results_of_its_own_monitors(two_teams: Template) -> None:
    found = subscriptions(two_teams, "TopicArn")
    assert {each["Protocol"] for each in found.values()} == {"email"}
    assert {address: each["FilterPolicy"]["monitor"] for address, each in found.items()} == {
        "data@example.com": ["flights", "weather"],
        "ops@example.com": ["flights"],
    }


def test_each_address_gets_every_alarm(two_teams: Template) -> None:
    # An alarm's message has no attributes, and what has none passes no filter whatever.
    found = subscriptions(two_teams, "AlarmTopicArn")
    assert found.keys() == {"data@example.com", "ops@example.com"}
    for subscription in found.values():
        assert subscription["Protocol"] == "email"
        assert "FilterPolicy" not in subscription


def test_people_get_no_chat_messages(two_teams: Template) -> None:
    found = subscriptions(two_teams, "TopicArn").values()
    assert [each["FilterPolicy"]["channel"] for each in found] == [[{"exists": False}]] * 2


def test_a_new_monitor_leaves_other_subscriptions_alone() -> None:
    mine = monitor("mine", alerts={"emails": ["me@example.com"]})
    yours = monitor("yours", alerts={"emails": ["you@example.com"]})
    before, after = synthesize(Scenario((mine,))), synthesize(Scenario((mine, yours)))
    assert before.of_type(SUBSCRIPTION).items() < after.of_type(SUBSCRIPTION).items()


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
