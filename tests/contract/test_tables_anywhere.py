"""A table in S3 is read as one in a folder is."""

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

Put = Callable[[str, bytes], None]
MIDNIGHT = datetime(2013, 6, 4, tzinfo=UTC)


class Place:
    """Somewhere to put files: `at` is how a monitor says it."""

    def __init__(self, prefix: str, put: Put) -> None:
        self._prefix = prefix
        self.put = put

    def at(self, path: str) -> str:
        return f"{self._prefix}/{path}"

    def put_table(self, path: str, **columns: list[object]) -> None:
        body = io.BytesIO()
        pq.write_table(pa.table(columns), body)
        self.put(path, body.getvalue())


@pytest.fixture(params=["folder", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Give each test a folder, and a bucket whose endpoint is named in either way."""
    if request.param == "folder":

        def write(path: str, body: bytes) -> None:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(body)

        return Place(str(tmp_path), write)
    endpoint, bucket = request.getfixturevalue("aws"), request.getfixturevalue("bucket")
    if request.param == "AWS_ENDPOINT_URL_S3":  # wins over the other, as with boto3
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    s3 = boto3.client("s3")
    return Place(
        f"s3://{bucket}", lambda path, body: s3.put_object(Bucket=bucket, Key=path, Body=body)
    )


def _read(location: str, column: str = "x", window: Window | None = None) -> list[object]:
    with open_table(location, window) as table:
        return [value for chunk in table.read(column) for value in chunk.to_pylist()]


@pytest.mark.parametrize(
    ("location", "values"),
    [
        ("t/1.parquet", [1, None]),
        ("t", [1, None, 2, 3]),
        ("t/", [1, None, 2, 3]),
        ("t/*.parquet", [1, None]),
        ("t/deep=*/*.parquet", [2, 3]),
        ("t/d*", [2, 3]),
    ],
)
def test_a_file_a_folder_and_a_glob_are_read(
    place: Place, location: str, values: list[object]
) -> None:
    place.put_table("t/1.parquet", x=[1, None], y=["a", "b"])
    place.put_table("t/deep=1/2.parquet", x=[2])
    place.put_table("t/deep=2/3.parquet", y=["c"], x=[3])
    place.put("t/_SUCCESS", b"")
    place.put("t-not/4.parquet", b"of another table")
    assert _read(place.at(location)) == values


def test_csv_is_read_packed_or_not(place: Place) -> None:
    place.put("t/1.csv", b"x,y\n1,a\n")
    place.put("t/2.csv.gz", gzip.compress(b"x,y\n2.5,b\n"))
    assert _read(place.at("t")) == [1, 2.5]


def test_a_window_reads_its_days_and_tells_which_are_missing(place: Place) -> None:
    for day in (1, 2, 4):
        place.put_table(f"t/2013-06-0{day}/part.parquet", x=[day])
    location = place.at("t/{date:%Y-%m-%d}/")
    window = Window(MIDNIGHT - timedelta(2), MIDNIGHT, timedelta(1))
    assert _read(location, window=window) == [2]
    with open_table(location, window) as table:
        assert table.summary.missing_files == [place.at("t/2013-06-03/")]


def test_many_row_groups_are_one_column(place: Place) -> None:
    body = io.BytesIO()
    pq.write_table(pa.table({"x": range(10_000), "y": range(10_000)}), body, row_group_size=500)
    place.put("t.parquet", body.getvalue())
    assert _read(place.at("t.parquet"), "y") == list(range(10_000))


@pytest.mark.parametrize("location", ["gone.parquet", "gone/", "gone/*.parquet"])
def test_nothing_there_is_one_sentence(place: Place, location: str) -> None:
    place.put_table("t.parquet", x=[1])
    with pytest.raises(DriftMonitorError, match="has no file: check the location"):
        _read(place.at(location))


def test_a_file_of_another_kind_is_refused_by_name(place: Place) -> None:
    place.put("t.xlsx", b"x")
    with pytest.raises(DriftMonitorError, match=r"t\.xlsx ends in none of \.parquet"):
        _read(place.at("t.xlsx"))


@pytest.mark.parametrize("name", ["t/broken.parquet", "t/broken.csv.gz"])
def test_a_broken_file_is_named(place: Place, name: str) -> None:
    place.put(name, b"PAR1 and no more")
    with pytest.raises(DriftMonitorError, match=rf"{name} cannot be read"):
        _read(place.at("t"))


def test_the_empty_object_that_stands_for_a_folder_is_no_file(bucket: str) -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key="t/", Body=b"")
    s3.put_object(Bucket=bucket, Key="t/x.csv", Body=b"x\n1\n")
    assert _read(f"s3://{bucket}/t/") == [1]


def test_a_bucket_that_is_not_there_is_one_sentence(bucket: str) -> None:
    with pytest.raises(DriftMonitorError, match=r"^s3://not-site/t\.csv ") as caught:
        _read(f"s3://not-{bucket}/t.csv")
    assert "\n" not in str(caught.value)
