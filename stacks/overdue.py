"""The alarm on overdue monitors, and the rules by which the function finds them."""

from collections.abc import Iterable

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from drift_monitor.config.events import watch_event
from drift_monitor.config.monitor import Monitor
from stacks.common import runbook
from stacks.common.deployment_event import deployment_of
from stacks.detector import METRICS_NAMESPACE, DriftDetector
from stacks.settings import DeploymentSettings
from stacks.spark.states import longest_minutes

# An alarm covers seven days at most, and a weekly monitor runs every seven: so the function finds
# overdue monitors, and the alarm is on its metric. It does so twice in the alarm's day, so that a
# scan a minute later than the day before leaves no day without data.
LOOKS = "cron(0 0,12 * * ? *)"


class RunWatch(Construct):
    """The rules by which the function finds overdue monitors, and the alarm on its metric.

    Attributes:
        overdue: the alarm on monitors that should have run and did not.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        monitors: Iterable[Monitor],
        detector: DriftDetector,
        settings: DeploymentSettings,
    ) -> None:
        """Create the rules and the alarm."""
        super().__init__(scope, construct_id)
        late = longest_minutes(settings.spark_timeout_minutes)
        event = watch_event(monitors, late, events.EventField.time)
        target = detector.target(events.RuleTargetInput.from_object(event))
        events.Rule(
            self,
            "Scheduled",
            description="Looks for monitors that did not run",
            schedule=events.Schedule.expression(LOOKS),
            targets=[target],
        )
        events.Rule(
            self,
            "Deployed",
            description="Looks at once after a deploy, which ends a new alarm",
            event_pattern=deployment_of(Stack.of(self)),
            targets=[target],
        )
        self.overdue = self._alarm(settings.runbook_url)

    def _alarm(self, runbook_url: str | None) -> cloudwatch.Alarm:
        return cloudwatch.Metric(
            namespace=METRICS_NAMESPACE,
            metric_name="OverdueMonitors",
            dimensions_map={"service": Stack.of(self).stack_name},
            statistic=cloudwatch.Stats.MAXIMUM,
            period=Duration.days(1),
        ).create_alarm(
            self,
            "Overdue",
            alarm_description=(
                "A monitor did not run when its schedule said so, or nobody has looked for days. "
                "The function's logs name the monitors that are overdue. Just after the first "
                "deploy this ends by itself within minutes. "
                f"{runbook.section(runbook_url, 'Overdue monitors')}"
            ),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            # No data: the scan itself does not happen any more.
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
