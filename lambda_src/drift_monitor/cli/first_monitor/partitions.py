"""The dates that a table's files are laid out by, and the location that says so."""

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from os.path import commonprefix
from random import Random
from string import digits

from drift_monitor.config.locations import Location
from drift_monitor.config.spans import Unit, begin_of
from drift_monitor.tables.arrow_storage import StoredFile

_SOME = 2_000
"""So many paths show the layout; whether it is all files' is seen when they are put by it."""
_MOST_UNDATED = 0.2
_FEWEST_TO_JUDGE, _DENSE = 3, 2
_LONGEST: dict[Unit, float] = {"hour": 1 / 24, "day": 1, "week": 7, "month": 31, "year": 366}

_YEAR = r"(?P<Y>(?:19|20)\d\d)"
# What follows an hour is no digit, or minutes and maybe seconds.
_HOUR = r"(?:[-_.T ]?(?P<H>[01]\d|2[0-3])(?=\D|$|[-_.]?[0-5]\d(?:\D|[0-5]\d|$)))?"
_DATES = [
    *(  # month=11
        re.compile(rf"^(?i:{keys})={number}$")
        for keys, number in [
            ("year|yyyy|yr|y", _YEAR),
            ("month|mm|mon|m", r"(?P<m>\d\d?)"),
            ("day|dd|d", r"(?P<d>\d\d?)"),
            ("hour|hh|hr|h", r"(?P<H>\d\d?)"),
            ("week|isoweek|wk|w", r"(?P<V>\d\d?)"),
        ]
    ),
    re.compile(r"(?<!\d)(?P<G>(?:19|20)\d\d)[-_]?[Ww](?P<V>[0-5]\d)(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}(?P<s>[-_.])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)(?!\d){_HOUR}"),
    re.compile(rf"(?<!\d){_YEAR}(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?=\D|$|[0-5]\d){_HOUR}"),
    re.compile(rf"(?<!\d){_YEAR}[-_.]?(?P<m>0[1-9]|1[0-2])(?!\d)"),
]
_BELOW = {
    "": [re.compile(rf"^{_YEAR}$")],
    **{coarser: [re.compile(rf"^(?P<{code}>\d\d?)$")] for coarser, code in ("Ym", "md", "dH")},
}
"""Of folders that are numbers and no more, which follows which: 2026/11/01/13."""

_WILDCARDS = {"*": "[^/]*", "?": "[^/]"}
"""They stay within one name."""
# What strptime does not know by that name, and strftime does.
_SPELLED_OUT = {"%F": "%Y-%m-%d", "%e": "%d", "%h": "%b", "%P": "%p"}
_WRITTEN = {"Y": r"\d{4}", "G": r"\d{4}", "j": r"\d{1,3}", **dict.fromkeys("mdHIVWy", r"\d{1,2}")}


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

    def end_of(self, moment: datetime) -> datetime:
        """Return when a partition's time ends."""
        # The longest unit and a bit is within the next one, however long this one is.
        return begin_of(self.unit, moment + timedelta(days=_LONGEST[self.unit] * 1.05), UTC)

    def newest_whole(self, now: datetime) -> datetime:
        """Return the newest partition whose time is over; the oldest where it is of none."""
        over = [moment for moment in self.files if self.end_of(moment) <= now]
        return max(over, default=min(self.files))

    @property
    def is_sparse(self) -> bool:
        """Whether most hours of a day, or days of a month, have none: coarser dates will do."""
        coarser = {"hour": "%Y-%m-%d", "day": "%Y-%m"}.get(self.unit)
        wholes = {moment.strftime(coarser or "") for moment in self.files}
        is_judged = coarser is not None and len(wholes) >= _FEWEST_TO_JUDGE
        return is_judged and len(self.files) < _DENSE * len(wholes)


def folder_of(location: Location) -> Location:
    """Return the folder that a location names, or that all which it names are below."""
    path = f"{location.path.rstrip('/')}/"
    if location.is_dated or location.is_glob:
        path = location.literal_prefix
    folder = path[: path.rfind("/") + 1]
    return replace(location, path=folder or ("" if location.bucket else "./"))


def find_partitions(files: list[StoredFile], place: Location) -> Partitions | None:
    """Find out by which dates a table's files are laid out; None where their paths do not say.

    Args:
        files: as they were listed.
        place: where they were found: below a folder all files count, of a glob what matches.
    """
    base = folder_of(place).full_path
    some = Random(0).sample(files, min(len(files), _SOME))  # noqa: S311 - no secret
    paths = [file.path.removeprefix(base) for file in some]
    sparse: Partitions | None = None
    for too_fine in ("", "H", "Hd"):
        path = _dated_path(paths, too_fine)
        if path is None:
            continue
        names, rest = path.split("/"), place.full_path.removeprefix(base).split("/")
        if place.is_glob and path.endswith("/") and len(rest) >= len(names):
            # After a folder's date a glob says which names below it count.
            path = "/".join([*names[:-1], *rest[len(names) - 1 :]])
        scheme = "" if place.bucket is None else "s3://"
        try:
            location = Location.parse(f"{scheme}{base}{path}".replace("}/{date:", "/"))
            location.partition  # noqa: B018 - it raises where a date says no year, or two days alike
        except ValueError:
            continue
        found = partitions_of(location, files)
        if found is not None and len(found.undated) <= _MOST_UNDATED * len(files):
            if not found.is_sparse:
                return found
            sparse = sparse or found
    return sparse


def _dated_path(paths: list[str], too_fine: str) -> str | None:
    """Return the path with `{date:…}` that most paths agree with, or None where they have no date.

    It ends with a slash where it names folders: those that say the day or the hour, else those that
    say more than the files' names do. What varies beside the date is a wildcard.
    """
    alike = defaultdict[str, list[list[str]]](list)
    for path in paths:
        if dated := _dated(path, too_fine):
            parts = re.split(r"(/|\{date:[^{}]*\})", dated)
            alike["".join(parts[1::2]).replace("%-", "%")].append(parts)
    if not alike:
        return None
    shape, found = max(alike.items(), key=lambda shaped: len(shaped[1]))
    codes = [part for parts in found for part in parts[1::2]]
    without_zero = set(re.findall("%-(.)", "".join(codes)))

    def common(column: tuple[str, ...]) -> str:
        part = column[0]
        if part.startswith("{"):
            for code in without_zero:
                part = re.sub(f"%-?{code}", f"%-{code}", part)
            # The year that a week is of.
            return part.replace("%Y", "%G") if "%V" in shape else part
        if len(set(column)) == 1:
            return part
        start = commonprefix(column).rstrip(digits)  # noqa: RUF071 - letter by letter
        ends = [text[len(start) :][::-1] for text in column]
        end = commonprefix(ends)[::-1].lstrip(digits)  # noqa: RUF071
        return f"{start}*{end}"

    return "".join(map(common, zip(*found, strict=True)))


def _dated(path: str, too_fine: str) -> str | None:
    """Write a path's dates as `{date:…}`, as far as they are needed; None where it has none."""
    # A location must not take a name's own signs for its wildcards and braces.
    *folders, file = re.sub(r"[*?\[\]{}]", "?", path).split("/")
    names, end, codes = [""], 0, ""
    for number, folder in enumerate(folders, 1):
        name, found = _dated_name(folder, codes[-1:], too_fine)
        names.append(name)
        codes, end = codes + found, number if found else end
    name, found = _dated_name(file, "", too_fine)
    if set(found) - set(codes) and not set(codes) & set("dHV"):
        return "/".join([*names[1:], name])
    return "/".join([*names[1 : end + 1], ""]) if end else None


def _dated_name(name: str, coarser: str, too_fine: str) -> tuple[str, str]:
    """Write a name's date as `{date:…}`; return its codes, too.

    A folder that is only a number says what is next finer to the code `coarser` of those above it.
    """
    patterns = [*_BELOW.get(coarser, []), *_DATES]
    match = next(filter(None, (pattern.search(name) for pattern in patterns)), None)
    said = match.groupdict() if match else {}
    codes = [code for code, text in said.items() if text and code not in {*too_fine, "s"}]
    if match is None or not codes:
        return name, ""
    begin = end = match.start(codes[0])
    date = ""
    for code in codes:
        date += f"{name[end : match.start(code)]}%{'-' if len(said[code]) == 1 else ''}{code}"
        end = match.end(code)
    return f"{name[:begin]}{{date:{date}}}{name[end:]}", "".join(codes)


def partitions_of(location: Location, files: list[StoredFile]) -> Partitions | None:
    """Put files by the dates that a location's `{date:…}` has in their paths; None without any."""
    date_in = _date_reader(location)
    dated: dict[datetime, list[StoredFile]] = defaultdict(list)
    undated: list[StoredFile] = []
    for file in files:
        moment = date_in(file.path)
        (undated if moment is None else dated[moment]).append(file)
    if not dated:
        return None
    return Partitions(location, {moment: dated[moment] for moment in sorted(dated)}, undated)


def _date_reader(location: Location) -> Callable[[str], datetime | None]:
    """Return what tells of a file's path when its partition begins, and None of any other path."""
    pattern, dates, codes = _pattern(location.full_path.rstrip("/"))
    find = re.compile(f"{pattern}(?:/.*)?", re.DOTALL).fullmatch
    # A week is its Monday, or the first day of it that is in the year; a month is the first of it.
    is_of_weeks = bool({*codes} & set("VW")) and not {*codes} & set("uwaA")
    weekdays = [f" {day}" for day in "1234567"] if is_of_weeks else [""]
    form = " ".join([*(f"%{code}" for code in codes), *(["%u"] if is_of_weeks else [])])

    @lru_cache(4096)
    def read(said: str, texts: tuple[str, ...]) -> datetime | None:
        for weekday in weekdays:
            with suppress(ValueError):
                moment = datetime.strptime(f"{said}{weekday}", form).replace(tzinfo=UTC)
                if tuple(moment.strftime(date) for date in dates) == texts:
                    return moment
        return None

    def date_in(path: str) -> datetime | None:
        match = find(path) or find(path.removeprefix("./"))
        if match is None:
            return None
        texts = tuple(match[f"date{number}"] for number in range(len(dates)))
        return read(" ".join(match[code] for code in codes), texts)

    return date_in


def _pattern(path: str) -> tuple[str, list[str], list[str]]:
    """Return a pattern for paths, the dates that are its groups date0 and so on, and its codes.

    Each code is a group where it comes first.
    """
    dates, codes = list[str](), list[str]()

    def of_code(match: re.Match[str]) -> str:
        code = match[1]
        written = "%" if code == "%" else _WRITTEN.get(code, "[^/]+?")
        if code in [*codes, "%"]:
            return written
        codes.append(code)
        return f"(?P<{code}>{written})"

    def of_part(match: re.Match[str]) -> str:
        part, date = match.groups()
        if date is not None:
            dates.append(re.sub("%[FehP]", lambda code: _SPELLED_OUT[code[0]], date))
            within = re.sub(r"%(?:\\?[-_0^#])?(.)", of_code, re.escape(dates[-1]))
            return f"(?P<date{len(dates) - 1}>{within})"
        if part.startswith("[") and part != "[":
            return f"[{part[1:-1].replace('!', '^', 1)}]"
        return _WILDCARDS.get(part) or re.escape(part)

    pattern = re.sub(r"(\{date:([^{}]*)\}|[*?]|\[[^\]]+\]|[^*?\[{]+|\[)", of_part, path)
    return pattern, dates, codes
