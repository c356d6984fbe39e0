"""Files in a folder or a bucket, listed, and opened as Arrow reads them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import pyarrow as pa
from botocore.exceptions import ClientError
from pyarrow import fs
from pyarrow import parquet as pq

from drift_monitor.config.locations import Location
from drift_monitor.storage import aws_session, s3_endpoint
from drift_monitor.tables.formats import packing_of

READERS = 8
"""Files or parts of them that are read at once, whatever memory each takes."""
REQUESTS = 24
"""Of small ones. S3 takes tens of milliseconds to answer, nearly all waiting; and Arrow keeps 25
connections."""
_CONNECT_TIMEOUT = 5
_STALL_TIMEOUT = 10
"""Seconds without a byte until a request is given up, and made again."""
_ATTEMPTS = 5
_OPEN_FILES = 256
_OPEN_OBJECTS = 10_000


@dataclass(frozen=True)
class StoredFile:
    """A file as it was listed.

    Attributes:
        path: in the file system; of an object, bucket and key.
        size: in bytes.
        version: another one whenever the content is.
    """

    path: str
    size: int
    version: str


class Storage(Protocol):
    """What a table needs of the place where its files lie. Listing raises FILE_ERRORS.

    Attributes:
        is_local: reads need no waiting.
    """

    is_local: bool

    def named(self, path: str) -> StoredFile | None:
        """Find the file of this path."""

    def below(self, prefix: str) -> Iterator[StoredFile]:
        """List the files whose path begins with this, however deep, a page at a time."""

    def open(self, path: str) -> pa.NativeFile:
        """Open a file for reads in any order; it stays open for the next caller."""

    def footer(self, path: str, size: int | None) -> pq.FileMetaData:
        """Read a Parquet file's footer; of a size that was listed, without asking for it."""

    def stream(self, path: str) -> pa.NativeFile:
        """Open a file to read it from its start, decompressed where its name says so."""

    def __reduce__(self) -> tuple[type, tuple[Location, ...]]:
        """Let another process have one like it, which opens files and finds credentials itself."""


def storage_of(location: Location) -> Storage:
    """Return the storage that a location is in.

    Raises:
        DriftMonitorError: it is a bucket, and there are no credentials.
    """
    return LocalStorage() if location.bucket is None else S3Storage(location)


class LocalStorage:
    """Files on this machine."""

    is_local = True

    def __init__(self) -> None:
        """Open nothing yet."""
        self._system = fs.LocalFileSystem()
        self.open = lru_cache(_OPEN_FILES)(self._open)

    def __reduce__(self) -> tuple[type, tuple[Location, ...]]:
        """Let another process have one like it."""
        return LocalStorage, ()

    def _open(self, path: str) -> pa.NativeFile:
        return self._system.open_input_file(_absolute(path))

    def footer(self, path: str, _: int | None) -> pq.FileMetaData:
        """Read a Parquet file's footer."""
        return pq.ParquetFile(self.open(path)).metadata

    def named(self, path: str) -> StoredFile | None:
        """Find the file of this path."""
        return _stored(path) if os.path.isfile(path) else None  # noqa: PTH113 - as os.walk speaks

    def below(self, prefix: str) -> Iterator[StoredFile]:
        """List the files in the folder of this prefix, however deep, and through links."""
        top = os.path.dirname(prefix) or "."  # noqa: PTH120 - Path would drop the last slash
        if not os.path.isdir(top):  # noqa: PTH112 - as os.walk speaks
            return
        for folder, folders, names in os.walk(top, onerror=_raise, followlinks=True):
            folders.sort()
            for name in names:
                # A file may vanish after it was listed: then it is not there.
                with suppress(FileNotFoundError):
                    yield _stored(os.path.join(folder, name))  # noqa: PTH118 - many, and quick

    def stream(self, path: str) -> pa.NativeFile:
        """Open a file to read it from its start."""
        return self._system.open_input_stream(_absolute(path), compression=packing_of(path))


def _absolute(path: str) -> str:
    """Return a path that Arrow cannot take for a URI, as it does with `a: b/t.csv`."""
    return os.path.abspath(path)  # noqa: PTH100 - as os.walk speaks


def _raise(error: OSError) -> None:
    raise error


def _stored(path: str) -> StoredFile:
    stat = os.stat(path)  # noqa: PTH116 - as above
    return StoredFile(path, stat.st_size, f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ino}")


class S3Storage:
    """Objects in S3, or in what speaks as S3 does."""

    is_local = False

    def __init__(self, location: Location) -> None:
        """Find credentials for reading."""
        from botocore.config import Config  # noqa: PLC0415 - local tables need not wait for it

        self._location = location
        session, self._credentials = aws_session(location.text)
        self._region = session.region_name
        self._client = session.client(
            "s3",
            config=Config(
                connect_timeout=_CONNECT_TIMEOUT,
                read_timeout=_STALL_TIMEOUT,
                max_pool_connections=READERS,
            ),
        )
        self._system = lru_cache(1)(self._system_with)
        self._opened = lru_cache(_OPEN_OBJECTS)(
            lambda path, credentials: self._system(credentials).open_input_file(path)
        )

    def __reduce__(self) -> tuple[type, tuple[Location, ...]]:
        """Let another process have one like it, with the credentials that it finds itself."""
        return S3Storage, (self._location,)

    def named(self, path: str) -> StoredFile | None:
        """Find the object of this path: with permission to read it, but maybe none to list."""
        bucket, _, key = path.partition("/")
        try:
            found = self._client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return None
            raise
        return StoredFile(path, found["ContentLength"], found["ETag"])

    def below(self, prefix: str) -> Iterator[StoredFile]:
        """List the objects whose path begins with this, a thousand to a page."""
        bucket, _, start = prefix.partition("/")
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=start):
            yield from _objects(bucket, page)

    def open(self, path: str) -> pa.NativeFile:
        """Open an object; once more when the credentials were renewed, as they are on long runs."""
        return self._opened(path, self._credentials.get_frozen_credentials())

    def footer(self, path: str, size: int | None) -> pq.FileMetaData:
        """Read a Parquet object's footer: of a known size in one request.

        An object that is opened is asked for its size by a request more, which is left to the first
        read of a column: Arrow takes a known size for its datasets' files alone.
        """
        if size is None:
            return pq.ParquetFile(self.open(path)).metadata
        from pyarrow.dataset import ParquetFileFormat  # noqa: PLC0415 - local tables need no wait

        system = self._system(self._credentials.get_frozen_credentials())
        return ParquetFileFormat().make_fragment(path, system, file_size=size).metadata

    def stream(self, path: str) -> pa.NativeFile:
        """Open an object to read it from its start."""
        system = self._system(self._credentials.get_frozen_credentials())
        return system.open_input_stream(path, compression=packing_of(path))

    def _system_with(self, credentials: Any) -> fs.S3FileSystem:  # noqa: ANN401 - botocore's own
        return fs.S3FileSystem(
            access_key=credentials.access_key,
            secret_key=credentials.secret_key,
            session_token=credentials.token,
            region=self._region,
            endpoint_override=s3_endpoint(),
            connect_timeout=_CONNECT_TIMEOUT,
            request_timeout=_STALL_TIMEOUT,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
        )


def _objects(bucket: str, page: Any) -> list[StoredFile]:  # noqa: ANN401 - boto3's answer
    """Return a page's objects, without the empty ones that stand for folders."""
    return [
        StoredFile(f"{bucket}/{found['Key']}", found["Size"], found["ETag"])
        for found in page.get("Contents", [])
        if not found["Key"].endswith("/")
    ]
