"""The rules that run monitors: on their schedules, and after a deploy."""

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
    """One rule per monitor and trigger; its input is the monitor's whole configuration.

    So `cdk diff` shows each change of a monitor, and a monitor's rules depend on no other monitor.

    Attributes:
        rules: the rules, by the monitor's name and then by trigger.
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
        """Create the rules.

        Args:
            scope: the stack.
            construct_id: the schedule's name in it.
            monitors: the monitors to run.
            detector: runs them.
            spark: runs the monitors on Spark; None if there are none.
            run_on_deploy: whether each deploy is a trigger, too.
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
            # `cdk diff` shows the input as one long line, but the metadata field by field.
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
