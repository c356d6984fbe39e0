"""Dates in the names of files and folders: which of strftime's codes would write such names."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from string import digits
from typing import Literal

Finest = Literal["hour", "day", "month"]

_YEAR = r"(?P<Y>(?:19|20)\d\d)"
# What follows an hour is no digit, or minutes and maybe seconds.
_HOUR = r"(?:[-_.T ]?(?P<H>[01]\d|2[0-3])(?=\D|$|[-_.]?[0-5]\d(?:\D|[0-5]\d|$)))?"
_DATES = [
    re.compile(r"(?<!\d)(?P<G>(?:19|20)\d\d)[-_]?[Ww](?P<V>[0-5]\d)(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}(?P<s>[-_.])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)(?!\d){_HOUR}"),
    re.compile(rf"(?<!\d){_YEAR}(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?=\D|$|[0-5]\d){_HOUR}"),
    re.compile(rf"(?<!\d){_YEAR}[-_.]?(?P<m>0[1-9]|1[0-2])(?!\d)"),
]
_KEYED = re.compile(r"(?P<key>[A-Za-z_]+)=(?P<value>\d+)")
_KEYS = {
    "Y": {"year", "yyyy", "yr", "y"},
    "m": {"month", "mm", "mon", "m"},
    "d": {"day", "dd", "d"},
    "H": {"hour", "hh", "hr", "h"},
    "V": {"week", "isoweek", "wk", "w"},
}
_DIGITS = {"Y": r"(?:19|20)\d\d", "m": r"\d\d?", "d": r"\d\d?", "H": r"\d\d?", "V": r"\d\d?"}
_NEXT = {"": "Y", "Y": "m", "m": "d", "d": "H"}
"""Of folders that are numbers and no more, which follows which: 2026/11/01/13."""
_TOO_FINE: dict[Finest, str] = {"hour": "", "day": "H", "month": "Hd"}
_TWO_DIGITS = "mdHV"
_LIKE_A_WILDCARD = re.compile(r"[*?\[\]{}]")


@dataclass(frozen=True)
class _Part:
    """One name in a path.

    Attributes:
        before: what is before the date; the whole name where there is none.
        codes: the date's, such as %Y-%m-%d; or nothing.
        after: what comes after it.
        short: the codes that are written in one digit.
    """

    before: str
    codes: str = ""
    after: str = ""
    short: frozenset[str] = frozenset()

    @property
    def letters(self) -> str:
        """The codes' letters."""
        return "".join(re.findall("%(.)", self.codes))


def dated_path(paths: list[str], finest: Finest) -> str | None:
    """Return the path with `{date:…}` that most paths agree with, or None where they have no date.

    It ends with a slash where it names folders: those that say the day or the hour, else those that
    say more than the files' names do. What varies beside the date is a wildcard.

    Args:
        paths: relative ones, of files.
        finest: codes of finer units are left out.
    """
    dated = [parts for path in paths if (parts := _dated_parts(path.split("/"), finest))]
    if not dated:
        return None
    shapes = Counter(_shape(parts) for parts in dated)
    shape, _ = shapes.most_common(1)[0]
    alike = [parts for parts in dated if _shape(parts) == shape]
    short = frozenset[str]().union(*(part.short for parts in alike for part in parts))
    is_of_weeks = any("%V" in codes for codes in shape)
    names = []
    for index, codes in enumerate(shape):
        before = _generalised({parts[index].before for parts in alike})
        after = _generalised({parts[index].after for parts in alike})
        names.append(f"{before}{_date(codes, short, is_of_weeks=is_of_weeks)}{after}")
    return "/".join(names)


def _dated_parts(names: list[str], finest: Finest) -> list[_Part] | None:
    """Take a path apart as far as its dates need it; the last part is empty after a folder."""
    parts = list(_parts(names, finest))
    *folders, file = parts
    dated = [index for index, part in enumerate(folders) if part.codes]
    said = "".join(part.letters for part in folders)
    says_more = set(file.letters) - set(said) and not set(said) & set("dHV")
    if says_more:
        return parts
    return [*folders[: dated[-1] + 1], _Part("")] if dated else None


def _parts(names: list[str], finest: Finest) -> Iterator[_Part]:
    last = ""
    for index, name in enumerate(names):
        is_file = index == len(names) - 1
        part = _keyed(name) or _number(name, "" if is_file else last) or _whole_date(name, finest)
        if part is not None and not set(part.letters) & set(_TOO_FINE[finest]):
            yield part
            last = part.letters[-1]
        else:
            yield _Part(name)


def _keyed(name: str) -> _Part | None:
    """Read a name such as month=11."""
    match = _KEYED.fullmatch(name)
    for letter, keys in _KEYS.items():
        if match and match["key"].lower() in keys and re.fullmatch(_DIGITS[letter], match["value"]):
            return _Part(f"{match['key']}=", f"%{letter}", "", _short({letter: match["value"]}))
    return None


def _number(name: str, last: str) -> _Part | None:
    """Read a name that is a number, below one that says the next coarser unit."""
    letter = _NEXT.get(last)
    if letter is None or not re.fullmatch(_DIGITS[letter], name):
        return None
    return _Part("", f"%{letter}", "", _short({letter: name}))


def _whole_date(name: str, finest: Finest) -> _Part | None:
    """Read a name with a date in it that says at least the month or the week."""
    match = next((match for pattern in _DATES if (match := pattern.search(name))), None)
    if match is None:
        return None
    said = {
        letter: digits
        for letter, digits in match.groupdict().items()
        if digits and letter != "s" and letter not in _TOO_FINE[finest]
    }
    codes, end = "", match.start()
    for letter in said:
        codes += f"{name[end : match.start(letter)].replace('%', '%%')}%{letter}"
        end = match.end(letter)
    return _Part(name[: match.start()], codes, name[end:], _short(said))


def _short(said: dict[str, str]) -> frozenset[str]:
    return frozenset(
        letter for letter, digits in said.items() if letter in _TWO_DIGITS and len(digits) == 1
    )


def _shape(parts: list[_Part]) -> tuple[str, ...]:
    return tuple(part.codes for part in parts)


def _date(codes: str, short: frozenset[str], *, is_of_weeks: bool) -> str:
    for letter in short:
        codes = codes.replace(f"%{letter}", f"%-{letter}")
    if is_of_weeks:  # the year that a week is of
        codes = codes.replace("%Y", "%G")
    return f"{{date:{codes}}}" if codes else ""


def _generalised(texts: set[str]) -> str:
    """Return a text, or a wildcard for what differs between several of them."""
    if len(texts) > 1:
        start = _common_start(texts).rstrip(digits)
        end = _common_start({text[len(start) :][::-1] for text in texts})[::-1].lstrip(digits)
        return f"{_literal(start)}*{_literal(end)}"
    return _literal(next(iter(texts)))


def _common_start(texts: set[str]) -> str:
    first, last = min(texts), max(texts)
    both = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(sign for sign, _ in both)


def _literal(text: str) -> str:
    """Keep a location from taking a name's own signs for its wildcards and braces."""
    return _LIKE_A_WILDCARD.sub("?", text)
