"""The HTTP headers of a site's files, on S3 and on this machine."""

from drift_monitor.site.layout import ASSETS

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


def cache_control(key: str) -> str:
    """Return how long a browser may keep a file without asking."""
    if key.startswith(ASSETS):
        return "public, max-age=31536000, immutable"  # its name changes when its content does
    return "no-cache"  # it asks each time, and gets a 304 when nothing changed
