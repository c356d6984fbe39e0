"""The stack of one environment: composition and grants only."""

from collections.abc import Iterator, Sequence

from aws_cdk import Annotations, CfnOutput, Stack
from constructs import Construct

from drift_monitor.config.monitor import Monitor
from stacks import preflight
from stacks.access.caches import grant_keep_caches
from stacks.access.queries import grant_run_queries
from stacks.access.tables import grant_read_tables
from stacks.alerts import DriftAlerts, subscribers
from stacks.dashboard import DriftDashboard
from stacks.detector import DriftDetector
from stacks.overdue import RunWatch
from stacks.schedule import DetectionSchedule
from stacks.settings import DeploymentSettings
from stacks.site.bucket import ReportSite
from stacks.site.cloudfront import CloudFrontSite
from stacks.spark.application import SparkEngine, on_spark
from stacks.spark.state_machine import SparkRun


class DriftMonitorStack(Stack):
    """Everything that watches one environment's tables."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: DeploymentSettings,
        monitors: Sequence[Monitor],
        image: str | None = None,
    ) -> None:
        """Compose the stack, or raise a DriftMonitorError that says why it cannot be deployed.

        Args:
            scope: the app.
            construct_id: the stack's name.
            settings: the environment's.
            monitors: the environment's.
            image: the registry's image by tag or digest; None builds one from this folder.
        """
        preflight.check(monitors, settings)
        super().__init__(
            scope, construct_id, description="Drift Monitor: watches tables, publishes, emails"
        )
        site = ReportSite(self, "Site", settings=settings)
        alerts = DriftAlerts(self, "Alerts", subscribers=subscribers(monitors, settings.emails))
        detector = DriftDetector(
            self,
            "Detector",
            settings=settings,
            environment={
                "SITE_BUCKET": site.bucket.bucket_name,
                "SITE_URL": site.url,
                "REPORT_RETENTION_DAYS": str(settings.report_retention_days),
                "TOPIC_ARN": alerts.topic.topic_arn,
            },
            image=image,
        )
        spark = self._spark(settings, monitors, detector, image)
        DetectionSchedule(
            self,
            "Schedule",
            monitors=monitors,
            detector=detector,
            spark=spark,
            run_on_deploy=settings.run_on_deploy,
        )
        watch = RunWatch(self, "Watch", monitors=monitors, detector=detector, settings=settings)
        alarms = [*detector.alarms, watch.overdue, *([spark.failed] if spark else [])]
        dashboard = DriftDashboard(
            self,
            "Dashboard",
            monitors=monitors,
            detector=detector,
            spark=spark,
            alarms=alarms,
            site_url=site.url,
            runbook_url=settings.runbook_url,
        )

        site.grant_publish(detector.role)
        alerts.grant_publish(detector.role)
        # For a monitor on Spark the function reads only the scores.
        compared = [monitor for monitor in monitors if monitor.engine == "columns"]
        grant_read_tables(detector.role, compared, settings.data_key_arns)
        grant_run_queries(detector.role, compared, settings.data_key_arns)
        grant_keep_caches(detector.role, compared, settings.data_key_arns)
        alerts.announce(*alarms)

        for warning, text in preflight.warnings(monitors, settings).items():
            Annotations.of(self).add_warning_v2(warning, text)
        self._outputs(site, alerts, detector, dashboard)
        if spark:
            self._spark_outputs(spark)

    def _spark(
        self,
        settings: DeploymentSettings,
        monitors: Sequence[Monitor],
        detector: DriftDetector,
        image: str | None,
    ) -> SparkRun | None:
        """Create what runs monitors on Spark, if a monitor uses it."""
        theirs = on_spark(monitors)
        if not theirs:
            return None
        engine = SparkEngine(self, "Spark", settings=settings, monitors=theirs, image=image)
        return SparkRun(self, "SparkRun", engine=engine, detector=detector, settings=settings)

    def _outputs(
        self,
        site: ReportSite,
        alerts: DriftAlerts,
        detector: DriftDetector,
        dashboard: DriftDashboard,
    ) -> None:
        for name, value, description in (
            ("SiteUrl", site.url, site.readers),
            *_edge_outputs(site.edge),
            ("SiteBucketName", site.bucket.bucket_name, "Where the site is kept"),
            ("FunctionName", detector.function.function_name, "Runs a monitor by hand"),
            ("TopicArn", alerts.topic.topic_arn, "Where results are announced"),
            ("AlarmTopicArn", alerts.alarms.topic_arn, "Where alarms are announced"),
            ("DeadLetterQueueUrl", detector.dead_letters.queue_url, "Runs that failed for good"),
            ("DashboardUrl", dashboard.url, "Drift, runs and failures over time"),
        ):
            CfnOutput(self, name, value=value, description=description)

    def _spark_outputs(self, spark: SparkRun) -> None:
        for name, value, description in (
            (
                "SparkStateMachineArn",
                spark.state_machine.state_machine_arn,
                "Runs a monitor on Spark by hand",
            ),
            (
                "SparkApplicationId",
                spark.engine.application.attr_application_id,
                "The EMR Serverless application that its jobs run on",
            ),
            ("SparkLogGroupName", spark.engine.logs.log_group_name, "What its jobs' drivers say"),
        ):
            CfnOutput(self, name, value=value, description=description)


def _edge_outputs(edge: CloudFrontSite | None) -> Iterator[tuple[str, str, str]]:
    """Yield the outputs needed to set up the domain and the password by hand."""
    if edge is None:
        return
    yield (
        "SiteDistributionDomain",
        edge.distribution.distribution_domain_name,
        "What the CNAME of the site's own domain names",
    )
    if edge.credential:
        yield (
            "SiteCredentialStoreArn",
            edge.credential.key_value_store_arn,
            "Where drift-monitor set-password writes to",
        )
