"""Files by key in a folder or a bucket, and AWS as this process finds it.

Every write is whole or not at all. `write_if` writes only over the version that was read, so that
two runs at once cannot undo each other's work.
"""

import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from filelock import FileLock

from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

FILE_ERRORS = (OSError, BotoCoreError, ClientError)
"""What is raised where files cannot be read, written, listed or removed."""

Prepare = Callable[[str, bytes], tuple[bytes, dict[str, str]]]
"""Returns what a bucket keeps of a file, by its key and body, and the headers that say what it is.
"""

_CONFLICTS = {
    "PreconditionFailed",  # another version is there
    "ConditionalRequestConflict",  # another write is under way
    "NoSuchKey",  # the version was removed
}
_MOST_REMOVED = 1000
"""Objects that S3 removes by one request."""


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


class Files(Protocol):
    """Files, by key. A version is opaque: equal for equal bodies; None for no file.

    What fails raises one of FILE_ERRORS; a folder that cannot be made, DriftMonitorError.
    """

    def read(self, key: str) -> Stored | None:
        """Return what lies under a key."""

    def version(self, key: str) -> str | None:
        """Return the version of what lies under a key."""

    def write(self, key: str, body: bytes) -> None:
        """Put a file under a key."""

    def write_if(self, key: str, body: bytes, version: str | None) -> None:
        """Put a file over this version of it, or raise ConflictError."""

    def move_in(self, path: str, key: str) -> None:
        """Put a file of this machine under a key, however large it is; it may be gone after."""

    def list(self, prefix: str) -> Sequence[Listed]:
        """List all files whose keys begin with a prefix, by key."""

    def folders(self, prefix: str) -> Sequence[str]:
        """List the names of the folders right below a prefix such as `runs/`."""

    def remove(self, key: str) -> None:
        """Remove a file, or a folder with all that is in it; nothing where nothing is there."""


def files_at(folder: Location) -> "Folder | Bucket":
    """Return the files below a folder, or below a prefix of a bucket.

    Raises:
        DriftMonitorError: it is in a bucket, and there are no credentials.
    """
    if folder.bucket is None:
        return Folder(Path(folder.path))
    prefix = folder.path if folder.path.endswith("/") or not folder.path else f"{folder.path}/"
    return Bucket(s3_client(folder.text), folder.bucket, prefix)


def file_at(file: Location) -> "tuple[Folder | Bucket, str]":
    """Return the files of the folder that a file is in, and the file's key among them.

    Raises:
        DriftMonitorError: it is in a bucket, and there are no credentials.
    """
    end = file.path.rfind("/") + 1
    folder = Location(file.text, file.bucket, file.path[:end])
    return files_at(folder), file.path[end:]


def make_folder(folder: Path) -> None:
    """Make a folder if it is not there.

    Raises:
        DriftMonitorError: it cannot be made; the message says why.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DriftMonitorError(f"{folder} cannot be made: {error.strerror}") from error


class Folder:
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
        unfinished = path.with_name(f".{uuid4().hex}")
        try:
            unfinished.write_bytes(body)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def write_if(self, key: str, body: bytes, version: str | None) -> None:
        """Put a file over this version of it, or raise ConflictError."""
        make_folder(self._folder)
        with self._lock:
            if self.version(key) != version:
                raise ConflictError(key)
            self.write(key, body)

    def move_in(self, path: str, key: str) -> None:
        """Move a file of this machine under a key."""
        make_folder((self._folder / key).parent)
        shutil.move(path, self._folder / key)

    def list(self, prefix: str) -> Sequence[Listed]:
        """List all files whose keys begin with a prefix, by key."""
        folder, _, start = prefix.rpartition("/")
        found = {
            path.relative_to(self._folder).as_posix(): path
            for top in (self._folder / folder).glob(f"{escape(start)}*")
            for path in (top, *top.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        return [
            Listed(key, datetime.fromtimestamp(path.stat().st_mtime, UTC))
            for key, path in sorted(found.items())
        ]

    def folders(self, prefix: str) -> Sequence[str]:
        """List the names of the folders right below a prefix."""
        below = self._folder / prefix
        return (
            sorted(path.name for path in below.iterdir() if path.is_dir()) if below.is_dir() else []
        )

    def remove(self, key: str) -> None:
        """Remove a file, or a folder with all that is in it."""
        path = self._folder / key
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _plain(key: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    """Keep a file as it is; say of JSON what it is."""
    return body, {"ContentType": "application/json"} if key.endswith(".json") else {}


class Bucket:
    """Files below a prefix of an S3 bucket; those that are gzip-encoded are read as before that."""

    def __init__(
        self, client: "S3Client", bucket: str, prefix: str = "", prepare: Prepare = _plain
    ) -> None:
        """Use a bucket that is there.

        Args:
            client: S3's.
            bucket: its name.
            prefix: what the objects' keys begin with before the files' keys.
            prepare: says how files are kept in it, by their keys.
        """
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._prepare = prepare

    def read(self, key: str) -> Stored | None:
        """Return what lies under a key."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
        except self._client.exceptions.NoSuchKey:
            return None
        body = found["Body"].read()
        is_packed = found.get("ContentEncoding") == "gzip"
        return Stored(gzip.decompress(body) if is_packed else body, found["ETag"])

    def version(self, key: str) -> str | None:
        """Return the version of what lies under a key."""
        try:
            return self._client.head_object(Bucket=self._bucket, Key=self._prefix + key)["ETag"]
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                return None
            raise

    def write(self, key: str, body: bytes) -> None:
        """Put a file under a key."""
        self._put(key, body)

    def write_if(self, key: str, body: bytes, version: str | None) -> None:
        """Put a file over this version of it, or raise ConflictError."""
        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        try:
            self._put(key, body, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _CONFLICTS:
                raise ConflictError(key) from error
            raise

    def move_in(self, path: str, key: str) -> None:
        """Upload a file of this machine, in parts where it is large."""
        self._client.upload_file(path, self._bucket, self._prefix + key)

    def list(self, prefix: str) -> Sequence[Listed]:
        """List all files whose keys begin with a prefix, by key."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        return [
            Listed(found["Key"].removeprefix(self._prefix), found["LastModified"])
            for page in pages
            for found in page.get("Contents", [])
        ]

    def folders(self, prefix: str) -> Sequence[str]:
        """List the names of the folders right below a prefix."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix, Delimiter="/"
        )
        return [
            found["Prefix"].removeprefix(self._prefix + prefix).rstrip("/")
            for page in pages
            for found in page.get("CommonPrefixes", [])
        ]

    def remove(self, key: str) -> None:
        """Remove a file, or a folder with all that is in it."""
        keys = [each.key for each in self.list(key) if f"{each.key}/".startswith(f"{key}/")]
        for first in range(0, len(keys), _MOST_REMOVED):
            found = [{"Key": self._prefix + each} for each in keys[first : first + _MOST_REMOVED]]
            done = self._client.delete_objects(
                Bucket=self._bucket,
                Delete={"Objects": found, "Quiet": True},  # type: ignore[typeddict-item]
            )
            for error in done.get("Errors", []):
                raise OSError(f"{error.get('Key')}: {error.get('Message')}")

    def _put(self, key: str, body: bytes, **condition: str) -> None:
        kept, headers = self._prepare(key, body)
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._prefix + key,
            Body=kept,
            **{**headers, **condition},  # type: ignore[arg-type]
        )


def s3_client(text: str) -> "S3Client":
    """Return a client of S3, with this process's credentials.

    Args:
        text: what it is for, as the user says it.

    Raises:
        DriftMonitorError: there are no credentials.
    """
    return aws_session(text)[0].client("s3")


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
