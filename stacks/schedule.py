"""When monitors run: on their schedules, and after a deploy."""

from collections.abc import Iterable
from typing import cast

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_events as events
from constructs import Construct

from drift_monitor.config.events import run_event
from drift_monitor.config.monitor import Monitor
from stacks.common.deployment_event import deployment_of
from stacks.detector import DriftDetector
from stacks.spark.state_machine import SparkRun


class DetectionSchedule(Construct):
    """One rule per monitor and occasion; its input is the monitor's whole configuration.

    So `cdk diff` shows each change of a monitor, and a monitor's rules depend on no other monitor.

    Attributes:
        rules: the rules, by the monitor's name and then by occasion.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        monitors: Iterable[Monitor],
        detector: DriftDetector,
        spark: SparkRun | None,
        run_on_deploy: bool,
    ) -> None:
        """Make the rules.

        Args:
            scope: the stack.
            construct_id: the schedule's name in it.
            monitors: what runs.
            detector: what runs it.
            spark: what runs the monitors on Spark; None where there are none.
            run_on_deploy: whether a deploy is an occasion, too.
        """
        super().__init__(scope, construct_id)
        self.rules: list[events.Rule] = []
        for monitor in monitors:
            event = run_event(monitor, events.EventField.time, events.EventField.event_id)
            runner = spark if spark is not None and monitor.engine == "spark" else detector
            target = runner.target(events.RuleTargetInput.from_object(event))
            scheduled = events.Rule(
                self,
                f"{monitor.name}-Scheduled",
                description=f"Runs the monitor {monitor.name} on its schedule",
                schedule=events.Schedule.expression(monitor.schedule),
                targets=[target],
            )
            # The input is one long line to `cdk diff`; of this it shows each changed field alone.
            cast("CfnResource", scheduled.node.default_child).add_metadata(
                "Monitor", event["monitor"]
            )
            self.rules.append(scheduled)
            if run_on_deploy:
                self.rules.append(
                    events.Rule(
                        self,
                        f"{monitor.name}-Deployed",
                        description=f"Runs the monitor {monitor.name} after each deploy",
                        event_pattern=deployment_of(Stack.of(self)),
                        targets=[target],
                    )
                )
