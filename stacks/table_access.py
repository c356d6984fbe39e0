"""Which objects the monitors' tables are, and the least that a role needs to read them."""

from collections.abc import Iterable
from itertools import groupby

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from drift_monitor.location import Location
from drift_monitor.monitor import Monitor
from stacks.acknowledge import acknowledge


def grant_read_tables(role: iam.Role, monitors: Iterable[Monitor], key_arns: Iterable[str]) -> None:
    """Let a role find, read and decrypt the monitors' tables, and nothing beside them."""
    places = sorted(
        (place.bucket, place.literal_prefix, _listed_prefix(place))
        for monitor in monitors
        for place in map(Location.parse, (monitor.reference.location, monitor.current.location))
        if place.bucket is not None
    )
    for bucket, found in groupby(places, key=lambda place: place[0]):
        _, readable, listable = zip(*found, strict=True)
        _grant_read(role, bucket, shortest(readable))
        _grant_list(role, bucket, shortest(listable))
    keys = sorted(set(key_arns))
    if keys:
        role.add_to_policy(iam.PolicyStatement(actions=["kms:Decrypt"], resources=keys))


def shortest(prefixes: Iterable[str]) -> list[str]:
    """Leave out each prefix that begins with another."""
    kept: list[str] = []
    # In this order a prefix comes before all that begin with it, and nothing else between.
    for prefix in sorted(set(prefixes)):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return kept


def _listed_prefix(place: Location) -> str:
    """Return what a listing starts with: for a wildcard within a name, the folder of that name."""
    prefix = place.literal_prefix
    return prefix[: prefix.rfind("/") + 1] if place.is_glob else prefix


def _grant_read(role: iam.Role, bucket: str, prefixes: list[str]) -> None:
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"],
            resources=[f"arn:{Aws.PARTITION}:s3:::{bucket}/{prefix}*" for prefix in prefixes],
        )
    )
    for prefix in prefixes:
        acknowledge(
            role,
            f"IAM5[Resource::arn:<AWS::Partition>:s3:::{bucket}/{prefix}*]",
            "A table is the files below a prefix, and its next file's name is not yet known.",
        )


def _grant_list(role: iam.Role, bucket: str, prefixes: list[str]) -> None:
    # Listing a bucket from its root names no prefix at all, so no condition on it can hold.
    within = {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in prefixes]}}
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[f"arn:{Aws.PARTITION}:s3:::{bucket}"],
            conditions={} if "" in prefixes else within,
        )
    )
