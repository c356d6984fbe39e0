"""What lies at a location: files of which format, in which partitions, or a lake's table."""

import codecs
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from drift_monitor.cli.first_monitor.partitions import Partitions, find_partitions, partitions_of
from drift_monitor.config.formats import FormatType, TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.arrow_storage import Storage, StoredFile, storage_of
from drift_monitor.tables.files import TableRequest, find_files
from drift_monitor.tables.formats import KNOWN, format_of
from drift_monitor.tables.lakes.lake import find_table

_ANY_FILE = TableFormat(type="parquet")
"""With a format every visible file is a table's, whatever its name."""
_HEAD = 4096
_SIGNS: dict[bytes, FormatType] = {
    b"PAR1": "parquet",
    b"Obj\x01": "avro",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",
    b"{": "jsonl",
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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

    @property
    def size(self) -> int:
        """How many bytes its files have."""
        return size_of(self.files)

    def newest_whole(self, now: datetime) -> datetime | None:
        """Return the newest partition whose time is over; the oldest where it is of none."""
        if self.partitions is None:
            return None
        over = [moment for moment in self.partitions.files if self.partitions.end_of(moment) <= now]
        return max(over, default=min(self.partitions.files))


def size_of(files: Iterable[StoredFile]) -> int:
    """Return how many bytes files have."""
    return sum(file.size for file in files)


def list_table(text: str) -> ListedTable:
    """List what lies at a location.

    Raises:
        DriftMonitorError: nothing there, no leave to list it, too many files, or no kind of file
            that can be read.
    """
    try:
        location = Location.parse(text)
        if location.is_dated:
            location.partition  # noqa: B018 - it raises where the dates are none
    except ValueError as error:
        raise DriftMonitorError(str(error)) from error
    storage = storage_of(location)
    with _in_a_sentence(location, storage):
        lake = None if location.is_dated or location.is_glob else _lake(location, storage)
    if lake is not None:
        return ListedTable(location, find_table(TableRequest(location, None, lake)).files, lake)
    files, table_format = _tables_files(_place_of(location), storage)
    listed = ListedTable(location, files, table_format, _partitions(location, files))
    with _in_a_sentence(location, storage):
        return replace(listed, has_success=_has_success(listed, storage))


@contextmanager
def _in_a_sentence(location: Location, storage: Storage) -> Iterator[None]:
    """Say of what cannot be listed where it is."""
    try:
        yield
    except storage.errors as error:
        reason = str(error).partition("\n")[0]
        raise DriftMonitorError(f"{location} cannot be listed: {reason}") from error


def _has_success(listed: ListedTable, storage: Storage) -> bool:
    """Tell whether the table's folder, or of dated folders the oldest one, has a `_SUCCESS`."""
    place, files, partitions = listed.location, listed.files, listed.partitions
    if partitions is not None:
        oldest = min(partitions.files)
        place, files = partitions.location.on(oldest), partitions.files[oldest]
    folder = _full_path(place).rstrip("/")
    if place.is_glob or any(file.path == folder for file in files):
        return False
    success = f"{folder}/_SUCCESS"
    # Listed, for which the leave to list is enough.
    return any(file.path == success for file in storage.below(success))


def _partitions(location: Location, files: list[StoredFile]) -> Partitions | None:
    """Put files by their dates; None where the location has no date, and they have none."""
    if location.is_dated:
        found = partitions_of(location, files)
        if found is None:
            raise DriftMonitorError(
                f"{location.text} has no file: none of the {len(files):,} files below "
                f"{_place_of(location)} has such a date in its path"
            )
        return found
    is_a_file = [file.path for file in files] == [_full_path(location)]
    return None if is_a_file else find_partitions(_base_of(location), files, location)


def _lake(location: Location, storage: Storage) -> TableFormat | None:
    """Return how a monitor names a folder with a table's own log in it."""
    folder = _full_path(location).rstrip("/")
    if location.path.endswith((".metadata.json", ".metadata.json.gz")):
        return TableFormat(type="iceberg")
    # Who may read a file may not be allowed to list what is beside it.
    if not location.path.endswith("/") and storage.named(folder) is not None:
        return None
    if next(iter(storage.below(f"{folder}/_delta_log/")), None):
        return TableFormat(type="delta")
    found = storage.below(f"{folder}/metadata/")
    if any(re.search(r"\.metadata\.json(\.gz)?$", file.path) for file in found):
        return TableFormat(type="iceberg")
    return None


def _tables_files(place: Location, storage: Storage) -> tuple[list[StoredFile], TableFormat]:
    """Return the files of a table, and how a monitor has to name their format."""
    visible = find_files(TableRequest(place, None, _ANY_FILE)).files
    known = [file for file in visible if format_of(file.path) is not None]
    if known:
        return known, TableFormat()
    newest = visible[-1]
    found = _format_within(storage, newest)
    if found is None:
        raise DriftMonitorError(
            f"{place} has no table: {newest.path} is none by what is in it, and no file's name "
            f"ends in {KNOWN}"
        )
    return visible, TableFormat(type=found)


def _format_within(storage: Storage, file: StoredFile) -> FormatType | None:
    """Tell a file's format from its first bytes; None where they are of none known."""
    try:
        with storage.stream(file.path) as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise DriftMonitorError(f"{file.path} cannot be read: {error}") from error
    for sign, kind in _SIGNS.items():
        if head.lstrip().startswith(sign):
            return kind
    line = head.splitlines()[0] if head.strip() else b""
    is_text = head.startswith(_UTF_16) or b"\0" not in head
    return "csv" if is_text and re.search(rb"[,;\t|]", line) else None


def _place_of(location: Location) -> Location:
    """Return where a location's files are listed: of one with dates the folder above them."""
    if not location.is_dated:
        return location
    folder = location.literal_prefix.rpartition("/")[0]
    without = "" if location.bucket else "./"
    return replace(location, path=f"{folder}/" if folder else without)


def _base_of(location: Location) -> str:
    """Return what all the paths of a folder's or a glob's files begin with."""
    full = _full_path(location)
    if not location.is_glob:
        return f"{full.rstrip('/')}/"
    folder = re.split(r"[*?\[]", full, maxsplit=1)[0].rpartition("/")[0]
    return f"{folder or '.'}/"


def _full_path(location: Location) -> str:
    return location.path if location.bucket is None else f"{location.bucket}/{location.path}"
