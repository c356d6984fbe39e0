"""The image in a container, as Lambda runs it, with the runtime interface emulator in front."""

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

_STARTS_WITHIN = 60
_ANSWERS_WITHIN = 300


class FailedInvocationError(Exception):
    """The function raised, ran out of time or memory, or its container died."""


def docker(*arguments: str) -> str:
    """Run a command of the engine's; return what it printed."""
    assert shutil.which("docker"), "Docker is needed: see docs.docker.com/engine/install"
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, (
        f"docker {arguments[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    )
    return done.stdout.strip()


def inspect(name: str) -> dict[str, Any]:
    """Return what the engine knows of an image, a container or a network."""
    (found,) = json.loads(docker("inspect", name))
    return found


class Function:
    """A function's container: one invocation at a time."""

    def __init__(
        self,
        image: str,
        network: str,
        environment: Mapping[str, str],
        *,
        memory: str = "1024m",
    ) -> None:
        """Start it with what Lambda leaves a function: /tmp, its memory and nothing else."""
        self._container = docker(
            *("run", "--detach", "--network", network, "--memory", memory, "--memory-swap", memory),
            *("--read-only", "--tmpfs", "/tmp:size=512m,mode=1777", "--user", "993:990"),  # noqa: S108 - Lambda's
            *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *(f"--env={name}={value}" for name, value in environment.items()),
            image,
        )
        networks = inspect(self._container)["NetworkSettings"]["Networks"]
        self.address: str = networks[network]["IPAddress"]
        self._wait()

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return what the function answers.

        Raises:
            FailedInvocationError: it did not do its job; the message says what Lambda would log.
        """
        url = f"http://{self.address}:8080/2015-03-31/functions/function/invocations"
        try:
            with urlopen(Request(url, json.dumps(event).encode()), timeout=_ANSWERS_WITHIN) as sent:
                text = sent.read().decode()
        except (OSError, HTTPException) as error:
            raise FailedInvocationError(f"the container died: {error}") from error
        try:
            answer = json.loads(text)
        except ValueError as error:  # the emulator's own sentence
            raise FailedInvocationError(text) from error
        if "errorType" in answer:
            raise FailedInvocationError(f"{answer['errorType']}: {answer.get('errorMessage')}")
        return answer

    def log(self) -> list[str]:
        """Return the lines of its log."""
        done = subprocess.run(
            ["docker", "logs", self._container],  # noqa: S607
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    def kill(self) -> None:
        """End it in the middle of what it does."""
        docker("kill", self._container)

    def remove(self) -> None:
        """Leave nothing of it."""
        docker("rm", "--force", "--volumes", self._container)

    def _wait(self) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < deadline:
            try:
                urlopen(f"http://{self.address}:8080/", timeout=5).close()
            except HTTPError:  # it serves, if nothing there
                return
            except (URLError, OSError):
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the emulator does not answer: {self.log()[-5:]}")
