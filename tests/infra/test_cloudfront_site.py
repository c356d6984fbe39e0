"""The distribution: what it serves, how, and what it leaves to its function."""

import re
from typing import Any

import pytest
from synthesis import Scenario, Template, monitor, synthesize, template_of

from drift_monitor.site.pages import html

STORE = "AWS::CloudFront::KeyValueStore"
FUNCTION = "AWS::CloudFront::Function"
LOGS = "SiteEdgeAccessLogs6AA4891D"


def config(template: Template) -> dict[str, Any]:
    return template.properties("AWS::CloudFront::Distribution")["DistributionConfig"]


def site(**settings: object) -> Template:
    return synthesize(Scenario((monitor("flights"),), {"access": "cloudfront", **settings}))


def test_it_reads_the_private_bucket_with_a_signature(cloudfront: Template) -> None:
    (origin,) = config(cloudfront)["Origins"]
    # Not the website endpoint, which takes no signature.
    assert origin["DomainName"] == {"Fn::GetAtt": ["SiteBucket978D4AEB", "RegionalDomainName"]}
    (control,) = cloudfront.of_type("AWS::CloudFront::OriginAccessControl")
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": [control, "Id"]}
    signing = cloudfront.properties("AWS::CloudFront::OriginAccessControl")[
        "OriginAccessControlConfig"
    ]
    assert signing["SigningBehavior"] == "always"
    assert signing["SigningProtocol"] == "sigv4"


def test_it_serves_reads_over_https_compressed(cloudfront: Template) -> None:
    behavior = config(cloudfront)["DefaultCacheBehavior"]
    assert behavior["AllowedMethods"] == ["GET", "HEAD"]
    assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    assert behavior["Compress"] is True
    assert config(cloudfront)["HttpVersion"] == "http2and3"


def test_each_request_passes_the_function(cloudfront: Template) -> None:
    behavior = config(cloudfront)["DefaultCacheBehavior"]
    (function,) = cloudfront.of_type(FUNCTION)
    assert behavior["FunctionAssociations"] == [
        {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": [function, "FunctionARN"]}}
    ]
    # Another behavior would be a way around it.
    assert "CacheBehaviors" not in config(cloudfront)


def test_the_function_is_live_and_of_the_runtime_that_it_is_written_for(
    cloudfront: Template,
) -> None:
    function = cloudfront.properties(FUNCTION)
    assert function["AutoPublish"] is True
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"


def test_the_function_reads_the_store_and_the_template_has_no_password(
    cloudfront: Template,
) -> None:
    (store,) = cloudfront.of_type(STORE)
    assert cloudfront.properties(FUNCTION)["FunctionConfig"]["KeyValueStoreAssociations"] == [
        {"KeyValueStoreARN": {"Fn::GetAtt": [store, "Arn"]}}
    ]
    # It begins empty.
    assert list(cloudfront.properties(STORE)) == ["Name"]
    assert cloudfront.body["Outputs"]["SiteCredentialStoreArn"]["Value"] == {
        "Fn::GetAtt": [store, "Arn"]
    }


def test_there_is_no_store_where_no_password_is_asked_for(own_domain: Template) -> None:
    assert not own_domain.of_type(STORE)
    assert "SiteCredentialStoreArn" not in own_domain.body["Outputs"]
    assert "KeyValueStoreAssociations" not in own_domain.properties(FUNCTION)["FunctionConfig"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_missing_page_is_the_error_page_with_404(cloudfront: Template, status: int) -> None:
    (answer,) = (
        each for each in config(cloudfront)["CustomErrorResponses"] if each["ErrorCode"] == status
    )
    assert answer["ResponseCode"] == 404
    assert answer["ResponsePagePath"] == "/error.html"
    # A page that is published is there soon.
    assert answer["ErrorCachingMinTTL"] <= 60


def test_its_own_domain_takes_tls_1_2_at_least(own_domain: Template) -> None:
    assert config(own_domain)["Aliases"] == ["drift.example.com"]
    certificate = config(own_domain)["ViewerCertificate"]
    assert certificate["AcmCertificateArn"].startswith("arn:aws:acm:us-east-1:")
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert certificate["SslSupportMethod"] == "sni-only"
    domain = own_domain.body["Outputs"]["SiteDistributionDomain"]["Value"]
    assert domain == {"Fn::GetAtt": ["SiteEdgeDistribution0452F04E", "DomainName"]}


def test_without_one_the_function_is_told_the_readers_tls(
    cloudfront: Template, own_domain: Template
) -> None:
    # CloudFront's own certificate takes no minimum.
    assert "ViewerCertificate" not in config(cloudfront)
    (policy,) = cloudfront.of_type("AWS::CloudFront::OriginRequestPolicy")
    assert config(cloudfront)["DefaultCacheBehavior"]["OriginRequestPolicyId"] == {"Ref": policy}
    forwarded = cloudfront.properties("AWS::CloudFront::OriginRequestPolicy")[
        "OriginRequestPolicyConfig"
    ]
    assert {key: each for key, each in forwarded.items() if key != "Name"} == {
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["CloudFront-Viewer-TLS"]},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    }
    assert not own_domain.of_type("AWS::CloudFront::OriginRequestPolicy")


@pytest.mark.parametrize(
    ("settings", "ipv6"),
    [
        ({"password": True}, True),
        ({"allow_ips": ["203.0.113.0/24", "2001:db8::/32"]}, True),
        ({"allow_ips": ["203.0.113.0/24"]}, False),
    ],
)
def test_who_has_both_sorts_of_address_comes_by_the_one_that_is_let_in(
    settings: dict[str, object], *, ipv6: bool
) -> None:
    assert config(site(**settings))["IPV6Enabled"] is ipv6


def test_security_headers_are_sent_whatever_the_bucket_says(cloudfront: Template) -> None:
    headers = cloudfront.properties("AWS::CloudFront::ResponseHeadersPolicy")[
        "ResponseHeadersPolicyConfig"
    ]["SecurityHeadersConfig"]
    assert sorted(headers) == [
        *("ContentSecurityPolicy", "ContentTypeOptions", "FrameOptions", "ReferrerPolicy"),
        "StrictTransportSecurity",
    ]
    assert all(header["Override"] for header in headers.values())
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert headers["ReferrerPolicy"]["ReferrerPolicy"] == "same-origin"
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 31_536_000
    (policy,) = cloudfront.of_type("AWS::CloudFront::ResponseHeadersPolicy")
    behavior = config(cloudfront)["DefaultCacheBehavior"]
    assert behavior["ResponseHeadersPolicyId"] == {"Ref": policy}


@pytest.mark.parametrize("page", ["_POLICY", "_REPORT_POLICY"])
def test_content_security_policy_is_no_stricter_than_the_pages_own(
    cloudfront: Template, page: str
) -> None:
    headers = cloudfront.properties("AWS::CloudFront::ResponseHeadersPolicy")
    text = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    header = _directives(text["ContentSecurityPolicy"])
    for name, sources in _directives(getattr(html, page)).items():
        assert sources - {"'none'"} <= header.get(name, header["default-src"]), name
    # What a page's own policy cannot say.
    assert header["frame-ancestors"] == {"'none'"}


def _directives(policy: str) -> dict[str, set[str]]:
    return {name: set(sources) for name, *sources in (each.split() for each in policy.split(";"))}


def test_requests_are_logged_into_a_private_bucket_that_cloudfront_can_write(
    cloudfront: Template,
) -> None:
    assert config(cloudfront)["Logging"]["Bucket"] == {"Fn::GetAtt": [LOGS, "RegionalDomainName"]}
    logs = cloudfront.of_type("AWS::S3::Bucket")[LOGS]["Properties"]
    # CloudFront adds its writer to the bucket's ACL, which has to be on.
    assert logs["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerPreferred"}]
    assert set(logs["PublicAccessBlockConfiguration"].values()) == {True}


def test_logs_which_have_readers_addresses_expire(cloudfront: Template) -> None:
    logs = cloudfront.of_type("AWS::S3::Bucket")[LOGS]["Properties"]
    (rule,) = logs["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], rule["Status"]) == (90, "Enabled")


@pytest.mark.parametrize(
    ("scenario", "policy"), [("cloudfront", "Retain"), ("own_domain", "Delete")]
)
def test_logs_go_with_the_stack_when_the_site_does(scenario: str, policy: str) -> None:
    logs = template_of(scenario).of_type("AWS::S3::Bucket")[LOGS]
    assert logs["DeletionPolicy"] == policy


def test_names_that_are_the_accounts_differ_by_region(cloudfront: Template) -> None:
    names = {
        resource["Type"]: name
        for resource in cloudfront.body["Resources"].values()
        if resource["Type"].startswith("AWS::CloudFront::")
        for name in re.findall(r"'Name': (\{.*?\]\]\})", str(resource["Properties"]))
    }
    assert len(names) == 5
    for kind, name in names.items():
        assert "AWS::Region" in name, kind


def test_prices_are_those_of_the_cheaper_locations(cloudfront: Template) -> None:
    assert config(cloudfront)["PriceClass"] == "PriceClass_100"
