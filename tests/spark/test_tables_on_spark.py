"""Tables of other formats, broken files, and rows chosen by their time."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from both import Both, assert_same
from builders import a_monitor
from conftest import WriteBoth
from pyarrow import csv, feather
from pyspark.sql import SparkSession

from drift_monitor.errors import DriftMonitorError

ROWS = 900
TABLE = {
    "n": [n % 37 for n in range(ROWS)],
    "x": [None if n % 9 == 0 else n / 8 for n in range(ROWS)],
    "w": [["red", "green", None][n % 3] for n in range(ROWS)],
    "flag": [n % 2 == 0 for n in range(ROWS)],
}


def _write(path: Path, rows: pa.Table) -> None:
    if path.suffix == ".csv":
        csv.write_csv(rows, path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows.to_pylist())), encoding="utf-8")
    else:
        feather.write_feather(rows, path)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "arrow"])
def test_other_formats_are_read_as_ever(spark: SparkSession, tmp_path: Path, suffix: str) -> None:
    for side, rows in (("r", pa.table(TABLE)), ("c", pa.table(TABLE).slice(300))):
        (tmp_path / side).mkdir()
        for part in range(3):
            _write(tmp_path / side / f"{part}.{suffix}", rows.slice(part * 200, 200))
    both = Both(str(tmp_path / "r"), str(tmp_path / "c"))
    assert_same(both.by_spark(spark, a_monitor()), both.by_columns(a_monitor()))


def test_a_file_that_breaks_is_named_in_a_sentence(
    spark: SparkSession, write_both: WriteBoth
) -> None:
    both = write_both(TABLE, TABLE)
    file = Path(both.current)
    broken = bytearray(file.read_bytes())
    broken[4:400] = b"\xff" * 396
    file.write_bytes(broken)  # but for its footer, which is read first
    with pytest.raises(DriftMonitorError) as raised:
        both.by_spark(spark, a_monitor())
    assert str(raised.value).startswith(f"{file} cannot be read: ")
    assert "\n" not in str(raised.value)
