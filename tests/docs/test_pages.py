"""The pages for people: what they link to is there, and what they show is right."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.checks.baseline import profile_table
from drift_monitor.analysis.checks.contract import Contract
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.analysis.slices.comparison import BYTES_PER_ROW as BYTES_PER_SLICED_ROW
from drift_monitor.cli.main import app
from drift_monitor.config.checks import DEFAULTS
from drift_monitor.config.engines import BYTES_PER_ROW, JAVA_GB, MEMORY_GB, Worker
from drift_monitor.config.transforms import TRANSFORMS
from drift_monitor.results.slices import SliceDrift
from stacks.settings import CONTEXT_KEY, DeploymentSettings, read_settings
from stacks.spark.application import RELEASE

pytestmark = pytest.mark.xdist_group("infra")  # whose worker has the CDK's engine

ROOT = Path(__file__).parents[2]
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


def test_the_checks_defaults_are_as_written() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", text(DOCS / "checks.md"), re.MULTILINE)
    written = {name: default.split(", ") for name, default in rows}
    assert {name: words[-1] for name, words in written.items()} == {
        name: rule.severity for name, rule in DEFAULTS.items()
    }
    limits = {name: float(words[0]) for name, words in written.items() if len(words) > 1}
    assert limits == {name: DEFAULTS[name].limit for name in limits}
    assert {name for name, rule in DEFAULTS.items() if rule.limit} <= limits.keys()


def test_the_reason_of_a_failed_check_is_one_that_is_given() -> None:
    (reason,) = re.findall(r"a `reason` such as `([^`]+)`", text(DOCS / "checks.md"))
    table = InMemory({"x": [*range(903), *[None] * 97]})
    reference = InMemory({"x": range(903)})
    reference.location, reference.digest = "reference.parquet", "as it was"
    contract = Contract(a_monitor(), profile_table(reference, a_monitor(), files=1))
    compare(reference, table, a_monitor(), on_column=contract.observe)
    assert reason in {each.reason for each in contract.results(reference, table)}


def test_the_slice_that_is_shown_is_one() -> None:
    (example,) = blocks(DOCS / "slices.md", "json")
    shown = json.loads(example)
    assert SliceDrift.model_validate(shown).model_dump(mode="json") == shown


def test_the_transform_that_is_shown_comes_with_the_project() -> None:
    assert blocks(DOCS / "transform.md", "python") == [text(TRANSFORMS / "flown.py")]


def test_sparks_versions_are_those_that_run() -> None:
    (release,) = re.findall(r"release ([\d.]+),", text(DOCS / "spark.md"))
    assert f"emr-{release}" == RELEASE
    (pyspark,) = re.findall(r"pyspark ([\d.]+)\.", text(DOCS / "spark.md"))
    assert f"pyspark=={pyspark} " in text(ROOT / "tests" / "spark" / "requirements.txt")


def test_sparks_workers_are_those_that_there_are() -> None:
    page = text(DOCS / "spark.md")
    rows = re.findall(r"\| (\d+) vCPU, (\d+) GB[^|]*\| ([\d.]+) (million|billion) \|", page)
    assert {int(memory_gb) for _, memory_gb, _, _ in rows} >= {MEMORY_GB[0], MEMORY_GB[-1]}
    for vcpu, memory_gb, number, unit in rows:
        worker, scale = Worker(int(memory_gb)), {"million": 1e6, "billion": 1e9}[unit]
        assert worker.vcpu == int(vcpu)
        assert f"{worker.column_rows / scale:.{1 if unit == 'billion' else 0}f}" == number
    (default,) = re.findall(r"(\d+) GB \(the default\)", page)
    assert int(default) == DeploymentSettings().spark_worker_memory_gb
    assert f"| a column, reference and current together | {BYTES_PER_ROW} |" in page
    assert f"| the same by slice | {BYTES_PER_SLICED_ROW} |" in page
    assert f"gives {JAVA_GB} GB to Java" in page
