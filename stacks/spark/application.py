"""The EMR Serverless application for monitors with `engine: spark`, and its jobs' roles.

The job runs in our own image, with the function's packages: docs/decisions/0005.
"""

from collections.abc import Sequence
from typing import cast

from aws_cdk import CfnTag, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_emrserverless as emr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from drift_monitor.config.engines import DRIVER, JAVA_GB
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from stacks.access.caches import grant_keep_caches
from stacks.access.tables import grant_read_tables
from stacks.common.nag import acknowledge
from stacks.detector import BUILD_CONTEXT, build_args
from stacks.registry_stack import REPOSITORY, spark_tag
from stacks.settings import LOG_RETENTION, DeploymentSettings

# It has Spark 3.5.6, Java 17 and Python 3.11, the newest that this Spark supports.
RELEASE = "emr-7.13.0"
# Where Dockerfile.spark installs the packages.
_PACKAGES = "/opt/drift-monitor/lib/python3.11/site-packages"
_PYTHON = "/opt/drift-monitor/bin/python"
JOB = f"local://{_PACKAGES}/drift_monitor/engines/spark/job.py"
# Not in the job's image, so that a change of it does not change the application.
_NOT_IN_IMAGE = ["drift_lambda.py"]
# Each run has a folder of its own here.
RUNS = "runs"

# For tables that are copied to Parquet before they are read, and for Spark's and Arrow's own files.
# 20 GB are included in the price; the rest costs a fifteenth of four processors.
_DISK_GB = 100
_PROCESSORS = {
    "x86_64": ("X86_64", ecr_assets.Platform.LINUX_AMD64),
    "arm64": ("ARM64", ecr_assets.Platform.LINUX_ARM64),
}


def on_spark(monitors: Sequence[Monitor]) -> list[Monitor]:
    """Return the monitors with `engine: spark`."""
    return [monitor for monitor in monitors if monitor.engine == "spark"]


class SparkEngine(Construct):
    """The application that runs Spark jobs, one at a time; it costs nothing while none runs.

    Attributes:
        application: starts with a job and stops by itself.
        job_roles: the role of each monitor's jobs: it may read what that monitor reads, write its
            reference cache, and use its folder of the scratch bucket.
        scratch: the bucket of the runs' events, which jobs read, and scores, which the function
            reads. Scores hold the sample for the report's plots, so they are not in the site.
        logs: the log group of the jobs' drivers.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: DeploymentSettings,
        monitors: Sequence[Monitor],
        image: str | None,
    ) -> None:
        """Create the application and its resources.

        Args:
            scope: the stack.
            construct_id: the engine's name in it.
            settings: the application's limits, and how long its logs are kept.
            monitors: those on Spark; a job may read what its monitor reads.
            image: the registry's image of the function, by tag; None builds the job's image from
                this folder.

        Raises:
            DriftMonitorError: the image is given by its digest, and the job's image has another.
        """
        super().__init__(scope, construct_id)
        self.scratch = self._bucket()
        self.logs = logs.LogGroup(
            self,
            "Logs",
            retention=LOG_RETENTION[settings.log_retention_days],
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.application = self._application(settings, self._image(settings, image))
        self.job_roles = {each.name: self._job_role(each, settings) for each in monitors}

    def grant_read_scores(self, role: iam.Role) -> None:
        """Give a role permission to read the jobs' scores."""
        self._grant_scratch(role, RUNS, "s3:GetObject")

    def acknowledge_runs(self, role: iam.IRole, folder: str = RUNS) -> None:
        """Record why a role may access all objects of a folder of the scratch bucket."""
        bucket = cast("s3.CfnBucket", self.scratch.node.default_child)
        acknowledge(
            role,
            f"IAM5[Resource::<{Stack.of(self).get_logical_id(bucket)}.Arn>/{folder}/*]",
            "Each run has a folder of its own there, named after its monitor and its execution.",
        )

    def _bucket(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Scratch",
            enforce_ssl=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="ExpireRuns",
                    expiration=Duration.days(7),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            removal_policy=RemovalPolicy.DESTROY,
            auto_delete_objects=True,
        )
        acknowledge(bucket, "S1", "Only this stack's roles use it, and a week empties it.")
        return bucket

    def _image(self, settings: DeploymentSettings, image: str | None) -> str:
        if image is None:
            _, platform = _PROCESSORS[settings.architecture]
            return ecr_assets.DockerImageAsset(
                self,
                "Image",
                directory=str(BUILD_CONTEXT),
                file="Dockerfile.spark",
                platform=platform,
                build_args={"EMR_RELEASE": RELEASE, **build_args(settings)},
                exclude=_NOT_IN_IMAGE,
            ).image_uri
        if image.startswith("sha256:"):
            raise DriftMonitorError(
                f"image: {image} is the function's alone, and a monitor with engine: spark needs "
                "the job's beside it: give the tag that make image-push has pushed both under"
            )
        images = ecr.Repository.from_repository_name(self, "Images", REPOSITORY)
        return images.repository_uri_for_tag(spark_tag(image))

    def _application(self, settings: DeploymentSettings, image_uri: str) -> emr.CfnApplication:
        application = emr.CfnApplication
        architecture, _ = _PROCESSORS[settings.architecture]
        return application(
            self,
            "Application",
            type="SPARK",
            release_label=RELEASE,
            architecture=architecture,
            image_configuration=application.ImageConfigurationInputProperty(image_uri=image_uri),
            maximum_capacity=_capacity(settings),
            auto_start_configuration=application.AutoStartConfigurationProperty(enabled=True),
            # CloudFormation cannot change or remove an application while it is started.
            auto_stop_configuration=application.AutoStopConfigurationProperty(
                enabled=True, idle_timeout_minutes=1
            ),
            # Concurrent jobs would share the capacity, and with many of them the drivers would use
            # all of it.
            scheduler_configuration=application.SchedulerConfigurationProperty(
                max_concurrent_runs=1, queue_timeout_minutes=settings.spark_timeout_minutes
            ),
            monitoring_configuration=application.MonitoringConfigurationProperty(
                cloud_watch_logging_configuration=application.CloudWatchLoggingConfigurationProperty(
                    enabled=True, log_group_name=self.logs.log_group_name
                )
            ),
            runtime_configuration=[
                application.ConfigurationObjectProperty(
                    classification="spark-defaults",
                    properties=_worker_properties(settings) | _environment(Stack.of(self).region),
                )
            ],
            # EMR bills by application.
            tags=[CfnTag(key="service", value=Stack.of(self).stack_name)],
        )

    def _job_role(self, monitor: Monitor, settings: DeploymentSettings) -> iam.Role:
        role = self._role(f"JobRole-{monitor.name}")
        self._let_log(role)
        self._grant_scratch(role, f"{RUNS}/{monitor.name}", "s3:GetObject", "s3:PutObject")
        grant_read_tables(role, [monitor], settings.data_key_arns)
        grant_keep_caches(role, [monitor], settings.data_key_arns)
        return role

    def _role(self, construct_id: str) -> iam.Role:
        stack = Stack.of(self)
        applications = stack.format_arn(
            service="emr-serverless",
            resource="/applications",
            resource_name=self.application.attr_application_id,
        )
        return iam.Role(
            self,
            construct_id,
            assumed_by=iam.ServicePrincipal(
                "emr-serverless.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {"aws:SourceArn": applications},
                },
            ),
        )

    def _let_log(self, role: iam.Role) -> None:
        stack = Stack.of(self)
        self.logs.grant(role, "logs:DescribeLogStreams")
        self.logs.grant_write(role)
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:DescribeLogGroups"],
                resources=[stack.format_arn(service="logs", resource="*")],
            )
        )
        acknowledge(
            role,
            "IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:*]",
            "EMR Serverless looks for its log group in the list of all of them.",
        )

    def _grant_scratch(self, role: iam.IRole, folder: str, *actions: str) -> None:
        runs = self.scratch.arn_for_objects(f"{folder}/*")
        role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=[runs]))
        self.acknowledge_runs(role, folder)


def _capacity(settings: DeploymentSettings) -> emr.CfnApplication.MaximumAllowedResourcesProperty:
    """Return the capacity of the driver and all workers together."""
    worker, workers = settings.spark_worker, settings.spark_workers
    return emr.CfnApplication.MaximumAllowedResourcesProperty(
        cpu=f"{DRIVER.vcpu + workers * worker.vcpu} vCPU",
        memory=f"{DRIVER.memory_gb + workers * worker.memory_gb} GB",
    )


def _worker_properties(settings: DeploymentSettings) -> dict[str, str]:
    """Return Spark's properties for the driver and the workers, which it calls executors."""
    workers = settings.spark_workers
    first = str(min(3, workers))
    properties = {
        "spark.dynamicAllocation.maxExecutors": str(workers),
        "spark.dynamicAllocation.initialExecutors": first,
        # EMR's default is 3, and Spark begins with the larger of the two.
        "spark.executor.instances": first,
        # A worker runs one task at a time, which divides the memory among columns.
        "spark.task.cpus": str(settings.spark_worker.vcpu),
    }
    for role, size in (("driver", DRIVER), ("executor", settings.spark_worker)):
        properties[f"spark.{role}.cores"] = str(size.vcpu)
        properties[f"spark.{role}.memory"] = f"{JAVA_GB}g"
        # Python's memory. The job reads this, to compute the memory for columns.
        properties[f"spark.{role}.memoryOverhead"] = f"{size.memory_gb - JAVA_GB}g"
        properties[f"spark.emr-serverless.{role}.disk"] = f"{_DISK_GB}g"
    return properties


def _environment(region: str) -> dict[str, str]:
    """Return Spark's properties that set the environment of the job and of its tasks."""
    everywhere = {"PYSPARK_PYTHON": _PYTHON, "AWS_DEFAULT_REGION": region, "DO_NOT_TRACK": "1"}
    driver = {**everywhere, "PYSPARK_DRIVER_PYTHON": _PYTHON}
    return {
        **{f"spark.emr-serverless.driverEnv.{name}": value for name, value in driver.items()},
        **{f"spark.executorEnv.{name}": value for name, value in everywhere.items()},
    }
