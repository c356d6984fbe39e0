"""Environments of their own for the peers, made once from the pinned lists in peers/."""

import shutil
import subprocess
import sys
from pathlib import Path

from sizes import DATA, HERE


class InstallError(Exception):
    """A peer cannot be installed; the message says why."""


def pins_of(peer: str) -> str:
    """Return a peer's pinned list."""
    return (HERE / "peers" / f"{peer}.txt").read_text(encoding="utf-8")


def python_of(peer: str) -> Path:
    """Return the Python of a peer's environment, which is made if it is not there or out of date.

    Raises:
        InstallError: it cannot be made.
    """
    folder = DATA / "peers" / peer
    python, done = folder / "bin" / "python", folder / "pins.txt"
    recipe = f"# Python {sys.version}\n{pins_of(peer)}"
    if not done.exists() or done.read_text(encoding="utf-8") != recipe:
        _uv("venv", "--clear", "--python", sys.executable, str(folder))
        pins = str(HERE / "peers" / f"{peer}.txt")
        _uv("pip", "install", "--no-deps", "--python", str(python), "--requirements", pins)
        done.write_text(recipe, encoding="utf-8")
    return python


def _uv(*arguments: str) -> None:
    uv = shutil.which("uv")
    if uv is None:
        raise InstallError("uv is not on PATH: run make bench")
    made = subprocess.run([uv, "--quiet", *arguments], check=False, capture_output=True, text=True)
    if made.returncode:
        raise InstallError(" ".join(made.stderr.split())[-300:])
