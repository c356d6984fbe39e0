"""Rows are chosen by their times, and few times are read for it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq
from support.builders import whole
from support.timed_rows import BERLIN, DAY, HOUR, START, WEEK, read

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


# A week before the clocks are changed: in Berlin back, in Cairo forward and back.
CHANGES = [
    datetime.fromisoformat(f"{day}T00:00Z") for day in ("2013-10-21", "2024-04-19", "2024-10-25")
]
TYPES = [
    *(pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC")),
    pa.timestamp("us", "America/New_York"),
    pa.date32(),
    pa.date64(),
]


@st.composite
def _times(draw: st.DrawFn) -> tuple[pa.Array, Window]:
    """Make up times and a window among them; many when clocks are changed."""
    first = draw(st.sampled_from([START, *CHANGES]))
    seconds = draw(st.lists(st.none() | st.integers(0, 14 * 24 * 3600), max_size=40))
    if draw(st.booleans()):
        seconds.sort(key=lambda second: (second is None, second or 0))
    clock = first.replace(tzinfo=None)
    times = [clock, *(None if s is None else clock + timedelta(seconds=s) for s in seconds)]
    array = pa.array(times, pa.timestamp("us")).cast(draw(st.sampled_from(TYPES)), safe=False)
    start = first + draw(st.integers(-100, 400)) * HOUR
    zone = draw(st.sampled_from([UTC, BERLIN, ZoneInfo("Africa/Cairo"), ZoneInfo("Asia/Kolkata")]))
    return array, Window(start, start + draw(st.integers(1, 300)) * HOUR, zone=zone)


@settings(max_examples=200, deadline=None)
@given(
    asked=_times(),
    cuts=st.sets(st.integers(0, 41), max_size=3),
    row_group_size=st.integers(1, 42),
    has_statistics=st.booleans(),
)
def test_rows_are_those_that_a_naive_filter_keeps(
    asked: tuple[pa.Array, Window],
    cuts: set[int],
    row_group_size: int,
    has_statistics: bool,  # noqa: FBT001 - hypothesis gives it
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    times, window = asked
    table = pa.table({"t": times, "n": list(range(len(times)))})
    folder = tmp_path_factory.mktemp("t")
    edges = [0, *sorted(cut for cut in cuts if cut < len(times)), len(times)]
    for number, (first, last) in enumerate(pairwise(edges)):
        pq.write_table(
            table.slice(first, last - first),
            folder / f"{number}.parquet",
            row_group_size=row_group_size,
            write_statistics=has_statistics,
        )
    kept = [n for n, time in enumerate(times.to_pylist()) if _is_inside(time, window)]
    assert read(folder, window) == kept


def _is_inside(time: datetime | date | None, window: Window) -> bool:
    if time is None:
        return False
    if not isinstance(time, datetime):
        time = datetime(time.year, time.month, time.day)  # noqa: DTZ001 - a clock's, as here
    if time.tzinfo is None:
        time = time.replace(tzinfo=window.zone)
    return window.start <= time.astimezone(UTC) < window.end


def test_times_without_a_zone_are_those_of_the_window(write_table: WriteTable) -> None:
    midnight = datetime(2013, 6, 17)  # noqa: DTZ001 - a clock's
    times = [midnight - timedelta(seconds=1), midnight, midnight + DAY]
    location = write_table("t.parquet", {"t": times, "n": [1, 2, 3]})
    day = Window(START - 2 * HOUR, START + 22 * HOUR, zone=BERLIN)
    assert read(location, day) == [2]


def test_in_the_hour_that_a_clock_shows_twice_all_times_are_the_first(
    write_table: WriteTable,
) -> None:
    # In Berlin, on 27 October 2013, it is half past two at 00:30 and at 01:30 in UTC.
    times = [datetime(2013, 10, 27, hour, 30) for hour in (1, 2, 2, 3)]  # noqa: DTZ001
    location = write_table("t.parquet", {"t": times, "n": [1, 2, 3, 4]})
    hours = [datetime(2013, 10, 26, 23, tzinfo=UTC) + n * HOUR for n in range(5)]
    found = [read(location, Window(*pair, zone=BERLIN)) for pair in pairwise(hours)]
    assert found == [[1], [2, 3], [], [4]]


@pytest.mark.parametrize("data_type", [pa.date32(), pa.timestamp("us")])
def test_a_date_is_of_its_day_though_the_clock_skips_its_midnight(
    write_table: WriteTable, data_type: pa.DataType
) -> None:
    # In Cairo, on 26 April 2024, one o'clock came right after midnight.
    cairo = ZoneInfo("Africa/Cairo")
    dates = pa.array([date(2024, 4, day) for day in (25, 26, 27)]).cast(data_type)
    location = write_table("t.parquet", {"t": dates, "n": [25, 26, 27]})
    days = [datetime(2024, 4, day, tzinfo=cairo).astimezone(UTC) for day in (25, 26, 27, 28)]
    found = [read(location, Window(*pair, zone=cairo)) for pair in pairwise(days)]
    assert found == [[25], [26], [27]]


@pytest.mark.parametrize("group_rows", [24, 50, 10_000])
@pytest.mark.parametrize("has_statistics", [True, False])
def test_of_a_window_of_seasons_only_their_rows_count(
    tmp_path: Path, group_rows: int, *, has_statistics: bool
) -> None:
    times = _hourly(40)
    table = pa.table({"t": times, "n": list(range(len(times)))})
    pq.write_table(
        table, tmp_path / "t.parquet", row_group_size=group_rows, write_statistics=has_statistics
    )
    seasons = ((START, START + 3 * DAY), (START + 10 * DAY, START + 12 * DAY))
    window = Window(START, START + 12 * DAY, seasons=seasons)
    expected = [n for n, time in enumerate(times) if any(a <= time < b for a, b in seasons)]
    with open_table(str(tmp_path), window, timestamp="t") as opened:
        assert whole(opened, "n").to_pylist() == expected
    with open_table(str(tmp_path), Window(START, START + 12 * DAY), timestamp="t") as opened:
        assert opened.rows == 12 * 24
