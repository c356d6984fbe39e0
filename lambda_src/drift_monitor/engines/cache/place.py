"""Where a cache lies: a folder or a bucket, written to and cleared alike."""

import re
import shutil
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pyarrow as pa

from drift_monitor.config.locations import Location
from drift_monitor.storage import aws_session
from drift_monitor.tables.arrow_storage import storage_of

_FOLDER = re.compile("[0-9a-f]{16}")
"""What a folder of a cache is named: its digest. Nothing else is ever removed."""


class Place(Protocol):
    """Where the files of a cache lie, each in a folder named after a digest.

    Attributes:
        errors: what its methods raise when they cannot.
    """

    errors: tuple[type[Exception], ...]

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""

    def open(self, name: str) -> pa.NativeFile:
        """Open a file for reads in any order."""

    def write(self, name: str, body: pa.Buffer) -> None:
        """Write a file, whole or not at all."""

    def folders(self) -> list[str]:
        """List the folders."""

    def remove(self, folder: str) -> None:
        """Remove a folder with all that is in it."""


def place_of(root: Location) -> Place:
    """Return the place at a location.

    Raises:
        DriftMonitorError: it is in a bucket, and there are no credentials.
    """
    return _FolderPlace(root) if root.bucket is None else _BucketPlace(root, root.bucket)


class _FolderPlace:
    errors: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, root: Location) -> None:
        self._root = Path(root.path)
        self._storage = storage_of(root)

    def __str__(self) -> str:
        return str(self._root)

    def has(self, name: str) -> bool:
        return (self._root / name).is_file()

    def open(self, name: str) -> pa.NativeFile:
        return self._storage.open(str(self._root / name))

    def write(self, name: str, body: pa.Buffer) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{uuid4().hex}")
        try:
            unfinished.write_bytes(body)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def folders(self) -> list[str]:
        found = self._root.iterdir() if self._root.is_dir() else ()
        return sorted(path.name for path in found if _FOLDER.fullmatch(path.name))

    def remove(self, folder: str) -> None:
        shutil.rmtree(self._root / folder)


class _BucketPlace:
    def __init__(self, root: Location, bucket: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see storage.py

        self.errors: tuple[type[Exception], ...] = (OSError, BotoCoreError, ClientError)
        self._bucket, self._root = bucket, root.path
        self._storage = storage_of(root)
        self._client = aws_session(root.text)[0].client("s3")

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{self._root}"

    def has(self, name: str) -> bool:
        # By a listing: to who may not list the whole bucket, S3 forbids to open what is not there.
        path = f"{self._bucket}/{self._root}/{name}"
        return any(file.path == path for file in self._storage.below(path))

    def open(self, name: str) -> pa.NativeFile:
        return self._storage.open(f"{self._bucket}/{self._root}/{name}")

    def write(self, name: str, body: pa.Buffer) -> None:
        key = f"{self._root}/{name}"
        self._client.put_object(Bucket=self._bucket, Key=key, Body=pa.BufferReader(body))

    def folders(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{self._root}/", Delimiter="/"
        )
        prefixes = [found["Prefix"] for page in pages for found in page.get("CommonPrefixes", [])]
        names = [prefix.rstrip("/").rpartition("/")[2] for prefix in prefixes]
        return [name for name in names if _FOLDER.fullmatch(name)]

    def remove(self, folder: str) -> None:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{self._root}/{folder}/"
        )
        for page in pages:
            for found in page.get("Contents", []):
                self._client.delete_object(Bucket=self._bucket, Key=found["Key"])
