"""The function that runs the monitors, with its role, logs, dead letters and alarms."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy, Size, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.common import runbook
from stacks.common.nag import acknowledge
from stacks.common.rule_target import RuleTarget
from stacks.registry_stack import REPOSITORY
from stacks.settings import LOG_RETENTION, DeploymentSettings

METRICS_NAMESPACE = "DriftMonitor"
# Lambda's maximum.
TIMEOUT = Duration.minutes(15)

BUILD_CONTEXT = Path(__file__).parents[1] / "lambda_src"
_PLATFORMS = {
    "x86_64": (lambda_.Architecture.X86_64, ecr_assets.Platform.LINUX_AMD64),
    "arm64": (lambda_.Architecture.ARM_64, ecr_assets.Platform.LINUX_ARM64),
}
# CloudFormation begins a generated name with the stack's, at least with this many characters of it.
_STACK_NAME_KEPT = 24


def build_args(settings: DeploymentSettings) -> dict[str, str]:
    """Return the build arguments of an environment's images: libraries for its table formats."""
    extras = " ".join(sorted(set(settings.extras)))
    return {"EXTRAS": extras} if extras else {}


class DriftDetector(Construct):
    """The function that serves every monitor.

    Attributes:
        function: runs one monitor per event, or finds overdue ones.
        role: the function's; it may write its logs and dead letters, the stack grants the rest.
        logs: the log group of the function, with Lambda's own reports.
        dead_letters: the events whose runs failed every retry.
        alarms: on failed runs and on dead letters.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: DeploymentSettings,
        environment: Mapping[str, str],
        image: str | None,
    ) -> None:
        """Create the function and its resources.

        Args:
            scope: the stack.
            construct_id: the detector's name in it.
            settings: the function's size, how long its logs stay, and where the runbook is.
            environment: the function's environment variables.
            image: the registry's image by tag or digest; None builds one from this folder.
        """
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.dead_letters,
            "SQS3",
            "It is the dead-letter queue: an alarm says when something waits in it.",
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.logs = logs.LogGroup(
            self,
            "Logs",
            retention=LOG_RETENTION[settings.log_retention_days],
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.logs.grant_write(self.role)
        self.function = self._function(settings, environment, image)
        self._let_rules_in()
        self.alarms = (
            self._alarm_on_errors(settings.runbook_url),
            self._alarm_on_dead_letters(settings.runbook_url),
        )

    def target(self, event: events.RuleTargetInput) -> events.IRuleTarget:
        """Return the function as a rule's target; an undelivered event is a dead letter."""
        return RuleTarget(
            self.function.function_arn, event, dead_letters_arn=self.dead_letters.queue_arn
        )

    def _function(
        self, settings: DeploymentSettings, environment: Mapping[str, str], image: str | None
    ) -> lambda_.DockerImageFunction:
        architecture, platform = _PLATFORMS[settings.architecture]
        return lambda_.DockerImageFunction(
            self,
            "Function",
            description="Drift Monitor: compares a table with its reference, publishes and emails",
            code=self._code(settings, platform, image),
            architecture=architecture,
            role=self.role,
            memory_size=settings.memory_mb,
            ephemeral_storage_size=Size.mebibytes(settings.ephemeral_storage_mb),
            timeout=TIMEOUT,
            environment={
                "POWERTOOLS_SERVICE_NAME": Stack.of(self).stack_name,
                "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
                **environment,
            },
            log_group=self.logs,
            logging_format=lambda_.LoggingFormat.JSON,
            retry_attempts=2,
            on_failure=destinations.SqsDestination(self.dead_letters),
        )

    def _code(
        self, settings: DeploymentSettings, platform: ecr_assets.Platform, image: str | None
    ) -> lambda_.DockerImageCode:
        if image is None:
            return lambda_.DockerImageCode.from_image_asset(
                str(BUILD_CONTEXT), platform=platform, build_args=build_args(settings) or None
            )
        images = ecr.Repository.from_repository_name(self, "Images", REPOSITORY)
        return lambda_.DockerImageCode.from_ecr(images, tag_or_digest=image)

    def _let_rules_in(self) -> None:
        """Give the stack's rules access to the function and to the queue, by one statement each.

        The CDK's own target adds a statement per rule, and policies are limited: a queue's to ten
        conditions, a function's to 20 KB.
        """
        stack = Stack.of(self)
        rules = stack.format_arn(
            service="events",
            resource="rule",
            resource_name=f"{f'{stack.stack_name}-'[:_STACK_NAME_KEPT]}*",
        )
        eventbridge = iam.ServicePrincipal("events.amazonaws.com")
        self.function.add_permission("Rules", principal=eventbridge, source_arn=rules)
        self.dead_letters.add_to_resource_policy(
            iam.PolicyStatement(
                sid="RulesOfThisStack",
                principals=[eventbridge],
                actions=["sqs:SendMessage"],
                resources=[self.dead_letters.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": rules}},
            )
        )

    def _alarm_on_errors(self, runbook_url: str | None) -> cloudwatch.Alarm:
        return self.function.metric_errors(period=Duration.minutes(5)).create_alarm(
            self,
            "Errors",
            alarm_description=(
                "A run failed. Lambda tries it twice more: if those fail too, its event is in the "
                "dead-letter queue. The function's logs say why, in the line with the level ERROR. "
                f"{runbook.section(runbook_url, 'Failed runs')}"
            ),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _alarm_on_dead_letters(self, runbook_url: str | None) -> cloudwatch.Alarm:
        waiting = self.dead_letters.metric_approximate_number_of_messages_visible(
            period=Duration.minutes(5), statistic=cloudwatch.Stats.MAXIMUM
        )
        return waiting.create_alarm(
            self,
            "DeadLettersWaiting",
            alarm_description=(
                "A run failed for good, and its event waits in the dead-letter queue for 14 days. "
                "Mend the cause that the function's logs name, then replay the event: the alarm "
                f"ends when the queue is empty. {runbook.section(runbook_url, 'Dead letters')}"
            ),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
