"""Findings of cdk-nag's AwsSolutions rules that are meant, each with its reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """Record why a finding stays, such as `S1` or `IAM5[Resource::…/*]`."""
    # The rule pack's name stands twice: once for the plugin, once in the rule.
    Validations.of(construct).acknowledge(
        Acknowledgment(id=f"AwsSolutions::AwsSolutions-{finding}", reason=reason)
    )
