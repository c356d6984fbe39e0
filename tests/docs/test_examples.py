"""Every monitor that the docs show is one: it runs, with the tables that its fixture lays out.

A block of YAML names its fixture in its info string, as in ```yaml fixture=flights; conftest.py has
them.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from docs.conftest import Example, Ran

from drift_monitor.config.monitor import Monitor

pytestmark = pytest.mark.xdist_group("evidently")

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(
    r"^ *```ya?ml\b(?: fixture=(\w+))?.*?\n(.*?)^ *```$", re.DOTALL | re.MULTILINE | re.IGNORECASE
)


def _examples() -> Iterator[Any]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            after = text[found.end() :].partition("```")[0]
            example = Example(dedent(found[2]), found[1], text, after)
            yield pytest.param(example, id=f"{page.relative_to(ROOT)}:{line}")


@pytest.mark.parametrize("example", list(_examples()))
def test_an_example_runs(
    example: Example, monitor: Monitor, run_it: Callable[[], Ran], request: pytest.FixtureRequest
) -> None:
    assert example.fixture, "a block of YAML names its fixture: ```yaml fixture=flights"
    # As it comes through the event that a rule sends.
    assert Monitor.model_validate(monitor.model_dump(mode="json", exclude_none=True)) == monitor
    check = request.getfixturevalue(example.fixture)
    check(run_it())
