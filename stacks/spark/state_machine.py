"""The state machine that a rule starts for a monitor with `engine: spark`."""

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.common import runbook
from stacks.common.rule_target import RuleTarget
from stacks.detector import DriftDetector
from stacks.settings import LOG_RETENTION, DeploymentSettings
from stacks.spark.application import SparkEngine
from stacks.spark.states import RunStates

_DAY = Duration.days(1)


class SparkRun(Construct):
    """The state machine, the role that starts it, and the alarm on runs that failed permanently.

    Attributes:
        engine: the application that its jobs run on.
        state_machine: runs one monitor per execution.
        failed: the alarm.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        engine: SparkEngine,
        detector: DriftDetector,
        settings: DeploymentSettings,
    ) -> None:
        """Create the state machine, and give rules permission to start it."""
        super().__init__(scope, construct_id)
        self.engine = engine
        self._detector = detector
        self.state_machine = self._state_machine(settings)
        self._starter = self._role("Starter", "events.amazonaws.com")
        self.state_machine.grant_start_execution(self._starter)
        engine.grant_read_scores(detector.role)
        self.failed = self._alarm(settings.runbook_url)

    def target(self, event: events.RuleTargetInput) -> events.IRuleTarget:
        """Return a run as a rule's target; an undelivered event is a dead letter."""
        return RuleTarget(
            self.state_machine.state_machine_arn,
            event,
            dead_letters_arn=self._detector.dead_letters.queue_arn,
            role=self._starter,
        )

    def widgets(self, width: int) -> list[cloudwatch.IWidget]:
        """Return its part of the dashboard: failures, and how long its runs take."""
        seconds = cloudwatch.MathExpression(
            expression="milliseconds / 1000",
            using_metrics={
                "milliseconds": self.state_machine.metric_time(
                    statistic=cloudwatch.Stats.MAXIMUM, period=_DAY
                )
            },
            label="from its rule to its email",
            period=_DAY,
        )
        return [
            cloudwatch.GraphWidget(
                title=title,
                left=[metric],
                left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
                width=width // 2,
                height=5,
            )
            for title, metric in (
                ("Failed Spark runs", self.state_machine.metric_failed(period=_DAY)),
                ("Longest Spark run of the day, in seconds", seconds),
            )
        ]

    def _state_machine(self, settings: DeploymentSettings) -> sfn.StateMachine:
        role = self._role("Role", "states.amazonaws.com")
        states = RunStates(
            self,
            role=role,
            engine=self.engine,
            detector=self._detector,
            timeout_minutes=settings.spark_timeout_minutes,
        )
        return sfn.StateMachine(
            self,
            "StateMachine",
            definition_body=sfn.DefinitionBody.from_chainable(states.first),
            comment="A run of a monitor with engine: spark",
            role=role,
            tracing_enabled=True,
            # Only the states: an event is the monitor's whole configuration.
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    self,
                    "Logs",
                    retention=LOG_RETENTION[settings.log_retention_days],
                    removal_policy=RemovalPolicy.DESTROY,
                ),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _role(self, name: str, service: str) -> iam.Role:
        return iam.Role(
            self,
            name,
            assumed_by=iam.ServicePrincipal(
                service, conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )

    def _alarm(self, runbook_url: str | None) -> cloudwatch.Alarm:
        return self.state_machine.metric_failed(period=Duration.minutes(5)).create_alarm(
            self,
            "FailedRuns",
            alarm_description=(
                "A run on Spark failed for good, and its event waits in the dead-letter queue with "
                "the reason. The logs of the job's driver say more. "
                f"{runbook.section(runbook_url, 'Failed Spark runs')}"
            ),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
