"""Reading a date back from a path, by the location that has it as `{date:…}`."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from drift_monitor.config.locations import Location

_DATE = re.compile(r"\{date:([^{}]*)\}")
_CODE = re.compile(r"%[-_0^#]?(.)")
_OF_GLOB = re.compile(r"\*|\?|\[[^\]]+\]|[^*?\[]+|\[")
_WILDCARDS = {"*": "[^/]*", "?": "[^/]"}
_DIGITS = {"Y": r"\d{4}", "G": r"\d{4}", "j": r"\d{1,3}", **dict.fromkeys("mdHIVWy", r"\d{1,2}")}
# What strptime does not know by that name, and strftime does.
_SPELLED_OUT = {"%F": "%Y-%m-%d", "%e": "%d", "%h": "%b", "%P": "%p"}
_WEEKS, _WEEKDAYS = set("VW"), set("uwaA")
_REMEMBERED = 4096


def date_reader(location: Location) -> Callable[[str], datetime | None]:
    """Return what tells of a file's path when its partition begins, and None of any other path.

    Args:
        location: with `{date:…}`; its dates are taken for UTC's.
    """
    path = location.path if location.bucket is None else f"{location.bucket}/{location.path}"
    written = [_spelled_out(text) for text in _DATE.findall(path)]
    literals = [_of_glob(text) for text in _DATE.split(path.rstrip("/"))[::2]]
    dates = [f"({_of_codes(text)})" for text in written]
    between = "".join(date + text for date, text in zip(dates, literals[1:], strict=True))
    find = re.compile(f"{literals[0]}{between}(?:/.*)?", re.DOTALL).fullmatch
    read = lru_cache(_REMEMBERED)(lambda texts: _date(written, texts))

    def date_in(path: str) -> datetime | None:
        match = find(path) or find(path.removeprefix("./"))
        return None if match is None else read(match.groups())

    return date_in


def _date(written: list[str], texts: tuple[str, ...]) -> datetime | None:
    """Return the moment that all the texts say, each as it is written; None where they differ."""
    said: dict[str, str] = {}
    for codes, text in zip(written, texts, strict=True):
        match = re.fullmatch(_of_codes(codes, captured=True), text)
        if match is not None:
            said = {**dict(zip(_CODE.findall(codes), match.groups(), strict=True)), **said}
    said.pop("%", None)
    if said.keys() & _WEEKS and not said.keys() & _WEEKDAYS:
        # A week is its Monday, or the first day of it that is in the year.
        said_more = [{**said, "u": weekday} for weekday in "1234567"]
    else:
        # A year or a month is the first of it.
        said_more = [said]
    moments = (moment for each in said_more if (moment := _moment(each)) is not None)
    return next((found for found in moments if _is_written(found, written, texts)), None)


def _moment(said: dict[str, str]) -> datetime | None:
    try:
        moment = datetime.strptime(" ".join(said.values()), " ".join(f"%{code}" for code in said))  # noqa: DTZ007 - UTC, below
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC)


def _is_written(moment: datetime, written: list[str], texts: tuple[str, ...]) -> bool:
    return all(moment.strftime(codes) == text for codes, text in zip(written, texts, strict=True))


def _spelled_out(codes: str) -> str:
    return re.sub("%[FehP]", lambda match: _SPELLED_OUT.get(match[0], match[0]), codes)


def _of_codes(codes: str, *, captured: bool = False) -> str:
    """Return the pattern of what codes write; with a group for each code, or with none."""
    pattern, end = "", 0
    for match in _CODE.finditer(codes):
        digits = _DIGITS.get(match[1], "%" if match[1] == "%" else "[^/]+?")
        code = f"({digits})" if captured else digits
        pattern += re.escape(codes[end : match.start()]) + code
        end = match.end()
    return pattern + re.escape(codes[end:])


def _of_glob(text: str) -> str:
    """Return the pattern of a path's names with wildcards, which stay within one name."""
    return "".join(map(_of_glob_part, _OF_GLOB.findall(text)))


def _of_glob_part(part: str) -> str:
    if part in _WILDCARDS:
        return _WILDCARDS[part]
    is_set = part.startswith("[") and len(part) > 1
    return f"[{part[1:-1].replace('!', '^', 1)}]" if is_set else re.escape(part)
