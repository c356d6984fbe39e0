"""The bucket of the site, and who can read it."""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Annotations, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.common.nag import acknowledge
from stacks.settings import DeploymentSettings
from stacks.site.cloudfront import CloudFrontSite

# Only the HTML reports expire: they are megabytes, the results and the history are kilobytes.
_REPORTS = "reports/"
_WRITTEN = (
    *("index.html", "error.html", "overview.json", "watch.json"),
    *("assets/*", "monitors/*", f"{_REPORTS}*"),
)
_READ = ("index.html", "overview.json", "watch.json", "monitors/*")


class ReportSite(Construct):
    """The site's bucket, its hosting, and its readers.

    Attributes:
        bucket: where the function publishes; the same one for every access.
        edge: CloudFront, if it serves the site; None if the bucket does.
        url: the site's address.
        readers: a sentence that says who can read.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: DeploymentSettings
    ) -> None:
        """Create the bucket and give its readers access."""
        super().__init__(scope, construct_id)
        self.bucket = self._bucket(settings)
        self.edge: CloudFrontSite | None = None
        self.url = self.bucket.bucket_website_url
        match settings.access:
            case "public":
                self.readers = "The site: anyone on the internet who has this address can read it"
                self._let_everyone_read()
            case "allowlist":
                self.readers = "The site: only addresses in allow_ips can read it, over plain HTTP"
                self._let_ranges_read(settings)
            case "cloudfront":
                self.edge = CloudFrontSite(self, "Edge", bucket=self.bucket, settings=settings)
                self.url = self.edge.url
                self.readers = self._readers_at_the_edge(settings)
                acknowledge(self.bucket, "S1", "CloudFront, its only reader, logs each request.")

    def _bucket(self, settings: DeploymentSettings) -> s3.Bucket:
        """Create the bucket. `access` changes only what CloudFormation updates in place."""
        destroy = settings.on_destroy == "destroy"
        serves = settings.access != "cloudfront"
        return s3.Bucket(
            self,
            "Bucket",
            website_index_document="index.html" if serves else None,
            website_error_document="error.html" if serves else None,
            # A website endpoint speaks plain HTTP only.
            enforce_ssl=not serves,
            encryption=s3.BucketEncryption.S3_MANAGED,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            # To S3, a policy that names addresses is not public. The other one is, and is allowed.
            block_public_access=s3.BlockPublicAccess.BLOCK_ACLS_ONLY
            if settings.access == "public"
            else s3.BlockPublicAccess.BLOCK_ALL,
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

    def grant_publish(self, role: iam.Role) -> None:
        """Give a role permission to write the site, and to read the files that it adds to."""
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

    def _let_everyone_read(self) -> None:
        self._let_read("PublicReadGetObject")
        acknowledge(
            self.bucket, "S2", "access is public: the setting, the output and a warning say so."
        )
        Annotations.of(self).add_warning_v2(
            "drift-monitor:public-site",
            "access is public: anyone on the internet who has the site's address can read it. It "
            "shows aggregates, never rows",
        )

    def _let_ranges_read(self, settings: DeploymentSettings) -> None:
        self._let_read(
            "AllowlistReadGetObject", {"IpAddress": {"aws:SourceIp": settings.allow_ips}}
        )

    def _let_read(self, sid: str, conditions: Mapping[str, object] | None = None) -> None:
        """Give readers access to the bucket's own website."""
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[iam.StarPrincipal()],
                actions=["s3:GetObject"],
                resources=[self.bucket.arn_for_objects("*")],
                conditions=conditions,
            )
        )
        for finding, reason in (
            ("S1", "Readers of a report are not tracked; what is published is recorded by run."),
            ("S5", "The website endpoint is what people read, as access says."),
            ("S10", "A website endpoint speaks plain HTTP only: TLS would close it."),
        ):
            acknowledge(self.bucket, finding, reason)

    def _readers_at_the_edge(self, settings: DeploymentSettings) -> str:
        words = "The site: only "
        words += "addresses in allow_ips" if settings.allow_ips else "those with the password"
        if settings.allow_ips and settings.password:
            words += " with the password"
        words += " can read it"
        if settings.password:
            stack = Stack.of(self).stack_name
            words += f"; nobody before drift-monitor set-password --stack {stack}"
        return words
