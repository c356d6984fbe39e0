"""`drift-monitor init` names a format only where a monitor has to."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fastavro
import pandas as pd
import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyarrow import feather
from support.first_monitors import init

FIRST = datetime(2013, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROWS = 60


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _write_avro(path: str, rows: list[dict[str, object]]) -> None:
    fields = [{"name": "x", "type": "double"}, {"name": "stops", "type": "long"}]
    with Path(path).open("wb") as file:
        fastavro.writer(file, {"type": "record", "name": "r", "fields": fields}, rows)


def _captured(rows: list[dict[str, object]]) -> bytes:
    lines = []
    for number, row in enumerate(rows):
        captured = {"observedContentType": "application/json", "encoding": "JSON", "mode": "INPUT"}
        event = {"endpointInput": {**captured, "data": json.dumps(row)}}
        about = {"eventId": f"e{number}", "inferenceTime": "2013-06-24T09:30:00Z"}
        lines.append(json.dumps({"captureData": event, "eventMetadata": about}))
    return "\n".join(lines).encode()


def _write_arrow(path: str) -> None:
    feather.write_feather(pa.table(FRAME.to_dict("list")), path)


FRAME = pd.DataFrame({"x": [0.5 + n for n in range(ROWS)], "stops": [0, 1, 2] * (ROWS // 3)})
RECORDS: list[dict[str, object]] = FRAME.to_dict("records")  # type: ignore[assignment]
LINES = "\n".join(map(json.dumps, RECORDS)).encode()
COMMAS = FRAME.assign(x=FRAME["x"] + 0.25).to_csv(index=False, sep=";", decimal=",").encode()


@pytest.mark.parametrize(
    ("name", "make", "named"),
    [
        ("a.parquet", FRAME.to_parquet, {}),
        ("a.csv", lambda path: FRAME.to_csv(path, index=False), {}),
        ("a.tsv.gz", lambda path: FRAME.to_csv(path, index=False, sep="\t"), {}),
        ("a.csv", lambda path: Path(path).write_bytes(COMMAS), {"decimal": ","}),
        ("a.jsonl", lambda path: Path(path).write_bytes(LINES), {}),
        ("a.json.gz", lambda path: Path(path).write_bytes(gzip.compress(LINES)), {}),
        ("a.jsonl", lambda path: Path(path).write_bytes(_captured(RECORDS)),
         {"type": "sagemaker_capture"}),
        ("a.feather", _write_arrow, {}),
        ("a.avro", lambda path: _write_avro(path, RECORDS), {}),
        ("part-00000", lambda path: FRAME.to_csv(path, index=False), {"type": "csv"}),
        ("part-00000", lambda path: Path(path).write_bytes(LINES), {"type": "jsonl"}),
        ("part-00000", lambda path: _write_avro(path, RECORDS), {"type": "avro"}),
        ("part-00000", FRAME.to_parquet, {"type": "parquet"}),
        ("part-00000", _write_arrow, {"type": "arrow"}),
        ("part-00000", lambda path: Path(path).write_bytes(COMMAS),
         {"type": "csv", "decimal": ","}),
    ],
)  # fmt: skip
def test_a_format_is_named_only_where_the_names_do_not_show_it(
    name: str, make: Callable[[str], object], named: dict[str, str]
) -> None:
    for side in ("r", "t"):
        Path(side).mkdir()
        make(f"{side}/{name}")
    first = init("r", "t")
    for table in (first.monitor.reference, first.monitor.current):
        assert table.format.model_dump(exclude_none=True) == named
    assert first.result is not None
    kinds = {column.column: column.kind for column in first.result.columns if column.is_scored}
    assert kinds == {"x": "numeric", "stops": "categorical"}


def test_a_delta_table_is_one_whatever_its_folders_are_called() -> None:
    times = [FIRST + number * HOUR for number in range(24 * 30)]
    frame = pd.DataFrame({"at": times, "x": range(len(times))})
    frame["dt"] = frame["at"].dt.strftime("%Y-%m-%d")
    write_deltalake("t", frame, partition_by=["dt"])
    first = init("t")
    assert first.monitor.current.format.type == "delta"
    assert (first.monitor.current.location, first.monitor.current.timestamp) == ("t", "at")
    assert first.result is not None
    assert first.result.current.rows == 7 * 24
