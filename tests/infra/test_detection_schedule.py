"""The rules that run monitors: when, and with what."""

import pytest
from synthesis import Scenario, Template, delivered, monitor, synthesize

from drift_monitor.config.events import run_event

RULE = "AWS::Events::Rule"
EVENT = {"id": "7bf73129-1428-4cd3-a780-95db273d1602", "time": "2013-06-24T09:30:00Z"}


def test_each_monitor_has_a_rule_with_its_schedule(two_teams: Template) -> None:
    assert two_teams.rule("ScheduleflightsScheduled")["ScheduleExpression"] == (
        "cron(30 9 ? * MON *)"
    )
    assert two_teams.rule("ScheduleweatherScheduled")["ScheduleExpression"] == "cron(0 6 * * ? *)"


@pytest.mark.parametrize("occasion", ["Scheduled", "Deployed"])
def test_function_is_sent_the_whole_configuration(template: Template, occasion: str) -> None:
    flights = monitor("flights", alerts={"emails": ["data@example.com"]})
    assert delivered(template.rule(f"Scheduleflights{occasion}"), EVENT) == (
        run_event(flights, EVENT["time"], EVENT["id"])
    )


def test_a_rule_shows_its_monitor_field_by_field_to_cdk_diff(template: Template) -> None:
    flights = monitor("flights", alerts={"emails": ["data@example.com"]})
    (rule,) = [
        resource
        for name, resource in template.of_type(RULE).items()
        if name.startswith("ScheduleflightsScheduled")
    ]
    assert rule["Metadata"]["Monitor"] == run_event(flights, "", "")["monitor"]


def test_nothing_in_a_configuration_is_lost_on_its_way() -> None:
    awkward = monitor(
        "awkward",
        columns={"include": ['quo"ted', "back\\slash", "Größe", "😀", "a,b", "{c}", "$.time"]},
        drift={"drifted_share": 1, "columns": {"2": {"threshold": 1e-7}, "1": {"method": "psi"}}},
    )
    template = synthesize(Scenario((awkward,)))
    assert delivered(template.rule("ScheduleawkwardScheduled"), EVENT) == (
        run_event(awkward, EVENT["time"], EVENT["id"])
    )


def test_each_rule_leads_to_the_function_and_else_to_the_dead_letters(template: Template) -> None:
    (function,) = template.of_type("AWS::Lambda::Function")
    (queue,) = template.of_type("AWS::SQS::Queue")
    rules = template.of_type(RULE)
    assert len(rules) == 4
    for rule in rules.values():
        (target,) = rule["Properties"]["Targets"]
        assert target["Arn"] == {"Fn::GetAtt": [function, "Arn"]}
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue, "Arn"]}}


def test_rules_are_on_and_named_by_cloudformation(template: Template) -> None:
    for rule in template.of_type(RULE).values():
        assert rule["Properties"]["State"] == "ENABLED"
        assert "Name" not in rule["Properties"]


@pytest.mark.parametrize("rule", ["ScheduleflightsDeployed", "WatchDeployed"])
def test_deployed_means_this_stack_and_a_deploy_that_succeeded(
    template: Template, rule: str
) -> None:
    assert template.rule(rule)["EventPattern"] == {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "detail": {
            "stack-id": [{"Ref": "AWS::StackId"}],
            "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
        },
    }


def test_monitors_do_not_run_on_deploy_when_that_is_off(two_teams: Template) -> None:
    assert [name for name in two_teams.of_type(RULE) if "Deployed" in name] == [
        name for name in two_teams.of_type(RULE) if name.startswith("WatchDeployed")
    ]


def test_another_monitor_leaves_the_first_ones_rules_alone() -> None:
    first, second = monitor("first"), monitor("second")
    before, after = (
        {
            name: rule
            for name, rule in synthesize(Scenario(monitors)).of_type(RULE).items()
            if name.startswith("Schedulefirst")
        }
        for monitors in ((first,), (first, second))
    )
    assert len(before) == 2
    assert before == after


def test_names_that_differ_in_a_hyphen_have_rules_of_their_own() -> None:
    template = synthesize(Scenario((monitor("a-b"), monitor("ab"))))
    assert len(template.of_type(RULE)) == 6
