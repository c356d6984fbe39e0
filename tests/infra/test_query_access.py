"""What the function's role may do for Athena's queries, and that it may nothing without one."""

from typing import Any

import pytest
from synthesis import SCENARIOS, Scenario, Template, monitor, queried, synthesize, template_of

from drift_monitor.errors import DriftMonitorError
from stacks.preflight import check
from stacks.settings import DeploymentSettings

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture(scope="module")
def queries() -> Template:
    return template_of("queries")


def statements(template: Template, action: str) -> list[dict[str, Any]]:
    (policy,) = (
        found["Properties"]["PolicyDocument"]
        for name, found in template.of_type("AWS::IAM::Policy").items()
        if "Role" in name
    )
    return [found for found in policy["Statement"] if action in found["Action"]]


def places(template: Template, action: str) -> list[dict[str, Any]]:
    found = [statement["Resource"] for statement in statements(template, action)]
    return [place for each in found for place in (each if isinstance(each, list) else [each])]


def arn(service: str, resource: str) -> dict[str, Any]:
    place = [{"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, f":{resource}"]
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":{service}:", *place]]}


def s3(key: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":s3:::{key}"]]}


def test_queries_run_in_their_workgroups(queries: Template) -> None:
    (running,) = statements(queries, "athena:StartQueryExecution")
    assert running["Action"] == [
        "athena:GetQueryExecution",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
    ]
    assert running["Resource"] == [
        arn("athena", "workgroup/drift"),
        arn("athena", "workgroup/primary"),
    ]


def test_queries_look_up_their_databases_tables(queries: Template) -> None:
    (tables,) = statements(queries, "glue:GetTable")
    assert tables["Resource"] == [
        arn("glue", "catalog"),
        arn("glue", "database/flights_db"),
        arn("glue", "database/weather_db"),
        arn("glue", "table/flights_db/*"),
        arn("glue", "table/weather_db/*"),
    ]
    assert all(action.startswith(("glue:Get", "glue:BatchGet")) for action in tables["Action"])
    (databases,) = statements(queries, "glue:GetDatabase")
    assert databases["Resource"] == [
        arn("glue", "catalog"),
        arn("glue", "database/default"),
        arn("glue", "database/flights_db"),
        arn("glue", "database/weather_db"),
    ]


def test_rows_are_written_read_and_removed_below_the_output_alone(queries: Template) -> None:
    (writing,) = statements(queries, "s3:DeleteObject")
    assert writing["Resource"] == s3("scratch/athena/*")
    assert s3("scratch/athena/*") in places(queries, "s3:GetObject")
    assert {"StringLike": {"s3:prefix": ["athena/*"]}} in [
        found.get("Condition") for found in statements(queries, "s3:ListBucket")
    ]
    (locating,) = statements(queries, "s3:GetBucketLocation")
    assert locating["Resource"] == s3("scratch")


def test_what_queries_read_is_named_by_the_monitor(queries: Template) -> None:
    for name in ("flights", "weather"):
        assert s3(f"tables/{name}/daily/*") in places(queries, "s3:GetObject")


def test_rows_are_encrypted_with_the_keys_that_settings_name() -> None:
    template = synthesize(Scenario((queried("flights"),), {"data_key_arns": [KEY]}))
    assert any(KEY in found["Resource"] for found in statements(template, "kms:GenerateDataKey"))


def test_without_a_query_the_role_may_no_more_than_before() -> None:
    template = synthesize(Scenario((monitor("flights"),), SCENARIOS["everything"].settings))
    for action in ("athena:", "glue:", "s3:GetBucketLocation"):
        assert action not in str(template.body)


def test_a_query_that_does_not_say_what_it_reads_is_refused() -> None:
    with pytest.raises(DriftMonitorError) as refused:
        check([queried("flights", reads=None)], DeploymentSettings())
    assert str(refused.value) == (
        "monitor flights: current.reads: name the folders in S3 that the query's tables lie in, "
        "such as reads: [s3://BUCKET/FOLDER/]: the role may read these alone"
    )


def test_a_querys_comparisons_reach_the_function(queries: Template) -> None:
    (rule,) = (
        each["Properties"]
        for name, each in queries.of_type("AWS::Events::Rule").items()
        if "flightsScheduled" in name
    )
    (target,) = rule["Targets"]
    assert "dt &gt;= '{start}' AND dt &lt; '{end}'" in target["InputTransformer"]["InputTemplate"]
