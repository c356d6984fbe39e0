"""docs/checks.md says what the checks do: its example runs, its defaults are the defaults."""

import re
from pathlib import Path

import yaml
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.checks.baseline import profile_table
from drift_monitor.analysis.checks.contract import Contract
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.checks import DEFAULTS
from drift_monitor.config.load import load_monitor

DOCS = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
ROWS = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", DOCS, re.MULTILINE)


class Reference(InMemory):
    location = "reference.parquet"
    digest = "as it was"


def test_the_defaults_are_as_written() -> None:
    written = {name: default.split(", ") for name, default in ROWS}
    assert {name: words[-1] for name, words in written.items()} == {
        name: rule.severity for name, rule in DEFAULTS.items()
    }
    limits = {name: float(words[0]) for name, words in written.items() if len(words) > 1}
    assert limits == {name: DEFAULTS[name].limit for name in limits}
    assert {name for name, rule in DEFAULTS.items() if rule.limit} <= limits.keys()


def test_the_example_checks_a_table(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    tables = {"reference": {"location": "r.parquet"}, "current": {"location": "c.parquet"}}
    file.write_text(yaml.safe_dump({"name": "m", **tables}) + EXAMPLE, encoding="utf-8")
    monitor = load_monitor(file)
    reference = Reference(
        {
            "dep_delay": range(100),
            "distance": range(100),
            "carrier": ["AA", "UA"] * 50,
            "gone": [1] * 100,
        }
    )
    current = InMemory(
        {
            "dep_delay": [*range(50, 145), *[None] * 5],
            "distance": [*range(1, 97), 200, *[None] * 3],
            "carrier": ["AA"] * 99 + ["ZZ"],
            "extra": [1] * 100,
        }
    )
    contract = Contract(monitor, profile_table(reference, a_monitor(), files=1))
    compare(reference, current, monitor, on_column=contract.observe)
    found = {
        (each.check, each.column): (each.severity, each.limit, each.passed)
        for each in contract.results(Reference.digest, current)
    }
    assert found == {
        ("baseline_is_stale", None): ("warn", 0, True),
        ("missing_columns", "gone"): ("warn", 0, False),
        ("changed_types", None): ("critical", 0, True),
        ("null_share", "dep_delay"): ("warn", 0.1, True),
        ("null_share", "distance"): ("critical", 0.02, False),
        ("null_share", "carrier"): ("critical", 0.02, True),
        ("range", "distance"): ("warn", 0.001, False),
        ("unseen_categories", "carrier"): ("critical", 0, False),
    }


def test_the_reason_in_the_docs_is_one_that_is_given() -> None:
    (reason,) = re.findall(r"a `reason` such as `([^`]+)`", DOCS)
    table = InMemory({"x": [*range(903), *[None] * 97]})
    reference = Reference({"x": range(903)})
    contract = Contract(a_monitor(), profile_table(reference, a_monitor(), files=1))
    compare(reference, table, a_monitor(), on_column=contract.observe)
    assert reason in {each.reason for each in contract.results("", table)}
