"""The rules as deployed: when they fire, what they send and where to."""

import json

import boto3
import pytest
from deployment import EVENT_ID, Deployed, statement
from emulation import ACCOUNT, REGION

MONDAY = "2026-11-23T09:30:00Z"


@pytest.mark.parametrize(
    ("rule", "cron"),
    [
        ("ScheduleflightsScheduled", "cron(30 9 ? * MON *)"),
        ("ScheduleweatherScheduled", "cron(0 6 * * ? *)"),
        ("WatchScheduled", "cron(0 0,12 * * ? *)"),
    ],
)
def test_a_rule_has_its_cron(deployed: Deployed, rule: str, cron: str) -> None:
    found = deployed.rule(rule)
    assert found["ScheduleExpression"] == cron
    assert found["State"] == "ENABLED"


@pytest.mark.parametrize(
    "rule", ["ScheduleflightsDeployed", "ScheduleweatherDeployed", "WatchDeployed"]
)
def test_a_rule_fires_after_a_deploy_of_this_stack(deployed: Deployed, rule: str) -> None:
    found = deployed.rule(rule)
    pattern = json.loads(found["EventPattern"])
    (stack,) = pattern["detail"]["stack-id"]
    assert found["State"] == "ENABLED"
    assert pattern["source"] == ["aws.cloudformation"]
    assert stack.startswith(f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{deployed.name}/")
    assert pattern["detail"]["status-details"]["status"] == ["CREATE_COMPLETE", "UPDATE_COMPLETE"]


@pytest.mark.parametrize("occasion", ["Scheduled", "Deployed"])
def test_a_rule_sends_the_whole_monitor(deployed: Deployed, occasion: str) -> None:
    event = deployed.event(f"Scheduleweather{occasion}", MONDAY)
    assert event["scheduled_at"] == MONDAY
    assert event["event_id"] == EVENT_ID
    assert event["monitor"]["name"] == "weather"
    current = event["monitor"]["current"]
    assert current["location"] == "s3://amzn-s3-demo-bucket/weather/current.parquet"


def test_the_regular_look_names_every_monitor(deployed: Deployed) -> None:
    assert deployed.event("WatchScheduled", MONDAY) == {
        "watch": [
            {"name": "flights", "schedule": "cron(30 9 ? * MON *)"},
            {"name": "weather", "schedule": "cron(0 6 * * ? *)"},
        ],
        "looked_at": MONDAY,
    }


def test_every_rule_targets_the_function_and_has_dead_letters(
    deployed: Deployed, queue: dict[str, str]
) -> None:
    function = deployed.function()["Configuration"]["FunctionArn"]
    rules = deployed.ids("AWS::Events::Rule")
    assert len(rules) == 6
    for logical_id in rules:
        (target,) = deployed.rule(logical_id)["Targets"]
        assert target["Arn"] == function
        assert target["DeadLetterConfig"] == {"Arn": queue["QueueArn"]}


def test_every_rule_may_invoke_the_function_and_fill_the_queue(
    deployed: Deployed, queue: dict[str, str]
) -> None:
    policy = boto3.client("lambda").get_policy(FunctionName=deployed.outputs["FunctionName"])
    (invoke,) = json.loads(policy["Policy"])["Statement"]
    send = statement(queue["Policy"], "RulesOfThisStack")
    assert invoke["Action"] == "lambda:InvokeFunction"
    assert send["Action"] == "sqs:SendMessage"
    for allowed in (invoke, send):
        assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
        (arns,) = allowed["Condition"]["ArnLike"].values()
        assert arns == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{deployed.name}-*"
        for name in deployed.ids("AWS::Events::Rule").values():
            assert f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}".startswith(arns.rstrip("*"))
