"""The target of a rule: an ARN, its input, and the queue for events that are not delivered."""

import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_events import IRuleRef


@jsii.implements(events.IRuleTarget)
class RuleTarget:
    """A target that does not change its resource's policy, where one statement is for all rules."""

    def __init__(
        self,
        arn: str,
        event: events.RuleTargetInput,
        *,
        dead_letters_arn: str,
        role: iam.IRole | None = None,
    ) -> None:
        """Store what is started.

        Args:
            arn: the function's or the state machine's.
            event: its input.
            dead_letters_arn: the queue of events that cannot be delivered.
            role: the role that starts it; None for a function, whose own policy allows rules.
        """
        self._arn = arn
        self._event = event
        self._dead_letters_arn = dead_letters_arn
        self._role = role

    def bind(
        self,
        rule: IRuleRef,  # noqa: ARG002 - the interface's
        id: str | None = None,  # noqa: A002, ARG002 - the interface's
    ) -> events.RuleTargetConfig:
        """Return the target's part of the rule's resource."""
        return events.RuleTargetConfig(
            arn=self._arn,
            input=self._event,
            role=self._role,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._dead_letters_arn),
        )
