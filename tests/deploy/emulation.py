"""An AWS account on loopback: over TLS, with its policies enforced and an image registry in it.

It fires no rule, sends no email (and takes each address as confirmed), serves the site by S3's
address and not by the website's, encrypts nothing, and asks nobody for the registry's password.
"""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

HERE = Path(__file__).parent
PYTHON = HERE.parents[1] / ".venv-emulator" / "bin" / "python"
ACCOUNT, REGION = "000000000000", "eu-west-1"
_READY_WITHIN = 60


@dataclass(frozen=True)
class Account:
    """An emulated account, new for each session."""

    registry: str
    """Host and port. Images are pushed to the same server that answers for ECR."""
    certificate: Path

    @property
    def endpoint(self) -> str:
        # By name: the CDK misreads an IP address in a bucket's address.
        return f"https://{self.registry}"

    def environment(self) -> dict[str, str]:
        """What leads an AWS SDK, the CDK and the engine's client here."""
        client = shutil.which("docker")
        assert client, "Docker is needed: see docs.docker.com/engine/install"
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CA_BUNDLE": str(self.certificate),
            "NODE_EXTRA_CA_CERTS": str(self.certificate),
            "CDK_DOCKER": str(HERE / "docker"),
            "ENGINE_CLIENT": client,
            "LOCAL_REGISTRY": self.registry,
        }

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Return the status and the body that somebody without credentials gets."""
        request = Request(f"{self.endpoint}/{path}", data=body, method=method)  # noqa: S310 - https
        trusted = ssl.create_default_context(cafile=self.certificate)
        try:
            with urlopen(request, context=trusted) as answer:  # noqa: S310 - https
                return answer.status, answer.read()
        except HTTPError as refused:
            return refused.code, refused.read()


def engine(*arguments: str) -> str:
    """Run the engine's client, to which ECR is the emulated registry; return what it said."""
    done = subprocess.run(
        [os.environ["CDK_DOCKER"], *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def forget_images(account: Account) -> None:
    """Remove from the engine the names of the account's registry; what was built stays."""
    # In this order, as the last tag may take the digest's name with it.
    for name in ("{{.Repository}}:{{.Tag}}", "{{.Repository}}@{{.Digest}}"):
        listed = engine("image", "ls", "--digests", "--format", name, f"{account.registry}/*")
        for found in sorted(set(listed.split())):
            if not found.endswith("<none>"):
                engine("image", "rm", "--no-prune", found)


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def emulated_account(folder: Path, log: Path) -> Iterator[Account]:
    """Serve an empty account as long as it is needed."""
    assert PYTHON.exists(), f"{PYTHON} is missing: run `make test-deploy`, which makes it"
    port = free_port()
    certificate, key = _certificate(folder)
    environment = {
        **os.environ,
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        # Policies are enforced; over TLS, as the CDK's own bucket refuses plain HTTP.
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate),
        "MINISTACK_SSL_KEY": str(key),
        "IOT_MTLS_ENABLED": "0",
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [PYTHON, HERE / "emulator.py"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            account = Account(f"localhost:{port}", certificate)
            _wait_for(account, process, log)
            yield account
        finally:
            process.kill()
            process.communicate()


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "localhost.crt", folder / "localhost.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def _wait_for(account: Account, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            account.ask("GET", "_ministack/health")
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the emulator did not start: see {log}")
