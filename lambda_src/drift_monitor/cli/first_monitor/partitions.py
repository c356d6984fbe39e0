"""The partitions of a table: which dates its files are of, and the location that says so."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from drift_monitor.cli.first_monitor.date_names import Finest, dated_path
from drift_monitor.cli.first_monitor.dates_in_paths import date_reader
from drift_monitor.config.locations import Location
from drift_monitor.config.spans import Unit, begin_of
from drift_monitor.tables.arrow_storage import StoredFile

_SOME = 2_000
"""So many paths show the layout; whether it is all files' is seen when they are put by it."""
_ALMOST_ALL = 0.8
_FEWEST_TO_JUDGE, _DENSE = 3, 2
_LONGEST = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
    "year": timedelta(days=366),
}


@dataclass(frozen=True)
class Partitions:
    """A table's files by their dates.

    Attributes:
        location: with `{date:…}`.
        files: by when their time begins, the oldest first.
        undated: those that the location does not lead to.
    """

    location: Location
    files: dict[datetime, list[StoredFile]]
    undated: list[StoredFile]

    @property
    def unit(self) -> Unit:
        """How much time each covers."""
        return self.location.partition

    @property
    def end(self) -> datetime:
        """When the newest one's time ends."""
        return self.end_of(max(self.files))

    def end_of(self, moment: datetime) -> datetime:
        """Return when a partition's time ends."""
        # The longest unit and a bit is within the next one, however long this one is.
        within = moment + _LONGEST[self.unit] * 1.05
        return begin_of(self.unit, within, UTC)


def find_partitions(base: str, files: list[StoredFile], place: Location) -> Partitions | None:
    """Find out by which dates a table's files are laid out; None where their paths do not say.

    Args:
        base: the folder that all their paths begin with.
        files: as they were listed.
        place: where they were found: below a folder all files count, of a glob what matches.
    """
    some = Random(0).sample(files, min(len(files), _SOME))  # noqa: S311 - no secret
    paths = [file.path.removeprefix(base) for file in some]
    sparse: Partitions | None = None
    finest: Finest
    for finest in ("hour", "day", "month"):
        path = dated_path(paths, finest)
        location = _location(base, path, place) if path is not None else None
        found = partitions_of(location, files) if location is not None else None
        if found is None or len(found.undated) > (1 - _ALMOST_ALL) * len(files):
            continue
        if not _is_sparse(found):
            return found
        sparse = sparse or found
    return sparse


def partitions_of(location: Location, files: list[StoredFile]) -> Partitions | None:
    """Put files by the dates that a location's `{date:…}` has in their paths; None without any."""
    date_in = date_reader(location)
    dated: dict[datetime, list[StoredFile]] = defaultdict(list)
    undated: list[StoredFile] = []
    for file in files:
        moment = date_in(file.path)
        (undated if moment is None else dated[moment]).append(file)
    if not dated:
        return None
    return Partitions(location, {moment: dated[moment] for moment in sorted(dated)}, undated)


def _location(base: str, path: str, place: Location) -> Location | None:
    """Return the location of a path with dates below a folder; None where they are no good."""
    scheme = "" if place.bucket is None else "s3://"
    dated = _within_glob(path, base, place).replace("}/{date:", "/")
    try:
        location = Location.parse(f"{scheme}{base}{dated}")
        location.partition  # noqa: B018 - it raises where a date says no year, or two days alike
    except ValueError:
        return None
    return location


def _within_glob(path: str, base: str, place: Location) -> str:
    """Go on, after a folder's date, with what a glob says of the names below it."""
    full = place.path if place.bucket is None else f"{place.bucket}/{place.path}"
    names, rest = path.split("/"), full.removeprefix(base).split("/")
    if not place.is_glob or not path.endswith("/") or len(rest) < len(names):
        return path
    return "/".join([*names[:-1], *rest[len(names) - 1 :]])


def _is_sparse(found: Partitions) -> bool:
    """Tell whether most hours of a day, or days of a month, have none: coarser dates will do."""
    if found.unit not in ("hour", "day"):
        return False
    coarser = "%Y-%m-%d" if found.unit == "hour" else "%Y-%m"
    wholes = {moment.strftime(coarser) for moment in found.files}
    return len(wholes) >= _FEWEST_TO_JUDGE and len(found.files) < _DENSE * len(wholes)
