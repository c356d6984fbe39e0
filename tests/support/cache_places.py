"""Places for a table and its cache, written to and read from alike."""

import json
from pathlib import Path
from typing import Protocol

import boto3

CACHE = "t/_reference.parquet.cache"


class Place(Protocol):
    """Somewhere to put files: `at` is how a monitor says it."""

    def at(self, path: str) -> str: ...
    def put(self, path: str, body: bytes) -> None: ...
    def get(self, path: str) -> bytes: ...
    def remove(self, path: str) -> None: ...
    def below(self, path: str) -> list[str]: ...
    def forbid_cache(self) -> None: ...


class InFolder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def at(self, path: str) -> str:
        return str(self._folder / path)

    def put(self, path: str, body: bytes) -> None:
        (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self._folder / path).write_bytes(body)

    def get(self, path: str) -> bytes:
        return (self._folder / path).read_bytes()

    def remove(self, path: str) -> None:
        (self._folder / path).unlink()

    def below(self, path: str) -> list[str]:
        found = (self._folder / path).rglob("*")
        return sorted(str(file.relative_to(self._folder)) for file in found if file.is_file())

    def forbid_cache(self) -> None:
        (self._folder / CACHE).write_bytes(b"no folder")  # root may write into any folder


class InBucket:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._s3 = boto3.client("s3")

    def at(self, path: str) -> str:
        return f"s3://{self._bucket}/{path}"

    def put(self, path: str, body: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=path, Body=body)

    def get(self, path: str) -> bytes:
        return self._s3.get_object(Bucket=self._bucket, Key=path)["Body"].read()

    def remove(self, path: str) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=path)

    def below(self, path: str) -> list[str]:
        listed = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=f"{path}/")
        return [found["Key"] for found in listed.get("Contents", [])]

    def forbid_cache(self) -> None:
        self._forbid("s3:PutObject")

    def forbid_to_open_cache(self) -> None:
        self._forbid("s3:GetObject")

    def _forbid(self, action: str) -> None:
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": f"arn:aws:s3:::{self._bucket}/{CACHE}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self._s3.put_bucket_policy(Bucket=self._bucket, Policy=json.dumps(policy))
