"""The templates as a whole: snapshots, logical ids, and what the linters say."""

import json
import re

import pytest
from cfnlint.api import ManualArgs, lint
from synthesis import SCENARIOS, Template, folded, nag_report, template_of
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.settings import DeploymentSettings

ASSET_HASH = re.compile(r"[0-9a-f]{64}")
# The others have nothing that everything has not.
LINTED = [name for name in SCENARIOS if name not in {"two_teams", "queries", "own_domain"}]


@pytest.mark.parametrize("scenario", ["defaults", "everything", "spark"])
def test_template_is_as_reviewed(scenario: str, snapshot: SnapshotAssertion) -> None:
    template = ASSET_HASH.sub("ASSET_HASH", json.dumps(folded(template_of(scenario).body)))
    assert json.loads(template) == snapshot(extension_class=JSONSnapshotExtension)


def test_everything_has_every_setting_away_from_its_default() -> None:
    settings = DeploymentSettings.model_validate(SCENARIOS["everything"].settings)
    changed = settings.model_dump(exclude_defaults=True)
    assert changed.keys() == DeploymentSettings.model_fields.keys() - {"monitors"}


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize(
    ("kind", "logical_id"),
    [
        # Another id is another resource: CloudFormation makes it anew and drops the old one.
        ("AWS::S3::Bucket", "SiteBucket978D4AEB"),  # the history, and the address people know
        ("AWS::SNS::Topic", "AlertsTopicCF7C81C9"),  # every confirmed subscription
        ("AWS::KMS::Key", "AlertsKey9E1197AF"),  # messages that wait for delivery
        ("AWS::SQS::Queue", "DetectorDeadLetters501BD786"),  # failed runs not yet looked into
        ("AWS::Logs::LogGroup", "DetectorLogs1FFA9796"),  # the reasons why they failed
    ],
)
def test_what_holds_state_keeps_its_logical_id(scenario: str, kind: str, logical_id: str) -> None:
    assert logical_id in template_of(scenario).of_type(kind)


@pytest.mark.parametrize(
    ("kind", "logical_id"),
    [
        ("AWS::CloudFront::KeyValueStore", "SiteEdgeCredential009234C0"),  # the password's hash
        ("AWS::CloudFront::Distribution", "SiteEdgeDistribution0452F04E"),  # the address
        ("AWS::S3::Bucket", "SiteEdgeAccessLogs6AA4891D"),  # the logs
    ],
)
def test_what_holds_state_at_the_edge_keeps_its_logical_id(
    cloudfront: Template, kind: str, logical_id: str
) -> None:
    assert logical_id in cloudfront.of_type(kind)


def test_repository_keeps_its_logical_id(registry: Template) -> None:
    assert list(registry.of_type("AWS::ECR::Repository")) == ["Images2D38C313"]


def test_subscriptions_keep_their_logical_ids(template: Template) -> None:
    # Another id would ask the reader to confirm again, and stay silent until then.
    assert list(template.of_type("AWS::SNS::Subscription")) == [
        "AlertsTopicdataexamplecom150B282C",
        "AlertsAlarmsdataexamplecomCECFCB2A",
    ]


@pytest.mark.parametrize("scenario", LINTED)
def test_cdk_nag_finds_nothing_that_is_not_acknowledged(scenario: str) -> None:
    report = nag_report(scenario)
    assert report["violations"] == []
    assert report["conclusion"] == "success"


def test_each_acknowledgement_is_of_a_finding_that_is_there() -> None:
    rules = {found["ruleName"] for found in nag_report("defaults")["suppressedViolations"]}
    tables = "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::tables/flights/"
    assert rules == {
        "AwsSolutions-S1",
        "AwsSolutions-S2",
        "AwsSolutions-S5",
        "AwsSolutions-S10",
        "AwsSolutions-SQS3",
        "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]",
        "AwsSolutions-IAM5[Resource::<SiteBucket978D4AEB.Arn>/assets/*]",
        "AwsSolutions-IAM5[Resource::<SiteBucket978D4AEB.Arn>/monitors/*]",
        "AwsSolutions-IAM5[Resource::<SiteBucket978D4AEB.Arn>/reports/*]",
        f"{tables}daily/*]",
        f"{tables}reference.parquet/*]",
    }


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("allowlist", {"S1", "S5", "S10"}),
        ("cloudfront", {"S1", "CFR1", "CFR2", "CFR4"}),
        ("own_domain", {"S1", "CFR1", "CFR2"}),
    ],
)
def test_findings_of_the_site_are_acknowledged_by_access(scenario: str, expected: set[str]) -> None:
    report = nag_report(scenario)
    rules = {found["ruleName"] for found in report["suppressedViolations"]}
    site = {rule.removeprefix("AwsSolutions-") for rule in rules}
    assert {rule for rule in site if rule.startswith(("S1", "S2", "S5", "CFR"))} == expected


@pytest.mark.parametrize("scenario", LINTED)
def test_each_acknowledgement_has_its_reason(scenario: str) -> None:
    for found in nag_report(scenario)["suppressedViolations"]:
        assert len(found["reason"].split()) > 5, found["ruleName"]


@pytest.mark.parametrize("scenario", LINTED)
def test_cfn_lint_finds_nothing(scenario: str) -> None:
    # W3005 is on DependsOn entries that the CDK writes beside a reference: redundant, harmless.
    config = ManualArgs(regions=["eu-west-1"], ignore_checks=["W3005"])
    assert lint(json.dumps(template_of(scenario).body), config=config) == []


def test_cfn_lint_finds_nothing_in_the_registry(registry: Template) -> None:
    assert lint(json.dumps(registry.body), config=ManualArgs(regions=["eu-west-1"])) == []
