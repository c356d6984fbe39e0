"""What a suite needs is found, or named in one sentence; no target of make installs it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from synthesis import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
SENTENCES = {
    "docker": "Docker is needed for test-x: install it, see docs.docker.com/engine/install\n",
    "chromium": "Chromium is needed for test-x: install it, such as Debian's chromium, under that "
    "name on PATH\n",
    "java": "Java 17 is needed for test-x: install it, such as Debian's openjdk-17-jre-headless, "
    "and set JAVA_HOME\n",
    "python-3.11": "Python 3.11 is needed for test-x, the newest that Spark 3.5 runs with: install "
    "it, such as by .venv/bin/uv python install 3.11\n",
}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of the script, on a machine with little more than a shell."""
    for folder in ("scripts", "bin", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "require", tmp_path / "scripts")
    for name in ("bash", "dirname", "readlink"):
        program = shutil.which(name)
        assert program
        (tmp_path / "bin" / name).symlink_to(program)
    return tmp_path


def has(program: Path, *, said: str) -> None:
    """Put a program there that says this, whatever it is asked."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)


def require(bare: Path, tool: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [bare / "scripts" / "require", tool, "test-x"],
        env={"PATH": str(bare / "bin"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("tool", SENTENCES)
def test_what_is_missing_is_named_with_what_to_install(bare: Path, tool: str) -> None:
    done = require(bare, tool)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", SENTENCES[tool])


def test_engine_that_does_not_answer_is_told_from_one_that_is_not_there(bare: Path) -> None:
    program = bare / "bin" / "docker"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert require(bare, "docker").stderr == (
        "Docker is needed for test-x, and does not answer: start it, or set DOCKER_HOST\n"
    )


def test_engine_is_found_by_the_address_of_its_context(bare: Path) -> None:
    has(bare / "bin" / "docker", said="unix:///run/user/1000/docker.sock")
    assert require(bare, "docker").stdout == (
        "export DOCKER_HOST=unix:///run/user/1000/docker.sock\n"
    )


def test_browser_is_found_on_the_path(bare: Path) -> None:
    has(bare / "bin" / "chromium", said="Chromium 143")
    done = require(bare, "chromium")
    assert (done.returncode, done.stdout) == (0, "")


def test_another_java_is_passed_over(bare: Path) -> None:
    has(bare / "bin" / "java", said='openjdk version "25.0.1" 2025-10-21')
    assert require(bare, "java").stderr == SENTENCES["java"]
    home = bare / "jdk-17"
    has(home / "bin" / "java", said='openjdk version "17.0.15" 2025-04-15')
    assert require(bare, "java", JAVA_HOME=str(home)).stdout == f"export JAVA_HOME={home}\n"


def test_python_is_the_one_that_uv_finds(bare: Path) -> None:
    has(bare / ".venv" / "bin" / "uv", said="/usr/bin/python3.11")
    assert require(bare, "python-3.11").stdout == "export PYTHON_3_11=/usr/bin/python3.11\n"


def test_each_target_asks_for_a_tool_that_is_known() -> None:
    assert set(re.findall(r"scripts/require (\S+) ", MAKEFILE)) == set(SENTENCES)


def test_no_target_installs_with_a_systems_package_manager_or_prepares_the_machine() -> None:
    assert not re.findall(r"apt-get|dockerd|sudo|\.ci/", MAKEFILE)
    scripts = [file for file in (ROOT / "scripts").iterdir() if file.is_file()]
    assert scripts
    assert not [file.name for file in scripts if "apt-get" in file.read_text()]


def test_what_prepares_the_machine_can_be_run() -> None:
    run = (ROOT / ".ci" / "run").read_text()
    prepared = re.findall(r"^prepare ([\w.-]+)$", run, re.MULTILINE)
    assert {*prepared, "install", "run"} == {file.name for file in (ROOT / ".ci").iterdir()}
    assert all(os.access(ROOT / ".ci" / name, os.X_OK) for name in prepared)
