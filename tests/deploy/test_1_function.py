"""The function as deployed, and what becomes of an event that it fails on."""

import boto3
from deployment import MEMORY, Deployed
from emulation import REGION


def test_the_functions_image_is_in_the_registry(deployed: Deployed) -> None:
    image = deployed.image()
    assert image["repositoryName"].startswith("cdk-hnb659fds-container-assets-")
    assert image["imageDigest"].startswith("sha256:")


def test_the_function_has_its_size_and_its_time(deployed: Deployed) -> None:
    function = deployed.function()["Configuration"]
    assert function["PackageType"] == "Image"
    assert function["MemorySize"] == MEMORY
    assert function["EphemeralStorage"] == {"Size": 2048}
    assert function["Timeout"] == 900
    assert function["Architectures"] == ["x86_64"]


def test_the_function_knows_its_site_its_topic_and_its_metrics(deployed: Deployed) -> None:
    variables = deployed.function()["Configuration"]["Environment"]["Variables"]
    bucket = deployed.only("AWS::S3::Bucket")
    expected = {
        "SITE_BUCKET": bucket,
        "SITE_URL": f"http://{bucket}.s3-website-{REGION}.amazonaws.com",
        "TOPIC_ARN": deployed.outputs["TopicArn"],
        "POWERTOOLS_SERVICE_NAME": deployed.name,
        "POWERTOOLS_METRICS_NAMESPACE": "DriftMonitor",
    }
    assert expected.items() <= variables.items()


def test_the_function_logs_json_into_its_own_group_for_90_days(deployed: Deployed) -> None:
    group = deployed.only("AWS::Logs::LogGroup")
    logging = deployed.function()["Configuration"]["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert logging["LogGroup"] == group
    (found,) = boto3.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 90


def test_an_event_is_tried_three_times_and_then_a_dead_letter(
    deployed: Deployed, queue: dict[str, str]
) -> None:
    retries = boto3.client("lambda").get_function_event_invoke_config(
        FunctionName=deployed.outputs["FunctionName"], Qualifier="$LATEST"
    )
    assert retries["MaximumRetryAttempts"] == 2
    assert retries["DestinationConfig"]["OnFailure"]["Destination"] == queue["QueueArn"]


def test_dead_letters_are_encrypted_and_wait_14_days(queue: dict[str, str]) -> None:
    assert queue["MessageRetentionPeriod"] == str(14 * 24 * 60 * 60)
    assert queue["SqsManagedSseEnabled"] == "true"
