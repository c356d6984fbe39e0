"""What docs/spark.md says is what the code does: its example, its versions, its workers."""

import re
from pathlib import Path

import yaml

from drift_monitor.analysis.slices.comparison import BYTES_PER_ROW as BYTES_PER_SLICED_ROW
from drift_monitor.config.engines import BYTES_PER_ROW, JAVA_GB, MEMORY_GB, Worker
from drift_monitor.config.monitor import Monitor
from stacks.settings import DeploymentSettings
from stacks.spark.application import RELEASE

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")


def test_the_example_is_a_monitor_on_spark() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    assert Monitor.model_validate(yaml.safe_load(example)).engine == "spark"


def test_its_versions_are_those_that_run() -> None:
    (release,) = re.findall(r"release ([\d.]+),", DOCS)
    assert f"emr-{release}" == RELEASE
    (pyspark,) = re.findall(r"pyspark ([\d.]+)\.", DOCS)
    locked = (ROOT / "tests" / "spark" / "requirements.txt").read_text(encoding="utf-8")
    assert f"pyspark=={pyspark} " in locked


def test_its_workers_are_those_that_there_are() -> None:
    rows = re.findall(r"\| (\d+) vCPU, (\d+) GB[^|]*\| ([\d.]+) (million|billion) \|", DOCS)
    assert {int(memory_gb) for _, memory_gb, _, _ in rows} >= {MEMORY_GB[0], MEMORY_GB[-1]}
    for vcpu, memory_gb, number, unit in rows:
        worker, scale = Worker(int(memory_gb)), {"million": 1e6, "billion": 1e9}[unit]
        assert worker.vcpu == int(vcpu)
        assert f"{worker.column_rows / scale:.{1 if unit == 'billion' else 0}f}" == number
    (default,) = re.findall(r"(\d+) GB \(the default\)", DOCS)
    assert int(default) == DeploymentSettings().spark_worker_memory_gb


def test_what_a_row_takes_is_what_is_planned_for_it() -> None:
    assert f"| a column, reference and current together | {BYTES_PER_ROW} |" in DOCS
    assert f"| the same by slice | {BYTES_PER_SLICED_ROW} |" in DOCS
    assert f"gives {JAVA_GB} GB to Java" in DOCS
