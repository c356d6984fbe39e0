"""The function's role: what it may do, resource by resource."""

from fnmatch import fnmatchcase
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthesis import Scenario, Template, monitor, synthesize

from drift_monitor.config.monitor import Monitor
from drift_monitor.site.layout import (
    ASSETS,
    ERROR_PAGE,
    FRONT_PAGE,
    OVERVIEW,
    WATCH,
    MonitorFiles,
)
from stacks.access.tables import shortest


def statements(template: Template) -> list[dict[str, Any]]:
    return template.properties("AWS::IAM::Policy")["PolicyDocument"]["Statement"]


def granted(template: Template) -> dict[str, list[Any]]:
    """Return the resources of each action, those of its several statements together."""
    found: dict[str, list[Any]] = {}
    for statement in statements(template):
        actions, resources = statement["Action"], statement["Resource"]
        for action in actions if isinstance(actions, list) else [actions]:
            found.setdefault(action, []).extend(
                resources if isinstance(resources, list) else [resources]
            )
    return found


def table(key: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":s3:::{key}"]]}


def site(template: Template, key: str) -> dict[str, Any]:
    (bucket,) = template.of_type("AWS::S3::Bucket")
    return {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, f"/{key}"]]}


def reading(reference: str, current: str) -> Monitor:
    return monitor("flights", reference={"location": reference}, current={"location": current})


def listing(template: Template, bucket: str) -> dict[str, Any]:
    (statement,) = (
        found
        for found in statements(template)
        if found["Action"] == "s3:ListBucket"
        and table(bucket) in (found["Resource"], *found["Resource"])
    )
    return statement


def test_role_is_lambdas_and_has_no_managed_policy(template: Template) -> None:
    role = template.properties("AWS::IAM::Role")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "ManagedPolicyArns" not in role
    assert template.properties("AWS::Lambda::Function")["Role"] == {
        "Fn::GetAtt": [next(iter(template.of_type("AWS::IAM::Role"))), "Arn"]
    }


def test_role_may_do_this_and_nothing_else(template: Template) -> None:
    assert sorted(granted(template)) == [
        "kms:Decrypt",
        "kms:GenerateDataKey*",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sns:Publish",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
    ]
    assert {statement["Effect"] for statement in statements(template)} == {"Allow"}


def test_role_writes_what_the_site_consists_of(template: Template) -> None:
    assert granted(template)["s3:PutObject"] == [
        site(template, key)
        for key in (
            "assets/*",
            "error.html",
            "index.html",
            "monitors/*",
            "overview.json",
            "reports/*",
            "watch.json",
        )
    ]


def test_role_may_write_each_file_of_a_site_and_only_reports_expire(template: Template) -> None:
    files, run = MonitorFiles("flights"), "20130701T093000Z"
    changed = [
        *(FRONT_PAGE, OVERVIEW, WATCH),
        *(files.front_page, files.newest_result, files.history_page, files.column_page),
        *(files.history(2013), files.profiles(2013), files.result(run), files.note(run, "email")),
    ]
    expiring = [files.report(run)]
    written = [*changed, *expiring, ERROR_PAGE, f"{ASSETS}1f0c/site.css"]
    assert _of_site(template, "s3:PutObject", written) == written
    assert _of_site(template, "s3:GetObject", written) == changed
    rules = template.properties("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    (prefix,) = (rule["Prefix"] for rule in rules if "ExpirationInDays" in rule)
    assert [key for key in written if key.startswith(prefix)] == expiring


def _of_site(template: Template, action: str, keys: list[str]) -> list[str]:
    """Return the keys of the site that a role may do something with."""
    resources = granted(template)[action]
    patterns = [
        pattern
        for resource in resources
        if resource == site(template, pattern := resource["Fn::Join"][1][-1].removeprefix("/"))
    ]
    return [key for key in keys if any(fnmatchcase(key, pattern) for pattern in patterns)]


def test_role_reads_its_tables_and_what_it_adds_to(template: Template) -> None:
    assert granted(template)["s3:GetObject"] == [
        table("tables/flights/_reference.parquet.baseline.json"),
        table("tables/flights/daily/*"),
        table("tables/flights/reference.parquet"),
        table("tables/flights/reference.parquet/*"),
        site(template, "index.html"),
        site(template, "monitors/*"),
        site(template, "overview.json"),
        site(template, "watch.json"),
    ]


def test_role_lists_the_site_so_that_a_missing_page_is_no_refusal(template: Template) -> None:
    (bucket,) = template.of_type("AWS::S3::Bucket")
    assert {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": {"Fn::GetAtt": [bucket, "Arn"]},
    } in statements(template)


def test_role_lists_its_tables_below_their_prefixes_and_looks_for_the_baseline(
    template: Template,
) -> None:
    assert listing(template, "tables")["Condition"] == {
        "StringLike": {
            "s3:prefix": [
                "flights/daily/*",
                "flights/reference.parquet/*",
                "flights/_reference.parquet.baseline.json",
                "flights/reference.parquet",
            ]
        }
    }


def test_baseline_below_a_tables_own_prefix_needs_no_leave_of_its_own() -> None:
    template = synthesize(Scenario((reading("s3://data/ref/*.csv", "s3://data/now/"),)))
    tables = [table("data/now/*"), table("data/ref/*")]
    assert granted(template)["s3:GetObject"][:2] == tables
    assert "baseline" not in str(statements(template))


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("logs:PutLogEvents", "AWS::Logs::LogGroup"),
        ("logs:CreateLogStream", "AWS::Logs::LogGroup"),
        ("sqs:SendMessage", "AWS::SQS::Queue"),
        ("kms:Decrypt", "AWS::KMS::Key"),
        ("kms:GenerateDataKey*", "AWS::KMS::Key"),
    ],
)
def test_role_uses_the_stacks_own(template: Template, action: str, kind: str) -> None:
    (name,) = template.of_type(kind)
    assert granted(template)[action] == [{"Fn::GetAtt": [name, "Arn"]}]


def test_role_publishes_results_and_no_alarm(template: Template) -> None:
    assert granted(template)["sns:Publish"] == [template.body["Outputs"]["TopicArn"]["Value"]]


def test_role_decrypts_tables_with_the_keys_that_settings_name() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    template = synthesize(Scenario((monitor("flights"),), {"data_key_arns": [key]}))
    assert key in granted(template)["kms:Decrypt"]


def test_reference_that_is_a_window_is_read_where_current_is() -> None:
    current = {"location": "s3://tables/flights/daily/{date:%Y-%m-%d}/", "window": "7d"}
    flights = monitor("flights", reference={"window": "year_before"}, current=current)
    template = synthesize(Scenario((flights,)))
    tables = [arn for arn in granted(template)["s3:GetObject"] if "tables/" in str(arn)]
    assert tables == [table("tables/flights/daily/*")]


def test_table_whose_name_begins_with_anothers_is_not_read() -> None:
    template = synthesize(Scenario((reading("s3://data/flights", "s3://data/now/"),)))
    read = [arn for arn in granted(template)["s3:GetObject"] if "data/flights" in str(arn)]
    assert read == [table("data/flights"), table("data/flights/*")]


def test_wildcard_within_a_name_lists_the_folder_and_reads_the_names() -> None:
    template = synthesize(Scenario((reading("s3://ref/a.csv", "s3://now/days/2013-*.csv"),)))
    assert table("now/days/2013-*") in granted(template)["s3:GetObject"]
    assert listing(template, "now")["Condition"] == {"StringLike": {"s3:prefix": ["days/*"]}}


def test_bucket_that_is_listed_from_its_root_has_no_prefix_to_ask_for() -> None:
    template = synthesize(Scenario((reading("s3://ref/a.csv", "s3://now/*.csv"),)))
    assert table("now/*") in granted(template)["s3:GetObject"]
    assert "Condition" not in listing(template, "now")


def test_order_and_repetition_of_monitors_do_not_change_the_policy() -> None:
    flights = reading("s3://data/flights/ref.csv", "s3://data/flights/now/")
    weather = monitor("weather")
    assert statements(synthesize(Scenario((flights, weather)))) == statements(
        synthesize(Scenario((weather, flights)))
    )


PREFIXES = st.lists(st.text("ab/", max_size=5), max_size=8)


@given(PREFIXES)
def test_shortest_prefixes_cover_the_same_keys_each_once(prefixes: list[str]) -> None:
    kept = shortest(prefixes)
    assert set(kept) <= set(prefixes)
    for prefix in prefixes:
        assert sum(prefix.startswith(each) for each in kept) == 1


@given(PREFIXES, st.randoms())
def test_shortest_prefixes_come_in_one_order(prefixes: list[str], random: Random) -> None:
    shuffled = random.sample(prefixes, len(prefixes))
    assert shortest(shuffled) == shortest(prefixes)
