"""Every example of docs/windows.md reads the time that is written below it, row by row."""

import io
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet as pq

from drift_monitor.config.load import load_monitor
from drift_monitor.config.locations import Location
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.results.words import window_words
from drift_monitor.tables.table import Table
from drift_monitor.tables.window import Window, reference_window, window_at, window_summary

DOCS = (Path(__file__).parents[2] / "docs" / "windows.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"```yaml\n(.*?)```\n\nCurrent: (.*?)\.(?: Reference: (.*?)\.)?\n", DOCS, re.DOTALL
)
RUN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR, TWO_DAYS = timedelta(hours=1), timedelta(days=2)


def test_each_example_says_what_it_reads() -> None:
    assert len(EXAMPLES) == DOCS.count("```yaml") > 10


def _load(folder: Path, example: str) -> Monitor:
    rest = {"name": "m"}
    if "reference:" not in example:
        rest["reference"] = {"location": "s3://my-bucket/reference.parquet"}  # type: ignore[assignment]
    file = folder / "m.yaml"
    file.write_text(yaml.safe_dump(rest) + example, encoding="utf-8")
    return load_monitor(file)


def _hours(window: Window) -> list[datetime]:
    count = (window.end - window.start) // HOUR
    return [window.start + n * HOUR for n in range(count)]


def _put(key: str, times: list[datetime]) -> None:
    body = io.BytesIO()
    pq.write_table(pa.table({"time": pa.array(times, pa.timestamp("us", "UTC"))}), body)
    boto3.client("s3").put_object(Bucket="my-bucket", Key=key, Body=body.getvalue())


def _put_table(text: str, windows: list[Window]) -> None:
    """Write a row for each hour of the windows, and of the days around them, where it belongs."""
    around = [Window(window.start - TWO_DAYS, window.end + TWO_DAYS) for window in windows]
    files: dict[str, list[datetime]] = defaultdict(list)
    for hour in sorted({hour for window in around for hour in _hours(window)}):
        path = Location.parse(text).on(hour.astimezone(windows[0].zone)).path
        files[f"{path}1.parquet" if path.endswith("/") else path].append(hour)
    for key, times in files.items():
        _put(key, times)


def _read(table: Table) -> list[datetime]:
    return sorted(time for chunk in table.read("time") for time in chunk.to_pylist())


@pytest.mark.parametrize(("example", "current", "reference"), EXAMPLES, ids=range(len(EXAMPLES)))
@pytest.mark.usefixtures("aws")
def test_an_example_reads_the_time_that_is_said(
    example: str, current: str, reference: str, tmp_path: Path
) -> None:
    boto3.client("s3").create_bucket(
        Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    monitor = _load(tmp_path, example)
    window = window_at(monitor.current, RUN)
    assert window is not None
    assert window_words(window_summary(window)) == current
    before = reference_window(monitor.reference, monitor.current, window)
    assert (window_words(window_summary(before)) if before else "") == reference
    _put("reference.parquet", [RUN])
    _put_table(monitor.current.location, [window, before] if before else [window])
    with open_pair(monitor, RUN) as pair:
        assert _read(pair.current) == _hours(window)
        assert _read(pair.reference) == (_hours(before) if before else [RUN])
        assert pair.current.summary.missing_files == pair.reference.summary.missing_files == []


def test_a_monitor_is_the_same_after_it_went_through_an_event(tmp_path: Path) -> None:
    for example, *_ in EXAMPLES:
        monitor = _load(tmp_path, example)
        assert Monitor.model_validate(monitor.model_dump(mode="json", exclude_none=True)) == monitor
