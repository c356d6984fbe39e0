"""`drift-monitor set-password` at a terminal; what it writes is what the site's function takes.

The key-value store is a small server. The SDK puts the account's number before any host, so it is
reached as a proxy.
"""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

import boto3
import pytest
from infra.edge import basic, edge, request

STACK = "DriftMonitor-test"
ARN = "arn:aws:cloudfront::111122223333:key-value-store/1234abcd-12ab-34cd-56ef-1234567890ab"
PASSWORD = "correct horse battery staple"  # noqa: S105 - a test's
COMMAND = (
    "import sys; sys.argv[0] = 'drift-monitor'; from drift_monitor.cli.main import main; main()"
)
WITHOUT_AWSCRT = f"import sys; sys.modules['awscrt'] = None; {COMMAND}"


class KeyValueStore(HTTPServer):
    """Keeps keys as CloudFront does: who writes names the version that it has read."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.stored: dict[str, str] = {}
        self.version = 1
        self.meanwhile: Callable[[], None] = lambda: None


class _Answer(BaseHTTPRequestHandler):
    server: KeyValueStore

    def do_GET(self) -> None:
        assert unquote(urlsplit(self.path).path) == f"/key-value-stores/{ARN}"
        self._answer(200, {"ItemCount": 0, "TotalSizeInBytes": 0, "KvsARN": ARN, "Created": 1})
        self.server.meanwhile()

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # Signed for all regions: CloudFront takes nothing else here.
        assert self.headers["Authorization"].startswith("AWS4-ECDSA-P256-SHA256 ")
        if self.headers["If-Match"] != f"version-{self.server.version}":
            self._answer(409, {"Message": "Pre-Condition failed"})
            return
        key = unquote(urlsplit(self.path).path).removeprefix(f"/key-value-stores/{ARN}/keys/")
        self.server.stored[key] = body["Value"]
        self.server.version += 1
        self._answer(200, {"ItemCount": 1, "TotalSizeInBytes": 1})

    def _answer(self, status: int, body: dict[str, object]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("ETag", f"version-{self.server.version}")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyValueStore]:
    server = KeyValueStore()
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE", "http://store.example.com")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def deployed(aws: str) -> str:  # noqa: ARG001 - the account that the stack is in
    return create_stack({"SiteCredentialStoreArn": ARN})


def create_stack(outputs: dict[str, str]) -> str:
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    return STACK


def set_password(*typed: str, stack: str = STACK, command: str = COMMAND) -> tuple[int, str]:
    """Run the command at a terminal of its own; return its code and what the screen showed."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", command, "set-password", "--stack", stack],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    os.close(terminal)
    shown = ""
    answers = iter(typed)
    while chunk := _read(screen):
        shown += chunk
        # A prompt is what ends with a colon and no line.
        if shown.endswith(": ") and (answer := next(answers, None)) is not None:
            os.write(screen, f"{answer}\n".encode())
    os.close(screen)
    return process.wait(), shown.replace("\r\n", "\n")


def _read(screen: int) -> str:
    try:
        return os.read(screen, 65_536).decode()
    except OSError:  # the process has ended
        return ""


def reads(store: KeyValueStore, user: str, password: str) -> bool:
    """Say whether the site's function lets somebody in."""
    with edge(store.stored, password=True) as function:
        return "uri" in function.ask(request(authorization=basic(f"{user}:{password}")))


@pytest.mark.usefixtures("deployed")
def test_who_knows_the_password_reads_and_the_screen_does_not_show_it(
    store: KeyValueStore,
) -> None:
    code, shown = set_password("team", PASSWORD, PASSWORD)
    assert code == 0, shown
    assert PASSWORD not in shown
    assert f"the site of {STACK} lets team in" in shown
    assert reads(store, "team", PASSWORD)
    assert not reads(store, "team", PASSWORD.upper())
    assert not reads(store, "other", PASSWORD)


@pytest.mark.usefixtures("deployed")
def test_what_is_stored_names_neither_user_nor_password_and_differs_each_time(
    store: KeyValueStore,
) -> None:
    kept = []
    for _ in range(2):
        assert set_password("team", PASSWORD, PASSWORD)[0] == 0
        assert "team" not in str(store.stored)
        assert PASSWORD not in str(store.stored)
        kept.append(dict(store.stored))
    assert kept[0].keys() == kept[1].keys() == {"credential"}
    assert kept[0] != kept[1]


@pytest.mark.usefixtures("deployed")
def test_a_password_is_made_for_who_gives_none(store: KeyValueStore) -> None:
    code, shown = set_password("team", "")
    assert code == 0, shown
    (made,) = re.findall(r"^Password: (\S{24})  \(it is shown this once\)$", shown, re.MULTILINE)
    assert reads(store, "team", made)


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("team", "short"), "a password has 16 characters at least"),
        (("team", "pässword pässword"), "a password is letters, digits and signs of ASCII"),
        (("a:b",), "a user is letters, digits and signs of ASCII, without a colon"),
        (("jürgen",), "a user is letters, digits and signs of ASCII"),
        (("team", PASSWORD, f"{PASSWORD}r"), "the two passwords differ"),
    ],
)
def test_what_would_not_do_is_said_and_nothing_is_changed(
    store: KeyValueStore, typed: tuple[str, ...], said: str
) -> None:
    code, shown = set_password(*typed)
    assert code == 1
    assert said in shown
    assert "nothing was changed" in shown
    assert "Traceback" not in shown
    assert store.stored == {}


@pytest.mark.usefixtures("deployed")
def test_a_store_that_somebody_else_has_just_changed_stays_as_it_is(store: KeyValueStore) -> None:
    def change() -> None:
        store.version += 1

    store.meanwhile = change
    code, shown = set_password("team", PASSWORD, PASSWORD)
    assert code == 1
    assert "AWS said no" in shown
    assert store.stored == {}


@pytest.mark.usefixtures("store", "aws")
def test_stack_that_is_not_there_is_one_sentence() -> None:
    code, shown = set_password(stack="DriftMonitor-none")
    assert code == 1
    assert shown.startswith("DriftMonitor-none is no stack in eu-west-1: look at its name")


@pytest.mark.usefixtures("store", "aws")
def test_stack_whose_site_asks_for_no_password_is_one_sentence() -> None:
    create_stack({"SiteUrl": "https://drift.example.com"})
    code, shown = set_password()
    assert code == 1
    assert shown == (
        f"{STACK} asks for no password: deploy it with access cloudfront and password true first\n"
    )


@pytest.mark.usefixtures("deployed", "store")
def test_without_awscrt_it_says_what_to_install_before_it_asks() -> None:
    code, shown = set_password(command=WITHOUT_AWSCRT)
    assert code == 1
    assert 'pip install "boto3[crt]"' in shown
    assert "User" not in shown
