"""Files that belong to a table and lie beside it: named so that no table ever takes them in."""

import re
from dataclasses import replace

from drift_monitor.config.locations import Location

BASELINE = ".baseline.json"
"""What the name of a reference's baseline ends in."""
CACHE = ".cache"
"""What the name of the folder of a reference's caches ends in; each monitor's is a folder there."""


def beside(table: Location, ending: str) -> Location:
    """Return where a file of a table lies: for `t/X`, file or folder, `t/_X` and the ending.

    For a glob it lies in the folder above the first wildcard, named after the rest of the pattern.
    """
    path = table.path.rstrip("/")
    literal = re.split(r"[*?\[]", path, maxsplit=1)[0]
    folder = literal[: literal.rfind("/") + 1]
    rest = re.sub(r"[?/\[\]!]+", "-", path[len(folder) :].replace("*", "all"))
    name = f"{folder}_{rest}{ending}"
    text = name if table.bucket is None else f"s3://{table.bucket}/{name}"
    return replace(table, text=text, path=name)
