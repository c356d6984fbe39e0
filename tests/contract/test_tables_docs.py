"""Every example of docs/tables.md is a monitor, and reads the table it speaks of."""

import re
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
import yaml

from drift_monitor.monitor import Monitor
from drift_monitor.monitor_file import load_monitor
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import window_at

DOCS = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
NOON = datetime(2013, 6, 4, 12, tzinfo=UTC)

OBJECTS = {
    "spark/_SUCCESS": b"",
    "spark/part-00000": b"x,y\n1,2\n",
    "orders.csv": "stadt;betrag;n\n'Zürich; Süd';1,5;-999\nBern;2;1\n".encode("latin-1"),
    "customers.jsonl": b'{"age": 1, "address": {"city": "Bern"}, "model": {"score": 0.5}}\n',
    "daily/2013-06-02/1.csv": b"x\n1\n",
    "daily/2013-06-02/_SUCCESS": b"",
    "daily/2013-06-03/1.csv": b"x\n2\n",
}
READ = [
    {"x": [1], "y": [2]},
    {"stadt": ["Zürich; Süd", "Bern"], "betrag": [1.5, 2.0], "n": [None, 1]},
    {"age": [1], "address.city": ["Bern"], "model.score": [0.5]},
    {"x": [1]},
]


def _load(folder: Path, example: str) -> Monitor:
    file = folder / "m.yaml"
    rest = {"name": "m", "reference": {"location": "reference.parquet"}}
    file.write_text(yaml.safe_dump(rest) + example, encoding="utf-8")
    return load_monitor(file)


@pytest.mark.parametrize(
    ("example", "columns"), list(zip(EXAMPLES, READ, strict=True)), ids=range(len(READ))
)
@pytest.mark.usefixtures("aws")
def test_an_example_reads_its_table(
    example: str, columns: dict[str, list[object]], tmp_path: Path
) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(
        Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    for key, body in OBJECTS.items():
        s3.put_object(Bucket="my-bucket", Key=key, Body=body)
    monitor = _load(tmp_path, example)
    current = monitor.current
    with open_table(
        current.location,
        window_at(current, NOON),
        table_format=current.format,
        wait_for_success=current.wait_for_success,
    ) as table:
        read = {name: [v for a in table.read(name) for v in a.to_pylist()] for name in columns}
        assert (table.columns, read) == (list(columns), columns)
        missing = table.summary.missing_files
    assert all(f"`{place}`" in DOCS for place in missing)
    assert bool(missing) == current.wait_for_success


def test_a_monitor_is_the_same_after_it_went_through_an_event(tmp_path: Path) -> None:
    for example in EXAMPLES:
        monitor = _load(tmp_path, example)
        assert Monitor.model_validate(monitor.model_dump(mode="json", exclude_none=True)) == monitor
