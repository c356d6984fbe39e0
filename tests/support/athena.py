"""Athena as moto has it, with what moto leaves out: a query that is run writes rows, or fails."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pyarrow as pa
from pyarrow import parquet as pq

_UNLOAD = re.compile(
    r"UNLOAD \((.*)\) TO 's3://([^/]+)/(.+/)' WITH \(format = 'PARQUET'\)", re.DOTALL
)


class Athena:
    """What was asked of Athena, and what it answers.

    Attributes:
        calls: each call's name and body.
        rows: the files that a query unloads.
        statuses: what is said of a query, one after the other, before what moto says.
    """

    def __init__(self, behind: str) -> None:
        """Stand before moto."""
        self._behind = behind
        self.calls: list[tuple[str, Any]] = []
        self.rows: list[pa.Table] = []
        self.statuses: list[dict[str, str]] = []

    @property
    def queries(self) -> list[str]:
        """The SELECTs that were unloaded."""
        found = [_UNLOAD.fullmatch(body["QueryString"]) for _, body in self.calls_of("Start")]
        return [match[1].strip() for match in found if match]

    def calls_of(self, name: str) -> list[tuple[str, Any]]:
        return [call for call in self.calls if call[0].startswith(name)]

    def answer(self, name: str, body: bytes, headers: dict[str, str]) -> bytes:
        """Do what a call asks for."""
        asked = json.loads(body)
        self.calls.append((name, asked))
        if name == "StartQueryExecution":
            self._unload(asked["QueryString"])
        with urlopen(Request(self._behind, body, headers)) as answered:  # noqa: S310 - loopback
            said = json.loads(answered.read())
        if name == "GetQueryExecution" and self.statuses:
            said["QueryExecution"]["Status"] = self.statuses.pop(0)
        return json.dumps(said).encode()

    def _unload(self, query: str) -> None:
        unload = _UNLOAD.fullmatch(query)
        assert unload, query
        s3 = boto3.client("s3")
        folder = unload[3].replace("''", "'")
        assert s3.list_objects_v2(Bucket=unload[2], Prefix=folder)["KeyCount"] == 0
        for number, rows in enumerate(self.rows):
            file = io.BytesIO()
            pq.write_table(rows, file)
            s3.put_object(Bucket=unload[2], Key=f"{folder}2026_{number}", Body=file.getvalue())


@contextmanager
def serve(athena: Athena) -> Iterator[str]:
    """Serve Athena on a loopback port; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            name = self.headers["X-Amz-Target"].rpartition(".")[2]
            try:
                status, said = 200, athena.answer(name, body, dict(self.headers))
            except HTTPError as refused:
                status, said = refused.code, refused.read()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
