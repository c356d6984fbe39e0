"""Who reads a site by its access: real requests, to a bucket that each template's policy is put on.

The addresses of a laptop are all of 127.0.0.0/8: one of its ranges stands for the readers' own.
"""

import json
import ssl
from collections.abc import Iterator
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from emulation import REGION, Account
from infra.synthesis import SITE, template_of

NAME = "site-of-each-access"
ACCESSES = {"public": "defaults", "allowlist": "allowlist", "cloudfront": "cloudfront"}
RANGE, STAND_IN = "203.0.113.0/24", "127.0.0.8/29"
WITHIN, WITHOUT = "127.0.0.9", "127.0.0.1"


@pytest.fixture(scope="module")
def bucket(account: Account) -> Iterator[str]:  # noqa: ARG001 - the account that it is in
    """Return a bucket with a page in it, as each change of access finds it."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=NAME, Key="index.html", Body=b"a page")
    yield NAME
    s3.delete_object(Bucket=NAME, Key="index.html")
    s3.delete_bucket(Bucket=NAME)


def give(bucket: str, access: str) -> None:
    """Give the bucket an access, in CloudFormation's order: the bucket, then its policy."""
    resources = template_of(ACCESSES[access]).body["Resources"]
    (policy,) = (
        found["Properties"]["PolicyDocument"]
        for found in resources.values()
        if found["Type"] == "AWS::S3::BucketPolicy" and found["Properties"]["Bucket"]["Ref"] == SITE
    )
    s3 = boto3.client("s3")
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration=resources[SITE]["Properties"][
            "PublicAccessBlockConfiguration"
        ],
    )
    text = json.dumps(_resolved(policy, bucket)).replace(RANGE, STAND_IN)
    s3.put_bucket_policy(Bucket=bucket, Policy=text)


def _resolved(value: Any, bucket: str) -> Any:  # noqa: ANN401 - JSON
    """Put names in the place of a template's references."""
    match value:
        case {"Fn::GetAtt": [_, "Arn"]}:
            return f"arn:aws:s3:::{bucket}"
        case {"Ref": name}:
            return {"AWS::Partition": "aws"}.get(name, name)
        case {"Fn::Join": [separator, parts]}:
            return separator.join(_resolved(part, bucket) for part in parts)
        case dict():
            return {key: _resolved(each, bucket) for key, each in value.items()}
        case list():
            return [_resolved(each, bucket) for each in value]
    return value


def read(account: Account, address: str) -> tuple[int, bytes]:
    """Return the status and the body that a reader without credentials gets at an address."""
    server = urlsplit(account.endpoint)
    connection = HTTPSConnection(
        str(server.hostname),
        server.port,
        source_address=(address, 0),
        context=ssl.create_default_context(cafile=account.certificate),
    )
    connection.request("GET", f"/{NAME}/index.html")
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("access", "within", "without"),
    [("public", 200, 200), ("allowlist", 200, 403), ("cloudfront", 403, 403)],
)
def test_a_reader_is_let_in_by_access_and_address(
    account: Account, bucket: str, access: str, within: int, without: int
) -> None:
    give(bucket, access)
    assert read(account, WITHIN)[0] == within
    assert read(account, WITHOUT)[0] == without


def test_a_change_of_access_and_back_leaves_the_page(account: Account, bucket: str) -> None:
    for access in ("public", "allowlist", "cloudfront", "allowlist", "public"):
        give(bucket, access)
        stored = boto3.client("s3").get_object(Bucket=bucket, Key="index.html")
        assert stored["Body"].read() == b"a page"
    assert read(account, WITHOUT) == (200, b"a page")


def test_a_public_policy_is_refused_where_access_is_not_public(bucket: str) -> None:
    give(bucket, "allowlist")
    policy = _resolved(
        template_of("defaults").properties("AWS::S3::BucketPolicy")["PolicyDocument"], bucket
    )
    with pytest.raises(boto3.client("s3").exceptions.ClientError, match="BlockPublicPolicy"):
        boto3.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def site_template(access: str) -> str:
    """Return the site's own part of a template: the rest is the same in all of them."""
    body = template_of(ACCESSES[access]).body
    resources = {
        name: found for name, found in body["Resources"].items() if name.startswith("Site")
    }
    return json.dumps({"Resources": resources})


def test_cloudformation_changes_the_access_of_a_stack_in_place(account: Account) -> None:
    cloudformation, s3 = boto3.client("cloudformation"), boto3.client("s3")
    stack = "each-access"

    def resources() -> dict[str, str]:
        found = cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    cloudformation.create_stack(StackName=stack, TemplateBody=site_template("public"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack)
    bucket = resources()[SITE]
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"a page")
    for access in ("allowlist", "cloudfront", "public"):
        cloudformation.update_stack(StackName=stack, TemplateBody=site_template(access))
        cloudformation.get_waiter("stack_update_complete").wait(StackName=stack)
        assert resources()[SITE] == bucket
        assert s3.get_object(Bucket=bucket, Key="index.html")["Body"].read() == b"a page"
        open_to_all = account.ask("GET", f"{bucket}/index.html")[0] == 200
        assert open_to_all == (access == "public")
    cloudformation.delete_stack(StackName=stack)
