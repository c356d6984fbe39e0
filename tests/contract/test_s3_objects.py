"""What only S3 has: headers that make a browser read the objects right, and its own errors."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from drift_monitor.site.layout import ERROR_PAGE
from drift_monitor.site.store import site_bucket
from drift_monitor.storage import Bucket, ConflictError

Write = Callable[[Bucket, str, bytes], None]
WRITES: dict[str, Write] = {
    "write": lambda store, key, body: store.write(key, body),
    "write_if": lambda store, key, body: store.write_if(key, body, None),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(
    ("key", "content_type", "kept"),
    [
        ("index.html", "text/html", "no-cache"),
        ("monitors/flights/drift.json", "application/json", "no-cache"),
        ("scores.csv", "text/csv", "no-cache"),
        ("assets/site.0a1b.css", "text/css", "public, max-age=31536000, immutable"),
        ("assets/site.0a1b.js", "text/javascript", "public, max-age=31536000, immutable"),
    ],
)
def test_an_object_says_what_it_is_how_it_is_packed_and_how_long_to_keep_it(
    bucket: str, key: str, content_type: str, kept: str, write: Write
) -> None:
    client = boto3.client("s3")
    write(site_bucket(client, bucket), key, b"<p>hello</p>" * 100)
    found = client.get_object(Bucket=bucket, Key=key)
    assert found["ContentType"] == f"{content_type}; charset=utf-8"
    assert found["ContentEncoding"] == "gzip"
    assert found["CacheControl"] == kept
    packed = found["Body"].read()
    assert len(packed) < 200
    assert gzip.decompress(packed) == b"<p>hello</p>" * 100


def test_the_error_page_is_plain_for_a_server_that_does_not_say_how_it_is_packed(
    bucket: str,
) -> None:
    client = boto3.client("s3")
    store = site_bucket(client, bucket)
    store.write(ERROR_PAGE, b"<p>nothing here</p>")
    found = client.get_object(Bucket=bucket, Key=ERROR_PAGE)
    assert "ContentEncoding" not in found
    assert found["Body"].read() == b"<p>nothing here</p>"
    stored = store.read(ERROR_PAGE)
    assert stored is not None
    assert stored.body == b"<p>nothing here</p>"


def test_a_bucket_that_is_not_there_is_an_error_not_an_empty_site(bucket: str) -> None:
    store = site_bucket(boto3.client("s3"), f"not-{bucket}")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        store.read("index.html")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        store.write("index.html", b"")


@pytest.mark.parametrize(
    ("code", "status", "raised"),
    [
        ("PreconditionFailed", 412, ConflictError),
        ("ConditionalRequestConflict", 409, ConflictError),
        ("NoSuchKey", 404, ConflictError),
        ("AccessDenied", 403, ClientError),
        ("SlowDown", 503, ClientError),
    ],
)
@pytest.mark.parametrize("version", [None, '"etag"'])
def test_only_another_write_is_a_conflict(
    code: str, status: int, raised: type[Exception], version: str | None
) -> None:
    client = boto3.client("s3")
    with Stubber(client) as stub:
        stub.add_client_error("put_object", code, http_status_code=status)
        with pytest.raises(raised):
            site_bucket(client, "bucket").write_if("index.html", b"", version)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("SlowDown", 503)])
@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_what_may_not_be_read_is_an_error_not_missing(
    code: str, status: int, operation: str
) -> None:
    client = boto3.client("s3")
    store = site_bucket(client, "bucket")
    with Stubber(client) as stub:
        stub.add_client_error(operation, code, http_status_code=status)
        with pytest.raises(ClientError, match=code):
            store.read("x.json") if operation == "get_object" else store.version("x.json")


def test_what_may_not_be_removed_is_an_error() -> None:
    client = boto3.client("s3")
    listed = {"Contents": [{"Key": "a/x.json", "LastModified": datetime.now(UTC)}]}
    refused = {"Errors": [{"Key": "a/x.json", "Code": "AccessDenied", "Message": "Not you"}]}
    with Stubber(client) as stub:
        stub.add_response("list_objects_v2", listed)
        stub.add_response("delete_objects", refused)
        with pytest.raises(OSError, match=r"a/x\.json: Not you"):
            site_bucket(client, "bucket").remove("a")
