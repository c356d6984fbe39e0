"""The comment on a pull request: one, whole, and nothing in the diff can leave its fence."""

import json
import os
import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from synthesis import ROOT

SCRIPT = ROOT / "scripts" / "comment-diff"
BOT = "github-actions[bot]"

# GitHub's command, with comments in a file; as in reality, the comments come in pages.
GH = f"""\
#!{sys.executable}
import json, sys
from pathlib import Path
file = Path("comments.json")
comments = json.loads(file.read_text())
path, options = sys.argv[2], sys.argv[3:]
assert sys.argv[1] == "api"
if options == ["--paginate", "--slurp"]:
    assert path == "repos/team/flights/issues/12/comments"
    print(json.dumps([comments[:1], comments[1:]]))
    sys.exit()
assert options[0] == "--method" and options[2:] == ["--input", "-"]
body = json.load(sys.stdin)["body"]
if len(body) > 65_536:
    sys.exit("gh: Body is too long (HTTP 422)")
if options[1] == "POST":
    assert path == "repos/team/flights/issues/12/comments"
    url = f"https://api.github.com/comments/{{len(comments)}}"
    comments.append({{"url": url, "user": {{"login": "{BOT}"}}, "body": body}})
else:
    (comment,) = [comment for comment in comments if comment["url"] == path]
    comment["body"] = body
file.write_text(json.dumps(comments))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `gh` and, for it, a pull request without comments."""
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "comments.json").write_text("[]")
    return tmp_path


def comment_diff(folder: Path, diff: str, number: str = "12") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, number],
        input=diff,
        cwd=folder,
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(folder), os.environ["PATH"]]),
            "GITHUB_REPOSITORY": "team/flights",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def comments(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "comments.json").read_text())


def comment_of(diff: str) -> str:
    loader = SourceFileLoader("comment_diff", str(SCRIPT))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module.comment_of(diff)


def fenced(body: str) -> str:
    """Return what is in the fence, as CommonMark finds its end."""
    before, fence, rest = re.split(r"^(`{3,})text\n", body, maxsplit=1, flags=re.MULTILINE)
    assert "```" not in before
    end = rf"^ {{0,3}}`{{{len(fence)},}} *$"
    return re.split(end, rest, maxsplit=1, flags=re.MULTILINE)[0]


def test_first_push_makes_a_comment_and_the_next_one_changes_it(folder: Path) -> None:
    assert comment_diff(folder, "[~] one\n").returncode == 0
    assert comment_diff(folder, "[~] two\n").returncode == 0
    (comment,) = comments(folder)
    assert fenced(comment["body"]) == "[~] two\n"


def test_comments_of_others_are_left_alone(folder: Path) -> None:
    comment_diff(folder, "[~] one\n")
    (mine,) = comments(folder)
    quoted = {**mine, "url": "https://api.github.com/comments/7", "user": {"login": "somebody"}}
    other = {"url": "https://api.github.com/comments/8", "user": {"login": BOT}, "body": "Hello"}
    (folder / "comments.json").write_text(json.dumps([quoted, other, mine]))
    comment_diff(folder, "[~] two\n")
    assert comments(folder)[:2] == [quoted, other]
    assert fenced(comments(folder)[2]["body"]) == "[~] two\n"


def test_what_looks_like_a_command_is_text(folder: Path) -> None:
    diff = "$(touch made) `touch made` ; touch made\n${{ github.token }}\n"
    assert comment_diff(folder, diff).returncode == 0
    assert fenced(comments(folder)[0]["body"]) == diff
    assert not (folder / "made").exists()


def test_longest_comment_is_one_that_github_takes(folder: Path) -> None:
    done = comment_diff(folder, "a line of the diff\n" * 10_000)
    assert done.returncode == 0, done.stderr
    body = comments(folder)[0]["body"]
    assert 65_000 < len(body) <= 65_536
    assert body.endswith("The diff is longer than a comment can be: the rest is in this job's log.")
    assert set(fenced(body).splitlines()) == {"a line of the diff"}


def test_refusal_of_github_fails_the_job(folder: Path) -> None:
    (folder / "comments.json").write_text("no JSON")
    done = comment_diff(folder, "[~] one\n")
    assert done.returncode == 1
    assert "JSONDecodeError" in done.stderr


@pytest.mark.parametrize("number", ["", "12/../13", "$(touch made)"])
def test_pull_request_is_a_number(folder: Path, number: str) -> None:
    assert comment_diff(folder, "[~] one\n", number).returncode == 1
    assert comments(folder) == []


@given(st.text(st.sampled_from("`~ \n<>-a"), max_size=200))
@example("```\n<script>\n````\n")
@example("`" * 300)
def test_nothing_in_the_diff_closes_its_fence(diff: str) -> None:
    assert fenced(comment_of(diff)) == diff.rstrip("\n") + "\n"


@given(st.integers(65_000, 66_000), st.sampled_from(["a", "a\n", "`", "é\n", "😀"]))
@example(1_000_000, "`")
def test_length_stays_within_the_limit(length: int, piece: str) -> None:
    assert len(comment_of(piece * length)) <= 65_536
