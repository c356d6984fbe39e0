"""What lies at a location: files of which format, in which partitions, or a lake's table."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from drift_monitor.cli.first_monitor.partitions import (
    Partitions,
    find_partitions,
    folder_of,
    partitions_of,
)
from drift_monitor.config.formats import FormatType, TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError
from drift_monitor.storage import FILE_ERRORS
from drift_monitor.tables.arrow_storage import Storage, StoredFile, storage_of
from drift_monitor.tables.files import TableRequest, find_files
from drift_monitor.tables.formats import KNOWN, format_of
from drift_monitor.tables.lakes.lake import find_table

_ANY_FILE = TableFormat(type="parquet")
"""With a format every visible file is a table's, whatever its name."""
_SIGNS: dict[bytes, FormatType] = {
    b"PAR1": "parquet",
    b"Obj\x01": "avro",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",
    b"{": "jsonl",
}


@dataclass(frozen=True)
class ListedTable:
    """A table as it lies there; no row was read.

    Attributes:
        location: as the user says it.
        files: in the order of their paths.
        table_format: what a monitor has to say of it: nothing where names show it.
        partitions: its files by their dates, if it has any.
        has_success: its writer puts a file `_SUCCESS` into a folder at its end.
    """

    location: Location
    files: list[StoredFile]
    table_format: TableFormat = TableFormat()  # noqa: RUF009 - it is frozen
    partitions: Partitions | None = None
    has_success: bool = False


def size_of(files: Iterable[StoredFile]) -> int:
    """Return how many bytes files have."""
    return sum(file.size for file in files)


def list_table(text: str) -> ListedTable:
    """List what lies at a location.

    Raises:
        DriftMonitorError: nothing there, no permission to list it, too many files, or no kind of
            file that can be read.
    """
    try:
        location = Location.parse(text)
        if location.is_dated:
            location.partition  # noqa: B018 - it raises where the dates are none
    except ValueError as error:
        raise DriftMonitorError(str(error)) from error
    storage = storage_of(location)
    try:
        lake = None if location.is_dated or location.is_glob else _lake(location, storage)
        if lake is not None:
            return ListedTable(location, find_table(TableRequest(location, None, lake)).files, lake)
        folder = folder_of(location) if location.is_dated else location
        files, table_format = _files_and_format(folder, storage)
        partitions = None
        if location.is_dated:
            partitions = partitions_of(location, files)
            if partitions is None:
                raise DriftMonitorError(
                    f"{location.text} has no file: none of the {len(files):,} files below "
                    f"{folder} has such a date in its path"
                )
        elif [file.path for file in files] != [location.full_path]:
            partitions = find_partitions(files, location)
        listed = ListedTable(location, files, table_format, partitions)
        return replace(listed, has_success=_has_success(listed, storage))
    except FILE_ERRORS as error:
        reason = str(error).partition("\n")[0]
        raise DriftMonitorError(f"{location} cannot be listed: {reason}") from error


def _lake(location: Location, storage: Storage) -> TableFormat | None:
    """Return how a monitor names a folder with a table's own log in it."""
    folder = location.full_path.rstrip("/")
    if location.path.endswith((".metadata.json", ".metadata.json.gz")):
        return TableFormat(type="iceberg")
    # Who may read a file may not be allowed to list what is beside it.
    if not location.path.endswith("/") and storage.named(folder) is not None:
        return None
    if next(iter(storage.below(f"{folder}/_delta_log/")), None):
        return TableFormat(type="delta")
    found = storage.below(f"{folder}/metadata/")
    is_iceberg = any(re.search(r"\.metadata\.json(\.gz)?$", file.path) for file in found)
    return TableFormat(type="iceberg") if is_iceberg else None


def _files_and_format(place: Location, storage: Storage) -> tuple[list[StoredFile], TableFormat]:
    """Return the files of a table, and how a monitor has to name their format."""
    visible = find_files(TableRequest(place, None, _ANY_FILE)).files
    known = [file for file in visible if format_of(file.path) is not None]
    if known:
        return known, TableFormat()
    newest = visible[-1].path
    try:
        with storage.stream(newest) as stream:
            head = stream.read(4096)
    except OSError as error:
        raise DriftMonitorError(f"{newest} cannot be read: {error}") from error
    found = next((kind for sign, kind in _SIGNS.items() if head.lstrip().startswith(sign)), None)
    is_text = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" not in head
    if found is None and is_text and head.strip() and re.match(rb"[^\r\n]*[,;\t|]", head):
        found = "csv"
    if found is None:
        raise DriftMonitorError(
            f"{place} has no table: {newest} is none by what is in it, and no file's name "
            f"ends in {KNOWN}"
        )
    return visible, TableFormat(type=found)


def _has_success(listed: ListedTable, storage: Storage) -> bool:
    """Tell whether the table's folder, or of dated folders the oldest one, has a `_SUCCESS`."""
    place, files = listed.location, listed.files
    if listed.partitions is not None:
        oldest = min(listed.partitions.files)
        place, files = listed.partitions.location.on(oldest), listed.partitions.files[oldest]
    folder = place.full_path.rstrip("/")
    if place.is_glob or any(file.path == folder for file in files):
        return False
    success = f"{folder}/_SUCCESS"
    # Listed, for which the permission to list is enough.
    return any(file.path == success for file in storage.below(success))
