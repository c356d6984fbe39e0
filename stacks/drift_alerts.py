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

from drift_monitor.monitor import Monitor
from stacks.acknowledge import acknowledge


def subscribers(monitors: Iterable[Monitor], default: Sequence[str]) -> dict[str, list[str]]:
    """List each address's monitors; `default` stands in where a monitor names nobody."""
    told: dict[str, set[str]] = {}
    for monitor in monitors:
        for address in monitor.alerts.emails or default:
            told.setdefault(address, set()).add(monitor.name)
    return {address: sorted(told[address]) for address in sorted(told)}


class DriftAlerts(Construct):
    """The topic that runs and alarms publish to, and who reads it.

    Attributes:
        topic: where to publish; a message attribute `monitor` picks its readers.
        key: what the topic is encrypted with.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, subscribers: Mapping[str, Sequence[str]]
    ) -> None:
        """Make the topic and subscribe each address to its monitors."""
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            description="Drift Monitor's messages on their way to the topic's readers",
            enable_key_rotation=True,
            # Messages are encrypted for seconds; nothing is lost with the key.
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.topic = sns.Topic(self, "Topic", master_key=self.key, enforce_ssl=True)
        self._let_alarms_publish()
        for address, monitors in subscribers.items():
            self._subscribe(address, monitors)

    def grant_publish(self, role: iam.Role) -> None:
        """Let a role publish to the topic, which takes the use of its key."""
        self.topic.grant_publish(role)
        acknowledge(
            role,
            "IAM5[Action::kms:GenerateDataKey*]",
            "The CDK's own grant, on this one key: SNS makes a data key to encrypt a message with.",
        )

    def announce(self, *alarms: cloudwatch.Alarm) -> None:
        """Tell every reader when an alarm begins and when it ends."""
        for alarm in alarms:
            alarm.add_alarm_action(actions.SnsAction(self.topic))
            alarm.add_ok_action(actions.SnsAction(self.topic))

    def _let_alarms_publish(self) -> None:
        """Name CloudWatch in both policies.

        A key's policy must: alarms reach no topic with SNS's own key. The topic's must too: the
        policy that enforces TLS replaces the default one, which let this account's alarms in.
        """
        for policy, allowed in (
            (self.key, ["kms:Decrypt", "kms:GenerateDataKey*"]),
            (self.topic, ["sns:Publish"]),
        ):
            policy.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="AlarmsOfThisAccount",
                    principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                    actions=allowed,
                    resources=["*" if policy is self.key else self.topic.topic_arn],
                    conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
                )
            )

    def _subscribe(self, address: str, monitors: Sequence[str]) -> None:
        # Alarms carry no attributes: without {"exists": false} their emails would go to nobody.
        mine = sns.SubscriptionFilter([*monitors, {"exists": False}])
        self.topic.add_subscription(
            subscriptions.EmailSubscription(address, filter_policy={"monitor": mine})
        )
