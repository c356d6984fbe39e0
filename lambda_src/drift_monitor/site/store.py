"""A site's files, and safe changes to them while other processes change them, too."""

import gzip
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from drift_monitor.errors import DriftMonitorError
from drift_monitor.site.headers import CONTENT_TYPES, cache_control
from drift_monitor.site.layout import ERROR_PAGE
from drift_monitor.storage import Bucket, ConflictError, Files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TRIES = 20


@dataclass(frozen=True)
class Site:
    """A site.

    Attributes:
        store: where its files are kept.
        url: where people read it, with a slash at its end.
        retention: how long a report stays; None for ever.
        is_scheduled: whether runs come by themselves, so that pages say when the next one is due.
    """

    store: Files
    url: str
    retention: timedelta | None = None
    is_scheduled: bool = True


def site_bucket(client: "S3Client", bucket: str) -> Bucket:
    """Return a site's files in a bucket: gzip-encoded, with content types and cache headers."""
    return Bucket(client, bucket, prepare=_as_served)


def _as_served(key: str, body: bytes) -> tuple[bytes, dict[str, str]]:
    headers = {
        "ContentType": CONTENT_TYPES[PurePosixPath(key).suffix],
        "CacheControl": cache_control(key),
    }
    if key == ERROR_PAGE:
        # A server may show it in place of another page without saying how it is packed.
        return body, headers
    # Without a time in it, equal bodies have equal versions.
    return gzip.compress(body, mtime=0), {**headers, "ContentEncoding": "gzip"}


def update(store: Files, key: str, change: Callable[[bytes | None], bytes]) -> None:
    """Change a file's content, while other processes may change it, too."""
    for _ in range(_TRIES):
        stored = store.read(key)
        try:
            if stored is None:
                store.write_if(key, change(None), None)
            else:
                store.write_if(key, change(stored.body), stored.version)
        except ConflictError:
            continue
        return
    raise _too_busy(key)


def refresh(store: Files, keys: Iterable[str], render: Callable[[], Mapping[str, bytes]]) -> None:
    """Write pages that are made from other files, never over ones made from newer files.

    `render` reads those files after the pages' versions were read. A process that changed them
    since has yet to write the pages, or has done so, and this write fails and starts again.

    Args:
        store: the site.
        keys: the pages'.
        render: makes the pages, in the order in which to write them; one that is left out stays
            as it is.
    """
    keys = list(keys)
    for _ in range(_TRIES):
        versions = {key: store.version(key) for key in keys}
        try:
            for key, page in render().items():
                store.write_if(key, page, versions[key])
        except ConflictError:
            continue
        return
    raise _too_busy(" or ".join(keys))


def _too_busy(key: str) -> DriftMonitorError:
    return DriftMonitorError(
        f"{key} was changed by others {_TRIES} times in a row: run this run again"
    )
