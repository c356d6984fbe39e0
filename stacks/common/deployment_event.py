"""The event that CloudFormation sends when a stack has been deployed."""

from aws_cdk import Stack
from aws_cdk import aws_events as events


def deployment_of(stack: Stack) -> events.EventPattern:
    """Return the pattern of the event after each successful deploy of a stack."""
    return events.EventPattern(
        source=["aws.cloudformation"],
        detail_type=["CloudFormation Stack Status Change"],
        detail={
            "stack-id": [stack.stack_id],
            "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
        },
    )
