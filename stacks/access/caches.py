"""The minimal permissions for reference caches."""

from collections.abc import Iterable
from itertools import groupby

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from drift_monitor.config.locations import CACHE, Location, sidecar
from drift_monitor.config.monitor import Monitor
from stacks.common.nag import acknowledge


def grant_keep_caches(role: iam.Role, monitors: Iterable[Monitor], key_arns: Iterable[str]) -> None:
    """Give a role permission to write, read, list and delete the monitors' reference caches."""
    found = {(place.bucket, place.path) for place in map(_cache, monitors) if place}
    for bucket, places in groupby(sorted(found), key=lambda place: place[0]):
        folders = [f"{path}/*" for _, path in places]
        objects = [f"arn:{Aws.PARTITION}:s3:::{bucket}/{folder}" for folder in folders]
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], resources=objects
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[f"arn:{Aws.PARTITION}:s3:::{bucket}"],
                conditions={"StringLike": {"s3:prefix": folders}},
            )
        )
        for folder in folders:
            acknowledge(
                role,
                f"IAM5[Resource::arn:<AWS::Partition>:s3:::{bucket}/{folder}]",
                "A cache is the files below a prefix of its own, named after the table's state.",
            )
    keys = sorted(set(key_arns))
    if found and keys:
        role.add_to_policy(iam.PolicyStatement(actions=["kms:GenerateDataKey"], resources=keys))


def _cache(monitor: Monitor) -> Location | None:
    """Return where a monitor's reference cache is in S3; None if it has none there."""
    reference = monitor.reference
    if reference.location is None or not reference.cache:
        return None
    place = sidecar(Location.parse(reference.location), f"{CACHE}/{monitor.name}")
    return None if place.bucket is None else place
