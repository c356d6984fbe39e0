"""The files of a table: listing and choosing them."""

import hashlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import PurePosixPath

from drift_monitor.config.formats import FormatType, TableFormat
from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError, as_user_error
from drift_monitor.storage import FILE_ERRORS
from drift_monitor.tables.arrow_storage import READERS, Storage, StoredFile, storage_of
from drift_monitor.tables.formats import KNOWN, NAMES, format_of
from drift_monitor.tables.window import Window
from drift_monitor.text import names

MOST_FILES = 100_000
_SUCCESS = "_SUCCESS"


@dataclass(frozen=True)
class TableRequest:
    """Which files make a table.

    Attributes:
        location: where they lie.
        window: of which time.
        table_format: what they look like.
        wait_for_success: a folder counts once its writer has put `_SUCCESS` into it.
        timestamp: the column of times by which the window's rows are chosen, if any.
    """

    location: Location
    window: Window | None = None
    table_format: TableFormat = TableFormat()  # noqa: RUF009 - it is frozen
    wait_for_success: bool = False
    timestamp: str | None = None


@dataclass(frozen=True)
class FoundFiles:
    """A table's files.

    Attributes:
        request: what was looked for.
        storage: where the files are.
        files: in the order of their paths.
        missing: the dated places of the window where there is none.
    """

    request: TableRequest
    storage: Storage
    files: list[StoredFile]
    missing: list[str]

    @property
    def format_type(self) -> FormatType:
        """What the files are.

        Raises:
            DriftMonitorError: they are not all of one format, or the options are another's.
        """
        text, table_format = self.request.location.text, self.request.table_format
        if table_format.type is not None:
            return table_format.type
        kinds = {format_of(file.path) for file in self.files}
        found = [kind for kind in NAMES if kind in kinds]
        if len(found) > 1:
            both = " and ".join(NAMES[kind] for kind in found[:2])
            raise DriftMonitorError(f"{text} holds both {both}: keep one format there")
        if found != ["csv"] and table_format.csv_options:
            options = ", ".join(table_format.csv_options)
            raise DriftMonitorError(
                f"{text} holds {NAMES[found[0]]}, and only CSV has the format's {options}: "
                "leave them out"
            )
        return found[0]

    @property
    def digest(self) -> str:
        """Name this state of the files and of how they are read: another one whenever it changes.

        No file is opened for it.
        """
        options = self.request.table_format.model_dump_json()
        if self.request.timestamp is not None:
            options += f"{self.request.timestamp} {self.request.window}"
        files = [f"{file.path} {file.version}" for file in self.files]
        return hashlib.sha256("\n".join([options, *files]).encode()).hexdigest()[:16]

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Refuse what was read meanwhile if a file is no longer the one that was listed.

        One more listing shows it, however many reads there were: none of them mixed two versions.

        Raises:
            DriftMonitorError: a file was written again or removed; this also explains an error.
        """
        try:
            yield
        except DriftMonitorError:
            self._require_unchanged()
            raise
        self._require_unchanged()

    def _require_unchanged(self) -> None:
        places, storage = _places(self.request), self.storage
        found = _list(storage, places, self.request)
        again = {file.path: file.version for part in found for file in part.files}
        changed = [file.path for file in self.files if again.get(file.path) != file.version]
        if changed:
            raise DriftMonitorError(
                f"{names(changed, 1)} changed while the table was read: run again once it is "
                "written, and write new files rather than changing old ones"
            )


def find_files(request: TableRequest) -> FoundFiles:
    """List the files of a table; for a dated location, those of the window's partitions.

    A window may have no file.

    Raises:
        DriftMonitorError: nothing there, without a window; no permission to read it, too many
            files, files that are still being written, or no format that can be read.
    """
    storage, places = storage_of(request.location), _places(request)
    found = _list(storage, places, request)
    missing = [
        text for place, part in zip(places, found, strict=True) for text in part.lacks(place)
    ]
    files = {file.path: file for part in found for file in part.files}
    if not files and request.window is None:
        raise _nothing(request, is_unfinished=any(part.unfinished for part in found))
    return FoundFiles(request, storage, [files[path] for path in sorted(files)], missing)


def _nothing(request: TableRequest, *, is_unfinished: bool) -> DriftMonitorError:
    text = request.location.text
    if is_unfinished:
        return DriftMonitorError(
            f"{text} has no finished folder: there are files, but no {_SUCCESS} beside them; "
            "run again once they are written, or leave out wait_for_success"
        )
    return DriftMonitorError(
        f"{text} has no file: check the location, and that the table was written"
    )


def _places(request: TableRequest) -> list[Location]:
    if request.window is None or not request.location.is_dated:
        return [request.location]
    # Moments of one partition, such as the days of a month, are one place.
    return list(dict.fromkeys(request.location.on(moment) for moment in request.window.moments))


@dataclass(frozen=True)
class _Part:
    """A table's files in one place, and the folders left out as they are still being written."""

    files: list[StoredFile]
    unfinished: list[str]

    def lacks(self, place: Location) -> list[str]:
        """Say what is missing in the place."""
        scheme = "" if place.bucket is None else "s3://"
        if self.unfinished:
            return [f"{scheme}{folder} (it has no {_SUCCESS})" for folder in self.unfinished]
        return [] if self.files else [str(place)]


def _list(storage: Storage, places: list[Location], request: TableRequest) -> list[_Part]:
    """List the table's files in each place.

    Raises:
        DriftMonitorError: there is no permission to list, or there are too many files.
    """
    listed = count(1)

    def counted(files: Iterator[StoredFile]) -> Iterator[StoredFile]:
        for file in files:
            if next(listed) > MOST_FILES:
                raise _too_many(request.location)
            yield file

    def list_place(place: Location) -> _Part:
        find = _matching if place.is_glob else _at
        with as_user_error(f"{place} cannot be listed", *FILE_ERRORS):
            return find(storage, place.full_path, request, counted)

    if len(places) == 1:
        return [list_place(places[0])]
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(list_place, places))


def _too_many(location: Location) -> DriftMonitorError:
    return DriftMonitorError(
        f"{location.text} has more than {MOST_FILES:,} files: name a narrower folder, add "
        "{date:…} and a window, or write the table as fewer, larger files (100 MB and more)"
    )


_Counted = Callable[[Iterator[StoredFile]], Iterator[StoredFile]]


def _at(storage: Storage, path: str, request: TableRequest, counted: _Counted) -> _Part:
    """List the file that a path names, which must be a table's, or the files of the folder."""
    folder = path.rstrip("/")
    file = None if path.endswith("/") else storage.named(path)
    if file is None:
        files = list(counted(storage.below(f"{folder}/")))
        ours = [each for each in files if _is_ours(each, PurePosixPath(folder), request)]
        return _finished(dict.fromkeys(ours, PurePosixPath(folder)), files, request)
    if request.wait_for_success:
        raise DriftMonitorError(
            f"{path} is a file, and wait_for_success is for a folder: leave it out"
        )
    if request.table_format.type is None and format_of(path) is None:
        raise DriftMonitorError(
            f"{path} ends in none of {KNOWN}: if it is one of them, name it by format: {{type: …}}"
        )
    return _Part([file], [])


def _matching(storage: Storage, pattern: str, request: TableRequest, counted: _Counted) -> _Part:
    """List what matches a pattern whose wildcards stay within one folder's name."""
    parts = PurePosixPath(pattern).parts
    below = PurePosixPath(*takewhile(lambda part: not re.search(r"[*?\[]", part), parts))
    start = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    if request.wait_for_success:
        start = start[: start.rfind("/") + 1]
    files = list(counted(storage.below(start)))
    ours: dict[StoredFile, PurePosixPath] = {}
    for file in files:
        path = PurePosixPath(file.path)
        top = PurePosixPath(*path.parts[: len(parts)])
        # Of a path as long as the pattern, `match` compares part by part.
        if len(top.parts) == len(parts) and top.match(pattern) and _is_ours(file, below, request):
            ours[file] = top.parent if top == path else top
    return _finished(ours, files, request)


def _finished(
    ours: dict[StoredFile, PurePosixPath], files: list[StoredFile], request: TableRequest
) -> _Part:
    """Leave out the files whose folder must have a `_SUCCESS`, and does not."""
    unfinished: set[PurePosixPath] = set()
    if request.wait_for_success:
        there = {PurePosixPath(file.path) for file in files}
        unfinished = {folder for folder in set(ours.values()) if folder / _SUCCESS not in there}
    kept = [file for file, folder in ours.items() if folder not in unfinished]
    return _Part(kept, sorted(map(str, unfinished)))


def _is_ours(file: StoredFile, below: PurePosixPath, request: TableRequest) -> bool:
    """Tell a table's file from others, and from a writer's own (_SUCCESS, _temporary/, .crc)."""
    if request.table_format.type is None and format_of(file.path) is None:
        return False
    inside = PurePosixPath(file.path).relative_to(below).parts
    return not any(part.startswith((".", "_")) for part in inside)
