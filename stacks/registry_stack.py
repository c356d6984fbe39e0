"""The registry of images that are built once and deployed to several environments."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct

REPOSITORY = "drift_monitoring"

# An image must stay longer than its deployment: Lambda needs it again after a function was idle for
# weeks, and CloudFormation for a rollback. Each costs at most 0.02 $ a month, so many are kept.
_KEPT = 100


def spark_tag(tag: str) -> str:
    """Return the tag of the Spark job's image, from that of the function's."""
    return f"{tag}-spark"


class ImageRegistryStack(Stack):
    """The repository that `make image-push` pushes to, and that each environment deploys from.

    Attributes:
        repository: keeps the images; it stays when the stack is removed.
    """

    def __init__(self, scope: Construct, construct_id: str, *, spark: bool) -> None:
        """Create the repository and give this account's functions access.

        Args:
            scope: the app.
            construct_id: the stack's name.
            spark: whether it also keeps images of the Spark job.
        """
        super().__init__(scope, construct_id, description="Drift Monitor: the function's images")
        self.repository = ecr.Repository(
            self,
            "Images",
            repository_name=REPOSITORY,
            image_scan_on_push=True,
            # v1 always names the image that was tested as v1.
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            lifecycle_rules=[
                ecr.LifecycleRule(
                    description="Remove what has no tag: the rest of a push that broke off",
                    tag_status=ecr.TagStatus.UNTAGGED,
                    max_image_age=Duration.days(7),
                ),
                ecr.LifecycleRule(
                    description=f"Keep the newest {_KEPT}, what is deployed is among them",
                    tag_status=ecr.TagStatus.TAGGED,
                    tag_pattern_list=["*"],
                    max_image_count=_KEPT,
                ),
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )
        self._let_functions_in()
        if spark:
            self._let_applications_in()
        CfnOutput(
            self,
            "RepositoryUri",
            value=self.repository.repository_uri,
            description="Where make image-push pushes to",
        )

    def _let_functions_in(self) -> None:
        self.repository.add_to_resource_policy(
            iam.PolicyStatement(
                sid="FunctionsOfThisAccount",
                principals=[iam.ServicePrincipal("lambda.amazonaws.com")],
                actions=["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                conditions={
                    "ArnLike": {
                        "aws:SourceArn": self.format_arn(
                            service="lambda", resource="function:DriftMonitor-*"
                        )
                    }
                },
            )
        )

    def _let_applications_in(self) -> None:
        self.repository.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ApplicationsOfThisAccount",
                principals=[iam.ServicePrincipal("emr-serverless.amazonaws.com")],
                actions=["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"],
                conditions={
                    "ArnLike": {
                        "aws:SourceArn": self.format_arn(
                            service="emr-serverless", resource="/applications", resource_name="*"
                        )
                    }
                },
            )
        )
