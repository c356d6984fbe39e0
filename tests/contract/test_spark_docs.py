"""What docs/spark.md says is what the code does: its example, its versions, what it leaves out."""

import re
from pathlib import Path

import pytest
import yaml
from drift_monitor.spark.scores import EXACT_KS, ROWS_NEEDED
from pydantic import ValidationError

from drift_monitor.monitor import Monitor
from stacks.spark_engine import RELEASE

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
EXAMPLE, SKETCH = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


def _example(**parts: object) -> Monitor:
    return Monitor.model_validate({**yaml.safe_load(EXAMPLE), **parts})


def test_the_example_is_a_monitor_on_spark() -> None:
    assert _example().engine == "spark"


def test_the_sketch_is_one_more_line_of_it() -> None:
    assert _example(**yaml.safe_load(SKETCH)).sketch == 0.001


@pytest.mark.parametrize(
    "parts",
    [
        {"checks": {}},
        {"slices": {"by": ["zone"]}},
        {"transform": "flights.py"},
        {
            "model_quality": {"task": "regression"},
            "columns": {"roles": {"prediction": "p", "target": "t"}},
        },
        {"reference": {"location": "r/", "cache": True}},
        {"reference": {"location": "r/", "format": {"type": "delta"}}},
        {"current": {"location": "c/", "format": {"type": "iceberg"}}},
    ],
)
def test_what_it_says_is_not_there_is_refused(parts: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="by engine: spark") as invalid:
        _example(**parts)
    assert {error["loc"] for error in invalid.value.errors()} == {("engine",)}


def test_the_sentence_that_it_quotes_is_told() -> None:
    (sentence,) = re.findall(r"`([^`]+ by engine: spark: [^`]+)`", DOCS)
    with pytest.raises(ValidationError, match=sentence):
        _example(slices={"by": ["zone"]})


def test_its_versions_are_those_that_run() -> None:
    (release,) = re.findall(r"release ([\d.]+),", DOCS)
    assert f"emr-{release}" == RELEASE
    (pyspark,) = re.findall(r"pyspark ([\d.]+)\.", DOCS)
    locked = (ROOT / "tests" / "spark" / "requirements.txt").read_text(encoding="utf-8")
    assert f"pyspark=={pyspark} " in locked


def test_it_names_the_methods_that_are_not_scored() -> None:
    (named,) = re.findall(r"The methods (.+) have no formula", DOCS)
    assert set(re.findall(r"`(\w+)`", named)) == ROWS_NEEDED
    assert f"up to {EXACT_KS:,} values" in DOCS
