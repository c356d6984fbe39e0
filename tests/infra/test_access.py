"""Who may read the site, by access; and what a change of access leaves as it is."""

import json
from itertools import permutations
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from reading import may_read
from synthesis import SITE, Scenario, Template, folded, monitor, synthesize, template_of

BUCKET = "AWS::S3::Bucket"
ACCESSES = {"public": "defaults", "allowlist": "allowlist", "cloudfront": "cloudfront"}
BLOCKED = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}
DISTRIBUTION = "${SiteEdgeDistribution0452F04E}"


def site(template: Template) -> dict[str, Any]:
    return template.body["Resources"][SITE]


@pytest.mark.parametrize("ip", ["203.0.113.11", "192.0.2.1", "2001:db8::1"])
def test_anyone_reads_a_public_site(template: Template, ip: str) -> None:
    assert may_read(template, SourceIp=ip)


@pytest.mark.parametrize("ip", ["203.0.113.0", "203.0.113.255"])
def test_the_allowlists_addresses_read(allowlist: Template, ip: str) -> None:
    assert may_read(allowlist, SourceIp=ip)
    # As over a website endpoint.
    assert may_read(allowlist, SourceIp=ip, SecureTransport="false")


@pytest.mark.parametrize("ip", ["203.0.112.255", "203.0.114.0", "10.0.0.1", "2001:db8::1"])
def test_no_other_address_reads(allowlist: Template, ip: str) -> None:
    assert not may_read(allowlist, SourceIp=ip)


def test_a_request_without_an_address_does_not_read(allowlist: Template) -> None:
    assert not may_read(allowlist)  # through a VPC's endpoint


def test_this_distribution_reads_and_nobody_else(cloudfront: Template) -> None:
    service = "cloudfront.amazonaws.com"
    arn = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/"
    assert may_read(cloudfront, service, SourceArn=f"{arn}{DISTRIBUTION}")
    assert not may_read(cloudfront, service, SourceArn=f"{arn}OTHER")
    assert not may_read(cloudfront, service)
    assert not may_read(cloudfront, service, SourceArn=arn + DISTRIBUTION, SecureTransport="false")
    assert not may_read(cloudfront, SourceIp="203.0.113.11")
    assert not may_read(cloudfront, SourceIp="203.0.113.11", SourceArn=f"{arn}{DISTRIBUTION}")


@pytest.mark.parametrize("access", ["allowlist", "cloudfront"])
def test_public_access_is_blocked_where_the_site_is_not_public(access: str) -> None:
    properties = site(template_of(ACCESSES[access]))["Properties"]
    # S3 counts a policy as public unless it names addresses (a /8 at most), or a principal.
    assert properties["PublicAccessBlockConfiguration"] == BLOCKED


def test_the_bucket_is_a_website_only_where_it_is_read_as_one(
    allowlist: Template, cloudfront: Template
) -> None:
    assert site(allowlist)["Properties"]["WebsiteConfiguration"] == {
        "IndexDocument": "index.html",
        "ErrorDocument": "error.html",
    }
    assert "WebsiteConfiguration" not in site(cloudfront)["Properties"]


@pytest.mark.parametrize(("before", "after"), list(permutations(ACCESSES, 2)))
def test_a_change_of_access_keeps_the_bucket_and_what_is_in_it(before: str, after: str) -> None:
    one, other = (site(template_of(ACCESSES[access])) for access in (before, after))
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        assert one[policy] == other[policy] == "Retain"
    for name in replacing(BUCKET):
        assert one["Properties"].get(name) == other["Properties"].get(name)
    # What is in it goes by its lifecycle alone, and is read with its key.
    for name in ("LifecycleConfiguration", "BucketEncryption", "OwnershipControls"):
        assert one["Properties"][name] == other["Properties"][name]


def replacing(kind: str) -> set[str]:
    """Return the properties that CloudFormation cannot change without another resource."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", kind).schema
    return {each.removeprefix("/properties/") for each in schema["createOnlyProperties"]}


def test_a_buckets_name_is_what_would_replace_it() -> None:
    assert "BucketName" in replacing(BUCKET)
    assert not replacing(BUCKET) & site(template_of("defaults"))["Properties"].keys()


@pytest.mark.parametrize("access", ACCESSES)
def test_the_function_publishes_in_the_same_way(access: str) -> None:
    (policy,) = (
        resource["Properties"]["PolicyDocument"]["Statement"]
        for name, resource in template_of(ACCESSES[access]).of_type("AWS::IAM::Policy").items()
        if name.startswith("DetectorRole")
    )
    (writing,) = (each for each in policy if each["Action"] == "s3:PutObject")
    assert all(SITE in json.dumps(resource) for resource in writing["Resource"])


@pytest.mark.parametrize(
    ("scenario", "url"),
    [
        ("defaults", f"${{{SITE}.WebsiteURL}}"),
        ("allowlist", f"${{{SITE}.WebsiteURL}}"),
        ("cloudfront", "https://${SiteEdgeDistribution0452F04E.DomainName}"),
        ("own_domain", "https://drift.example.com"),
    ],
)
def test_the_sites_address_is_the_same_for_the_email_the_dashboard_and_the_outputs(
    scenario: str, url: str
) -> None:
    template = template_of(scenario)
    environment = template.properties("AWS::Lambda::Function")["Environment"]["Variables"]
    assert folded(environment["SITE_URL"]) == url
    assert folded(template.body["Outputs"]["SiteUrl"]["Value"]) == url
    assert url in folded(template.properties("AWS::CloudWatch::Dashboard")["DashboardBody"])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "The site: anyone on the internet who has this address can read it"),
        (
            {"access": "allowlist", "allow_ips": ["203.0.113.0/24"]},
            "The site: only addresses in allow_ips can read it, over plain HTTP",
        ),
        (
            {"access": "cloudfront", "allow_ips": ["203.0.113.0/24"]},
            "The site: only addresses in allow_ips can read it",
        ),
        (
            {"access": "cloudfront", "password": True},
            (
                "The site: only those with the password can read it; nobody before drift-monitor "
                "set-password --stack DriftMonitor-test"
            ),
        ),
        (
            {"access": "cloudfront", "allow_ips": ["203.0.113.0/24"], "password": True},
            (
                "The site: only addresses in allow_ips with the password can read it; nobody "
                "before drift-monitor set-password --stack DriftMonitor-test"
            ),
        ),
    ],
)
def test_the_output_says_who_may_read(settings: dict[str, object], said: str) -> None:
    template = synthesize(Scenario((monitor("flights"),), settings))
    assert template.body["Outputs"]["SiteUrl"]["Description"] == said


def test_only_a_public_site_brings_the_warning() -> None:
    warned = {
        access: "drift-monitor:public-site"
        in (template_of(scenario).folder / "validation-report.json").read_text()
        for access, scenario in ACCESSES.items()
    }
    assert warned == {"public": True, "allowlist": False, "cloudfront": False}
