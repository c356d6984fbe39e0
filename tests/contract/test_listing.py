"""Listing is paged and bounded; what is still being written is not read half."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from drift_monitor.config.locations import Location
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables import arrow_storage, files, table
from drift_monitor.tables.files import FoundFiles, TableRequest, find_files
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

MIDNIGHT = datetime(2013, 6, 4, tzinfo=UTC)
TWO_DAYS = Window(MIDNIGHT - timedelta(2), MIDNIGHT, timedelta(1))


class Place:
    """Somewhere to put files: `at` is how a monitor says it."""

    def __init__(self, prefix: str, put: Callable[[str, bytes], None]) -> None:
        self.prefix = prefix
        self.put = put

    def at(self, path: str) -> str:
        return f"{self.prefix}/{path}"


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":

        def write(path: str, body: bytes) -> None:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(body)

        return Place(str(tmp_path), write)
    bucket = request.getfixturevalue("bucket")
    s3 = boto3.client("s3")
    return Place(
        f"s3://{bucket}", lambda path, body: s3.put_object(Bucket=bucket, Key=path, Body=body)
    )


def _parquet(*values: float) -> bytes:
    body = io.BytesIO()
    pq.write_table(pa.table({"x": pa.array(values)}), body)
    return body.getvalue()


def _read(location: str, **options: Any) -> list[object]:  # noqa: ANN401 - open_table's own
    with open_table(location, **options) as opened:
        return [value for chunk in opened.read("x") for value in chunk.to_pylist()]


def test_more_files_than_a_page_holds_are_one_table(place: Place) -> None:
    for number in range(1_100):
        place.put(f"t/{number:04}.csv", b"x\n")
    assert len(find_files(TableRequest(Location.parse(place.at("t")))).files) == 1_100


@pytest.mark.parametrize(
    ("location", "window"),
    [("t", None), ("t/*.csv", None), ("t/{date:%Y-%m-%d}/*.csv", TWO_DAYS)],
)
def test_too_many_files_are_refused_with_what_to_do(
    place: Place, location: str, window: Window | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 3)
    for number in range(3):
        place.put(f"t/2013-06-02/{number}.csv", b"x\n")
        place.put(f"t/2013-06-03/{number}.csv", b"x\n")
        place.put(f"t/{number}.csv", b"x\n")
    with pytest.raises(DriftMonitorError, match="has more than 3 files: name a narrower folder"):
        find_files(TableRequest(Location.parse(place.at(location)), window))


def test_a_listing_that_is_too_long_stops_at_the_limit(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 5)
    pages = [
        {"Contents": [{"Key": f"t/{page}-{n}.csv", "Size": 1, "ETag": "e"} for n in range(4)]}
        for page in range(1_000)
    ]
    read: list[int] = []

    def paginate(_: object, **__: str) -> Iterator[dict[str, Any]]:
        for page in pages:
            read.append(1)
            yield page

    monkeypatch.setattr("botocore.paginate.Paginator.paginate", paginate)
    with pytest.raises(DriftMonitorError, match="has more than 5 files"):
        find_files(TableRequest(Location.parse(f"s3://{bucket}/t/")))
    assert len(read) == 2


@pytest.mark.parametrize(
    "location", ["t/{date:%Y-%m-%d}", "t/{date:%Y-%m-%d}/", "t/{date:%Y-%m-%d}/*.parquet"]
)
def test_a_folder_without_success_counts_as_missing_and_says_so(
    place: Place, location: str
) -> None:
    place.put("t/2013-06-02/1.parquet", _parquet(1))
    place.put("t/2013-06-02/_SUCCESS", b"")
    place.put("t/2013-06-03/1.parquet", _parquet(2))
    options = {"window": TWO_DAYS, "wait_for_success": True}
    assert _read(place.at(location), **options) == [1]
    with open_table(place.at(location), TWO_DAYS, wait_for_success=True) as opened:
        assert opened.summary.missing_files == [f"{place.at('t/2013-06-03')} (it has no _SUCCESS)"]
    place.put("t/2013-06-03/_SUCCESS", b"")
    assert _read(place.at(location), **options) == [1, 2]


def test_of_matching_folders_those_without_success_are_told(place: Place) -> None:
    place.put("t/x=1/deep/1.parquet", _parquet(1))
    place.put("t/x=1/_SUCCESS", b"")
    place.put("t/x=2/1.parquet", _parquet(2))
    with open_table(place.at("t/x=*"), wait_for_success=True) as opened:
        assert opened.rows == 1
        assert opened.summary.missing_files == [f"{place.at('t/x=2')} (it has no _SUCCESS)"]


def test_nothing_finished_is_one_sentence(place: Place) -> None:
    place.put("t/1.parquet", _parquet(1))
    with pytest.raises(DriftMonitorError, match="has no finished folder: there are files, but no"):
        _read(place.at("t"), wait_for_success=True)
    with pytest.raises(DriftMonitorError, match="is a file, and wait_for_success is for a folder"):
        _read(place.at("t/1.parquet"), wait_for_success=True)


@pytest.mark.parametrize("location", ["t", "t/1.parquet", "t/*.parquet"])
def test_a_file_that_is_written_again_while_it_is_read_is_an_error(
    place: Place, location: str
) -> None:
    place.put("t/1.parquet", _parquet(1, 2))
    with (  # noqa: PT012 - the change comes between opening and the end
        pytest.raises(DriftMonitorError, match=r"t/1.parquet changed while the table was read"),
        open_table(place.at(location)) as opened,
    ):
        assert opened.rows == 2
        place.put("t/1.parquet", _parquet(3, 4))


def test_a_change_explains_what_could_not_be_read(place: Place) -> None:
    place.put("t/1.parquet", _parquet(*range(100_000)))
    place.put("t/2.parquet", _parquet(*range(100_000)))
    with (  # noqa: PT012 - as above
        pytest.raises(DriftMonitorError, match=r"1.parquet and 1 more changed while the"),
        open_table(place.at("t")) as opened,
    ):
        place.put("t/1.parquet", b"short")
        place.put("t/2.parquet", b"short")
        list(opened.read("x"))


@pytest.mark.parametrize("rows", [2, 9_000], ids=["shorter", "longer"])
def test_a_file_that_is_written_again_before_it_is_opened_is_an_error(
    place: Place, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("t/1.parquet", _parquet(*range(1_000)))

    def listed_then_written(wanted: TableRequest) -> FoundFiles:
        found = find_files(wanted)
        place.put("t/1.parquet", _parquet(*range(rows)))
        return found

    monkeypatch.setattr(table, "find_files", listed_then_written)
    with pytest.raises(DriftMonitorError, match=r"t/1.parquet changed while the table was read"):
        _read(place.at("t"))


def test_a_file_that_comes_while_a_table_is_read_is_of_the_next_run(place: Place) -> None:
    place.put("t/1.parquet", _parquet(1))
    with open_table(place.at("t")) as opened:
        place.put("t/2.parquet", _parquet(2))
        assert opened.rows == 1


def test_a_copied_file_may_change_once_it_is_copied(place: Place) -> None:
    place.put("t.csv", b"x\n1\n")
    with open_table(place.at("t.csv")) as opened:
        place.put("t.csv", b"x\n2\n")
        assert [value for chunk in opened.read("x") for value in chunk.to_pylist()] == [1]


def test_renewed_credentials_are_used_for_the_next_read(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("s3").put_object(Bucket=bucket, Key="t.parquet", Body=_parquet(1))
    there = arrow_storage.storage_of(Location.parse(f"s3://{bucket}/t.parquet"))
    first = there.open(f"{bucket}/t.parquet")
    assert there.open(f"{bucket}/t.parquet") is first
    credentials = boto3.Session(aws_access_key_id="renewed", aws_secret_access_key="s")  # noqa: S106
    monkeypatch.setattr(there, "_credentials", credentials.get_credentials())
    assert there.open(f"{bucket}/t.parquet") is not first
