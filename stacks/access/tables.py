"""The minimal permissions to read the monitors' tables."""

from collections.abc import Iterable
from itertools import groupby

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from drift_monitor.config.locations import BASELINE, Location, sidecar
from drift_monitor.config.monitor import Monitor
from stacks.common.nag import acknowledge


def grant_read_tables(role: iam.Role, monitors: Iterable[Monitor], key_arns: Iterable[str]) -> None:
    """Give a role permission to list, read and decrypt the monitors' tables, and nothing else."""
    monitors = list(monitors)
    tables = [
        place
        for monitor in monitors
        for place in map(Location.parse, monitor.locations.values())
        if place.bucket is not None
    ]
    baselines = [place for place in map(_baseline, monitors) if place]
    keys_alone = {
        (place.bucket, place.path) for place in [*baselines, *filter(_may_be_a_file, tables)]
    }
    places = sorted(
        (place.bucket, _readable_prefix(place), _listed_prefix(place)) for place in tables
    )
    for bucket, found in groupby(places, key=lambda place: place[0]):
        _, readable, listable = zip(*found, strict=True)
        single = sorted(path for its_bucket, path in keys_alone if its_bucket == bucket)
        _grant_read(role, bucket, shortest(readable), single)
        _grant_list(role, bucket, shortest(listable), single)
    keys = sorted(set(key_arns))
    if keys:
        role.add_to_policy(iam.PolicyStatement(actions=["kms:Decrypt"], resources=keys))


def _baseline(monitor: Monitor) -> Location | None:
    """Return where a reference's baseline may be; None if it is not a pinned table in S3."""
    if monitor.reference.location is None:
        return None
    place = sidecar(Location.parse(monitor.reference.location), BASELINE)
    return None if place.bucket is None else place


def shortest(prefixes: Iterable[str]) -> list[str]:
    """Return the prefixes without those that begin with another one."""
    kept: list[str] = []
    # Sorted, a prefix comes directly before all that begin with it.
    for prefix in sorted(set(prefixes)):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return kept


def _may_be_a_file(place: Location) -> bool:
    """Return whether a location may name a single object, judging by its name."""
    return not (place.is_glob or place.is_dated or place.path.endswith("/"))


def _readable_prefix(place: Location) -> str:
    """Return the prefix of a table's objects, which no other table beside it shares."""
    return f"{place.path}/" if _may_be_a_file(place) else place.literal_prefix


def _listed_prefix(place: Location) -> str:
    """Return the prefix of a listing: for a wildcard within a name, the folder of that name."""
    prefix = _readable_prefix(place)
    return prefix[: prefix.rfind("/") + 1] if place.is_glob else prefix


def _grant_read(role: iam.Role, bucket: str, prefixes: list[str], single: list[str]) -> None:
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"],
            resources=[
                f"arn:{Aws.PARTITION}:s3:::{bucket}/{pattern}"
                for pattern in _patterns(prefixes, single)
            ],
        )
    )
    for prefix in prefixes:
        acknowledge(
            role,
            f"IAM5[Resource::arn:<AWS::Partition>:s3:::{bucket}/{prefix}*]",
            "A table is the files below a prefix, and its next file's name is not yet known.",
        )


def _patterns(prefixes: list[str], single: list[str]) -> list[str]:
    """Return patterns for all keys below some prefixes, and for single keys elsewhere."""
    others = [key for key in single if not key.startswith(tuple(prefixes))]
    return [*(f"{prefix}*" for prefix in prefixes), *others]


def _grant_list(role: iam.Role, bucket: str, prefixes: list[str], single: list[str]) -> None:
    # Listing a bucket from its root has no prefix, so no condition on the prefix can match. The
    # single keys are in the condition, because without permission to list them S3 answers for a
    # missing one that access is denied.
    within = {"StringLike": {"s3:prefix": _patterns(prefixes, single)}}
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[f"arn:{Aws.PARTITION}:s3:::{bucket}"],
            conditions={} if "" in prefixes else within,
        )
    )
