"""A baseline beside a reference in a folder, and beside one in S3."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import boto3
import pyarrow as pa
import pytest
from pyarrow import parquet as pq
from support.builders import MONDAY, a_monitor

from drift_monitor.analysis.checks.baseline import Baseline, profile_table
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.baseline_file import baseline_place, find_baseline, write_baseline
from drift_monitor.engines.table_pair import open_reference
from drift_monitor.errors import DriftMonitorError
from drift_monitor.results.run import DriftResult
from drift_monitor.run import run
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder

pytestmark = pytest.mark.xdist_group("evidently")


class Place:
    """Somewhere to put tables: `at` is how a monitor says it."""

    def __init__(self, prefix: str, put: Callable[[str, bytes], None]) -> None:
        self._prefix = prefix
        self.put = put

    def at(self, path: str) -> str:
        return f"{self._prefix}/{path}"

    def put_table(self, path: str, **columns: object) -> None:
        body = io.BytesIO()
        pq.write_table(pa.table(columns), body)
        self.put(path, body.getvalue())


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give each test a folder and a bucket."""
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


def _monitor(place: Place, reference: str = "t/reference.parquet", **parts: object) -> Monitor:
    return a_monitor(
        reference={"location": place.at(reference)},
        current={"location": place.at("now/")},
        minimum_rows=1,
        **parts,
    )


def _write_baseline(monitor: Monitor) -> Baseline:
    """Do what `drift-monitor baseline` does."""
    with open_reference(monitor) as reference:
        baseline = profile_table(reference, monitor, files=reference.summary.files)
    write_baseline(baseline_place(monitor), baseline)
    return baseline


def _ran(monitor: Monitor, tmp_path: Path) -> DriftResult:
    """Run a monitor; return what its site says of it."""
    store = Folder(tmp_path / "site")
    run(monitor, MONDAY, site=Site(store, "https://example.com/"), notifier=None)
    stored = store.read(f"monitors/{monitor.name}/drift.json")
    assert stored is not None
    return DriftResult.model_validate_json(stored.body)


@pytest.mark.parametrize(
    "reference", ["t/reference.parquet", "t", "t/", "t/*.parquet", "t/dee*/*.parquet"]
)
def test_a_baseline_is_found_again_and_is_no_part_of_the_table(
    place: Place, reference: str
) -> None:
    place.put_table("t/reference.parquet", x=[1, 2, 3])
    place.put_table("t/deep/more.parquet", x=[4])
    monitor = _monitor(place, reference)
    written = _write_baseline(monitor)
    assert find_baseline(monitor) == written
    assert _write_baseline(monitor) == written  # the same digest and rows: it was not read


def test_without_a_baseline_current_is_checked_beside_reference(
    place: Place, tmp_path: Path
) -> None:
    place.put_table("t/reference.parquet", x=range(50), y=range(50))
    place.put_table("now/1.parquet", x=range(50))
    monitor = _monitor(place, checks={"range": "critical"})
    assert find_baseline(monitor) is None
    found = {(each.check, each.column): each for each in _ran(monitor, tmp_path).checks}
    assert found["missing_columns", "y"].reason == "in reference, but not in current"
    unchecked = found["range", None]
    assert unchecked.passed is None
    assert "write it with drift-monitor baseline" in (unchecked.reason or "")


def test_what_is_no_baseline_is_one_sentence(place: Place) -> None:
    for body in (b"", b"[]", b'{"version": 2, "columns": {}}'):
        place.put("t/_reference.parquet.baseline.json", body)
        with pytest.raises(DriftMonitorError, match="is no baseline of this version"):
            find_baseline(_monitor(place))


def test_a_run_says_what_failed_beside_what_drifted(place: Place, tmp_path: Path) -> None:
    place.put_table("t/reference.parquet", x=range(50), y=range(50), c=["a", "b"] * 25)
    place.put_table("now/1.parquet", x=[*range(25), *[None] * 25], c=["a", "new"] * 25)
    monitor = _monitor(place, checks={"null_share": "critical"})
    _write_baseline(monitor)
    result = _ran(monitor, tmp_path)
    failed = [(each.check, each.column, each.severity) for each in result.checks if each.failed]
    assert failed == [
        ("missing_columns", "y", "critical"),
        ("null_share", "x", "critical"),
        ("unseen_categories", "c", "warn"),
    ]
    assert [each.passed for each in result.checks[3:]] == [True] * (len(result.checks) - 3)
    unseen = result.checks[2]
    assert (unseen.value, unseen.limit) == (0.5, 0.01)
    assert (result.failed_checks.critical, result.failed_checks.warn) == (2, 1)


def test_a_reference_that_was_written_again_makes_its_baseline_stale(
    place: Place, tmp_path: Path
) -> None:
    place.put_table("t/reference.parquet", x=range(50))
    place.put_table("now/1.parquet", x=range(50))
    monitor = _monitor(place)
    _write_baseline(monitor)
    assert _ran(monitor, tmp_path).failed_checks.total == 0
    place.put_table("t/reference.parquet", x=range(60))
    (failed,) = (each for each in _ran(monitor, tmp_path).checks if each.failed)
    assert (failed.check, failed.severity) == ("baseline_is_stale", "warn")
    _write_baseline(monitor)
    assert _ran(monitor, tmp_path).failed_checks.total == 0


def test_a_baseline_in_s3_is_plain_json(bucket: str) -> None:
    s3 = boto3.client("s3")
    place = Place(
        f"s3://{bucket}", lambda path, body: s3.put_object(Bucket=bucket, Key=path, Body=body)
    )
    place.put_table("reference.parquet", x=[1, 2])
    _write_baseline(_monitor(place, "reference.parquet"))
    found = s3.get_object(Bucket=bucket, Key="_reference.parquet.baseline.json")
    assert found["ContentType"] == "application/json"
    assert json.loads(found["Body"].read())["columns"]["x"]["max"] == 2


@contextmanager
def _refusing() -> Iterator[str]:
    """Answer everything as S3 does to those who have no permission."""

    class Refusal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Refusal)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_who_may_not_look_for_a_baseline_goes_without(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reference = {"location": "s3://my-bucket/reference.parquet"}
    with _refusing() as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        assert find_baseline(a_monitor(reference=reference, checks={})) is None
    assert "no permission to look for a baseline" in caplog.text


def test_a_baseline_in_a_folder_that_may_not_be_read_is_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")  # which root never sees

    (tmp_path / "_r.csv.baseline.json").write_bytes(b"{}")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert find_baseline(a_monitor(reference={"location": f"{tmp_path}/r.csv"})) is None
    assert "no permission to look for a baseline" in caplog.text


def test_a_baseline_that_cannot_be_written_is_one_sentence(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    baseline = Baseline(location="", digest="", files=1, rows=1, columns={})
    for place, sentence in (
        (f"{tmp_path}/file", "file cannot be made"),
        (f"s3://not-{bucket}", r"s3://not-site/_r\.csv\.baseline\.json cannot be written: "),
    ):
        monitor = a_monitor(reference={"location": f"{place}/r.csv"})
        with pytest.raises(DriftMonitorError, match=sentence) as caught:
            write_baseline(baseline_place(monitor), baseline)
        assert "\n" not in str(caught.value)
