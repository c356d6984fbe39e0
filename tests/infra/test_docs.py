"""The pages for people: what they link to is there, and what they show is right."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from synthesis import ROOT

from drift_monitor.cli.main import app
from drift_monitor.config.monitor import Monitor
from stacks.settings import CONTEXT_KEY, DeploymentSettings, read_settings

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("benchmarks/*.md")])
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Return what the page's headings are linked by, as GitHub makes it."""
    titles = re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text(page), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]*)\)", text(page)):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_index_names_every_page() -> None:
    linked = re.findall(r"\]\(([^)#]*)[^)]*\)", text(DOCS / "README.md"))
    pages = {page for page in DOCS.rglob("*.md") if page.parent.name != "decisions"}
    assert pages - {DOCS / "README.md"} <= {(DOCS / link).resolve() for link in linked}


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "monitor.md"], ids=["short", "whole"])
def test_the_monitor_that_is_shown_is_one(page: Path) -> None:
    (example,) = blocks(page, "yaml")
    assert Monitor.model_validate(yaml.safe_load(example)).name == "flights"


def test_the_settings_that_are_shown_are_settings() -> None:
    (example,) = blocks(DOCS / "deployment.md", "json")
    assert set(read_settings(json.loads(f"{{{example}}}")[CONTEXT_KEY])) == {"dev", "prod"}


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *DOCS.glob("*.md")], ids=lambda page: page.name
)
def test_commands_that_are_shown_are_there(page: Path) -> None:
    shell = "\n".join(blocks(page, "sh"))
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(re.findall(r"drift-monitor ([a-z][a-z-]*)", shell)) <= set(commands)
    targets = set(re.findall(r"^([\w.-]+)(?: [\w.-]+)*:", MAKEFILE, re.MULTILINE))
    made = set(re.findall(r"^make ([a-z][a-z-]*)", shell, re.MULTILINE))
    assert made <= targets


def test_the_reference_is_what_the_code_says(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "reference-docs", tmp_path], check=True)
    assert {page.name: text(page) for page in REFERENCE.iterdir()} == {
        page.name: text(page) for page in tmp_path.iterdir()
    }, "run: make docs"


def test_the_reference_has_every_key_setting_and_command() -> None:
    def first_cells(page: str) -> set[str]:
        return set(re.findall(r"^\| `([^`]+)`", text(REFERENCE / page), re.MULTILINE))

    assert first_cells("settings.md") == set(DeploymentSettings.model_fields)
    schema = json.loads(text(ROOT / "schemas" / "monitor.schema.json"))
    keys = {key for part in [schema, *schema["$defs"].values()] for key in part["properties"]}
    assert first_cells("monitor.md") == keys
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert anchors(REFERENCE / "command-line.md") == {"drift-monitor", *commands}
    taken = [part for each in commands.values() for part in each.params]
    assert first_cells("command-line.md") == {
        part.metavar if part.param_type_name == "argument" else part.opts[0] for part in taken
    }
