"""The encrypted topics of results and alarms, and their email subscriptions."""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from drift_monitor.config.monitor import Monitor
from stacks.common.nag import acknowledge


def subscribers(monitors: Iterable[Monitor], default: Sequence[str]) -> dict[str, list[str]]:
    """Return each address's monitors; `default` replaces the addresses that a monitor lacks."""
    monitors_of: dict[str, set[str]] = {}
    for monitor in monitors:
        for address in monitor.alerts.emails or default:
            monitors_of.setdefault(address, set()).add(monitor.name)
    return {address: sorted(monitors_of[address]) for address in sorted(monitors_of)}


class DriftAlerts(Construct):
    """The topics that runs and alarms publish to, and their subscribers.

    There are two, because an address gets every alarm, but only the results of its own monitors, by
    a filter on the message's attributes. Alarms have no attributes, and a message without any
    passes no filter, not even `{"exists": false}`.

    Attributes:
        topic: where runs publish; a message's attributes `monitor` and `channel` select readers.
        alarms: where alarms publish.
        key: the key that encrypts both.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, subscribers: Mapping[str, Sequence[str]]
    ) -> None:
        """Create the topics and subscribe each address to its monitors and to the alarms."""
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            description="Drift Monitor's messages on their way to the topics' readers",
            enable_key_rotation=True,
            # Messages are encrypted for seconds; nothing is lost with the key.
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.topic = sns.Topic(self, "Topic", master_key=self.key, enforce_ssl=True)
        self.alarms = sns.Topic(self, "Alarms", master_key=self.key, enforce_ssl=True)
        self._let_alarms_publish()
        for address, monitors in subscribers.items():
            self._subscribe(address, monitors)

    def grant_publish(self, role: iam.Role) -> None:
        """Give a role permission to publish results, which includes the use of the key."""
        self.topic.grant_publish(role)
        acknowledge(
            role,
            "IAM5[Action::kms:GenerateDataKey*]",
            "The CDK's own grant, on this one key: SNS makes a data key to encrypt a message with.",
        )

    def announce(self, *alarms: cloudwatch.Alarm) -> None:
        """Notify every subscriber when an alarm begins and when it ends."""
        for alarm in alarms:
            alarm.add_alarm_action(actions.SnsAction(self.alarms))
            alarm.add_ok_action(actions.SnsAction(self.alarms))

    def _let_alarms_publish(self) -> None:
        """Give CloudWatch permission in the policies of the key and of the topic.

        The key's policy is needed because alarms cannot publish to a topic with SNS's own key. The
        topic's is needed because the policy that enforces TLS replaces the default one, which
        allowed this account's alarms.
        """
        for policy, allowed in (
            (self.key, ["kms:Decrypt", "kms:GenerateDataKey*"]),
            (self.alarms, ["sns:Publish"]),
        ):
            policy.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="AlarmsOfThisAccount",
                    principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                    actions=allowed,
                    resources=["*" if policy is self.key else self.alarms.topic_arn],
                    conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
                )
            )

    def _subscribe(self, address: str, monitors: Sequence[str]) -> None:
        # A chat message names its channel; an email does not.
        mine = {
            "monitor": sns.SubscriptionFilter.string_filter(allowlist=monitors),
            "channel": sns.SubscriptionFilter.not_exists_filter(),
        }
        self.topic.add_subscription(subscriptions.EmailSubscription(address, filter_policy=mine))
        self.alarms.add_subscription(subscriptions.EmailSubscription(address))
