"""What lies in the site's bucket, and what must hold of it whatever went wrong."""

import gzip
import json
from html.parser import HTMLParser
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

from drift_monitor.site.layout import ERROR_PAGE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


class Site:
    """The site's bucket."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self._s3: S3Client = boto3.client("s3")

    def keys(self) -> set[str]:
        """Return every key; none where there is no bucket."""
        try:
            listed = self._s3.list_objects_v2(Bucket=self.bucket)
        except ClientError:
            return set()
        return {found["Key"] for found in listed.get("Contents", [])}

    def read(self, key: str) -> str:
        """Return a file's text, sent as it has to be."""
        found = self._s3.get_object(Bucket=self.bucket, Key=key)
        assert found["ContentType"] == _TYPES[key.rpartition(".")[2]]
        if key.startswith("assets/"):  # in a folder that is named after what is in it
            assert found["CacheControl"] == "public, max-age=31536000, immutable"
        else:
            assert found["CacheControl"] == "no-cache"
        body = found["Body"].read()
        if key == ERROR_PAGE:  # a server may show it without saying how it is packed
            assert "ContentEncoding" not in found
            return body.decode()
        assert found["ContentEncoding"] == "gzip"
        return gzip.decompress(body).decode()

    def files(self) -> dict[str, dict[str, Any]]:
        """Return every file as it was put."""
        got = {key: self._s3.get_object(Bucket=self.bucket, Key=key) for key in self.keys()}
        kept = ("ContentType", "ContentEncoding", "CacheControl")
        return {
            key: {
                "Body": found["Body"].read(),
                **{name: found[name] for name in kept if name in found},
            }
            for key, found in got.items()
        }

    def put(self, files: dict[str, dict[str, Any]]) -> None:
        """Put files as `files` returned them, in place of all that is there."""
        for key in self.keys() - files.keys():
            self._s3.delete_object(Bucket=self.bucket, Key=key)
        for key, file in files.items():
            self._s3.put_object(Bucket=self.bucket, Key=key, **file)

    def json(self, key: str) -> Any:  # noqa: ANN401 - it is JSON
        """Return what a JSON file holds."""
        return json.loads(self.read(key))

    def runs(self, monitor: str) -> list[str]:
        """Return the runs in a monitor's history."""
        years = sorted(key for key in self.keys() if key.startswith(f"monitors/{monitor}/history/"))
        return [run["run_id"] for year in years for run in self.json(year)["runs"]]

    def run_shown(self, monitor: str) -> str | None:
        """Return the run of a monitor's latest report, or None where there is none."""
        key = f"monitors/{monitor}/index.html"
        return run_linked(self.read(key)) if key in self.keys() else None


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        link = dict(attrs).get("src" if tag == "script" else "href")
        if tag in {"a", "link", "script"} and link:
            self.found.append(link)


def links_of(page: str) -> list[str]:
    """Return where a page leads and what it loads, but for what is within the page."""
    parser = _Links()
    parser.feed(page)
    return [link for link in parser.found if not link.startswith(("#", "data:"))]


def run_linked(page: str) -> str:
    """Return the one run whose numbers a report's bar links."""
    (run,) = {link.split("/")[-2] for link in links_of(page) if link.endswith("/drift.json")}
    return run


def assert_site_is_whole(site: Site) -> None:
    """Assert that all of a run is visible or none of it: every way from the front page leads on.

    Once there is a front page, people may also come by an address that they kept: a monitor's own
    pages. Each file reached must be there, complete, and sent as it has to be.
    """
    keys = site.keys()
    if "index.html" not in keys:
        return
    kept = {key for key in keys if key.startswith("monitors/") and key.count("/") == 2}
    to_see = {"index.html"} | kept
    seen: set[str] = set()
    while to_see:
        key = to_see.pop()
        seen.add(key)
        assert key in keys, f"{key} is linked, and not there"
        text = site.read(key)
        if key.endswith(".json"):
            json.loads(text)
        elif key.endswith(".html"):
            assert text.rstrip().endswith("</html>"), f"{key} has no end"
            to_see |= {_target(key, link) for link in links_of(text)} - seen
    for key in kept:
        _assert_runs_are_there(site, key.split("/")[1])


def _target(page: str, link: str) -> str:
    parts = urlsplit(link)
    assert not parts.scheme, f"{page} links {link}, which is elsewhere"
    return normpath(f"{dirname(page)}/{parts.path}").lstrip("/")


def _assert_runs_are_there(site: Site, monitor: str) -> None:
    """Whatever is in the history can be read, and the front shows nothing else."""
    runs = site.runs(monitor)
    assert runs == sorted(set(runs))
    for run in runs:
        assert site.json(f"monitors/{monitor}/runs/{run}/drift.json")["run_id"] == run
        assert run_linked(site.read(f"reports/{monitor}/{run}/index.html")) == run
    assert site.run_shown(monitor) in (*runs, None)
