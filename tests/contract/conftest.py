"""The stores that every promise here is checked against."""

from pathlib import Path

import boto3
import pytest

from drift_monitor.site.store import site_bucket
from drift_monitor.storage import Files, Folder

BUCKET = "site"


@pytest.fixture
def bucket(aws: str) -> str:
    """Make a bucket in the test's own account."""
    region = {"LocationConstraint": "eu-west-1"}
    boto3.client("s3", endpoint_url=aws).create_bucket(
        Bucket=BUCKET,
        CreateBucketConfiguration=region,  # type: ignore[arg-type]
    )
    return BUCKET


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """Give each test a store of each sort, empty."""
    if request.param == "folder":
        return Folder(tmp_path / "site")
    bucket = request.getfixturevalue("bucket")
    return site_bucket(boto3.client("s3"), bucket)


@pytest.fixture
def elsewhere(store: Files, tmp_path: Path) -> Files:
    """Open the same store a second time, as another process would."""
    if isinstance(store, Folder):
        return Folder(tmp_path / "site")
    return site_bucket(boto3.client("s3"), BUCKET)
