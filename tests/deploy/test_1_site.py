"""The site as deployed, and what a reader may do with it."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from deployment import Deployed
from emulation import Account
from infra.synthesis import Template


@pytest.fixture
def site(deployed: Deployed) -> str:
    """Return the site's bucket, with a page in it."""
    bucket = deployed.outputs["SiteBucketName"]
    boto3.client("s3").put_object(Bucket=bucket, Key="index.html", Body=b"a page")
    return bucket


def test_the_website_has_an_index_and_an_error_page(site: str) -> None:
    website = boto3.client("s3").get_bucket_website(Bucket=site)
    assert website["IndexDocument"] == {"Suffix": "index.html"}
    assert website["ErrorDocument"] == {"Key": "error.html"}


def test_the_bucket_policy_lets_everyone_read_objects_and_nothing_else(site: str) -> None:
    policy = json.loads(boto3.client("s3").get_bucket_policy(Bucket=site)["Policy"])
    assert policy["Statement"] == [
        {
            "Sid": "PublicReadGetObject",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{site}/*",
        }
    ]


def test_the_public_access_block_stops_acls_and_lets_the_policy_through(site: str) -> None:
    found = boto3.client("s3").get_public_access_block(Bucket=site)
    assert found["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }


def test_an_anonymous_reader_sees_a_page(account: Account, site: str) -> None:
    assert account.ask("GET", f"{site}/index.html") == (200, b"a page")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/index.html"),
        ("PUT", "/new.html"),
        ("DELETE", "/index.html"),
        ("GET", "?list-type=2"),
        ("GET", "?policy"),
    ],
    ids=["replace a page", "add a page", "delete a page", "list", "read the policy"],
)
def test_an_anonymous_reader_cannot(account: Account, site: str, method: str, path: str) -> None:
    body = b"defaced" if method == "PUT" else None
    status, _ = account.ask(method, f"{site}{path}", body)
    assert status == 403
    assert account.ask("GET", f"{site}/index.html") == (200, b"a page")


def test_the_site_is_encrypted_and_owned_by_the_account(site: str) -> None:
    s3 = boto3.client("s3")
    (rule,) = s3.get_bucket_encryption(Bucket=site)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    (owner,) = s3.get_bucket_ownership_controls(Bucket=site)["OwnershipControls"]["Rules"]
    assert owner["ObjectOwnership"] == "BucketOwnerEnforced"


def test_reports_expire_and_history_does_not(site: str, template: Template) -> None:
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):  # skipped
        boto3.client("s3").get_bucket_lifecycle_configuration(Bucket=site)
    expiring = [
        (rule["Prefix"], rule["ExpirationInDays"])
        for rule in template.properties("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule
    ]
    assert expiring == [("reports/", 400)]
