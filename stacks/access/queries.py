"""The minimal permissions to run the monitors' queries in Athena."""

from collections.abc import Iterable
from itertools import groupby

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam

from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.queries import QueriedTable
from stacks.access.tables import shortest
from stacks.common.nag import acknowledge


def grant_run_queries(role: iam.Role, monitors: Iterable[Monitor], key_arns: Iterable[str]) -> None:
    """Give a role permission to run the monitors' queries and store their results.

    `grant_read_tables` covers reading the queried folders and the results.
    """
    queries = [
        table
        for monitor in monitors
        for table in (monitor.reference, monitor.current)
        if table.sql is not None
    ]
    if not queries:
        return
    _grant_athena(role, sorted({query.workgroup or "primary" for query in queries}))
    _grant_catalog(role, sorted({query.database for query in queries if query.database}))
    _grant_output(role, queries)
    keys = sorted(set(key_arns))
    if keys:
        role.add_to_policy(iam.PolicyStatement(actions=["kms:GenerateDataKey"], resources=keys))


def _grant_athena(role: iam.Role, workgroups: list[str]) -> None:
    stack = Stack.of(role)
    role.add_to_policy(
        iam.PolicyStatement(
            actions=[
                "athena:GetQueryExecution",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            resources=[
                stack.format_arn(service="athena", resource="workgroup", resource_name=name)
                for name in workgroups
            ],
        )
    )


def _grant_catalog(role: iam.Role, databases: list[str]) -> None:
    stack = Stack.of(role)

    def arn(resource: str, name: str | None = None) -> str:
        return stack.format_arn(service="glue", resource=resource, resource_name=name)

    # Athena requests the database `default` before any other one.
    known = [arn("database", name) for name in sorted({*databases, "default"})]
    role.add_to_policy(
        iam.PolicyStatement(actions=["glue:GetDatabase"], resources=[arn("catalog"), *known])
    )
    role.add_to_policy(
        iam.PolicyStatement(
            actions=[
                "glue:BatchGetPartition",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:GetTable",
            ],
            resources=[
                arn("catalog"),
                *(arn("database", name) for name in databases),
                *(arn("table", f"{name}/*") for name in databases),
            ],
        )
    )
    for name in databases:
        acknowledge(
            role,
            "IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:"
            f"table/{name}/*]",
            "Which of the database's tables a query names, only Athena knows; what their files "
            "hold, the role may read only where the monitor says so.",
        )


def _grant_output(role: iam.Role, queries: Iterable[QueriedTable]) -> None:
    places = {(place.bucket, place.path) for place in map(_output, queries)}
    for bucket, found in groupby(sorted(places), key=lambda place: place[0]):
        folders = shortest(path for _, path in found)
        arn = f"arn:{Aws.PARTITION}:s3:::{bucket}"
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "s3:AbortMultipartUpload",
                    "s3:DeleteObject",
                    "s3:ListMultipartUploadParts",
                    "s3:PutObject",
                ],
                resources=[f"{arn}/{folder}*" for folder in folders],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], resources=[arn]
            )
        )


def _output(query: QueriedTable) -> Location:
    return Location.parse(query.output or "")
