"""Files below a folder, or below a prefix of a bucket: written whole, listed and removed."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from drift_monitor.config.locations import Location
from drift_monitor.storage import aws_session

FILE_ERRORS = (OSError, BotoCoreError, ClientError)
"""What is raised where files cannot be written, listed or removed."""


def files_at(folder: Location) -> "_Folder | _Bucket":
    """Return the files below a folder, or below a prefix of a bucket.

    Raises:
        DriftMonitorError: it is in a bucket, and there are no credentials.
    """
    return _Folder(Path(folder.path)) if folder.bucket is None else _Bucket(folder, folder.bucket)


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, key: str, body: bytes) -> None:
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{uuid4().hex}")
        try:
            unfinished.write_bytes(body)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def folders(self, prefix: str) -> Sequence[str]:
        below = self._folder / prefix
        return [path.name for path in below.iterdir() if path.is_dir()] if below.is_dir() else []

    def remove(self, key: str) -> None:
        shutil.rmtree(self._folder / key)


class _Bucket:
    def __init__(self, folder: Location, bucket: str) -> None:
        self._client = aws_session(folder.text)[0].client("s3")
        self._bucket, self._prefix = bucket, f"{folder.path}/"

    def write(self, key: str, body: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=body)

    def folders(self, prefix: str) -> Sequence[str]:
        start = self._prefix + prefix
        return [
            found["Prefix"].removeprefix(start).rstrip("/")
            for page in self._pages(start, "/")
            for found in page.get("CommonPrefixes", [])
        ]

    def remove(self, key: str) -> None:
        for page in self._pages(f"{self._prefix}{key}/"):
            for found in page.get("Contents", []):
                self._client.delete_object(Bucket=self._bucket, Key=found["Key"])

    def _pages(self, prefix: str, delimiter: str = "") -> Any:  # noqa: ANN401 - boto3's answers
        return self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter=delimiter
        )
