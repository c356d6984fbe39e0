"""The CloudWatch dashboard: drift over the weeks, runs, and failures."""

from collections.abc import Iterable, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from drift_monitor.config.monitor import Monitor
from stacks.common import runbook
from stacks.detector import METRICS_NAMESPACE, TIMEOUT, DriftDetector
from stacks.spark.state_machine import SparkRun

_WIDTH = 24
# Most monitors run weekly: a quarter of a year has a dozen points, at most one a day.
_SHOWN = Duration.days(91)
_DAY = Duration.days(1)
# With more names a label is too long.
_NAMED = 3

_ERRORS = (
    "fields @timestamp, monitor, run_id",
    "fields coalesce(errorMessage, message, record.errorType, record.status) as said",
    # Lambda's own report has what the function cannot log: its time or its memory ran out.
    'filter level = "ERROR" or (type = "platform.report" and record.status != "success")',
    "sort @timestamp desc",
    "limit 50",
)
_MEMORY = (
    'filter type = "platform.report"',
    "fields record.metrics.maxMemoryUsedMB as used, record.metrics.memorySizeMB as size",
    "stats max(used) as most_used, max(size) as available by bin(1d)",
)


class DriftDashboard(Construct):
    """One page of CloudWatch for one environment.

    Attributes:
        url: its address, for everybody who may read this account's metrics.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        monitors: Sequence[Monitor],
        detector: DriftDetector,
        spark: SparkRun | None,
        alarms: Sequence[cloudwatch.Alarm],
        site_url: str,
        runbook_url: str | None,
    ) -> None:
        """Lay out the page: drift first, then runs, then errors."""
        super().__init__(scope, construct_id)
        self._service = Stack.of(self).stack_name
        self._monitors = monitors
        self._detector = detector
        dashboard = cloudwatch.Dashboard(
            self,
            "Page",
            default_interval=_SHOWN,
            # A point is one day at every zoom; otherwise a weekly run disappears.
            period_override=cloudwatch.PeriodOverride.INHERIT,
            widgets=[
                [self._words(site_url, runbook_url)],
                [cloudwatch.AlarmStatusWidget(alarms=alarms, width=_WIDTH, height=3)],
                [self._drifted_share(), self._drifted_columns()],
                *([self._scores(each)] for each in monitors if each.column_metrics),
                [self._failed_checks(), self._without_data()],
                [self._runs(), self._current_rows()],
                [self._durations(), self._memory()],
                self._failures(),
                *([spark.widgets(_WIDTH)] if spark else []),
                [self._errors()],
            ],
        )
        region = Stack.of(self).region
        self.url = (
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
            f"#dashboards/dashboard/{dashboard.dashboard_name}"
        )

    def _words(self, site_url: str, runbook_url: str | None) -> cloudwatch.TextWidget:
        manual = f"[runbook]({runbook_url})" if runbook_url else f"runbook (`{runbook.FILE}`)"
        return cloudwatch.TextWidget(
            markdown=f"# {self._service}\n[Reports of the latest runs]({site_url}) · {manual} · "
            "a point is one day",
            width=_WIDTH,
            height=2,
        )

    def _metric(self, name: str, monitor: Monitor, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=METRICS_NAMESPACE,
            metric_name=name,
            dimensions_map={"service": self._service, "monitor": monitor.name},
            statistic=statistic,
            period=_DAY,
            label=monitor.name,
        )

    def _of_each(self, name: str, statistic: str) -> list[cloudwatch.IMetric]:
        return [self._metric(name, monitor, statistic) for monitor in self._monitors]

    def _drifted_share(self) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title="Share of columns that drifted",
            left=self._of_each("DriftedShare", cloudwatch.Stats.MAXIMUM),
            left_y_axis=cloudwatch.YAxisProps(min=0, max=1, show_units=False),
            left_annotations=[
                cloudwatch.HorizontalAnnotation(value=value, label=f"the table drifted: {names}")
                for value, names in self._thresholds().items()
            ],
            width=_WIDTH // 2,
            height=7,
        )

    def _thresholds(self) -> dict[float, str]:
        """Return the shares from which a table has drifted, each with its monitors."""
        having: dict[float, list[str]] = {}
        for monitor in self._monitors:
            if monitor.drift.needed_share is not None:
                having.setdefault(monitor.drift.needed_share, []).append(monitor.name)
        return {
            share: ", ".join(names) if len(names) <= _NAMED else f"{len(names)} monitors"
            for share, names in sorted(having.items())
        }

    def _drifted_columns(self) -> cloudwatch.GraphWidget:
        return _graph("Columns that drifted", self._of_each("DriftedColumns", "Maximum"), height=7)

    def _failed_checks(self) -> cloudwatch.GraphWidget:
        return _graph("Checks that failed", self._of_each("FailedChecks", "Maximum"))

    def _without_data(self) -> cloudwatch.GraphWidget:
        return _graph("Runs without data", self._of_each("RunsWithoutData", "Sum"))

    def _scores(self, monitor: Monitor) -> cloudwatch.GraphWidget:
        """Draw each column with a recent score; which columns exist depends on the table."""
        search = cloudwatch.SearchExpression(
            expression=(
                f"SEARCH('{{{METRICS_NAMESPACE},service,monitor,column}} "
                f'MetricName="DriftScore" service="{self._service}" '
                f"monitor=\"{monitor.name}\"', 'Maximum', {_DAY.to_seconds()})"
            ),
            label="${PROP('Dim.column')}",
        )
        return cloudwatch.GraphWidget(
            title=f"{monitor.name}: score of each column",
            left=[search],
            left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
            legend_position=cloudwatch.LegendPosition.RIGHT,
            width=_WIDTH,
            height=8,
        )

    def _runs(self) -> cloudwatch.GraphWidget:
        """Draw two sums over all monitors: an attempt reports 1 if it succeeded, 0 if not."""
        # Two metrics each: the overdue event has room for under 200 monitors, a widget for 500.
        sums, counts = {}, {}
        for place, monitor in enumerate(self._monitors):
            sums[f"succeeded{place}"] = self._metric("RunsSucceeded", monitor, "Sum")
            counts[f"ended{place}"] = self._metric("RunsSucceeded", monitor, "SampleCount")
        succeeded = cloudwatch.MathExpression(
            expression='FILL(SUM(METRICS("succeeded")), 0)',
            using_metrics=sums,
            label="succeeded",
            color=cloudwatch.Color.GREEN,
            period=_DAY,
        )
        failed = cloudwatch.MathExpression(
            expression='FILL(SUM(METRICS("ended")) - SUM(METRICS("succeeded")), 0)',
            using_metrics={**sums, **counts},
            label="failed",
            color=cloudwatch.Color.RED,
            period=_DAY,
        )
        return cloudwatch.GraphWidget(
            title="Attempts to run",
            left=[failed, succeeded],
            left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
            stacked=True,
            width=_WIDTH // 2,
            height=6,
        )

    def _current_rows(self) -> cloudwatch.GraphWidget:
        return _graph("Rows of current", self._of_each("CurrentRows", "Minimum"), height=6)

    def _durations(self) -> cloudwatch.GraphWidget:
        """Draw runs, and the function, whose time includes its start and its failed attempts."""
        function = cloudwatch.MathExpression(
            expression="milliseconds / 1000",
            using_metrics={
                "milliseconds": self._detector.function.metric_duration(
                    statistic=cloudwatch.Stats.MAXIMUM, period=_DAY
                )
            },
            label="the function",
            period=_DAY,
        )
        return cloudwatch.GraphWidget(
            title="Longest run of the day, in seconds",
            left=[*self._of_each("RunDuration", "Maximum"), function],
            left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
            left_annotations=[
                cloudwatch.HorizontalAnnotation(
                    value=TIMEOUT.to_seconds(), label="timeout", color=cloudwatch.Color.RED
                )
            ],
            width=_WIDTH // 2,
            height=6,
        )

    def _memory(self) -> cloudwatch.LogQueryWidget:
        return self._log_query(
            "Memory of the function, in MB",
            _MEMORY,
            cloudwatch.LogQueryVisualizationType.LINE,
            width=_WIDTH // 2,
        )

    def _failures(self) -> list[cloudwatch.IWidget]:
        overdue = cloudwatch.Metric(
            namespace=METRICS_NAMESPACE,
            metric_name="OverdueMonitors",
            dimensions_map={"service": self._service},
            statistic=cloudwatch.Stats.MAXIMUM,
            period=_DAY,
        )
        waiting = self._detector.dead_letters.metric_approximate_number_of_messages_visible(
            statistic=cloudwatch.Stats.MAXIMUM, period=_DAY
        )
        third = _WIDTH // 3
        return [
            _graph("Function errors", [self._detector.function.metric_errors(period=_DAY)], third),
            _graph("Dead letters", [waiting], third),
            _graph("Overdue monitors", [overdue], third),
        ]

    def _errors(self) -> cloudwatch.LogQueryWidget:
        return self._log_query(
            "Latest errors", _ERRORS, cloudwatch.LogQueryVisualizationType.TABLE, width=_WIDTH
        )

    def _log_query(
        self,
        title: str,
        query: Iterable[str],
        view: cloudwatch.LogQueryVisualizationType,
        width: int,
    ) -> cloudwatch.LogQueryWidget:
        return cloudwatch.LogQueryWidget(
            title=title,
            log_group_names=[self._detector.logs.log_group_name],
            query_lines=list(query),
            view=view,
            width=width,
            height=6,
        )


def _graph(
    title: str, metrics: Sequence[cloudwatch.IMetric], width: int = _WIDTH // 2, *, height: int = 5
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=metrics,
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        width=width,
        height=height,
    )
