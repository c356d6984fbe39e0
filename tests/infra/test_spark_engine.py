"""What computes monitors on Spark: the application, its limits, and when it is there at all."""

import json
from typing import Any

import pytest
from synthesis import (
    SCENARIOS,
    STACK,
    Scenario,
    Template,
    monitor,
    queried,
    synthesize,
    template_of,
)

from drift_monitor.errors import DriftMonitorError
from stacks.preflight import check
from stacks.settings import DeploymentSettings
from stacks.spark.application import on_spark

APPLICATION = "AWS::EMRServerless::Application"
TRIPS = monitor("trips", engine="spark")
NOT_ON_SPARK = [name for name, each in SCENARIOS.items() if not on_spark(each.monitors)]


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


@pytest.mark.parametrize("scenario", NOT_ON_SPARK)
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


def test_no_monitors_configuration_changes_the_application(spark: Template) -> None:
    # CloudFormation cannot change an application whose job runs.
    others = synthesize(Scenario((monitor("fares", engine="spark", schedule="cron(0 6 * * ? *)"),)))
    assert others.of_type(APPLICATION) == spark.of_type(APPLICATION)


def test_it_costs_nothing_while_no_job_runs(application: dict[str, Any]) -> None:
    assert "InitialCapacity" not in application
    assert application["AutoStartConfiguration"] == {"Enabled": True}
    assert application["AutoStopConfiguration"] == {"Enabled": True, "IdleTimeoutMinutes": 1}


def test_the_bill_can_be_divided_by_environment(application: dict[str, Any]) -> None:
    assert application["Tags"] == [{"Key": "service", "Value": STACK}]


def worker(properties: dict[str, Any], role: str) -> tuple[int, int]:
    """Return what Spark asks EMR for, of one role: processors and GB of memory."""
    memory = (properties[f"spark.{role}.{name}"] for name in ("memory", "memoryOverhead"))
    cores = int(properties[f"spark.{role}.cores"])
    return cores, sum(int(each.removesuffix("g")) for each in memory)


@pytest.mark.parametrize(
    ("settings", "capacity", "workers", "size"),
    [
        ({}, {"Cpu": "16 vCPU", "Memory": "64 GB"}, 3, (4, 16)),
        ({"spark_maximum_vcpu": 8}, {"Cpu": "8 vCPU", "Memory": "32 GB"}, 1, (4, 16)),
        ({"spark_worker_memory_gb": 8}, {"Cpu": "16 vCPU", "Memory": "40 GB"}, 3, (4, 8)),
        ({"spark_worker_memory_gb": 30}, {"Cpu": "16 vCPU", "Memory": "106 GB"}, 3, (4, 30)),
        # 4 vCPU are left over: no second worker has room in them.
        ({"spark_worker_memory_gb": 32}, {"Cpu": "12 vCPU", "Memory": "48 GB"}, 1, (8, 32)),
        (
            {"spark_maximum_vcpu": 400, "spark_worker_memory_gb": 120},
            {"Cpu": "388 vCPU", "Memory": "2896 GB"},
            24,
            (16, 120),
        ),
    ],
)
def test_workers_fill_the_capacity_beside_the_driver_and_no_more(
    settings: dict[str, int], capacity: dict[str, str], workers: int, size: tuple[int, int]
) -> None:
    template = with_settings(**settings)
    properties = spark_properties(template)
    assert template.properties(APPLICATION)["MaximumCapacity"] == capacity
    assert properties["spark.dynamicAllocation.maxExecutors"] == str(workers)
    for first in ("spark.dynamicAllocation.initialExecutors", "spark.executor.instances"):
        assert 1 <= int(properties[first]) <= workers
    assert worker(properties, "executor") == size
    assert worker(properties, "driver") == (4, 16)


def test_one_task_has_a_worker_to_itself_and_knows_its_memory() -> None:
    properties = spark_properties(with_settings(spark_maximum_vcpu=64, spark_worker_memory_gb=60))
    assert properties["spark.task.cpus"] == properties["spark.executor.cores"] == "8"
    java, python = (properties[f"spark.executor.{name}"] for name in ("memory", "memoryOverhead"))
    assert (java, python) == ("4g", "56g")


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
