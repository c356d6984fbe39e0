"""The files of a cache: one for each column, and a manifest that says which of them count."""

import json
import logging
import re
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Self
from zlib import crc32

import pyarrow as pa
from pyarrow import parquet as pq

from drift_monitor.config.locations import Location
from drift_monitor.engines.cache.column_file import UNREADABLE, DamagedError
from drift_monitor.errors import DriftMonitorError, first_line
from drift_monitor.storage import files_at
from drift_monitor.tables.arrow_storage import storage_of

_MANIFEST = "manifest"
_DIGEST = re.compile("[0-9a-f]{16}")
"""What a folder of a cache is named: its digest. Nothing else is ever removed."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manifest:
    """A table of which columns are kept.

    Attributes:
        digest: the table's.
        rows: how many it has.
        columns: the names of all its columns.
        types: of the columns that somebody asked about.
        kept: the forms of columns whose files count, with what each is opened with.
    """

    digest: str
    rows: int
    columns: list[str]
    types: dict[str, pa.DataType]
    kept: dict[str, int]

    @classmethod
    def of_bytes(cls, body: bytes) -> Self:
        """Read a manifest.

        Raises:
            DamagedError: it is not what was written.
        """
        if crc32(body[4:]).to_bytes(4, "big") != body[:4]:
            raise DamagedError("its manifest is not what was written")
        schema = pa.ipc.read_schema(pa.py_buffer(body[4:]))
        types = dict(zip(schema.names, schema.types, strict=True))
        return cls(**json.loads(schema.metadata[_MANIFEST.encode()]), types=types)

    def as_bytes(self) -> bytes:
        """Write the types as an Arrow schema, to which the rest is metadata, and a checksum."""
        rest = {name: value for name, value in vars(self).items() if name != "types"}
        schema = pa.schema(list(self.types.items()), {_MANIFEST: json.dumps(rest)})
        body: bytes = schema.serialize().to_pybytes()
        return crc32(body).to_bytes(4, "big") + body


class Cache:
    """The files that are kept of one table in one state.

    Whatever cannot be read is as if it were not there, and what cannot be written is left: both
    are told in the log.

    Attributes:
        is_writable: false after something could not be written.
    """

    def __init__(self, root: Location, digest: str) -> None:
        """Read nothing yet.

        Args:
            root: where the caches of all states are.
            digest: names the state of the table, and all else that what is kept depends on.

        Raises:
            DriftMonitorError: it is in a bucket, and there are no credentials.
        """
        self._root, self._digest = root, digest
        self._storage = storage_of(root)
        self._files = files_at(root)
        self.is_writable = True
        self._lock = Lock()
        self._path = f"{root.full_path}/{digest}"

    def __reduce__(self) -> tuple[type, tuple[Location, str]]:
        """Let another process use it."""
        return Cache, (self._root, self._digest)

    def __str__(self) -> str:
        """Say where it is."""
        return f"the reference's cache {self._root}/{self._digest}"

    def read_manifest(self) -> Manifest | None:
        """Return what is kept; None where nothing is."""
        path = f"{self._path}/{_MANIFEST}"
        try:
            # By a listing: to who may not list the bucket, S3 forbids to open what is not there.
            if not any(file.path == path for file in self._storage.below(path)):
                return None
            return Manifest.of_bytes(self._storage.open(path).read())
        except UNREADABLE as error:
            logger.warning("%s cannot be used and is made anew: %s", self, first_line(error))
            return None

    def open(self, form: str) -> pq.ParquetFile:
        """Open the file of a form of a column.

        Raises:
            UNREADABLE: it is damaged, or not there.
        """
        return pq.ParquetFile(
            self._storage.open(f"{self._path}/{_file_of(form)}"),
            page_checksum_verification=True,
            # Of an object, all that is asked for together is fetched at once.
            pre_buffer=not self._storage.is_local,
        )

    def write(self, form: str, body: bytes) -> bool:
        """Write the file of a form of a column; tell whether that was possible."""
        return self._write(_file_of(form), body)

    def complete(self, manifest: Manifest, *, is_new: bool) -> None:
        """Write the manifest, so that its files count; of a new state, remove the others."""
        if not self._write(_MANIFEST, manifest.as_bytes()) or not is_new:
            return
        try:
            for folder in self._files.folders(""):
                if _DIGEST.fullmatch(folder) and folder != self._digest:
                    self._files.remove(folder)
        except UNREADABLE as error:
            logger.warning("of %s the old files cannot be removed: %s", self, first_line(error))

    def _write(self, name: str, body: bytes) -> bool:
        try:
            if self.is_writable:
                self._files.write(f"{self._digest}/{name}", body)
        except (*UNREADABLE, DriftMonitorError) as error:
            with self._lock:
                is_first, self.is_writable = self.is_writable, False
            if is_first:
                logger.warning(
                    "%s cannot be written, so the next run reads the reference again: %s; allow "
                    "it, or leave out cache: true",
                    self,
                    first_line(error),
                )
        return self.is_writable


def _file_of(form: str) -> str:
    return f"{sha256(form.encode()).hexdigest()[:32]}.column"
