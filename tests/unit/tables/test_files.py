"""Which files make a table."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.files import FoundFiles, TableRequest, find_files
from drift_monitor.tables.window import Window

MIDNIGHT = datetime(2013, 6, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _touch(paths: Iterable[str]) -> None:
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def _find(location: str, window: Window | None = None, *, wait: bool = False) -> FoundFiles:
    return find_files(TableRequest(Location.parse(location), window, wait_for_success=wait))


def _found(location: str, window: Window | None = None) -> list[str]:
    files = _find(location, window).files
    return [str(Path(file.path)) for file in files]  # "./t.csv" is "t.csv"


@pytest.mark.parametrize(
    "name",
    ["t.parquet", "t.pq", "t.csv", "t.csv.gz", "t.tsv.bz2", "t.ndjson.zst", "t.FEATHER", "t.avro"],
)
def test_a_file_is_a_table(name: str) -> None:
    _touch([name, "other.parquet"])
    assert _found(name) == [name]


def test_an_absolute_path_is_found_as_a_relative_one(tmp_path: Path) -> None:
    _touch(["t.csv"])
    assert _found(str(tmp_path / "t.csv")) == [str(tmp_path / "t.csv")]


@pytest.mark.parametrize("folder", ["t", "t/", "./t"])
def test_a_folder_is_all_its_tables_files_however_deep_sorted(folder: str) -> None:
    _touch(["t/b.parquet", "t/a/x=1/z.parquet", "t/a/x=2/y.parquet", "u/c.parquet"])
    assert _found(folder) == ["t/a/x=1/z.parquet", "t/a/x=2/y.parquet", "t/b.parquet"]


HIDDEN = [
    "_SUCCESS",
    ".part-0.parquet.crc",
    "_temporary/0/x.parquet",
    ".tmp/x.parquet",
    "_x.parquet",
]


def test_a_folders_other_and_hidden_files_are_left_alone() -> None:
    _touch(f"t/{name}" for name in ["a.parquet", "README.md", *HIDDEN])
    assert _found("t") == ["t/a.parquet"]


@pytest.mark.parametrize("pattern", ["t/*", "t/*.parquet", "t/*/*/*.parquet", "t/*/*.parquet"])
def test_a_globs_hidden_files_are_left_alone(pattern: str) -> None:
    _touch(f"t/{name}" for name in ["a.parquet", "b/c.parquet", "b/c/d.parquet", *HIDDEN])
    found = _found(pattern)
    assert found
    assert set(found) <= {"t/a.parquet", "t/b/c.parquet", "t/b/c/d.parquet"}


def test_a_hidden_folder_that_is_named_is_read() -> None:
    _touch(["_exports/t/a.parquet"])
    assert _found("_exports/t") == ["_exports/t/a.parquet"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("t/part-*.parquet", ["t/part-1.parquet", "t/part-2.parquet"]),
        ("t/part-?.parquet", ["t/part-1.parquet", "t/part-2.parquet"]),
        ("t/part-[1].parquet", ["t/part-1.parquet"]),
        ("./t/part-1*", ["t/part-1.parquet"]),
        ("*/part-1.parquet", ["t/part-1.parquet", "u/part-1.parquet"]),
        ("t/x=*", ["t/x=1/a.parquet", "t/x=2/b/a.parquet"]),  # folders, with all that is in them
        ("t/x=*/a.parquet", ["t/x=1/a.parquet"]),
        ("t/*/*/a.parquet", ["t/x=2/b/a.parquet"]),
    ],
)
def test_a_wildcard_stays_within_one_name(pattern: str, found: list[str]) -> None:
    _touch(
        [
            "t/part-1.parquet",
            "t/part-2.parquet",
            "t/other.parquet",
            "t/x=1/a.parquet",
            "t/x=2/b/a.parquet",
            "u/part-1.parquet",
        ]
    )
    assert _found(pattern) == found


def test_an_absolute_pattern_is_found_as_a_relative_one(tmp_path: Path) -> None:
    _touch(["t/a.csv", "t/b.csv"])
    assert len(_found(f"{tmp_path}/t/*.csv")) == len(_found("t/*.csv")) == 2


def test_a_window_reads_its_partitions_and_no_other() -> None:
    _touch(f"t/2013-06-0{day}.csv" for day in (1, 2, 3, 4, 5))
    window = Window(MIDNIGHT - timedelta(days=2), MIDNIGHT, timedelta(days=1))
    assert _found("t/{date:%Y-%m-%d}.csv", window) == ["t/2013-06-02.csv", "t/2013-06-03.csv"]


@pytest.mark.parametrize("place", ["t/{date:%Y-%m-%d}.csv", "t/{date:%Y-%m-%d}*"])
def test_a_day_without_a_file_is_told_as_missing(place: str) -> None:
    _touch(["t/2013-06-02.csv"])
    window = Window(MIDNIGHT - timedelta(days=3), MIDNIGHT, timedelta(days=1))
    found = _find(place, window)
    assert [Path(file.path).name for file in found.files] == ["2013-06-02.csv"]
    assert [path[:12] for path in found.missing] == ["t/2013-06-01", "t/2013-06-03"]


def test_a_folder_of_the_window_without_a_table_is_missing_too() -> None:
    _touch(["t/2013-06-02/x.csv", "t/2013-06-03/_SUCCESS"])
    window = Window(MIDNIGHT - timedelta(days=2), MIDNIGHT, timedelta(days=1))
    assert _find("t/{date:%Y-%m-%d}", window).missing == ["t/2013-06-03"]


def test_a_window_may_have_a_folder_or_a_glob_a_day() -> None:
    _touch(["t/2013-06-03/a.csv", "t/2013-06-03/b/c.csv", "t/2013-06-02/a.csv"])
    window = Window(MIDNIGHT - timedelta(days=1), MIDNIGHT, timedelta(days=1))
    assert _found("t/{date:%Y-%m-%d}/", window) == ["t/2013-06-03/a.csv", "t/2013-06-03/b/c.csv"]
    assert _found("t/{date:%Y-%m-%d}/*.csv", window) == ["t/2013-06-03/a.csv"]


@pytest.mark.parametrize("location", ["gone.csv", "gone/", "t/*.parquet", "t", "gone/*.csv"])
def test_nothing_there_is_one_sentence(location: str) -> None:
    Path("t").mkdir()
    with pytest.raises(DriftMonitorError, match="has no file: check the location, and that the"):
        _found(location)


@pytest.mark.parametrize("location", ["t/{date:%Y-%m-%d}.csv", "t/{date:%Y-%m-%d}/*", "t"])
def test_a_window_may_have_no_file(location: str) -> None:
    window = Window(MIDNIGHT - timedelta(days=1), MIDNIGHT, timedelta(days=1))
    found = _find(location, window)
    assert (found.files, len(found.missing)) == ([], 1)


def test_days_of_one_month_are_one_place() -> None:
    _touch(["t/2013-05/x.csv"])
    window = Window(MIDNIGHT - timedelta(days=10), MIDNIGHT)
    found = _find("t/{date:%Y-%m}/", window)
    assert [file.path for file in found.files] == ["t/2013-05/x.csv"]
    assert found.missing == ["t/2013-06/"]


@pytest.mark.parametrize("name", ["t.xlsx", "t.xml", "t.csv.zip", "t.parquet.gz", "t"])
def test_a_file_of_another_kind_is_refused_by_name(name: str) -> None:
    _touch([name])
    with pytest.raises(
        DriftMonitorError,
        match=f"{name} ends in none of .parquet, .pq, .csv, .*: if it is one of them, name it by",
    ):
        _found(name)


def test_s3_without_credentials_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with pytest.raises(DriftMonitorError, match="no AWS credentials; set AWS_PROFILE, or log in"):
        _found("s3://bucket/t.csv")
