"""Who is told: an encrypted topic and its email subscriptions."""

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
    """List each address's monitors; `default` stands in where a monitor names nobody."""
    told: dict[str, set[str]] = {}
    for monitor in monitors:
        for address in monitor.alerts.emails or default:
            told.setdefault(address, set()).add(monitor.name)
    return {address: sorted(told[address]) for address in sorted(told)}


class DriftAlerts(Construct):
    """The topics that runs and alarms publish to, and who reads them.

    There are two because of their readers: an address reads the results of its own monitors, by a
    filter on the message's attributes, and every alarm. Alarms have no attributes, and a message
    without any passes no filter, `{"exists": false}` included.

    Attributes:
        topic: where runs publish; a message's attributes `monitor` and `channel` pick its readers.
        alarms: where alarms publish.
        key: what both are encrypted with.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, subscribers: Mapping[str, Sequence[str]]
    ) -> None:
        """Make the topics and subscribe each address to its monitors and to the alarms."""
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
        """Let a role publish results, which takes the use of the key."""
        self.topic.grant_publish(role)
        acknowledge(
            role,
            "IAM5[Action::kms:GenerateDataKey*]",
            "The CDK's own grant, on this one key: SNS makes a data key to encrypt a message with.",
        )

    def announce(self, *alarms: cloudwatch.Alarm) -> None:
        """Tell every reader when an alarm begins and when it ends."""
        for alarm in alarms:
            alarm.add_alarm_action(actions.SnsAction(self.alarms))
            alarm.add_ok_action(actions.SnsAction(self.alarms))

    def _let_alarms_publish(self) -> None:
        """Name CloudWatch in both policies.

        The key's must: alarms reach no topic with SNS's own key. The topic's must too: the policy
        that enforces TLS replaces the default one, which let this account's alarms in.
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
