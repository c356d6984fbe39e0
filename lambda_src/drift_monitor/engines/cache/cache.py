"""The files of a cache: a manifest, and for each column a head and maybe its sorted values."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Lock
from zlib import crc32

import pyarrow as pa

from drift_monitor.analysis.columns.blocks import Floats, Integers
from drift_monitor.analysis.columns.source import SampledColumn
from drift_monitor.config.locations import Location
from drift_monitor.engines.cache.column_file import pack, unpack
from drift_monitor.engines.cache.kept_values import DamagedError, KeptValues
from drift_monitor.engines.cache.manifest import Form, KeptColumn, Manifest
from drift_monitor.engines.cache.place import place_of
from drift_monitor.tables.arrow_storage import READERS

_MANIFEST = "manifest"

logger = logging.getLogger(__name__)


class Cache:
    """The files that are kept of one table in one state.

    Whatever cannot be read is as if it were not there, and what cannot be written is left: both
    are told in the log.

    Attributes:
        manifest: what is kept; None where nothing is.
    """

    def __init__(self, root: Location, digest: str) -> None:
        """Read the manifest.

        Args:
            root: where the cache is.
            digest: names the state of the table, and all else that what is kept depends on.

        Raises:
            DriftMonitorError: it is in a bucket, and there are no credentials.
        """
        self._root = root
        self._place = place_of(root)
        self._folder = digest
        self._readers = ThreadPoolExecutor(READERS)
        self._unreadable = (*self._place.errors, pa.ArrowException, DamagedError)
        self._added: dict[str, dict[Form, KeptColumn]] = {}
        self._is_writable = True
        self._lock = Lock()
        self.manifest = self._read_manifest()

    def __reduce__(self) -> tuple[type, tuple[Location, str]]:
        """Let another process read it."""
        return Cache, (self._root, self._folder)

    def take_added(self) -> dict[str, dict[Form, KeptColumn]]:
        """Return the columns that were written since the last time, and forget them."""
        with self._lock:
            added, self._added = self._added, {}
        return added

    def add(self, written: dict[str, dict[Form, KeptColumn]]) -> None:
        """Let the manifest name columns that another process has written."""
        for column, forms in written.items():
            self._added.setdefault(column, {}).update(forms)

    def load(
        self, column: str, form: Form, rows: Integers, read_anew: Callable[[], Floats]
    ) -> SampledColumn | None:
        """Return a column as it was kept; None where it was not, or cannot be read.

        Args:
            column: its name.
            form: what it is compared as.
            rows: those for pictures.
            read_anew: reads the sorted values from the table and keeps them, should they turn out
                to be damaged.
        """
        kept = self.manifest.kept.get(column, {}).get(form) if self.manifest else None
        if kept is None or kept.samples != _checksum(rows):
            return None

        def damaged(reason: str) -> Floats:
            self._tell_damaged(column, reason)
            return read_anew()

        try:
            head = self._open(f"{kept.file}.arrow").read_buffer()
            if crc32(head) != kept.checksum:
                raise DamagedError("it is not what was written")
            values = f"{kept.file}.float64"

            def values_of(size: int, checksums: Integers) -> KeptValues:
                return KeptValues(
                    lambda: self._open(values), size, checksums, self._readers, damaged
                )

            return unpack(head, values_of)
        except self._unreadable as error:
            self._tell_damaged(column, str(error))
            return None

    def keep(self, column: str, form: Form, rows: Integers, side: SampledColumn) -> None:
        """Write a column, for when the manifest will name it."""
        if not self._is_writable:
            return
        packed = pack(side)
        name = f"{sha256(column.encode()).hexdigest()[:16]}-{form}"
        if packed.values is not None:
            self._write(f"{name}.float64", pa.py_buffer(packed.values.astype("<f8", copy=False)))
        self._write(f"{name}.arrow", packed.head)
        self._added.setdefault(column, {})[form] = KeptColumn(
            file=name, checksum=crc32(packed.head), samples=_checksum(rows)
        )

    def complete(self, table: Manifest, types: dict[str, pa.DataType]) -> None:
        """Write the manifest, if there is anything new, and remove what it takes the place of.

        Args:
            table: what is known of the table.
            types: of columns, besides those that it names.
        """
        if not types and not self._added:
            return
        manifest = table.with_columns(types, self._added)
        self._write(_MANIFEST, pa.py_buffer(manifest.as_bytes()))
        if self.manifest is None and self._is_writable:
            self._remove_older()

    def _read_manifest(self) -> Manifest | None:
        try:
            if not self._place.has(f"{self._folder}/{_MANIFEST}"):
                return None
            return Manifest.of_bytes(self._open(_MANIFEST).read_buffer().to_pybytes())
        except (*self._unreadable, ValueError) as error:
            logger.warning("%s cannot be used and is made anew: %s", self, _line(error))
            return None

    def _open(self, name: str) -> pa.NativeFile:
        return self._place.open(f"{self._folder}/{name}")

    def _write(self, name: str, body: pa.Buffer) -> None:
        if not self._is_writable:
            return
        try:
            self._place.write(f"{self._folder}/{name}", body)
        except self._place.errors as error:
            with self._lock:
                is_first, self._is_writable = self._is_writable, False
            if is_first:
                logger.warning(
                    "%s cannot be written, so the next run reads the reference again: %s; allow "
                    "it, or leave out cache: true",
                    self,
                    _line(error),
                )

    def _remove_older(self) -> None:
        """Remove what was kept of other states."""
        try:
            for folder in self._place.folders():
                if folder != self._folder:
                    self._place.remove(folder)
        except self._place.errors as error:
            logger.warning("of %s the old files cannot be removed: %s", self, _line(error))

    def _tell_damaged(self, column: str, reason: str) -> None:
        logger.warning(
            "%s cannot be used for the column %s, which is read from the reference: %s",
            self,
            column,
            reason,
        )

    def __str__(self) -> str:
        """Say where it is."""
        return f"the reference's cache {self._place}/{self._folder}"


def _checksum(rows: Integers) -> int:
    return crc32(rows.astype("<i8").tobytes())


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]
