"""The style sheet and scripts of our pages, in a folder that is named after their content.

The scripts load each other by their plain names, so a page's scripts are always of one version.
"""

import hashlib
from functools import cache
from importlib.resources import files

from drift_monitor.site.layout import ASSETS


@cache
def assets() -> dict[str, bytes]:
    """Return each file by its path below `assets/`, such as `1f0c…/site.css`."""
    bodies = {
        file.name: file.read_bytes()
        for file in (files("drift_monitor.site.pages") / "assets").iterdir()
        if not file.name.startswith(".")
    }
    content = hashlib.sha256()
    for name, body in sorted(bodies.items()):
        content.update(f"{name} {len(body)}\n".encode() + body)
    folder = content.hexdigest()[:12]
    return {f"{folder}/{name}": body for name, body in sorted(bodies.items())}


@cache
def assets_folder() -> str:
    """Return where the files lie below the site's root."""
    return ASSETS + next(iter(assets())).partition("/")[0]
