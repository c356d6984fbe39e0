"""What every test stands on. No test can reach a real AWS account: see `_AWS`."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pyarrow as pa
import pytest
from hypothesis import settings
from moto.server import ThreadedMotoServer
from pyarrow import parquet as pq

_AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    # Nobody listens there: a call outside of the `aws` fixture fails at once.
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_MAX_ATTEMPTS": "1",
    "DO_NOT_TRACK": "1",
}
for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ.update(_AWS)

# CI judges a change by the same examples each time; new ones are looked for at the desk.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

WriteTable = Callable[..., str]


@pytest.fixture
def write_table(tmp_path: Path) -> WriteTable:
    """Write columns as a Parquet file below the test's folder; return its path."""

    def write(path: str, columns: dict[str, object] | pa.Table) -> str:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), file)
        return str(file)

    return write


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    """Serve S3, SNS and SQS on a loopback port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(_moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the test an empty AWS account of its own; return its endpoint."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", _moto)
    with urlopen(Request(f"{_moto}/moto-api/reset", method="POST")):  # noqa: S310 - loopback
        return _moto
