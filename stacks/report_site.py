"""Where the reports are read: a bucket that serves a static website."""

from typing import cast

from aws_cdk import Annotations, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.acknowledge import acknowledge
from stacks.settings import DeploymentSettings

# Only the HTML reports expire: they are megabytes, the results and the history are kilobytes.
_REPORTS = "reports/"
_WRITTEN = ("index.html", "error.html", "watch.json", "monitors/*", f"{_REPORTS}*")
_READ = ("index.html", "watch.json", "monitors/*")


class ReportSite(Construct):
    """The site's bucket, its hosting, and who may read.

    Attributes:
        bucket: where the function publishes.
        url: where people read.
        readers: who may, in words.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: DeploymentSettings
    ) -> None:
        """Make the bucket and let its readers in."""
        super().__init__(scope, construct_id)
        destroy = settings.on_destroy == "destroy"
        # No enforce_ssl: the website endpoint speaks plain HTTP only.
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            website_index_document="index.html",
            website_error_document="error.html",
            encryption=s3.BucketEncryption.S3_MANAGED,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            # Lets a bucket policy open the bucket, and nothing else do so.
            block_public_access=s3.BlockPublicAccess.BLOCK_ACLS_ONLY,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="ExpireReports",
                    prefix=_REPORTS,
                    expiration=Duration.days(settings.report_retention_days),
                ),
                s3.LifecycleRule(
                    id="AbortUploads", abort_incomplete_multipart_upload_after=Duration.days(1)
                ),
            ],
            removal_policy=RemovalPolicy.DESTROY if destroy else RemovalPolicy.RETAIN,
            auto_delete_objects=destroy,
        )
        self.url = self.bucket.bucket_website_url
        self._acknowledge()
        match settings.access:
            case "public":
                self.readers = "The site: anyone on the internet who has this address can read it"
                self._let_everyone_read()

    def grant_publish(self, role: iam.Role) -> None:
        """Let a role write what the site consists of, and read again what it adds to."""
        for action, keys in (("s3:PutObject", _WRITTEN), ("s3:GetObject", _READ)):
            role.add_to_policy(
                iam.PolicyStatement(
                    actions=[action], resources=[self.bucket.arn_for_objects(key) for key in keys]
                )
            )
        # Without it S3 answers 403, not 404, when a key is missing.
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[self.bucket.bucket_arn])
        )
        bucket = Stack.of(self).get_logical_id(cast("s3.CfnBucket", self.bucket.node.default_child))
        for key in (key for key in _WRITTEN if key.endswith("*")):
            acknowledge(
                role,
                f"IAM5[Resource::<{bucket}.Arn>/{key}]",
                "Each run writes its own keys below these prefixes, named after its time.",
            )

    def _acknowledge(self) -> None:
        acknowledge(
            self.bucket,
            "S1",
            "Readers of a report are not tracked; what is published is recorded run by run.",
        )
        acknowledge(
            self.bucket, "S10", "A website endpoint speaks plain HTTP only: TLS would close it."
        )

    def _let_everyone_read(self) -> None:
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="PublicReadGetObject",
                principals=[iam.StarPrincipal()],
                actions=["s3:GetObject"],
                resources=[self.bucket.arn_for_objects("*")],
            )
        )
        acknowledge(
            self.bucket, "S2", "access is public: the setting, the output and a warning say so."
        )
        acknowledge(
            self.bucket, "S5", "access is public: the website endpoint is what people read."
        )
        Annotations.of(self).add_warning_v2(
            "drift-monitor:public-site",
            "access is public: anyone on the internet who has the site's address can read it. It "
            "shows aggregates, never rows",
        )
