"""Rows are chosen by their times, and few times are read for it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq
from support.builders import whole
from support.timed_rows import DAY, HOUR, START, WEEK, read

from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

WriteTable = Callable[..., str]


@pytest.fixture
def times_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note the number of each row group whose times are read."""
    read: list[int] = []
    original = pq.ParquetFile.read_row_group

    def noting(file: pq.ParquetFile, group: int, columns: list[str], **options: object) -> pa.Table:
        if columns == ["t"]:
            read.append(group)
        return original(file, group, columns=columns, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noting)
    return read


def _hourly(days: int) -> list[datetime]:
    return [START - 7 * DAY + n * HOUR for n in range(days * 24)]


def test_only_row_groups_that_begin_or_end_in_the_window_have_their_times_read(
    tmp_path: Path, times_read: list[int]
) -> None:
    times = _hourly(28)
    table = pa.table({"t": times, "n": list(range(len(times))), "m": list(range(len(times)))})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=50)
    with open_table(str(tmp_path), WEEK, timestamp="t") as opened:
        assert sorted(times_read) == [3, 6]
        assert whole(opened, "n").to_pylist() == list(range(168, 336))
        assert whole(opened, "m").to_pylist() == list(range(168, 336))
        assert sorted(times_read) == [3, 6]
        assert whole(opened, "t").to_pylist() == times[168:336]


def test_row_groups_that_fit_the_window_need_no_reading(
    tmp_path: Path, times_read: list[int]
) -> None:
    times = [time.replace(tzinfo=None) for time in _hourly(28)]
    pq.write_table(
        pa.table({"t": times, "n": list(range(len(times)))}),
        tmp_path / "t.parquet",
        row_group_size=24,
    )
    assert read(tmp_path) == list(range(168, 336))
    assert times_read == []


def test_a_row_group_that_ends_just_where_the_window_does_is_not_all_in_it(
    write_table: WriteTable,
) -> None:
    times = [START - timedelta(seconds=1), START, START + 7 * DAY - timedelta(seconds=1)]
    location = write_table("t.parquet", {"t": times, "n": [1, 2, 3]})
    assert read(location) == [2, 3]
    times = [START, START + 7 * DAY]
    assert read(write_table("u.parquet", {"t": times, "n": [1, 2]})) == [1]


def test_a_null_among_the_times_is_in_no_window(tmp_path: Path, times_read: list[int]) -> None:
    times = [START, None, START + DAY, None, None, None]
    pq.write_table(
        pa.table({"t": times, "n": [0, 1, 2, 3, 4, 5]}), tmp_path / "t.parquet", row_group_size=3
    )
    assert read(tmp_path) == [0, 2]
    assert times_read == [0]


def test_a_column_that_a_file_lacks_is_null_in_the_rows_chosen(
    write_table: WriteTable, tmp_path: Path
) -> None:
    write_table("t/1.parquet", {"t": [START - DAY, START], "n": [1, 2]})
    write_table("t/2.parquet", {"t": [START, START + DAY, START + 8 * DAY], "x": ["a", "b", "c"]})
    assert read(tmp_path / "t") == [2, None, None]
    assert read(tmp_path / "t", column="x") == [None, "a", "b"]


def test_a_column_of_files_outside_of_the_window_is_none_of_the_table(
    write_table: WriteTable, tmp_path: Path
) -> None:
    write_table("t/1.parquet", {"t": [START - DAY], "old": ["a"]})
    write_table("t/2.parquet", {"t": [START], "n": [1]})
    with open_table(str(tmp_path / "t"), WEEK, timestamp="t") as table:
        assert table.columns == ["t", "n"]


def test_files_may_differ_in_how_they_write_times(write_table: WriteTable, tmp_path: Path) -> None:
    naive = START.replace(tzinfo=None)
    write_table("t/1.parquet", {"t": pa.array([naive], pa.timestamp("ms")), "n": [1]})
    # Nanoseconds reach until 2262 only.
    far = [naive + DAY, datetime.fromisoformat("9999-12-31")]
    write_table("t/2.parquet", {"t": pa.array(far, pa.timestamp("us")), "n": [2, 3]})
    write_table("t/3.parquet", {"t": pa.array([naive], pa.timestamp("ns")), "n": [4]})
    write_table("t/4.parquet", {"n": [5]})
    assert read(tmp_path / "t") == [1, 2, 4]


def test_dictionaries_of_times_are_times(write_table: WriteTable) -> None:
    times = pa.array([START, START - DAY, START], pa.timestamp("us", "UTC")).dictionary_encode()
    assert read(write_table("t.parquet", {"t": times, "n": [1, 2, 3]})) == [1, 3]


def test_old_writers_times_are_read(tmp_path: Path) -> None:
    times = pa.array([START.replace(tzinfo=None), datetime.fromisoformat("2013-01-01")])
    pq.write_table(
        pa.table({"t": times, "n": [1, 2]}),
        tmp_path / "t.parquet",
        use_deprecated_int96_timestamps=True,
    )
    assert read(tmp_path) == [1]


def test_times_within_a_struct_are_named_by_their_path(
    write_table: WriteTable, times_read: list[int]
) -> None:
    events = [{"at": START}, None, {"at": START - DAY}]
    location = write_table("t.parquet", {"event": events, "n": [1, 2, 3]})
    with open_table(location, WEEK, timestamp="event.at") as table:
        assert whole(table, "n").to_pylist() == [1]
    assert times_read == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "t,n\n2013-06-16T23:59:59,1\n2013-06-17 00:00:00,2\n,3\n2013-06-24,4\n"),
        ("t.csv", "t,n\n2013-06-16T23:59:59Z,1\n2013-06-17T02:00+02:00,2\n,3\n2013-06-24T00Z,4\n"),
        ("t.csv", "t,n\n2013-06-16,1\n2013-06-17,2\n,3\n2013-06-24,4\n"),
        ("t.jsonl", '{"t": "2013-06-16T10:00:00", "n": 1}\n{"t": "2013-06-17T00:00:00", "n": 2}\n'),
    ],
)
def test_texts_that_are_times_choose_rows(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read(tmp_path / name) == [2]


def test_a_window_without_a_row_is_an_empty_table(write_table: WriteTable) -> None:
    location = write_table("t.parquet", {"t": [START - DAY], "n": [1]})
    with open_table(location, WEEK, timestamp="t") as table:
        assert (table.rows, table.columns, table.summary.files) == (0, [], 1)


def test_the_digest_is_another_for_another_window(write_table: WriteTable) -> None:
    location = write_table("t.parquet", {"t": [START, START + DAY], "n": [1, 2]})
    digests = set()
    for window in (WEEK, Window(START, START + DAY)):
        with open_table(location, window, timestamp="t") as table:
            digests.add(table.digest)
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"tt": [START]}, "it is not there; did you mean tt?"),
        ({"n": [1]}, "it is not there"),
        (
            {"t": [1]},
            "it holds no times or dates but int64: write it as timestamps, or name another column",
        ),
        (
            {"t": ["yesterday"]},
            "it holds no times or dates but string: write it as timestamps, or name another column",
        ),
        ({"t": pa.array([None], pa.timestamp("us"))}, "it has no value in any row"),
        ({"t": pa.array([None], pa.null())}, "it has no value in any row"),
        (pa.table([[START], [START]], names=["t", "t"]), "2 columns have this name: rename one"),
    ],
)
def test_a_column_that_cannot_choose_rows_is_one_sentence(
    write_table: WriteTable, columns: dict[str, object] | pa.Table, sentence: str
) -> None:
    location = write_table("t.parquet", columns)
    with (
        pytest.raises(DriftMonitorError) as caught,
        open_table(location, WEEK, timestamp="t"),
    ):
        pass
    assert (
        str(caught.value)
        == f"{location}: rows are chosen by the column t (timestamp), but {sentence}"
    )


def test_files_that_disagree_on_their_times_are_one_sentence(
    write_table: WriteTable, tmp_path: Path
) -> None:
    write_table("t/1.parquet", {"t": [START]})
    write_table("t/2.parquet", {"t": ["2013-06-17"]})
    with (
        pytest.raises(
            DriftMonitorError, match="but its files disagree on its type: string, timest"
        ),
        open_table(str(tmp_path / "t"), WEEK, timestamp="t"),
    ):
        pass


@pytest.mark.parametrize("suffix", ["t", "t/{date:%Y-%m-%d}/"])
def test_a_window_without_a_file_is_an_empty_table(tmp_path: Path, suffix: str) -> None:
    with open_table(f"{tmp_path}/{suffix}", WEEK, timestamp="t") as table:
        assert (table.rows, table.columns, table.summary.files) == (0, [], 0)


def test_partitions_that_overlap_are_read_and_no_other(
    write_table: WriteTable, tmp_path: Path
) -> None:
    for month, times in (("05", [START]), ("06", [START - DAY, START]), ("07", [START])):
        write_table(f"t/2013-{month}/1.parquet", {"t": times, "n": [int(month)] * len(times)})
    assert read(f"{tmp_path}/t/{{date:%Y-%m}}/") == [6]
