"""`drift-monitor init`: the monitor that it writes is a good one, and reads the table.

It names a format only where a monitor has to.
"""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fastavro
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyarrow import feather
from pyarrow import parquet as pq
from support.first_monitors import init

from drift_monitor.cli.first_monitor import preview, proposal
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.errors import DriftMonitorError

FIRST = datetime(2013, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ROWS = 60


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def columns(day: int = 0) -> dict[str, object]:
    """Return a table's columns: x moves on by one each day."""
    return {
        "x": [day + number / ROWS for number in range(ROWS)],
        "carrier": ["AA", "UA", "B6"] * (ROWS // 3),
        "stops": [0, 1, 2] * (ROWS // 3),
    }


def write(path: str, body: bytes | pd.DataFrame) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if isinstance(body, bytes):
        Path(path).write_bytes(body)
    elif path.endswith(".parquet"):
        body.to_parquet(path, index=False)
    else:
        body.to_csv(path, index=False)


@pytest.mark.parametrize(
    ("layout", "location", "window", "rows"),
    [
        ("t/dt=%Y-%m-%d/0.parquet", "t/dt={date:%Y-%m-%d}/", "7d", 7 * ROWS),
        ("t/%Y-%m-%d.csv", "t/{date:%Y-%m-%d}.csv", "7d", 7 * ROWS),
        (
            "t/year=%Y/month=%m/day=%d/0.parquet",
            "t/year={date:%Y}/month={date:%m}/day={date:%d}/",
            "7d",
            7 * ROWS,
        ),
        ("t/%Y/%m/%d/12/0.csv", "t/{date:%Y/%m/%d}/", "7d", 7 * ROWS),
    ],
)
def test_dated_files_are_compared_window_by_window(
    layout: str, location: str, window: str, rows: int
) -> None:
    for day in range(30):
        write(f"{FIRST + day * DAY:{layout}}", pd.DataFrame(columns(day)))
    first = init("t")
    assert first.monitor.current.location == location
    assert (first.monitor.current.window, first.monitor.reference.window) == (window, "previous")
    assert first.scheduled_at == FIRST + 30 * DAY
    assert first.result is not None
    assert (first.result.reference.rows, first.result.current.rows) == (rows, rows)
    assert first.result.current.missing_files == []
    (drifted,) = first.result.having("drifted")
    assert drifted.column == "x"
    assert "# 3 columns. Drift: 1 of 3 columns drifted, the worst first:\n#   x: " in first.text
    assert "--as-of 2013-07-01T00:00Z" in first.text


def test_hours_are_looked_at_by_the_day() -> None:
    for hour in range(72):
        moment = FIRST + hour * DAY / 24
        write(f"t/{moment:%Y-%m-%d/%H}/0.csv", pd.DataFrame(columns(hour)))
    first = init("t")
    assert first.monitor.current.location == "t/{date:%Y-%m-%d/%H}/"
    assert (first.monitor.current.window, first.monitor.schedule) == ("24h", "cron(30 9 * * ? *)")
    assert first.result is not None
    assert first.result.current.files == first.result.reference.files == 24


def test_with_a_reference_the_newest_window_is_compared_with_it() -> None:
    write("r.parquet", pd.DataFrame(columns()))
    for day in range(8):
        write(f"t/{FIRST + day * DAY:%Y%m%d}.parquet", pd.DataFrame(columns(day)))
    first = init("r.parquet", "t")
    assert first.monitor.reference.location == "r.parquet"
    assert first.monitor.current.window == "7d"
    assert first.result is not None
    assert (first.result.reference.rows, first.result.current.rows) == (ROWS, 7 * ROWS)


def test_a_day_that_is_still_going_on_is_not_read() -> None:
    for day in range(30):
        write(f"t/{FIRST + day * DAY:%Y-%m-%d}.parquet", pd.DataFrame(columns(day)))
    write(f"t/{FIRST + 30 * DAY:%Y-%m-%d}.parquet", b"PAR1 and no more yet")
    first = init("t", now=FIRST + 30 * DAY + DAY / 3)
    assert first.result is not None
    assert first.result.window is not None
    assert first.result.window.end == FIRST + 30 * DAY


def test_rows_with_times_are_chosen_by_them() -> None:
    times = [FIRST + DAY / 24 * number for number in range(24 * 30)]
    write("t.parquet", pd.DataFrame({"at": times, "x": np.arange(len(times)) % 24}))
    first = init("t.parquet")
    current = first.monitor.current
    assert (current.window, current.timestamp, current.location) == ("7d", "at", "t.parquet")
    assert first.monitor.columns.roles.timestamp == "at"
    assert first.result is not None
    assert first.result.current.rows == first.result.reference.rows == 7 * 24


def test_one_table_without_times_is_written_and_not_compared() -> None:
    write("t.parquet", pd.DataFrame(columns()))
    first = init("t.parquet")
    assert first.result is None
    assert first.monitor.reference.location == first.monitor.current.location == "t.parquet"
    assert "# There was no first run: there is one table, and nothing by which" in first.text
    assert "location: t.parquet  # guess: the same table; put the one that" in first.text


def test_two_tables_without_dates_are_compared_whole() -> None:
    write("r/1.csv", pd.DataFrame(columns()))
    write("t/1.csv", pd.DataFrame(columns()))
    write("t/2.csv", pd.DataFrame(columns()))
    first = init("r/", "t/*.csv")
    assert first.result is not None
    assert (first.result.reference.rows, first.result.current.rows) == (ROWS, 2 * ROWS)
    assert "location: t/*.csv  # 2 files, CSV\n" in first.text


def test_folders_that_end_with_a_success_file_are_waited_for() -> None:
    for day in range(14):
        write(f"t/{FIRST + day * DAY:%Y-%m-%d}/0.csv", pd.DataFrame(columns(day)))
        write(f"t/{FIRST + day * DAY:%Y-%m-%d}/_SUCCESS", b"")
    first = init("t")
    assert first.monitor.current.wait_for_success
    assert first.result is not None
    assert first.result.current.rows == 7 * ROWS


def test_names_of_any_sort_are_quoted_as_they_need_to_be() -> None:
    names = ["a: b", "#no", "yes", "1", "ünï\u2028code", "two\nlines", "all*", "b[c]", "'", '"']
    values = [number % 3 for number in range(ROWS)]
    write("r.parquet", pd.DataFrame(dict.fromkeys(names, values)))
    write("my table #1/t.parquet", pd.DataFrame(dict.fromkeys(names, values)))
    first = init("r.parquet", "my table #1/")
    assert first.monitor.current.location == "my table #1/"
    assert all(first.monitor.columns.is_categorical(name) for name in names)
    assert not first.monitor.columns.is_categorical("all of them")
    assert first.result is not None
    assert [column.kind for column in first.result.columns] == ["categorical"] * len(names)


def test_of_a_small_table_fewer_rows_are_asked_for() -> None:
    write("r.csv", pd.DataFrame({"x": range(40)}))
    write("t.csv", pd.DataFrame({"x": range(9)}))
    first = init("r.csv", "t.csv")
    assert first.monitor.minimum_rows == 4
    with open_pair(first.monitor, first.scheduled_at) as pair:
        assert pair.current.rows == 9


def test_missing_and_new_columns_and_errors_are_told() -> None:
    write("r.parquet", pd.DataFrame({"gone": range(ROWS), "x": range(ROWS)}))
    write("t.parquet", pd.DataFrame({"more": range(ROWS), "x": ["a"] * ROWS}))
    lines = init("r.parquet", "t.parquet").text.splitlines()
    assert "# in reference, but not in current: gone" in lines
    assert "# in current, but not in reference: more" in lines
    assert "# could not be compared: x" in lines


def test_a_newest_file_without_a_row_is_looked_at_and_told() -> None:
    for day in range(14):
        write(f"t/{FIRST + day * DAY:%Y-%m-%d}.parquet", pd.DataFrame(columns(day)))
    empty = pa.schema([("x", pa.float64()), ("carrier", pa.string())]).empty_table()
    pq.write_table(empty, f"t/{FIRST + 13 * DAY:%Y-%m-%d}.parquet")
    first = init("t")
    assert first.result is not None
    assert (first.result.reference.rows, first.result.current.rows) == (7 * ROWS, 6 * ROWS)


def test_a_reference_by_date_is_refused_with_what_to_write() -> None:
    write("t/2013-06-01.csv", pd.DataFrame(columns()))
    dated = "t/{date:%Y-%m-%d}.csv"
    with pytest.raises(
        DriftMonitorError, match=r"^t/.*: a reference takes no \{date:…\}: name one"
    ):
        init(dated, dated)


def test_a_window_that_is_not_there_before_is_no_data_and_no_error() -> None:
    write("t/2013-06-01.csv", pd.DataFrame(columns()))
    first = init("t")
    assert first.result is not None
    assert first.result.status == "no_data"
    assert "# No data: reference has no file for 31 May 2013: check that" in first.text


def test_large_tables_are_looked_at_in_part_and_not_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preview, "PREVIEWED_WHOLE", 1)
    monkeypatch.setattr(proposal, "MOST_BYTES", 1)
    write("t/0.csv", b"this is, not looked at\n1\n2,3,4\n")
    write("t/1[a].csv", pd.DataFrame(columns()))
    first = init("t", "t")
    assert first.result is None
    assert "There was no first run: the files have 0.0 GB, which takes a while." in first.text
    assert first.monitor.columns.categorical == ["stops"]


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("nowhere/", "nowhere/ has no file: check the location"),
        ("", "a location is empty: name a file, a folder or a glob"),
        ("t/x.png", "t/x.png has no table: t/x.png is none by what is in it"),
        ("t", "t has no table: t/x.png is none by what is in it, and no file's name ends in"),
        ("both", "both holds both Parquet and CSV: keep one format there"),
        ("broken.parquet", "broken.parquet cannot be read: "),
        ("gs://bucket/t", "gs:// cannot be read, use s3://BUCKET/KEY or a path"),
        ("t/{date:%d}.csv", "{date:…} says 01 of 2024-01-01 00:00 and of 2024-02-01 00:00"),
        ("both/{date:%Y-%m-%d}.csv", "none of the 2 files below both/ has such a date in its path"),
        ("empty.csv", "reference has 0 rows at empty.csv"),
    ],
)
def test_what_is_wrong_is_one_sentence(location: str, sentence: str) -> None:
    write("t/x.png", b"\x89PNG\r\n\x1a\n\0\0\0\r")
    write("both/1.parquet", pd.DataFrame(columns()))
    write("both/1.csv", pd.DataFrame(columns()))
    write("broken.parquet", b"PAR1 and no more")
    write("empty.csv", b"x,y\n")
    with pytest.raises(DriftMonitorError) as caught:
        init(*[location] * (2 if location == "empty.csv" else 1))
    assert sentence in str(caught.value)


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
    times = [FIRST + number * DAY / 24 for number in range(24 * 30)]
    frame = pd.DataFrame({"at": times, "x": range(len(times))})
    frame["dt"] = frame["at"].dt.strftime("%Y-%m-%d")
    write_deltalake("t", frame, partition_by=["dt"])
    first = init("t")
    assert first.monitor.current.format.type == "delta"
    assert (first.monitor.current.location, first.monitor.current.timestamp) == ("t", "at")
    assert first.result is not None
    assert first.result.current.rows == 7 * 24
