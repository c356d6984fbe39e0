"""Tables of a lake, Delta or Iceberg, read through their libraries."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pyarrow as pa

from drift_monitor.errors import as_user_error
from drift_monitor.tables.arrow_storage import LocalStorage
from drift_monitor.tables.files import FoundFiles, TableRequest, find_files
from drift_monitor.tables.flat import flattened
from drift_monitor.tables.formats import NAMES
from drift_monitor.tables.lakes.snapshot import Snapshot
from drift_monitor.text import one_line

_LIBRARIES = {"delta": "deltalake", "iceberg": "pyiceberg"}
_COLORS = re.compile(r"\x1b\[[0-9;]*m|↳")


def find_table(request: TableRequest) -> FoundFiles:
    """Return what a table of whatever format is made of; no row is read for it.

    Raises:
        DriftMonitorError: it is not there, or not in the version that is wanted; for a lake also:
            its library is not installed, or its log cannot be read.
    """
    if not request.table_format.is_lake:
        return find_files(request)
    with _readable(request):
        return _found(request, _open(request))


class LakeRows:
    """The rows of a table as it was after one of its commits.

    Attributes:
        found: what it is made of.
    """

    def __init__(self, request: TableRequest) -> None:
        """Open the table.

        Raises:
            DriftMonitorError: as `find_table` does.
        """
        with _readable(request):
            self._snapshot: Snapshot | None = _open(request)
        self._sizes = self._snapshot.sizes
        self.found = _found(request, self._snapshot)
        # Another process opens it again, and must find the same rows.
        version = self._snapshot.version
        table_format = request.table_format
        if version is not None:
            table_format = table_format.model_copy(update={"version": version, "as_of": None})
        self._pinned = replace(request, table_format=table_format)

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process opens the table by."""
        return vars(self) | {"_snapshot": None}

    @property
    def sizes(self) -> list[int]:
        """How many bytes each part is."""
        return self._sizes

    def read(self, first: int, stop: int) -> Iterator[pa.RecordBatch]:
        """Read some parts."""
        snapshot = self._snapshot or _open(self._pinned)
        return map(flattened, snapshot.read(first, stop))

    def explained(self, _: int) -> AbstractContextManager[None]:
        """Raise an error for the user in place of the libraries'."""
        return _readable(self._pinned)


def _open(request: TableRequest) -> Snapshot:
    if request.table_format.type == "delta":
        from drift_monitor.tables.lakes.delta import read_delta  # noqa: PLC0415 - an extra

        return read_delta(request)
    from drift_monitor.tables.lakes.iceberg import read_iceberg  # noqa: PLC0415 - an extra

    return read_iceberg(request)


def _found(request: TableRequest, snapshot: Snapshot) -> FoundFiles:
    return FoundFiles(request, LocalStorage(), snapshot.files, missing=[])


@contextmanager
def _readable(request: TableRequest) -> Iterator[None]:
    """Raise an error for the user in place of any that the libraries raise of a broken table."""
    text, kind = request.location.text, request.table_format.type or "delta"
    missing = (
        f"{_LIBRARIES[kind]} is not installed; pip install it here, and for the function name "
        f"{kind} under extras in cdk.json"
    )
    with (
        as_user_error(f"{text} cannot be read as {NAMES[kind]}", Exception, explain=_plain),
        as_user_error(f"{text} cannot be read", ImportError, explain=lambda _: missing),
    ):
        yield


def _plain(error: Exception) -> str:
    return one_line(_COLORS.sub("", str(error)))
