"""Finding a table's files."""

import os
import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath

from pyarrow import fs

from drift_monitor.errors import DriftMonitorError
from drift_monitor.location import Location
from drift_monitor.tables.window import Window

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".csv.gz")


@dataclass(frozen=True)
class FoundFiles:
    """A table's files.

    Attributes:
        system: the file system they are on.
        paths: sorted.
        missing: the dated places of the window where there is none.
    """

    system: fs.FileSystem
    paths: list[str]
    missing: list[str]


def find_files(location: Location, window: Window | None = None) -> FoundFiles:
    """List the Parquet and CSV files at a location; for a dated one, of the window's partitions.

    Raises:
        DriftMonitorError: nothing there, no leave to read it, or no kind of file that can be read.
    """
    system = _file_system(location)
    places = [location.on(moment) for moment in window.partitions] if window else [location]
    try:
        found = _list(system, places)
    except OSError as error:
        reason = str(error).partition("\n")[0]
        raise DriftMonitorError(f"{location.text} cannot be listed: {reason}") from error
    if any(found):
        missing = [str(place) for place, paths in zip(places, found, strict=True) if not paths]
        return FoundFiles(system, sorted({path for paths in found for path in paths}), missing)
    when = (
        f" from {window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC" if window else ""
    )
    raise DriftMonitorError(
        f"{location.text} has no file{when}: check the location, and that the table was written"
    )


def _file_system(location: Location) -> fs.FileSystem:
    if location.bucket is None:
        return fs.LocalFileSystem()
    # Credentials and region as boto3 finds them (profiles, SSO, roles): one answer for reading and
    # for publishing.
    import boto3  # noqa: PLC0415 - half a second that local tables need not wait

    session = boto3.Session()
    credentials = session.get_credentials()
    if credentials is None:
        raise DriftMonitorError(
            f"{location.text} cannot be read: no AWS credentials; set AWS_PROFILE, or log in"
        )
    frozen = credentials.get_frozen_credentials()
    return fs.S3FileSystem(
        access_key=frozen.access_key,
        secret_key=frozen.secret_key,
        session_token=frozen.token,
        region=session.region_name,
        endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3")
        or os.environ.get("AWS_ENDPOINT_URL"),
    )


def _list(system: fs.FileSystem, places: list[Location]) -> list[list[str]]:
    """List the readable files of each place: a file, a folder (the whole tree) or a glob."""
    if places[0].is_glob:
        matches = [_glob(system, _full_path(place)) for place in places]
    else:
        infos = system.get_file_info([_full_path(place).rstrip("/") for place in places])
        matches = [[info] for info in infos]
    return [[path for info in infos for path in _files_of(system, info)] for infos in matches]


def _full_path(place: Location) -> str:
    return f"{place.bucket}/{place.path}" if place.bucket else place.path


def _glob(system: fs.FileSystem, pattern: str) -> list[fs.FileInfo]:
    """List what matches a pattern whose wildcards stay within one folder's name."""
    parts = PurePosixPath(pattern).parts
    literal = list(takewhile(lambda part: not re.search(r"[*?\[]", part), parts))
    below = PurePosixPath(*literal)
    selector = fs.FileSelector(str(below), recursive=True, allow_not_found=True)
    matches = []
    for info in system.get_file_info(selector):
        path = PurePosixPath(info.path)
        # Of a path as long as the pattern, `match` compares part by part.
        if len(path.parts) == len(parts) and path.match(pattern):
            is_table = info.type == fs.FileType.Directory or info.path.endswith(PARQUET + CSV)
            if is_table and not _is_hidden(path.relative_to(below)):
                matches.append(info)
    return matches


def _files_of(system: fs.FileSystem, info: fs.FileInfo) -> list[str]:
    """List the table's files in what was found; a file that was named must be one of them."""
    if info.type == fs.FileType.File:
        if not info.path.endswith(PARQUET + CSV):
            raise DriftMonitorError(f"{info.path} ends in none of {', '.join(PARQUET + CSV)}")
        return [info.path]
    if info.type == fs.FileType.Directory:
        inside = system.get_file_info(fs.FileSelector(info.path, recursive=True))
        return [
            child.path
            for child in inside
            if child.type == fs.FileType.File
            and child.path.endswith(PARQUET + CSV)
            and not _is_hidden(PurePosixPath(child.path).relative_to(info.path))
        ]
    return []


def _is_hidden(path: PurePosixPath) -> bool:
    """Tell a writer's own files (_SUCCESS, _temporary/, .crc) from the table's."""
    return any(part.startswith((".", "_")) for part in path.parts)
