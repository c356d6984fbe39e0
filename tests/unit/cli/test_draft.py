"""A file with comments says what it is to say, whatever names and comments are in it."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from drift_monitor.cli.first_monitor.draft import Draft
from drift_monitor.cli.first_monitor.guesses import Guess

ODD = [
    "a: b", "# no", "a #b", "yes", "null", "1", "1e3", "2013-01-01", "", " ", "- x", "*", "&a",
    "{a}", "[a]", "'", '"', "\\", "%", "@", "`", "|", ">", "!x", "a\nb", "a\n# b: c", "tab\t",
    "12:30:45", "on", "010", "\u2028", "\x85", "é", "日本", "🙂", "a, b", "x" * 300,
    "\x07", "\ufeff", "trailing ",
]  # fmt: skip
# YAML has no word for half a character.
TEXTS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]))


@given(name=TEXTS, names=st.lists(TEXTS, min_size=1), comment=TEXTS, head=st.lists(TEXTS))
def test_what_is_read_is_what_was_written(
    name: str, names: list[str], comment: str, head: list[str]
) -> None:
    draft = Draft()
    draft.put("name", value=name, comment=comment)
    draft.put("rows", value=3)
    draft.put("is_there", value=True, comment=comment)
    draft.put("columns", "roles", "target", value=name, comment=comment)
    draft.put_guesses("columns", "exclude", found=[Guess(name, comment) for name in names])
    draft.put_guesses("columns", "include", found=[])
    expected = {
        "name": name,
        "rows": 3,
        "is_there": True,
        "columns": {"roles": {"target": name}, "exclude": names},
    }
    text = draft.write(head)
    assert draft.content == YAML(typ="safe", pure=True).load(text) == expected
    # Other tools may still read it by YAML 1.1.
    assert yaml.safe_load(text) == expected


def test_a_comment_stands_beside_what_it_is_about() -> None:
    draft = Draft()
    draft.put("name", value="a # b", comment="a name")
    draft.put_guesses("columns", "id", found=[Guess("x", "one"), Guess("y", "an id")])
    draft.put("columns", "rows", value=1, comment="two\nlines")
    draft.put("minimum", value=2)
    assert draft.write(["Above", "", "Below"]) == (
        "# Above\n"
        "#\n"
        "# Below\n"
        "\n"
        "name: 'a # b'  # a name\n"
        "\n"
        "columns:\n"
        "  id:\n"
        "    - x  # guess: one\n"
        "    - 'y'  # guess: an id\n"
        "  rows: 1  # two?lines\n"
        "minimum: 2\n"
    )


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_name_takes_one_line(odd: str) -> None:
    draft = Draft()
    draft.put_guesses("columns", "exclude", found=[Guess(odd, odd), Guess("last", "here")])
    lines = draft.write([odd]).split("\n")
    assert (lines[-2], len(lines)) == ("    - last  # guess: here", 8)
