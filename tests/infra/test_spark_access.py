"""What a Spark job may read and write, and who else reaches what it leaves."""

import json
from typing import Any

import pytest
from synthesis import Scenario, Template, monitor, synthesize, template_of


@pytest.fixture(scope="module")
def spark() -> Template:
    """Two monitors on Spark beside one that is not."""
    return template_of("spark")


def job_may(template: Template, monitor: str) -> list[dict[str, Any]]:
    (policy,) = (
        found["Properties"]["PolicyDocument"]["Statement"]
        for name, found in template.of_type("AWS::IAM::Policy").items()
        if name.startswith(f"SparkJobRole{monitor}")
    )
    return policy


def actions_of(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return actions if isinstance(actions, list) else [actions]


def table(key: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":s3:::tables/{key}"]]}


def scratch(template: Template) -> tuple[str, dict[str, Any]]:
    (found,) = (
        (name, bucket)
        for name, bucket in template.of_type("AWS::S3::Bucket").items()
        if name.startswith("SparkScratch")
    )
    return found


def test_scratch_is_private_encrypted_and_empty_after_a_week(spark: Template) -> None:
    _, bucket = scratch(spark)
    properties = bucket["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert "BucketEncryption" in properties
    assert "WebsiteConfiguration" not in properties
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 7)
    assert bucket["DeletionPolicy"] == "Delete"


def test_scratch_is_reached_by_tls_alone(spark: Template) -> None:
    name, _ = scratch(spark)
    (policy,) = (
        found["Properties"]["PolicyDocument"]["Statement"]
        for found in spark.of_type("AWS::S3::BucketPolicy").values()
        if found["Properties"]["Bucket"] == {"Ref": name}
    )
    assert {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }.items() <= policy[0].items()


@pytest.mark.parametrize("name", ["trips", "fares"])
def test_only_this_application_acts_as_a_jobs_role(spark: Template, name: str) -> None:
    (role,) = (
        found["Properties"]
        for logical_id, found in spark.of_type("AWS::IAM::Role").items()
        if logical_id.startswith(f"SparkJobRole{name}")
    )
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    (application,) = spark.of_type("AWS::EMRServerless::Application")
    source = trust["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1]
    assert source[-2:] == [":/applications/", {"Fn::GetAtt": [application, "ApplicationId"]}]
    assert "ManagedPolicyArns" not in role


def test_a_job_may_do_this_and_nothing_else(spark: Template) -> None:
    job = job_may(spark, "trips")
    actions = {action for statement in job for action in actions_of(statement)}
    assert actions == {
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    assert {statement["Effect"] for statement in job} == {"Allow"}


@pytest.mark.parametrize(("name", "other"), [("trips", "fares"), ("fares", "trips")])
def test_a_job_reads_its_monitors_tables_and_no_others(
    spark: Template, name: str, other: str
) -> None:
    job = job_may(spark, name)
    (reading,) = (each for each in job if each["Action"] == "s3:GetObject")
    assert reading["Resource"] == [
        table(f"{name}/{key}")
        for key in (
            "_reference.parquet.baseline.json",
            "daily/*",
            "reference.parquet",
            "reference.parquet/*",
        )
    ]
    assert "flights" not in json.dumps(job)
    assert other not in json.dumps(job)


def test_a_job_writes_into_its_monitors_runs_alone(spark: Template) -> None:
    (writing,) = (each for each in job_may(spark, "trips") if "s3:PutObject" in each["Action"])
    name, _ = scratch(spark)
    runs = {"Fn::Join": ["", [{"Fn::GetAtt": [name, "Arn"]}, "/runs/trips/*"]]}
    assert (sorted(writing["Action"]), writing["Resource"]) == (
        ["s3:GetObject", "s3:PutObject"],
        runs,
    )


def test_a_job_decrypts_tables_with_the_keys_that_settings_name() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    trips = monitor("trips", engine="spark")
    template = synthesize(Scenario((trips,), {"data_key_arns": [key]}))
    (decrypting,) = (each for each in job_may(template, "trips") if each["Action"] == "kms:Decrypt")
    assert decrypting["Resource"] == key


def test_the_function_reads_a_jobs_scores_and_not_its_tables(spark: Template) -> None:
    (policy,) = (
        found["Properties"]["PolicyDocument"]["Statement"]
        for name, found in spark.of_type("AWS::IAM::Policy").items()
        if name.startswith("DetectorRole")
    )
    text = json.dumps(policy)
    assert "tables/flights/" in text
    assert "tables/trips/" not in text
    name, _ = scratch(spark)
    runs = {"Fn::Join": ["", [{"Fn::GetAtt": [name, "Arn"]}, "/runs/*"]]}
    reading = [each["Resource"] for each in policy if each["Action"] == "s3:GetObject"]
    assert any(runs in (each if isinstance(each, list) else [each]) for each in reading)
