"""What the function's role may do for references' caches, and that it may nothing without one."""

from typing import Any

from synthesis import SCENARIOS, Scenario, Template, monitor, synthesize

from drift_monitor.config.monitor import Monitor

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def cached(name: str, location: str) -> Monitor:
    return monitor(name, reference={"location": location, "cache": True})


def statements(template: Template, action: str) -> list[dict[str, Any]]:
    (policy,) = (
        found["Properties"]["PolicyDocument"]
        for name, found in template.of_type("AWS::IAM::Policy").items()
        if "Role" in name
    )
    return [found for found in policy["Statement"] if action in found["Action"]]


def objects(key: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":s3:::{key}"]]}


def test_cache_is_written_read_and_removed_below_its_own_prefix_and_nowhere_else() -> None:
    template = synthesize(
        Scenario((cached("flights", "s3://tables/ref/flights.parquet"), monitor("weather")))
    )
    (removing,) = statements(template, "s3:DeleteObject")
    assert sorted(removing["Action"]) == ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    assert removing["Resource"] == objects("tables/ref/_flights.parquet.cache/flights/*")
    assert {"StringLike": {"s3:prefix": ["ref/_flights.parquet.cache/flights/*"]}} in [
        found.get("Condition") for found in statements(template, "s3:ListBucket")
    ]


def test_each_monitor_keeps_a_cache_of_its_own() -> None:
    template = synthesize(
        Scenario(
            (
                cached("weather", "s3://tables/ref/"),
                cached("flights", "s3://tables/ref/"),
                cached("trains", "s3://others/*/ref.csv"),
            )
        )
    )
    (removing,) = statements(template, "s3:DeleteObject")
    assert removing["Resource"] == [
        objects("others/_all-ref.csv.cache/trains/*"),
        objects("tables/_ref.cache/flights/*"),
        objects("tables/_ref.cache/weather/*"),
    ]


def test_cache_is_encrypted_with_the_keys_that_settings_name() -> None:
    template = synthesize(
        Scenario((cached("flights", "s3://tables/ref.parquet"),), {"data_key_arns": [KEY]})
    )
    assert any(KEY in found["Resource"] for found in statements(template, "kms:GenerateDataKey"))


def test_without_a_cache_the_role_may_no_more_than_before() -> None:
    settings = SCENARIOS["everything"].settings
    template = synthesize(Scenario((monitor("flights"),), settings))
    assert statements(template, "s3:DeleteObject") == []
    assert KEY not in str(statements(template, "kms:GenerateDataKey"))
    assert ".cache" not in str(template.body)
