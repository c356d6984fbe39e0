"""What is in the image, and what is not."""

import json
import subprocess
import zlib
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from conftest import CONTEXT, REVISION, VERSION, EventOf, MakeFunction, build
from container import docker, inspect
from published import Site, assert_site_is_whole

MB = 1_000_000
UNUSED = [
    line
    for line in (CONTEXT / "unused.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def config(image: str) -> dict[str, Any]:
    """Return what the engine knows of the image."""
    return inspect(image)


def in_image(image: str, *command: str) -> str:
    """Run a command in the image as Lambda's user."""
    user = ("run", "--rm", "--network", "none", "--user", "993:990")
    return docker(*user, "--entrypoint", command[0], image, *command[1:])


def test_it_is_small(config: dict[str, Any]) -> None:
    assert config["Size"] < 700 * MB


def test_what_it_adds_to_the_base_is_small_on_the_wire(image: str) -> None:
    """A registry compresses each layer harder than this, and already has the base's."""
    run = ("docker", "run", "--rm", "--network", "none", "--entrypoint", "tar")
    command = (*run, image, "--create", "--directory", "/var/task", ".")
    packed, size = zlib.compressobj(1), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        while block := process.stdout.read(MB):
            size += len(packed.compress(block))
    assert process.returncode == 0
    assert 100 * MB < size < 180 * MB


def test_a_change_of_the_code_leaves_the_packages_alone(
    config: dict[str, Any], tmp_path: Path
) -> None:
    changed = copytree(CONTEXT, tmp_path / "context")
    with (changed / "drift_lambda.py").open("a") as code:
        code.write("\n# changed\n")
    built = inspect(build(changed, "drift_monitor:changed"))
    docker("rmi", "drift_monitor:changed")
    before, after = config["RootFS"]["Layers"], built["RootFS"]["Layers"]
    (base, packages), (changed_base, changed_packages) = before[:2], after[:2]
    assert (changed_base, changed_packages) == (base, packages)
    assert before != after


def test_it_says_what_it_is(config: dict[str, Any]) -> None:
    labels = config["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "drift_monitor"
    assert labels["org.opencontainers.image.version"] == VERSION
    assert labels["org.opencontainers.image.revision"] == REVISION


def test_it_adds_no_setting_but_its_own(image: str, config: dict[str, Any]) -> None:
    """A token or an index's address in a build would stay in the image's settings or history."""
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image)
    assert not {word for word in ("://", "TOKEN", "SECRET", "PASSWORD") if word in history}
    set_here = {entry.split("=")[0] for entry in config["Config"]["Env"]} - {"PATH", "LANG", "TZ"}
    assert {name for name in set_here if not name.startswith(("LAMBDA_", "LD_"))} == {
        "DO_NOT_TRACK",
        "HOME",
    }


def test_what_lies_beside_the_code_is_not_sent_to_the_engine(image: str) -> None:
    there = in_image(image, "find", "/var/task", "-maxdepth", "1", "-type", "f").splitlines()
    ours = {name for name in there if not name.endswith((".pyc", ".so"))}
    assert ours == {"/var/task/drift_lambda.py"}


def test_anybody_may_read_every_file_and_nobody_else_may_write(image: str) -> None:
    closed = ("(", "!", "-perm", "-o=r", "-o", "-type", "d", "!", "-perm", "-o=x", "-o")
    in_find = (*closed, "-perm", "-o=w", "!", "-type", "l", ")")
    assert in_image(image, "find", "/var/task", *in_find) == ""


def test_every_module_is_compiled(image: str) -> None:
    """The file system is read-only: what is not compiled here is compiled at each cold start."""
    command = (
        "import compileall, io, json, pathlib, sys\n"
        "from importlib.util import cache_from_source\n"
        "sources = [str(path) for path in pathlib.Path('/var/task').rglob('*.py')]\n"
        "print(json.dumps([s for s in sources if not pathlib.Path(cache_from_source(s)).exists()]))"
    )
    assert json.loads(in_image(image, "python", "-c", command)) == []


def test_pip_misses_what_is_left_out_and_nothing_else(image: str) -> None:
    settings = ("run", "--rm", "--network", "none", "--env", "PYTHONPATH=/var/task")
    command = ("docker", *settings, "--entrypoint", "pip", image, "check")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    missed = {line.split()[3].rstrip(",") for line in done.stdout.splitlines()}
    assert missed
    assert missed <= set(UNUSED), done.stdout
    assert all("which is not installed" in line for line in done.stdout.splitlines())


def test_extras_have_all_that_their_tables_need() -> None:
    """Some of it is what the image leaves out otherwise."""
    image = build(CONTEXT, "drift_monitor:test-extras", extras="delta iceberg")
    readers = ("drift_monitor.tables.lakes.delta", "drift_monitor.tables.lakes.iceberg")
    path = "import sys; sys.path.insert(0, '/var/task')"
    in_image(image, "python", "-c", f"{path}; import {', '.join(readers)}")
    assert inspect(image)["Size"] < 900 * MB


def test_what_is_left_out_was_required_once() -> None:
    required = (CONTEXT / "requirements.txt").read_text()
    assert [name for name in UNUSED if f"\n{name}==" not in required] == []


def test_every_method_scores_in_the_image_over_csv_and_parquet(
    make_function: MakeFunction,
    event_of: EventOf,
    site: Site,
    method_columns: list[tuple[str, str]],
) -> None:
    """All that the image leaves out is left out for good: no method, nor its page, misses it."""
    function = make_function()
    function.invoke(event_of("methods", "2026-03-16T09:30:00Z"))
    columns = site.json("monitors/methods/drift.json")["columns"]
    scored = {found["column"]: found["method"] for found in columns if found["score"] is not None}
    assert scored == {f"{method}_{kind}": method for method, kind in method_columns}
    assert "could not draw" not in site.read("monitors/methods/index.html")
    assert_site_is_whole(site)
    told = [json.loads(line) for line in function.log() if "DriftScore" in line]
    assert {line["column"] for line in told} == scored.keys()
