"""What a rule starts for a monitor on Spark: who may start it, what it may do, and who hears."""

import json
from typing import Any

import pytest
from synthesis import Scenario, Template, monitor, synthesize, template_of

RULE = "AWS::Events::Rule"
STATE_MACHINE = "AWS::StepFunctions::StateMachine"


@pytest.fixture(scope="module")
def spark() -> Template:
    """Two monitors on Spark beside one that is not."""
    return template_of("spark")


@pytest.fixture(scope="module")
def state_machine(spark: Template) -> str:
    (name,) = spark.of_type(STATE_MACHINE)
    return name


def role(template: Template, prefix: str) -> tuple[str, dict[str, Any]]:
    (found,) = (
        (name, each["Properties"])
        for name, each in template.of_type("AWS::IAM::Role").items()
        if name.startswith(prefix)
    )
    return found


def policy(template: Template, prefix: str) -> list[dict[str, Any]]:
    (found,) = (
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in template.of_type("AWS::IAM::Policy").items()
        if name.startswith(prefix)
    )
    return found


def allowed(template: Template, action: str) -> dict[str, Any]:
    """Return the statement by which the state machine may do something."""
    (found,) = (each for each in policy(template, "SparkRunRole") if action in actions_of(each))
    return found


def actions_of(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return actions if isinstance(actions, list) else [actions]


@pytest.mark.parametrize("occasion", ["Scheduled", "Deployed"])
def test_rules_of_a_monitor_on_spark_start_it_and_others_the_function(
    spark: Template, state_machine: str, occasion: str
) -> None:
    (queue,) = spark.of_type("AWS::SQS::Queue")
    (function,) = spark.of_type("AWS::Lambda::Function")
    starter, _ = role(spark, "SparkRunStarter")
    for name in ("trips", "fares"):
        (target,) = spark.rule(f"Schedule{name}{occasion}")["Targets"]
        assert target["Arn"] == {"Ref": state_machine}
        assert target["RoleArn"] == {"Fn::GetAtt": [starter, "Arn"]}
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue, "Arn"]}}
    (target,) = spark.rule(f"Scheduleflights{occasion}")["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": [function, "Arn"]}
    assert "RoleArn" not in target


def test_rules_may_start_this_state_machine_and_nothing_else(
    spark: Template, state_machine: str
) -> None:
    _, starter = role(spark, "SparkRunStarter")
    (trust,) = starter["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert policy(spark, "SparkRunStarter") == [
        {
            "Effect": "Allow",
            "Action": "states:StartExecution",
            "Resource": {"Ref": state_machine},
        }
    ]


def test_it_runs_this_applications_jobs_as_their_role_alone(spark: Template) -> None:
    (application,) = spark.of_type("AWS::EMRServerless::Application")
    arn = {"Fn::GetAtt": [application, "Arn"]}
    jobs = {"Fn::Join": ["", [arn, "/jobruns/*"]]}
    assert allowed(spark, "emr-serverless:StartJobRun")["Resource"] == arn
    for action in ("CancelJobRun", "GetJobRun", "TagResource"):
        assert allowed(spark, f"emr-serverless:{action}")["Resource"] == jobs
    job_roles = [role(spark, f"SparkJobRole{name}")[0] for name in ("fares", "trips")]
    passing = allowed(spark, "iam:PassRole")
    assert passing["Resource"] == [{"Fn::GetAtt": [name, "Arn"]} for name in job_roles]
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "emr-serverless.amazonaws.com"}
    }


def test_it_hears_of_a_jobs_end_by_the_rule_that_step_functions_keeps_for_that(
    spark: Template,
) -> None:
    hearing = allowed(spark, "events:PutRule")
    assert actions_of(hearing) == ["events:DescribeRule", "events:PutRule", "events:PutTargets"]
    (name,) = hearing["Resource"]["Fn::Join"][1][-1:]
    assert name == ":rule/StepFunctionsGetEventsForEMRServerlessJobRule"


def test_it_asks_this_function_and_writes_to_this_queue_and_these_runs(spark: Template) -> None:
    (function,), (queue,) = (
        spark.of_type(kind) for kind in ("AWS::Lambda::Function", "AWS::SQS::Queue")
    )
    (bucket,) = (name for name in spark.of_type("AWS::S3::Bucket") if name.startswith("SparkScr"))
    assert allowed(spark, "lambda:InvokeFunction")["Resource"] == {"Fn::GetAtt": [function, "Arn"]}
    assert allowed(spark, "sqs:SendMessage")["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}
    runs = {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, "/runs/*"]]}
    assert allowed(spark, "s3:PutObject")["Resource"] == runs


def test_it_writes_metrics_of_this_projects_namespace_alone(spark: Template) -> None:
    assert allowed(spark, "cloudwatch:PutMetricData")["Condition"] == {
        "StringEquals": {"cloudwatch:namespace": "DriftMonitor"}
    }


def test_it_may_do_no_more(spark: Template) -> None:
    others = {"logs", "xray"}
    actions = {action for each in policy(spark, "SparkRunRole") for action in actions_of(each)}
    assert {action for action in actions if action.partition(":")[0] not in others} == {
        "cloudwatch:PutMetricData",
        "emr-serverless:CancelJobRun",
        "emr-serverless:GetJobRun",
        "emr-serverless:StartJobRun",
        "emr-serverless:TagResource",
        "events:DescribeRule",
        "events:PutRule",
        "events:PutTargets",
        "iam:PassRole",
        "lambda:InvokeFunction",
        "s3:PutObject",
        "sqs:SendMessage",
    }


def test_its_logs_have_no_configuration_in_them(spark: Template) -> None:
    properties = spark.properties(STATE_MACHINE)
    assert properties["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert properties["LoggingConfiguration"]["Level"] == "ALL"
    assert properties["TracingConfiguration"] == {"Enabled": True}


def test_time_of_a_job_is_a_setting() -> None:
    template = synthesize(
        Scenario((monitor("trips", engine="spark"),), {"spark_timeout_minutes": 30})
    )
    definition = json.dumps(template.properties(STATE_MACHINE)["DefinitionString"])
    assert '\\"TimeoutSeconds\\":1800' in definition
    assert '\\"ExecutionTimeoutMinutes\\":30' in definition
    (watched,) = (
        json.dumps(rule["Properties"]["Targets"])
        for name, rule in template.of_type(RULE).items()
        if name.startswith("WatchScheduled")
    )
    assert '\\"grace_minutes\\":138' in watched


def test_alarm_on_runs_that_failed_for_good(spark: Template, state_machine: str) -> None:
    alarm = spark.alarm("ExecutionsFailed")
    assert alarm["Namespace"] == "AWS/States"
    assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": state_machine}}]
    assert (alarm["Statistic"], alarm["Period"], alarm["Threshold"]) == ("Sum", 300, 1)
    assert alarm["TreatMissingData"] == "notBreaching"
    topic = spark.body["Outputs"]["AlarmTopicArn"]["Value"]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]
    assert alarm["AlarmDescription"].endswith(
        ' What to do: docs/runbook.md, section "Failed Spark runs".'
    )


def test_dashboard_shows_its_alarm_its_failures_and_its_times(
    spark: Template, template: Template
) -> None:
    page = json.dumps(spark.properties("AWS::CloudWatch::Dashboard"))
    (alarm,) = (
        name for name in spark.of_type("AWS::CloudWatch::Alarm") if name.startswith("SparkRun")
    )
    assert alarm in page
    for title in ("Failed Spark runs", "Longest Spark run of the day, in seconds"):
        assert title in page
    assert "Spark" not in json.dumps(template.properties("AWS::CloudWatch::Dashboard"))


def test_outputs_say_what_the_runbook_uses(spark: Template, state_machine: str) -> None:
    outputs = spark.body["Outputs"]
    assert outputs["SparkStateMachineArn"]["Value"] == {"Ref": state_machine}
    assert outputs["SparkLogGroupName"]["Value"] in [
        {"Ref": name} for name in spark.of_type("AWS::Logs::LogGroup")
    ]
    assert "SparkApplicationId" in outputs
