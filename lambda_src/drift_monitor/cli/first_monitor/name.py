"""A name for a monitor, from where its table lies."""

import re

from drift_monitor.config.locations import Location

_LONGEST = 48
_OF_NO_TABLE = {
    "data", "daily", "hourly", "weekly", "monthly", "current", "reference", "table", "tables",
    "parquet", "csv", "json", "latest", "new", "files", "part", "input", "raw", "train", "test",
    "tmp", "home",
}  # fmt: skip


def name_of(location: Location) -> str:
    """Return the last name in a location that says what the table is of, as a monitor may have it.

    Dates, wildcards and names such as data or daily do not say it.
    """
    path = re.sub(r"\{date:[^{}]*\}", "/", location.path)
    names = [monitor_name(part.split(".")[0]) for part in path.split("/") if "=" not in part]
    telling = [name for name in names if re.search("[a-z]", name) and name not in _OF_NO_TABLE]
    return telling[-1] if telling else "first-monitor"


def monitor_name(text: str) -> str:
    """Return a text as a monitor's name: lower-case letters, digits and hyphens; maybe nothing."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST].strip("-")
