"""A file with comments says what it is to say, whatever names and comments are in it."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.cli.first_monitor.commented_yaml import commented_yaml

ODD = [
    "a: b", "# no", "a #b", "yes", "null", "1", "1e3", "2013-01-01", "", " ", "- x", "*", "&a",
    "{a}", "[a]", "'", '"', "\\", "%", "@", "`", "|", ">", "!x", "a\nb", "a\n# b: c", "tab\t",
    "\u2028", "\x85", "é", "日本", "🙂", "a, b", "x" * 300, "\x07", "\ufeff", "trailing ",
]  # fmt: skip
# YAML has no word for half a character.
TEXTS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]))


@given(name=TEXTS, names=st.lists(TEXTS), comment=TEXTS, head=st.lists(TEXTS))
def test_what_is_read_is_what_was_written(
    name: str, names: list[str], comment: str, head: list[str]
) -> None:
    content: dict[str, Any] = {
        "name": name,
        "rows": 3,
        "is_there": True,
        "columns": {"exclude": names, "roles": {"target": name, "id": names}},
    }
    comments: dict[tuple[str | int, ...], str] = {
        ("name",): comment,
        ("columns",): comment,
        ("columns", "roles", "target"): comment,
        **{("columns", "exclude", number): comment for number in range(len(names))},
    }
    assert yaml.safe_load(commented_yaml(content, comments, head)) == content


def test_a_comment_stands_beside_what_it_is_about() -> None:
    content = {"name": "a # b", "columns": {"id": ["x", "y"], "rows": 1}}
    comments: dict[tuple[str | int, ...], str] = {
        ("name",): "a name",
        ("columns", "id", 1): "an id",
        ("columns", "rows"): "two\nlines",
    }
    assert commented_yaml(content, comments, ["Above", "", "Below"]) == (
        "# Above\n"
        "#\n"
        "# Below\n"
        "\n"
        "name: 'a # b'  # a name\n"
        "\n"
        "columns:\n"
        "  id:\n"
        "    - x\n"
        "    - y  # an id\n"
        "  rows: 1  # two?lines\n"
    )


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_name_takes_one_line(odd: str) -> None:
    text = commented_yaml({"names": [odd, "last"]}, {("names", 1): "here"}, [])
    assert text.split("\n")[-2] == "  - last  # here"
    assert len(text.split("\n")) == 4
