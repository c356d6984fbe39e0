"""What computes monitors on Spark: the application, its limits, its image, its job's leave."""

import json
import re
from typing import Any

import pytest
from synthesis import (
    ROOT,
    SCENARIOS,
    Scenario,
    Template,
    monitor,
    queried,
    registry_of,
    synthesize,
    template_of,
)

from drift_monitor.errors import DriftMonitorError
from stacks import spark_engine
from stacks.preflight import check
from stacks.settings import DeploymentSettings

APPLICATION = "AWS::EMRServerless::Application"
TRIPS = monitor("trips", engine="spark")
DOCKERFILE = (ROOT / "lambda_src" / "Dockerfile.spark").read_text()


@pytest.fixture(scope="module")
def spark() -> Template:
    """Two monitors on Spark beside one that is not."""
    return template_of("spark")


@pytest.fixture(scope="module")
def application(spark: Template) -> dict[str, Any]:
    return spark.properties(APPLICATION)


def with_settings(**settings: object) -> Template:
    return synthesize(Scenario((TRIPS,), settings))


def spark_properties(template: Template) -> dict[str, Any]:
    (configuration,) = template.properties(APPLICATION)["RuntimeConfiguration"]
    assert configuration["Classification"] == "spark-defaults"
    return configuration["Properties"]


def job_may(template: Template) -> list[dict[str, Any]]:
    (policy,) = (
        found["Properties"]["PolicyDocument"]["Statement"]
        for name, found in template.of_type("AWS::IAM::Policy").items()
        if name.startswith("SparkJobRole")
    )
    return policy


def actions_of(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return actions if isinstance(actions, list) else [actions]


def table(key: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":s3:::tables/{key}"]]}


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "spark"])
def test_without_a_monitor_that_asks_for_it_there_is_none(scenario: str) -> None:
    body = json.dumps(template_of(scenario).body)
    for word in ("EMRServerless", "emr-serverless", "StepFunctions", "Spark", "engine"):
        assert word not in body


def test_a_monitor_on_spark_leaves_the_others_as_they_were(spark: Template) -> None:
    without = synthesize(Scenario((monitor("flights"),))).body["Resources"]
    changed = {
        name for name, resource in without.items() if resource != spark.body["Resources"].get(name)
    }
    # Its readers, the look for overdue monitors, the dashboard, and its scores.
    assert changed == {
        name
        for name in without
        if name.startswith(("DashboardPage", "DetectorRoleDefaultPolicy", "Watch"))
        and not name.startswith("WatchOverdue")
    }


def test_it_costs_nothing_while_no_job_runs(application: dict[str, Any]) -> None:
    assert "InitialCapacity" not in application
    assert application["AutoStartConfiguration"] == {"Enabled": True}
    assert application["AutoStopConfiguration"] == {"Enabled": True, "IdleTimeoutMinutes": 1}


def test_capacity_is_a_new_accounts_by_default(application: dict[str, Any]) -> None:
    assert application["MaximumCapacity"] == {"Cpu": "16 vCPU", "Memory": "64 GB"}


@pytest.mark.parametrize(
    ("settings", "capacity", "executors", "memory_gb"),
    [
        ({}, {"Cpu": "16 vCPU", "Memory": "64 GB"}, 3, 16),
        ({"spark_maximum_vcpu": 8}, {"Cpu": "8 vCPU", "Memory": "32 GB"}, 1, 16),
        (
            {"spark_maximum_vcpu": 400, "spark_worker_memory_gb": 30},
            {"Cpu": "400 vCPU", "Memory": "3000 GB"},
            99,
            30,
        ),
    ],
)
def test_workers_fill_the_capacity_and_no_more(
    settings: dict[str, int], capacity: dict[str, str], executors: int, memory_gb: int
) -> None:
    template = with_settings(**settings)
    properties = spark_properties(template)
    assert template.properties(APPLICATION)["MaximumCapacity"] == capacity
    assert properties["spark.dynamicAllocation.maxExecutors"] == str(executors)
    assert int(properties["spark.dynamicAllocation.initialExecutors"]) <= executors
    for role in ("driver", "executor"):
        java, python = (
            int(properties[f"spark.{role}.{name}"].removesuffix("g"))
            for name in ("memory", "memoryOverhead")
        )
        assert java + python == memory_gb
        assert properties[f"spark.{role}.cores"] == "4"


def test_jobs_wait_for_each_other_within_their_time(application: dict[str, Any]) -> None:
    assert application["SchedulerConfiguration"] == {
        "MaxConcurrentRuns": 1,
        "QueueTimeoutMinutes": 120,
    }
    slow = with_settings(spark_timeout_minutes=600).properties(APPLICATION)
    assert slow["SchedulerConfiguration"]["QueueTimeoutMinutes"] == 600


@pytest.mark.parametrize(
    ("architecture", "named", "platform"),
    [("x86_64", "X86_64", "linux/amd64"), ("arm64", "ARM64", "linux/arm64")],
)
def test_processor_is_the_functions(architecture: str, named: str, platform: str) -> None:
    template = with_settings(architecture=architecture)
    assert template.properties(APPLICATION)["Architecture"] == named
    assert template.properties("AWS::Lambda::Function")["Architectures"] == [architecture]
    assert {image["source"]["platform"] for image in template.images.values()} == {platform}


def spark_image(template: Template) -> dict[str, Any]:
    (image,) = (
        each["source"]
        for each in template.images.values()
        if each["source"].get("dockerFile") == "Dockerfile.spark"
    )
    return image


def test_image_is_of_the_applications_release(spark: Template) -> None:
    release = spark.properties(APPLICATION)["ReleaseLabel"]
    assert spark_image(spark)["dockerBuildArgs"] == {"EMR_RELEASE": release}
    assert f"\nARG EMR_RELEASE={release}\n" in DOCKERFILE
    assert "FROM public.ecr.aws/emr-serverless/spark/${EMR_RELEASE}:" in DOCKERFILE


def test_image_is_built_from_what_the_functions_is(spark: Template) -> None:
    folder = spark.folder / spark_image(spark)["directory"]
    assert (folder / "Dockerfile.spark").is_file()
    assert (folder / "requirements.txt").read_bytes() == (
        ROOT / "lambda_src" / "requirements.txt"
    ).read_bytes()


def test_job_is_a_file_of_the_image(spark: Template) -> None:
    (packages,) = re.findall(r"^ARG PACKAGES=(.*)$", DOCKERFILE, re.MULTILINE)
    assert "COPY drift_monitor ${PACKAGES}/drift_monitor\n" in DOCKERFILE
    job = spark_engine.JOB.removeprefix(f"local://{packages}/")
    folder = spark.folder / spark_image(spark)["directory"]
    assert (folder / job).read_bytes() == (ROOT / "lambda_src" / job).read_bytes()


def test_jobs_and_their_tasks_run_the_images_python(spark: Template) -> None:
    properties = spark_properties(spark)
    (root,) = re.findall(r"python3\.11 -m venv (\S+)", DOCKERFILE)
    for prefix in ("spark.emr-serverless.driverEnv", "spark.executorEnv"):
        assert properties[f"{prefix}.PYSPARK_PYTHON"] == f"{root}/bin/python"
        assert properties[f"{prefix}.AWS_DEFAULT_REGION"] == {"Ref": "AWS::Region"}
        assert properties[f"{prefix}.DO_NOT_TRACK"] == "1"


def test_image_of_the_registry_lies_beside_the_functions() -> None:
    template = synthesize(Scenario((TRIPS,), image="v1"))
    assert template.images == {}
    uri = template.properties(APPLICATION)["ImageConfiguration"]["ImageUri"]["Fn::Join"][1]
    assert uri[-1].endswith("/drift_monitoring:v1-spark")


def test_a_digest_names_one_image_and_two_are_needed() -> None:
    with pytest.raises(DriftMonitorError, match="give the tag that make image-push has pushed"):
        synthesize(Scenario((TRIPS,), image=f"sha256:{'0a' * 32}"))


@pytest.mark.parametrize("on_spark", [True, False])
def test_registry_lets_this_accounts_applications_in_where_there_are_any(*, on_spark: bool) -> None:
    scenario = Scenario((TRIPS if on_spark else monitor("trips"),), image="v1")
    statements = registry_of(scenario).properties("AWS::ECR::Repository")["RepositoryPolicyText"][
        "Statement"
    ]
    applications = [
        each
        for each in statements
        if each["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    ]
    assert len(applications) == on_spark
    for statement in applications:
        assert statement["Action"] == [
            "ecr:BatchGetImage",
            "ecr:DescribeImages",
            "ecr:GetDownloadUrlForLayer",
        ]
        assert "/applications/*" in str(statement["Condition"]["ArnLike"]["aws:SourceArn"])


def test_athena_is_out_of_a_jobs_reach() -> None:
    trips = queried("trips").model_copy(update={"engine": "spark"})
    with pytest.raises(DriftMonitorError) as refused:
        check([trips], DeploymentSettings())
    assert str(refused.value) == (
        "monitor trips: current.sql: a job on EMR Serverless reaches S3 and not Athena: name the "
        "table's location, or leave engine out"
    )


def test_driver_says_what_it_does_into_logs_that_expire(
    spark: Template, application: dict[str, Any]
) -> None:
    (group,) = (name for name in spark.of_type("AWS::Logs::LogGroup") if name.startswith("SparkL"))
    assert application["MonitoringConfiguration"]["CloudWatchLoggingConfiguration"] == {
        "Enabled": True,
        "LogGroupName": {"Ref": group},
    }
    short = with_settings(log_retention_days=7).of_type("AWS::Logs::LogGroup").values()
    assert {each["Properties"]["RetentionInDays"] for each in short} == {7}


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


def test_only_this_application_acts_as_the_jobs_role(spark: Template) -> None:
    (role,) = (
        found["Properties"]
        for name, found in spark.of_type("AWS::IAM::Role").items()
        if name.startswith("SparkJobRole")
    )
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    (name,) = spark.of_type(APPLICATION)
    source = trust["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1]
    assert source[-2:] == [":/applications/", {"Fn::GetAtt": [name, "ApplicationId"]}]
    assert "ManagedPolicyArns" not in role


def test_a_job_may_do_this_and_nothing_else(spark: Template) -> None:
    actions = {action for statement in job_may(spark) for action in actions_of(statement)}
    assert actions == {
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    assert {statement["Effect"] for statement in job_may(spark)} == {"Allow"}


def test_a_job_reads_the_tables_of_monitors_on_spark_and_of_no_other(spark: Template) -> None:
    (reading,) = (each for each in job_may(spark) if each["Action"] == "s3:GetObject")
    assert reading["Resource"] == [
        table(f"{name}/{key}")
        for name in ("fares", "trips")
        for key in ("_reference.parquet.baseline.json", "daily/*", "reference.parquet*")
    ]
    assert "flights" not in json.dumps(job_may(spark))


def test_a_job_writes_into_the_runs_folders_alone(spark: Template) -> None:
    (writing,) = (each for each in job_may(spark) if "s3:PutObject" in each["Action"])
    name, _ = scratch(spark)
    runs = {"Fn::Join": ["", [{"Fn::GetAtt": [name, "Arn"]}, "/runs/*"]]}
    assert (sorted(writing["Action"]), writing["Resource"]) == (
        ["s3:GetObject", "s3:PutObject"],
        runs,
    )


def test_a_job_decrypts_tables_with_the_keys_that_settings_name() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    template = with_settings(data_key_arns=[key])
    (decrypting,) = (each for each in job_may(template) if each["Action"] == "kms:Decrypt")
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
