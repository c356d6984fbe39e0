"""What a Spark job may read and write, and who else reaches what it leaves."""

import json
from typing import Any

import pytest
from synthesis import Scenario, Template, every_place, monitor, synthesize, template_of

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


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


def function_may(template: Template) -> list[dict[str, Any]]:
    (policy,) = (
        found["Properties"]["PolicyDocument"]["Statement"]
        for name, found in template.of_type("AWS::IAM::Policy").items()
        if name.startswith("DetectorRole")
    )
    return policy


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


@pytest.fixture(scope="module")
def everything() -> Template:
    """A monitor on Spark that reads and keeps all that a monitor can, and one that does not."""
    trips = monitor("trips", engine="spark", **every_place("trips"))
    return synthesize(Scenario((trips, monitor("flights")), {"data_key_arns": [KEY]}))


def test_a_job_reads_labels_importances_and_the_baseline(everything: Template) -> None:
    (reading,) = (each for each in job_may(everything, "trips") if each["Action"] == "s3:GetObject")
    assert [arn["Fn::Join"][1][-1] for arn in reading["Resource"]] == [
        ":s3:::models/trips.json",
        ":s3:::models/trips.json/*",
        ":s3:::tables/trips/_reference.parquet.baseline.json",
        ":s3:::tables/trips/daily/*",
        ":s3:::tables/trips/reference.parquet",
        ":s3:::tables/trips/reference.parquet/*",
        ":s3:::truth/labels/*",
    ]
    assert all(
        place not in json.dumps(function_may(everything)) for place in ("models", "truth", "trips")
    )


def test_a_job_keeps_its_references_cache_and_the_function_does_not(everything: Template) -> None:
    job = job_may(everything, "trips")
    cache = "trips/_reference.parquet.cache/trips/*"
    (removing,) = (each for each in job if "s3:DeleteObject" in each["Action"])
    assert sorted(removing["Action"]) == ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    assert removing["Resource"] == table(cache)
    assert {"StringLike": {"s3:prefix": [cache]}} in [
        each.get("Condition") for each in job if each["Action"] == "s3:ListBucket"
    ]
    assert "DeleteObject" not in json.dumps(function_may(everything))


def test_a_job_uses_the_keys_that_settings_name(everything: Template) -> None:
    (using,) = (each for each in job_may(everything, "trips") if each["Resource"] == KEY)
    # To read tables, and to write the cache.
    assert using["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_a_job_without_a_cache_only_decrypts() -> None:
    trips = monitor("trips", engine="spark")
    template = synthesize(Scenario((trips,), {"data_key_arns": [KEY]}))
    (using,) = (each for each in job_may(template, "trips") if each["Resource"] == KEY)
    assert using["Action"] == "kms:Decrypt"


def test_the_function_reads_a_jobs_scores_and_not_its_tables(spark: Template) -> None:
    policy = function_may(spark)
    text = json.dumps(policy)
    assert "tables/flights/" in text
    assert "tables/trips/" not in text
    name, _ = scratch(spark)
    runs = {"Fn::Join": ["", [{"Fn::GetAtt": [name, "Arn"]}, "/runs/*"]]}
    reading = [each["Resource"] for each in policy if each["Action"] == "s3:GetObject"]
    assert any(runs in (each if isinstance(each, list) else [each]) for each in reading)
