"""The deployed function as Lambda runs it: its image, environment and role, one call at a time."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import boto3
from deployment import Deployed
from emulation import REGION, Account, engine, free_port

# A first call imports Evidently; on a busy machine that alone can take half a minute.
_ANSWERS_WITHIN = 300
_RUNTIME_INTERFACE = "/usr/local/bin/aws-lambda-rie"


@dataclass(frozen=True)
class Function:
    """A running function."""

    port: int

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return what the function answers; an exception in it is an answer with `errorType`."""
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations"
        request = Request(url, json.dumps(event).encode())
        try:
            with urlopen(request, timeout=_ANSWERS_WITHIN) as answer:  # noqa: S310 - loopback
                return json.loads(answer.read())
        except HTTPError as refused:
            raise AssertionError("the function did not start: see logs/function.log") from refused


def pull(image: str) -> dict[str, Any]:
    """Pull an image from the registry, whatever the engine already has; return what it is."""
    engine("pull", "--quiet", image)
    (found,) = json.loads(engine("image", "inspect", image))
    return found


@contextmanager
def running(deployed: Deployed, account: Account, log: Path) -> Iterator[Function]:
    """Run the deployed function's image with all that Lambda would give it."""
    code = deployed.function()["Code"]["ImageUri"]
    handler = pull(code)["Config"]["Cmd"][0]
    ports = free_port(), free_port()
    environment = {**_environment(deployed, account), "_HANDLER": handler}
    container = engine(
        *("run", "--detach", "--network", "host", "--entrypoint", _RUNTIME_INTERFACE),
        *("--read-only", "--tmpfs", "/tmp:size=512m,mode=1777", "--user", "993:990"),  # noqa: S108 - Lambda's
        *("--cap-drop", "ALL", "--volume", f"{account.certificate}:/account.crt:ro"),
        *(f"--env={name}={value}" for name, value in environment.items()),
        *(code, "--runtime-interface-emulator-address", f"127.0.0.1:{ports[0]}"),
        *("--runtime-api-address", f"127.0.0.1:{ports[1]}", "/var/runtime/bootstrap"),
    )
    try:
        _wait_for(ports[0])
        yield Function(ports[0])
    finally:
        done = subprocess.run(
            [os.environ["CDK_DOCKER"], "logs", container],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        log.write_bytes(done.stdout)
        engine("rm", "--force", "--volumes", container)


def _environment(deployed: Deployed, account: Account) -> dict[str, str]:
    """Put together what was deployed, what Lambda adds, and the way to the emulated account."""
    function = deployed.function()["Configuration"]
    role = boto3.client("sts").assume_role(
        RoleArn=function["Role"], RoleSessionName=function["FunctionName"][:64]
    )["Credentials"]
    return {
        **function["Environment"]["Variables"],
        "AWS_ACCESS_KEY_ID": role["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": role["SecretAccessKey"],
        "AWS_SESSION_TOKEN": role["SessionToken"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": function["FunctionName"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function["MemorySize"]),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function["Timeout"]),
        "AWS_LAMBDA_LOG_FORMAT": function["LoggingConfig"]["LogFormat"],
        "AWS_ENDPOINT_URL": account.endpoint,
        # boto3 reads the one, pyarrow the other.
        "AWS_CA_BUNDLE": "/account.crt",
        "SSL_CERT_FILE": "/account.crt",
    }


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            # It serves nothing there, and says so as soon as it serves at all.
            urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except HTTPError:
            return
        except URLError:
            time.sleep(0.1)
    raise AssertionError("the function's container did not start: see the logs")
