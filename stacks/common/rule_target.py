"""What a rule starts: by its ARN, with an input, and with where it goes when that fails."""

import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk.interfaces.aws_events import IRuleRef


@jsii.implements(events.IRuleTarget)
class RuleTarget:
    """A target that leaves the policies of what it names alone: one statement serves all rules."""

    def __init__(
        self,
        arn: str,
        event: events.RuleTargetInput,
        *,
        dead_letters_arn: str,
        role: iam.IRole | None = None,
    ) -> None:
        """Name what is started.

        Args:
            arn: the function's or the state machine's.
            event: its input.
            dead_letters_arn: the queue of what cannot be delivered.
            role: who starts it; a function lets rules in by its own policy.
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
        """Return what the rule's resource says of its target."""
        return events.RuleTargetConfig(
            arn=self._arn,
            input=self._event,
            role=self._role,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self._dead_letters_arn),
        )
