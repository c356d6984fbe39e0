"""What stands before S3 and sees each request."""

import socket
import threading


class Proxy:
    """Passes requests on, but the first answers with a part of an object stop half way.

    Attributes:
        url: its address.
        asked: what was asked for: methods and paths.
        refusals: statuses and bodies to answer with, by method and what a path ends in.
        stalls: how many answers stop half way and say no more.
        stalled: how many did.
    """

    def __init__(self, endpoint: str, stalls: int = 0) -> None:
        host, _, port = endpoint.removeprefix("http://").partition(":")
        self._to = (host, int(port))
        self.asked: list[tuple[str, str]] = []
        self.refusals: dict[tuple[str, str], tuple[int, bytes]] = {}
        self.stalls = stalls
        self.stalled = 0
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += client.recv(65536)
        method, path, _ = request.decode("latin-1").split(" ", 2)
        answer = self._refusal(method, path) or self._answer(request)
        with self._lock:
            self.asked.append((method, path))
            is_object = request.startswith(b"GET") and b"Range:" in request.title()
            stall = is_object and self.stalled < self.stalls
            self.stalled += stall
        if stall:
            client.sendall(answer[: len(answer) // 2])
            self._held.append(client)
        else:
            client.sendall(answer)
            client.close()

    def _refusal(self, method: str, path: str) -> bytes | None:
        for (refused, end), (status, body) in self.refusals.items():
            if method == refused and path.endswith(end):
                head = f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\n"
                head += "Connection: close\r\nContent-Type: application/xml\r\n\r\n"
                return head.encode() + (b"" if method == "HEAD" else body)
        return None

    def _answer(self, request: bytes) -> bytes:
        # One answer to a connection, so that its end is the answer's.
        head = request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        with socket.create_connection(self._to) as server:
            server.sendall(head)
            return b"".join(iter(lambda: server.recv(65536), b""))

    def close(self) -> None:
        self._server.close()
        for client in self._held:
            client.close()
