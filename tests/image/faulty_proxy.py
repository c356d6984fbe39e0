"""A proxy before the emulated services that fails, holds or watches the requests a test names."""

import re
import socket
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

DEADLINE = 120
_ALWAYS = 1_000_000
_HOP_BY_HOP = {"connection", "expect", "keep-alive", "transfer-encoding"}


class HungUpError(Exception):
    """The client is to get no answer."""


@dataclass(frozen=True)
class Answer:
    """What a client gets; with `stalls_after`, only so many bytes of the body, and then nothing."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    stalls_after: int | None = None


Forward = Callable[[], Answer]
"""Sends the request on to the service, and returns what it answers."""
Fault = Callable[[Forward], Answer]


def error(status: int, code: str) -> Fault:
    """Answer with an error as S3 writes it, without asking the service."""
    body = f"<Error><Code>{code}</Code><Message>As the test wants it</Message></Error>".encode()
    return lambda _forward: Answer(status, [("Content-Type", "application/xml")], body)


def stall(forward: Forward) -> Answer:
    """Send half of the body, and then nothing."""
    answer = forward()
    return Answer(answer.status, answer.headers, answer.body, len(answer.body) // 2)


def before(action: Callable[[], object]) -> Fault:
    """Do something else first."""

    def fault(forward: Forward) -> Answer:
        action()
        return forward()

    return fault


def instead(action: Callable[[], object]) -> Fault:
    """Do something, and give no answer."""

    def fault(_forward: Forward) -> Answer:
        action()
        raise HungUpError

    return fault


class Gate:
    """A fault that holds a request until the test lets it through."""

    def __init__(self) -> None:
        self._reached = Event()
        self._open = Event()

    def __call__(self, forward: Forward) -> Answer:
        self._reached.set()
        if not self._open.wait(DEADLINE):
            raise HungUpError
        return forward()

    def wait(self, held: Future[object]) -> None:
        """Wait until the request of an invocation under way stands before the gate."""
        held.add_done_callback(lambda _held: self._reached.set())
        assert self._reached.wait(DEADLINE), "no request came to the gate"
        assert not held.done(), f"it ended before it came to the gate: {held.result()}"

    def open(self) -> None:
        """Let the request through, and all that follow."""
        self._open.set()


@dataclass
class _Rule:
    request: re.Pattern[str]
    fault: Fault
    client: str | None
    times: int

    def fits(self, request: str, client: str) -> bool:
        return (
            self.times > 0
            and self.client in (None, client)
            and self.request.search(request) is not None
        )


class FaultyProxy:
    """Listens at an address and passes every request on, but for those that a rule names."""

    def __init__(self, address: str, service: str) -> None:
        self._service = urlsplit(service).netloc
        self._rules: list[_Rule] = []
        self._lock = Lock()
        self._taken: list[tuple[str, str, bytes]] = []
        self._server = _Server((address, 0), self)
        self.url = f"http://{address}:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def when(
        self, request: str, fault: Fault, *, by: str | None = None, times: int = _ALWAYS
    ) -> None:
        """Answer requests that match, such as `PUT /site/index.html`, by a fault.

        Args:
            request: a regular expression on the method, the path and the query.
            fault: what happens to such a request.
            by: only those of this address.
            times: only so many of them.
        """
        with self._lock:
            self._rules.append(_Rule(re.compile(request), fault, by, times))

    def mend(self) -> None:
        """Forget every rule and every request."""
        with self._lock:
            self._rules.clear()
            self._taken.clear()

    def taken(self, request: str, *, by: str | None = None) -> list[bytes]:
        """Return the bodies of the matching requests that the service took, in order."""
        return [body for _, body in self._matching(request, by)]

    def taken_paths(self, request: str) -> list[str]:
        """Return the paths of the matching requests that the service took, in order."""
        return [text.split()[1] for text, _ in self._matching(request, None)]

    def _matching(self, request: str, client: str | None) -> list[tuple[str, bytes]]:
        with self._lock:
            return [
                (text, body)
                for by, text, body in self._taken
                if client in (None, by) and re.search(request, text)
            ]

    def unspent(self) -> list[str]:
        """Return the requests that were to fail so many times, and came less often."""
        with self._lock:
            return [rule.request.pattern for rule in self._rules if 0 < rule.times < _ALWAYS]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def answer(
        self, client: str, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> Answer:
        """Return what the client is to get."""
        request = f"{method} {path}"

        def forward() -> Answer:
            connection = HTTPConnection(self._service, timeout=DEADLINE)
            connection.request(method, path, body, headers)
            answer = _read(connection.getresponse())
            connection.close()
            with self._lock:
                if answer.status < HTTPStatus.BAD_REQUEST:
                    self._taken.append((client, request, body))
            return answer

        fault = self._fault_of(request, client)
        return fault(forward) if fault else forward()

    def _fault_of(self, request: str, client: str) -> Fault | None:
        with self._lock:
            for rule in self._rules:
                if rule.fits(request, client):
                    rule.times -= 1
                    return rule.fault
        return None


def _read(response: HTTPResponse) -> Answer:
    headers = [item for item in response.getheaders() if item[0].lower() not in _HOP_BY_HOP]
    return Answer(response.status, headers, response.read())


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], proxy: FaultyProxy) -> None:
        super().__init__(address, _Handler)
        self.proxy = proxy

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that were killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
        try:
            answer = self.server.proxy.answer(
                self.client_address[0], self.command, self.path, headers, body
            )
        except HungUpError:
            self.close_connection = True
            return
        self._send(answer)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_request  # noqa: N815 - the base's

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        names = {name.lower() for name, _ in answer.headers}
        for name, value in answer.headers:
            self.send_header(name, value)
        if "content-length" not in names:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.stalls_after is None:
            self.wfile.write(answer.body)
            return
        self.wfile.write(answer.body[: answer.stalls_after])
        self.connection.settimeout(DEADLINE)
        self.connection.recv(1)  # until the client gives up
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""
