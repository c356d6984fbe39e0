"""The dates in a location: which of strftime's codes, and how much time one partition covers."""

import re
from datetime import datetime, timedelta

from drift_monitor.config.spans import UNITS, Unit

_CODE = re.compile(r"%[-_0^#]?([a-zA-Z%])")
_CODES: dict[Unit, str] = {
    "hour": "HIpP",
    "day": "dejF",
    "week": "VW",
    "month": "mbBh",
    "year": "YyG",
}
_WEEKDAYS = "uwaA"
# Say nothing of the partition by themselves.
_OTHERS = f"{_WEEKDAYS}%"

# A Monday, the first of its ISO year: what comes after must be named otherwise.
_FIRST = datetime(2024, 1, 1)  # noqa: DTZ001 - what a clock shows, whatever the zone
_LATER: dict[Unit, tuple[timedelta, ...]] = {
    "hour": (timedelta(hours=1), timedelta(hours=12)),
    "day": (timedelta(days=1),),
    "week": (timedelta(days=7),),
    "month": (timedelta(days=31),),
    # The same day of the year, and the same day of the same week.
    "year": (timedelta(days=366), timedelta(days=371)),
}


def unit_of(pattern: str) -> Unit:
    """Return how much time one partition covers: that of the finest code.

    Args:
        pattern: the codes of a location's `{date:…}`, all of them together.

    Raises:
        ValueError: a code is none of a date or is too fine, or two partitions have one name.
    """
    codes = _CODE.findall(pattern)
    known = "".join(_CODES.values()) + _OTHERS
    for code in codes:
        if code in "MSfsTRXc":
            raise ValueError(f"%{code} is finer than an hour: end with %H and a wildcard, *")
        if code not in known:
            raise ValueError(f"%{code} cannot be used here: use {_advised()}")
    if ("V" in codes) != ("G" in codes):
        raise ValueError("%V, the ISO week, goes with %G, the year of that week: write both")
    unit = next((unit for unit in UNITS if _has(codes, unit)), None)
    if unit is None:
        raise ValueError("{date:…} needs a year, such as %Y")
    _require_names_of_their_own(pattern, unit)
    return unit


def _has(codes: list[str], unit: Unit) -> bool:
    if unit == "day" and _has(codes, "week") and any(code in _WEEKDAYS for code in codes):
        return True
    return any(code in _CODES[unit] for code in codes)


def _require_names_of_their_own(pattern: str, unit: Unit) -> None:
    first = _FIRST.strftime(pattern)
    for coarser in UNITS[UNITS.index(unit) :]:
        for moment in (_FIRST + later for later in _LATER[coarser]):
            if moment.strftime(pattern) == first:
                raise ValueError(
                    f"{{date:…}} says {first} of {_FIRST:%Y-%m-%d %H:%M} and of "
                    f"{moment:%Y-%m-%d %H:%M}: add what tells them apart, such as %Y, %m, %d or %H"
                )


def _advised() -> str:
    return "%Y, %m, %d, %H, or %G and %V for ISO weeks"
