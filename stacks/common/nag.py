"""Accepted findings of cdk-nag's AwsSolutions rules, each with its reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Record why a finding, such as `S1` or `IAM5[Resource::…/*]`, is accepted."""
    # The rule pack's name is needed twice: once for the plugin, once in the rule.
    Validations.of(construct).acknowledge(
        Acknowledgment(id=f"AwsSolutions::AwsSolutions-{finding}", reason=reason)
    )
