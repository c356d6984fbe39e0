"""GitHub's workflow: it calls what is here, with no more rights than it needs."""

import os
import re
from typing import Any

import pytest
import yaml
from synthesis import ROOT

FILE = ROOT / ".github" / "workflows" / "ci.yml"
TEXT = FILE.read_text()
WORKFLOW = yaml.safe_load(TEXT)
JOBS: dict[str, Any] = WORKFLOW["jobs"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]
COMMANDS = "\n".join(step["run"] for step in STEPS if "run" in step)


def test_every_pull_request_and_main_are_checked_and_tested() -> None:
    assert WORKFLOW[True] == {"pull_request": None, "push": {"branches": ["main"]}}  # YAML's "on"
    assert {"make check", "make test"} <= {step.get("run") for step in JOBS["test"]["steps"]}
    assert "if" not in JOBS["test"]


def test_what_is_made_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("$(VENV)", ".venv")
    targets = set(re.findall(r"^([\w./-]+):", makefile, re.MULTILINE))
    made = {name for line in re.findall(r"\bmake (.*)", COMMANDS) for name in line.split()}
    assert made
    assert made <= targets


def test_no_suite_is_left_out_of_what_a_change_must_pass() -> None:
    suites = re.findall(r"^(test[\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    made = re.findall(r"^make ([\w-]+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert {"check", *suites} <= set(made)


def test_scripts_that_are_called_can_be_run() -> None:
    scripts = set(re.findall(r"\bscripts/[\w-]+", COMMANDS))
    assert scripts == {"scripts/comment-diff"}
    assert all(os.access(ROOT / script, os.X_OK) for script in scripts)


def test_actions_are_pinned_by_commit_and_say_their_version() -> None:
    used = re.findall(r"uses: (.*)", TEXT)
    assert len(used) == sum("uses" in step for step in STEPS)
    for action in used:
        assert re.fullmatch(r"(actions|aws-actions)/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", action)


def test_nothing_from_a_pull_request_is_pasted_into_a_command() -> None:
    assert "${{" not in COMMANDS


def test_rights_are_read_only_but_for_the_comment_and_the_role() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in JOBS["test"]
    assert JOBS["diff"]["permissions"] == {
        "contents": "read",
        "id-token": "write",
        "pull-requests": "write",
    }


def test_token_is_not_left_in_the_clone() -> None:
    clones = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert len(clones) == len(JOBS)
    assert all(step["with"]["persist-credentials"] is False for step in clones)


@pytest.mark.parametrize(
    "condition",
    [
        "github.event_name == 'pull_request'",
        "github.event.pull_request.head.repo.full_name == github.repository",
        "vars.AWS_DIFF_ROLE_ARN != ''",
    ],
)
def test_credentials_are_for_this_repositorys_own_pull_requests(condition: str) -> None:
    assert condition in JOBS["diff"]["if"].split(" && ")


def test_failed_diff_fails_the_job() -> None:
    # Only this shell of GitHub's has pipefail.
    assert WORKFLOW["defaults"] == {"run": {"shell": "bash"}}
