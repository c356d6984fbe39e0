"""Files by key in a folder or a bucket, and AWS as this process finds it.

Every write is whole or not at all. `write_if` writes only over the version that was read, so that
two runs at once cannot undo each other's work.
"""

import gzip
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError
from filelock import FileLock

from drift_monitor.errors import DriftMonitorError

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

Prepare = Callable[[str, bytes], tuple[bytes, dict[str, str]]]
"""Returns what a bucket keeps of a file, by its key and body, and the headers that say what it is.
"""

_CONFLICTS = {
    "PreconditionFailed",  # another version is there
    "ConditionalRequestConflict",  # another write is under way
    "NoSuchKey",  # the version was removed
}


class ConflictError(Exception):
    """Somebody else wrote the key since its version was read."""


@dataclass(frozen=True)
class Stored:
    """What lies under a key, and the version that it is."""

    body: bytes
    version: str


@dataclass(frozen=True)
class Listed:
    """A file of a listing, and when it was last written."""

    key: str
    written_at: datetime


class Store(Protocol):
    """Files, by key. A version is opaque: equal for equal bodies; None for no file."""

    def read(self, key: str) -> Stored | None:
        """Return what lies under a key."""

    def version(self, key: str) -> str | None:
        """Return the version of what lies under a key."""

    def write(self, key: str, body: bytes) -> None:
        """Put a file under a key."""

    def write_if(self, key: str, body: bytes, version: str | None) -> None:
        """Put a file over this version of it, or raise ConflictError."""

    def folders(self, prefix: str) -> list[str]:
        """List the names of the folders right below a prefix such as `monitors/`."""

    def files(self, prefix: str) -> list[Listed]:
        """List all files whose keys begin with a prefix, by key."""


def make_folder(folder: Path) -> None:
    """Make a folder if it is not there.

    Raises:
        DriftMonitorError: it cannot be made; the message says why.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DriftMonitorError(f"{folder} cannot be made: {error.strerror}") from error


class FolderStore:
    """Files in a local folder."""

    def __init__(self, folder: Path) -> None:
        """Read what is there; the folder is made when something is written."""
        self._folder = folder
        self._lock = FileLock(folder / ".lock")

    def read(self, key: str) -> Stored | None:
        """Return what lies under a key."""
        path = self._folder / key
        if not path.is_file():
            return None
        body = path.read_bytes()
        return Stored(body, hashlib.sha256(body).hexdigest())

    def version(self, key: str) -> str | None:
        """Return the version of what lies under a key."""
        stored = self.read(key)
        return None if stored is None else stored.version

    def write(self, key: str, body: bytes) -> None:
        """Put a file under a key."""
        path = self._folder / key
        make_folder(path.parent)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(body)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)

    def write_if(self, key: str, body: bytes, version: str | None) -> None:
        """Put a file over this version of it, or raise ConflictError."""
        make_folder(self._folder)
        with self._lock:
            if self.version(key) != version:
                raise ConflictError(key)
            self.write(key, body)

    def folders(self, prefix: str) -> list[str]:
        """List the names of the folders right below a prefix."""
        below = self._folder / prefix
        return (
            sorted(path.name for path in below.iterdir() if path.is_dir()) if below.is_dir() else []
        )

    def files(self, prefix: str) -> list[Listed]:
        """List all files whose keys begin with a prefix, by key."""
        folder = self._folder / prefix.rpartition("/")[0]
        found = {
            path.relative_to(self._folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        return [
            Listed(key, datetime.fromtimestamp(path.stat().st_mtime, UTC))
            for key, path in sorted(found.items())
            if key.startswith(prefix)
        ]


class S3Store:
    """Files in an S3 bucket; those that are gzip-encoded are read as they were before."""

    def __init__(self, client: "S3Client", bucket: str, prepare: Prepare) -> None:
        """Use a bucket that is there; `prepare` says how files are kept in it."""
        self._client = client
        self._bucket = bucket
        self._prepare = prepare

    def read(self, key: str) -> Stored | None:
        """Return what lies under a key."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        body = found["Body"].read()
        is_packed = found.get("ContentEncoding") == "gzip"
        return Stored(gzip.decompress(body) if is_packed else body, found["ETag"])

    def version(self, key: str) -> str | None:
        """Return the version of what lies under a key."""
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)["ETag"]
        except ClientError as error:
            if _status(error) == HTTPStatus.NOT_FOUND:
                return None
            raise

    def write(self, key: str, body: bytes) -> None:
        """Put a file under a key."""
        self._put(key, body, {})

    def write_if(self, key: str, body: bytes, version: str | None) -> None:
        """Put a file over this version of it, or raise ConflictError."""
        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        try:
            self._put(key, body, condition)
        except ClientError as error:
            if _code(error) in _CONFLICTS:
                raise ConflictError(key) from error
            raise

    def folders(self, prefix: str) -> list[str]:
        """List the names of the folders right below a prefix."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter="/"
        )
        return [
            found["Prefix"].removeprefix(prefix).rstrip("/")
            for page in pages
            for found in page.get("CommonPrefixes", [])
        ]

    def files(self, prefix: str) -> list[Listed]:
        """List all files whose keys begin with a prefix, by key."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        return [
            Listed(found["Key"], found["LastModified"])
            for page in pages
            for found in page.get("Contents", [])
        ]

    def _put(self, key: str, body: bytes, headers: dict[str, str]) -> None:
        kept, said = self._prepare(key, body)
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=kept,
            **{**said, **headers},  # type: ignore[arg-type]
        )


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def aws_session(text: str) -> "tuple[Session, Credentials]":
    """Find credentials as boto3 does (profiles, SSO, roles), for reading as for publishing.

    Args:
        text: what they are for, as the monitor says it.

    Raises:
        DriftMonitorError: there are none.
    """
    import boto3  # noqa: PLC0415 - half a second that local tables need not wait

    session = boto3.Session()
    credentials = session.get_credentials()
    if credentials is None:
        raise DriftMonitorError(
            f"{text} cannot be read: no AWS credentials; set AWS_PROFILE, or log in"
        )
    return session, credentials


def s3_endpoint() -> str | None:
    """Return where S3 is, if it is not where AWS has it: by the names that boto3 has for it."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
