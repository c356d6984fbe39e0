"""A local web server that behaves as an S3 website does."""

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import PathLike
from pathlib import Path
from typing import Self

from drift_monitor.site.headers import CONTENT_TYPES, cache_control
from drift_monitor.site.layout import ERROR_PAGE


class WebsiteHandler(SimpleHTTPRequestHandler):
    """index.html in every folder, error.html for what is missing, no listing of folders."""

    _is_error = False

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a missing page with error.html and the status that S3 gives."""
        self._is_error = True
        page = Path(self.directory) / ERROR_PAGE
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def list_directory(self, path: object) -> None:
        """Answer a folder without an index document: S3 has no folders."""
        del path
        self.send_error(HTTPStatus.NOT_FOUND)

    def guess_type(self, path: str | PathLike[str]) -> str:
        """Return a file's content type, as the site on S3 sends it."""
        return CONTENT_TYPES.get(Path(path).suffix) or super().guess_type(path)

    def end_headers(self) -> None:
        """Send for how long to cache the file, as the site on S3 does."""
        key = ERROR_PAGE if self._is_error else self.path.lstrip("/")
        self.send_header("Cache-Control", cache_control(key))
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Print nothing."""


class Website(ThreadingHTTPServer):
    """Serves a folder on this machine only."""

    daemon_threads = True

    @classmethod
    def of(cls, folder: Path, port: int) -> Self:
        """Bind to a port of the loopback address; 0 picks a free one."""
        return cls(("127.0.0.1", port), partial(WebsiteHandler, directory=str(folder)))

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://localhost:{self.server_port}/"
