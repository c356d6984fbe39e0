"""The location of a table: an `s3://` URI or a path; a file, a folder, a glob or a dated pattern.

And the locations of files that belong to a table: beside it, named so that no table includes them.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from drift_monitor.config.date_patterns import unit_of
from drift_monitor.config.spans import Unit

_DATE = re.compile(r"\{date:([^{}]*)\}")
_GLOB = re.compile(r"[*?\[]")
# AWS's naming rules: 3 to 63 of lower-case letters, digits, dots and hyphens, ends alphanumeric.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

BASELINE = ".baseline.json"
"""What the name of a reference's baseline ends in."""
CACHE = ".cache"
"""What the name of the folder of a reference's caches ends in; each monitor's is a folder there."""


def is_bucket_name(text: str) -> bool:
    """Return whether S3 accepts this as a bucket's name."""
    return _BUCKET.fullmatch(text) is not None


@dataclass(frozen=True)
class Location:
    """A table's location, parsed.

    Attributes:
        text: as the monitor says it.
        bucket: the S3 bucket, or None for a local path.
        path: the key pattern in the bucket, or the local path.
    """

    text: str
    bucket: str | None
    path: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a location.

        Raises:
            ValueError: it is no location; the message says why and what to write.
        """
        if not text.strip():
            raise ValueError("a location is empty: name a file, a folder or a glob")
        if "{" in _DATE.sub("", text) or "}" in _DATE.sub("", text):
            raise ValueError(f"{text}: only {{date:…}} goes in braces, such as {{date:%Y-%m-%d}}")
        for date_format in _DATE.findall(text):
            if "%" not in date_format:
                raise ValueError(f"{text}: {{date:{date_format}}} has no code such as %Y, %m or %d")
        scheme, separator, rest = text.partition("://")
        if not separator:
            return cls(text, None, text)
        if scheme != "s3":
            raise ValueError(f"{text}: {scheme}:// cannot be read, use s3://BUCKET/KEY or a path")
        bucket, _, key = rest.partition("/")
        if not is_bucket_name(bucket):
            raise ValueError(f"{text}: {bucket!r} is not a bucket's name; write s3://BUCKET/KEY")
        if not key.strip("/"):
            raise ValueError(f"{text}: name a file, a folder or a glob in the bucket")
        return cls(text, bucket, key)

    @property
    def full_path(self) -> str:
        """The path, in a bucket with the bucket before it: as Arrow's file systems take it."""
        return self.path if self.bucket is None else f"{self.bucket}/{self.path}"

    @property
    def is_dated(self) -> bool:
        """Whether the location has a file or a folder per hour, day, week, month or year."""
        return _DATE.search(self.path) is not None

    @property
    def is_glob(self) -> bool:
        """Whether the path has wildcards."""
        return _GLOB.search(self.path) is not None

    @property
    def literal_prefix(self) -> str:
        """The part of the path before the first wildcard or date: what a role may read below."""
        return re.split(r"[*?\[{]", self.path, maxsplit=1)[0]

    @property
    def partition(self) -> Unit:
        """How much time one dated file or folder covers.

        Raises:
            ValueError: it cannot be told from the codes; the message says what to write.
        """
        try:
            return unit_of(" ".join(_DATE.findall(self.path)))
        except ValueError as error:
            raise ValueError(f"{self.text}: {error}") from error

    def on(self, moment: datetime) -> Self:
        """Return the location of the partition that a moment, in its own time zone, is in."""
        path = _DATE.sub(lambda match: moment.strftime(match[1]), self.path)
        return type(self)(self.text, self.bucket, path)

    def __str__(self) -> str:
        """Return the path with its bucket, dates filled in."""
        return self.path if self.bucket is None else f"s3://{self.full_path}"


def sidecar(table: Location, ending: str) -> Location:
    """Return where a file of a table lies: for `t/X`, file or folder, `t/_X` and the ending.

    For a glob it lies in the folder above the first wildcard, named after the rest of the pattern.
    """
    path = table.path.rstrip("/")
    literal = re.split(r"[*?\[]", path, maxsplit=1)[0]
    folder = literal[: literal.rfind("/") + 1]
    rest = re.sub(r"[?/\[\]!]+", "-", path[len(folder) :].replace("*", "all"))
    name = f"{folder}_{rest}{ending}"
    text = name if table.bucket is None else f"s3://{table.bucket}/{name}"
    return replace(table, text=text, path=name)
