"""The function, what it logs, where its failures go, and who hears of them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from synthesis import SCENARIOS, STACK, Scenario, Template, folded, monitor, synthesize

from stacks import detector

FUNCTION = "AWS::Lambda::Function"
QUEUE = "AWS::SQS::Queue"
OWN_RULES = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/" + STACK + "-*"


@pytest.fixture(scope="module")
def function(template: Template) -> dict[str, Any]:
    return template.properties(FUNCTION)


@pytest.fixture(scope="module")
def queue_arn(template: Template) -> dict[str, Any]:
    (queue,) = template.of_type(QUEUE)
    return {"Fn::GetAtt": [queue, "Arn"]}


def test_function_runs_our_image(function: dict[str, Any]) -> None:
    assert function["PackageType"] == "Image"
    assert "container-assets" in function["Code"]["ImageUri"]["Fn::Sub"]


def test_image_is_built_for_the_processor_it_runs_on(
    template: Template, everything: Template
) -> None:
    platforms = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
    for each in (template, everything):
        (architecture,) = each.properties(FUNCTION)["Architectures"]
        built = {image["source"]["platform"] for image in each.images.values()}
        assert built == {platforms[architecture]}


def test_image_has_the_extras_in_the_settings(template: Template, everything: Template) -> None:
    (image,) = template.images.values()
    assert "dockerBuildArgs" not in image["source"]
    (image,) = (
        each["source"] for each in everything.images.values() if "dockerFile" not in each["source"]
    )
    assert image["dockerBuildArgs"] == {"EXTRAS": "delta iceberg"}


def test_image_is_built_from_lambda_src(template: Template) -> None:
    (image,) = template.images.values()
    assert (template.folder / image["source"]["directory"] / "drift_lambda.py").is_file()


def test_image_that_is_built_comes_from_the_registry_by_tag(from_registry: Template) -> None:
    assert from_registry.images == {}
    assert image_uri(from_registry).endswith("/drift_monitoring:v1")


def test_image_that_is_built_comes_from_the_registry_by_digest() -> None:
    digest = f"sha256:{'0a' * 32}"
    template = synthesize(Scenario((monitor("flights"),), image=digest))
    assert image_uri(template).endswith(f"/drift_monitoring@{digest}")


def test_nothing_but_the_image_depends_on_where_it_comes_from(from_registry: Template) -> None:
    built = synthesize(Scenario((monitor("flights"),)))
    differing = [
        name
        for name, resource in built.body["Resources"].items()
        if resource["Properties"] != from_registry.body["Resources"][name]["Properties"]
    ]
    assert differing == list(built.of_type(FUNCTION))


def test_byte_code_makes_no_other_image(
    template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = shutil.copytree(detector.BUILD_CONTEXT, tmp_path / "lambda_src")
    byte_code = context / "drift_monitor" / "__pycache__" / "run.cpython-313.pyc"
    byte_code.parent.mkdir(exist_ok=True)
    byte_code.write_bytes(b"made by running the code on a laptop")
    monkeypatch.setattr(detector, "BUILD_CONTEXT", context)
    assert synthesize(SCENARIOS["defaults"]).images == template.images


def test_function_has_time_memory_and_disk(function: dict[str, Any]) -> None:
    assert function["Timeout"] == 15 * 60
    assert function["MemorySize"] == 3008
    assert function["EphemeralStorage"] == {"Size": 2048}


def test_size_is_a_setting(everything: Template) -> None:
    function = everything.properties(FUNCTION)
    assert function["Architectures"] == ["arm64"]
    assert function["MemorySize"] == 10_240
    assert function["EphemeralStorage"] == {"Size": 512}


def test_environment_is_wiring_alone(template: Template, function: dict[str, Any]) -> None:
    (bucket,) = template.of_type("AWS::S3::Bucket")
    topic = template.body["Outputs"]["TopicArn"]["Value"]
    assert function["Environment"]["Variables"] == {
        "SITE_BUCKET": {"Ref": bucket},
        "SITE_URL": {"Fn::GetAtt": [bucket, "WebsiteURL"]},
        "REPORT_RETENTION_DAYS": "400",
        "TOPIC_ARN": topic,
        "POWERTOOLS_SERVICE_NAME": STACK,
        "POWERTOOLS_METRICS_NAMESPACE": "DriftMonitor",
    }


def test_function_has_a_generated_name_and_no_tracing(function: dict[str, Any]) -> None:
    assert "FunctionName" not in function
    assert "TracingConfig" not in function


def test_logs_are_json_in_a_group_of_their_own(
    template: Template, function: dict[str, Any]
) -> None:
    (group,) = template.of_type("AWS::Logs::LogGroup")
    assert function["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": group}}


def test_logs_expire_and_go_with_the_stack(template: Template, everything: Template) -> None:
    group = template.only("AWS::Logs::LogGroup")
    assert group["Properties"]["RetentionInDays"] == 90
    assert group["DeletionPolicy"] == "Delete"
    groups = everything.of_type("AWS::Logs::LogGroup").values()
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {7}


def test_failed_run_is_tried_twice_more_and_then_a_dead_letter(
    template: Template, queue_arn: dict[str, Any]
) -> None:
    config = template.properties("AWS::Lambda::EventInvokeConfig")
    (function,) = template.of_type(FUNCTION)
    assert config["FunctionName"] == {"Ref": function}
    assert config["MaximumRetryAttempts"] == 2
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": queue_arn}}


def test_dead_letters_are_encrypted_and_stay_for_two_weeks(template: Template) -> None:
    assert template.properties(QUEUE) == {
        "SqsManagedSseEnabled": True,
        "MessageRetentionPeriod": 14 * 24 * 60 * 60,
    }
    assert template.only(QUEUE)["DeletionPolicy"] == "Delete"


def test_queue_takes_tls_only_and_letters_of_this_stacks_rules(
    template: Template, queue_arn: dict[str, Any]
) -> None:
    insecure, rules = template.properties("AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
    assert insecure == {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sqs:*",
        "Resource": queue_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    assert folded(rules) == {
        "Sid": "RulesOfThisStack",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": folded(queue_arn),
        "Condition": {"ArnLike": {"aws:SourceArn": OWN_RULES}},
    }


def test_only_this_stacks_rules_may_invoke_the_function(template: Template) -> None:
    (function,) = template.of_type(FUNCTION)
    assert folded(template.properties("AWS::Lambda::Permission")) == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": f"${{{function}.Arn}}",
        "Principal": "events.amazonaws.com",
        "SourceArn": OWN_RULES,
    }


def test_long_stack_name_begins_its_rules_names_cut_off_by_cloudformation() -> None:
    template = synthesize(Scenario((monitor("flights"),)), "DriftMonitor-a-very-long-environment")
    source = template.properties("AWS::Lambda::Permission")["SourceArn"]
    assert folded(source).endswith(":rule/DriftMonitor-a-very-long*")


def test_policies_do_not_grow_with_the_monitors(template: Template) -> None:
    # A queue's policy takes ten conditions and a function's 20 KB: one statement per rule is soon
    # too much, and CloudFormation would be the first to say so.
    many = synthesize(Scenario(tuple(monitor(f"table-{number:02}") for number in range(40))))
    for kind in ("AWS::SQS::QueuePolicy", "AWS::Lambda::Permission"):
        assert many.of_type(kind) == template.of_type(kind)


def test_alarm_on_errors(template: Template) -> None:
    (function,) = template.of_type(FUNCTION)
    alarm = template.alarm("Errors")
    assert alarm["Namespace"] == "AWS/Lambda"
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
    assert rule_of(alarm) == ("Sum", 300, 1, "GreaterThanOrEqualToThreshold", 1, "notBreaching")


def test_alarm_on_dead_letters(template: Template) -> None:
    (queue,) = template.of_type(QUEUE)
    alarm = template.alarm("ApproximateNumberOfMessagesVisible")
    assert alarm["Namespace"] == "AWS/SQS"
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}
    ]
    assert rule_of(alarm) == ("Maximum", 300, 1, "GreaterThanOrEqualToThreshold", 1, "notBreaching")


@pytest.mark.parametrize(
    "metric", ["Errors", "ApproximateNumberOfMessagesVisible", "OverdueMonitors"]
)
def test_each_alarm_is_announced_when_it_begins_and_when_it_ends(
    template: Template, metric: str
) -> None:
    topic = template.body["Outputs"]["AlarmTopicArn"]["Value"]
    alarm = template.alarm(metric)
    assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]


def test_each_alarm_has_its_own_words_on_what_to_do(template: Template) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    words = [alarm["Properties"]["AlarmDescription"] for alarm in alarms]
    assert len(words) == len(set(words)) == 3
    assert all("logs" in text and len(text) <= 1024 for text in words)


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("Errors", "Failed runs"),
        ("ApproximateNumberOfMessagesVisible", "Dead letters"),
        ("OverdueMonitors", "Overdue monitors"),
    ],
)
def test_each_alarm_ends_with_its_section_of_the_runbook(
    template: Template, everything: Template, metric: str, title: str
) -> None:
    words = template.alarm(metric)["AlarmDescription"]
    assert words.endswith(f' What to do: docs/runbook.md, section "{title}".')
    linked = everything.alarm(metric)["AlarmDescription"]
    anchor = title.lower().replace(" ", "-")
    assert linked.endswith(f" What to do: https://example.com/drift/runbook#{anchor}")


def test_outputs_name_the_function_and_the_queue(template: Template) -> None:
    outputs = template.body["Outputs"]
    (function,), (queue,) = template.of_type(FUNCTION), template.of_type(QUEUE)
    assert outputs["FunctionName"]["Value"] == {"Ref": function}
    assert outputs["DeadLetterQueueUrl"]["Value"] == {"Ref": queue}


def rule_of(alarm: dict[str, Any]) -> tuple[object, ...]:
    names = ("Statistic", "Period", "Threshold", "ComparisonOperator", "EvaluationPeriods")
    return (*(alarm[name] for name in names), alarm["TreatMissingData"])


def image_uri(template: Template) -> str:
    uri: str = folded(template.properties(FUNCTION)["Code"]["ImageUri"])
    return uri
