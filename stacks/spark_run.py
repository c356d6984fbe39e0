"""What a rule starts for a monitor with `engine: spark`: the job, then the function."""

import json

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks import runbook
from stacks.acknowledge import acknowledge
from stacks.drift_detector import METRICS_NAMESPACE, DriftDetector
from stacks.rule_target import RuleTarget
from stacks.settings import LOG_RETENTION, DeploymentSettings
from stacks.spark_engine import JOB, RUNS, SparkEngine
from stacks.spark_states import Uses, definition

_DAY = Duration.days(1)


class SparkRun(Construct):
    """The state machine, who may start it, and the alarm on runs that failed for good.

    Attributes:
        engine: what its jobs run on.
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
        """Make the state machine and let it do what its states do."""
        super().__init__(scope, construct_id)
        self.engine = engine
        self._detector = detector
        self.state_machine = self._state_machine(settings)
        self._grant_job()
        self._grant_calls()
        self._starter = self._role("Starter", "events.amazonaws.com")
        self.state_machine.grant_start_execution(self._starter)
        engine.grant_read_scores(detector.role)
        self.failed = self._alarm(settings.runbook_url)

    def target(self, event: events.RuleTargetInput) -> events.IRuleTarget:
        """Return a run as a rule's target; what cannot be delivered is a dead letter."""
        return RuleTarget(
            self.state_machine.state_machine_arn,
            event,
            dead_letters_arn=self._detector.dead_letters.queue_arn,
            role=self._starter,
        )

    def widgets(self, width: int) -> list[cloudwatch.IWidget]:
        """Return what the dashboard shows of it: failures, and how long its runs take."""
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
        stack = Stack.of(self)
        uses = Uses(
            runs=(self.engine.scratch.bucket_name, RUNS),
            application_id=self.engine.application.attr_application_id,
            job_role_arns=self._job_role_arns,
            job=JOB,
            timeout_minutes=settings.spark_timeout_minutes,
            function_arn=self._detector.function.function_arn,
            queue_url=self._detector.dead_letters.queue_url,
            namespace=METRICS_NAMESPACE,
            service=stack.stack_name,
        )
        return sfn.StateMachine(
            self,
            "StateMachine",
            # Not by the CDK's own to_json_string, which leaves out each null.
            definition_body=sfn.DefinitionBody.from_string(json.dumps(definition(uses))),
            role=self._role("Role", "states.amazonaws.com"),
            tracing_enabled=True,
            # Of the states alone: an event is the monitor's whole configuration.
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

    @property
    def _job_role_arns(self) -> dict[str, str]:
        return {name: role.role_arn for name, role in self.engine.job_roles.items()}

    def _grant_job(self) -> None:
        """Let it run this application's jobs, as their roles alone, and hear when they end."""
        stack, role = Stack.of(self), self.state_machine.role
        application = self.engine.application
        jobs = f"{application.attr_arn}/jobruns/*"
        rule = "StepFunctionsGetEventsForEMRServerlessJobRule"
        for actions, resource in (
            (["emr-serverless:StartJobRun"], application.attr_arn),
            (
                [f"emr-serverless:{each}" for each in ("CancelJobRun", "GetJobRun", "TagResource")],
                jobs,
            ),
            (
                ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                stack.format_arn(service="events", resource="rule", resource_name=rule),
            ),
        ):
            role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=list(self._job_role_arns.values()),
                conditions={
                    "StringEquals": {"iam:PassedToService": "emr-serverless.amazonaws.com"}
                },
            )
        )
        acknowledge(
            role,
            f"IAM5[Resource::<{stack.get_logical_id(application)}.Arn>/jobruns/*]",
            "A job's name is made when it is started; the application is this stack's own.",
        )

    def _grant_calls(self) -> None:
        """Let it keep the event, ask the function, and say what failed."""
        role = self.state_machine.role
        self.engine.grant_write_events(role)
        for action, resource in (
            ("lambda:InvokeFunction", self._detector.function.function_arn),
            ("sqs:SendMessage", self._detector.dead_letters.queue_arn),
        ):
            allowed = iam.PolicyStatement(actions=[action], resources=[resource])
            role.add_to_principal_policy(allowed)
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": METRICS_NAMESPACE}},
            )
        )
        acknowledge(
            role,
            "IAM5[Resource::*]",
            "Metrics (of one namespace), traces and the delivery of logs have no resource to name.",
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
