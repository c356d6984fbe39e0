"""One environment's stack: composition and grants only."""

from collections.abc import Iterator, Sequence

from aws_cdk import Annotations, CfnOutput, Stack
from constructs import Construct

from drift_monitor.monitor import Monitor
from stacks import preflight
from stacks.cache_access import grant_keep_caches
from stacks.cloudfront_site import CloudFrontSite
from stacks.detection_schedule import DetectionSchedule
from stacks.drift_alerts import DriftAlerts, subscribers
from stacks.drift_dashboard import DriftDashboard
from stacks.drift_detector import DriftDetector
from stacks.query_access import grant_run_queries
from stacks.report_site import ReportSite
from stacks.run_watch import RunWatch
from stacks.settings import DeploymentSettings
from stacks.table_access import grant_read_tables


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
            monitors: what it watches.
            image: the registry's image by tag or digest; None builds one from here.
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
        on_deploy = settings.run_on_deploy
        DetectionSchedule(
            self, "Schedule", monitors=monitors, detector=detector, run_on_deploy=on_deploy
        )
        watch = RunWatch(
            self,
            "Watch",
            monitors=monitors,
            detector=detector,
            runbook_url=settings.runbook_url,
        )
        dashboard = DriftDashboard(
            self,
            "Dashboard",
            monitors=monitors,
            detector=detector,
            alarms=[*detector.alarms, watch.overdue],
            site_url=site.url,
            runbook_url=settings.runbook_url,
        )

        site.grant_publish(detector.role)
        alerts.grant_publish(detector.role)
        grant_read_tables(detector.role, monitors, settings.data_key_arns)
        grant_run_queries(detector.role, monitors, settings.data_key_arns)
        grant_keep_caches(detector.role, monitors, settings.data_key_arns)
        alerts.announce(*detector.alarms, watch.overdue)

        for warning, text in preflight.warnings(monitors, settings).items():
            Annotations.of(self).add_warning_v2(warning, text)
        self._outputs(site, alerts, detector, dashboard)

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


def _edge_outputs(edge: CloudFrontSite | None) -> Iterator[tuple[str, str, str]]:
    """Name what is done by hand once the site is on CloudFront."""
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
