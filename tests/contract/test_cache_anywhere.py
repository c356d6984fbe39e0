"""A reference's cache, in a folder and in S3 alike: what it saves, and what may happen to it."""

import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet as pq
from support.cache_places import CACHE, InBucket, InFolder, Place

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.monitor import Monitor
from drift_monitor.engines.table_pair import TablePair, open_pair
from drift_monitor.errors import DriftMonitorError

NOW = datetime(2013, 6, 24, 9, 30, tzinfo=UTC)
REFERENCE, CURRENT = "t/reference.parquet", "t/current.parquet"
ROWS = 3_000


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give each test a folder, and a bucket, with two tables in it."""
    place: Place = (
        InFolder(tmp_path)
        if request.param == "folder"
        else InBucket(request.getfixturevalue("bucket"))
    )
    put_table(place, REFERENCE, seed=1)
    put_table(place, CURRENT, seed=2)
    return place


def put_table(place: Place, path: str, *, seed: int, rows: int = ROWS) -> None:
    random = np.random.default_rng(seed)
    columns = {
        "normal": random.normal(seed, size=rows),
        "whole": random.integers(0, 50, size=rows),
        "word": random.choice(["a", "b", "c"], size=rows),
    }
    body = io.BytesIO()
    pq.write_table(pa.table(columns), body)
    place.put(path, body.getvalue())


def monitor(place: Place, *, cache: bool = True, **parts: object) -> Monitor:
    return Monitor.model_validate(
        {
            "name": "flights",
            "reference": {"location": place.at(REFERENCE), "cache": cache},
            "current": {"location": place.at(CURRENT)},
            **parts,
        }
    )


def found(place: Place, *, cache: bool = True, **parts: object) -> list[str]:
    """Return each column's result."""
    compared = monitor(place, cache=cache, **parts)
    with open_pair(compared, NOW) as pair:
        columns = compare(pair.reference, pair.current, compared).columns
    return [column.model_dump_json() for column in columns]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings."""
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


def folders(place: Place) -> set[str]:
    """Return the folders of the monitor's cache, one for each state of the reference."""
    return {path.split("/")[3] for path in place.below(CACHE)}


def test_the_next_run_reads_no_row_of_the_reference(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = found(place, cache=False)
    assert place.below(CACHE) == []
    assert found(place) == plain
    assert len(folders(place)) == 1

    def refuse(_: Monitor) -> None:
        raise AssertionError("the reference was opened")

    monkeypatch.setattr("drift_monitor.engines.table_pair.open_reference", refuse)
    assert found(place) == plain


def test_a_reference_that_changed_is_read_and_kept_by_the_same_run(place: Place) -> None:
    found(place)
    before = folders(place)
    put_table(place, REFERENCE, seed=3)
    plain = found(place, cache=False)
    assert found(place) == plain
    after = folders(place)
    assert len(after) == 1
    assert after != before
    assert found(place) == plain


def test_what_is_kept_is_no_part_of_a_table(place: Place) -> None:
    location = {"location": place.at("t/")}
    with open_pair(monitor(place, current=location), NOW) as pair:
        before = pair.current.summary
        compare(pair.reference, pair.current, monitor(place))
    assert place.below(CACHE)
    with open_pair(monitor(place, current=location), NOW) as pair:
        assert pair.current.summary == before


def _nothing(_: bytes) -> bytes:
    return b""


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _other(body: bytes) -> bytes:
    return bytes(len(body))


def _one_bit_off(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


@pytest.mark.parametrize("damage", [_nothing, _half, _other, _one_bit_off])
@pytest.mark.parametrize("kind", ["manifest", ".column"])
def test_damage_costs_time_and_no_digit_and_is_mended(
    place: Place, caplog: pytest.LogCaptureFixture, kind: str, damage: Callable[[bytes], bytes]
) -> None:
    plain = found(place)
    damaged = [path for path in place.below(CACHE) if path.endswith(kind)]
    for path in damaged:
        place.put(path, damage(place.get(path)))
    assert found(place) == plain
    assert len(told(caplog)) == len(damaged)
    assert all("the reference's cache" in line for line in told(caplog))
    caplog.clear()
    assert found(place) == plain
    assert told(caplog) == []


def test_a_file_that_is_gone_is_written_again(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    plain = found(place)
    whole = place.below(CACHE)
    for path in whole:
        if path.endswith(".column"):
            place.remove(path)
    assert found(place) == plain
    assert all("which is read from the reference" in line for line in told(caplog))
    assert place.below(CACHE) == whole


def test_without_its_manifest_a_cache_does_not_count(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    plain = found(place)
    for path in place.below(CACHE):
        if path.endswith("manifest"):
            place.remove(path)
        else:
            place.put(path, b"of a run that was cut off")
    assert found(place) == plain
    assert told(caplog) == []
    assert found(place) == plain


def _compare_and(change: Callable[[TablePair], object], compared: Monitor) -> None:
    with open_pair(compared, NOW) as pair:
        compare(pair.reference, pair.current, compared)
        change(pair)


def test_of_a_reference_that_changed_while_it_was_read_nothing_counts(place: Place) -> None:
    with pytest.raises(DriftMonitorError, match="changed while the table was read"):
        _compare_and(lambda _: put_table(place, REFERENCE, seed=3), monitor(place))
    assert not any(path.endswith("manifest") for path in place.below(CACHE))
    assert found(place) == found(place, cache=False)


def test_rows_of_a_reference_that_changed_since_are_not_mixed_with_what_is_kept(
    place: Place,
) -> None:
    found(place)

    def read_rows(pair: TablePair) -> None:
        put_table(place, REFERENCE, seed=3)
        list(pair.reference.read("normal"))

    with pytest.raises(DriftMonitorError, match="changed while the run began: run again"):
        _compare_and(read_rows, monitor(place))


def test_a_cache_that_cannot_be_written_is_told_once_and_fails_no_run(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    plain = found(place, cache=False)
    place.forbid_cache()
    assert found(place) == plain
    (line,) = told(caplog)
    assert f"{place.at(CACHE)}/flights" in line
    assert "cannot be written" in line


def test_a_cache_that_may_not_be_read_is_told_from_when_there_is_one(
    bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = InBucket(bucket)
    put_table(place, REFERENCE, seed=1)
    put_table(place, CURRENT, seed=2)
    place.forbid_to_open_cache()
    plain = found(place)
    assert told(caplog) == []
    assert found(place) == plain
    (line,) = told(caplog)
    assert "cannot be used and is made anew" in line


def test_runs_at_once_keep_one_cache_that_counts(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    plain = found(place, cache=False)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(2):
            runs = [pool.submit(found, place) for _ in range(4)]
            assert all(run.result() == plain for run in runs)
            put_table(place, REFERENCE, seed=1)  # the same rows, and to S3 the same file
    caplog.clear()
    found(place)
    caplog.clear()
    assert found(place) == plain
    assert told(caplog) == []
    assert len(folders(place)) == 1


def test_each_monitor_keeps_its_own(place: Place) -> None:
    found(place)
    found(place, name="weather", columns={"categorical": ["whole"]})
    kept = place.below(CACHE)
    assert {path.split("/")[2] for path in kept} == {"flights", "weather"}
    found(place)
    assert place.below(CACHE) == kept


def test_what_a_monitor_changes_is_never_answered_from_before(place: Place) -> None:
    for parts in (
        {},
        {"columns": {"categorical": ["whole"]}},
        {"columns": {"exclude": ["normal"]}},
        {"drift": {"numeric": {"method": "psi"}}},
        {"reference": {"location": place.at(REFERENCE), "format": {"type": "parquet"}}},
    ):
        cached = {"location": place.at(REFERENCE), "cache": True, **parts.get("reference", {})}
        assert found(place, **{**parts, "reference": cached}) == found(place, cache=False, **parts)


def test_only_a_cache_is_removed_from_its_folder(place: Place) -> None:
    found(place)
    mine = {
        f"{CACHE}/flights/{name}" for name in ("notes/readme.txt", "0123456789abcdefg/manifest")
    }
    for path in mine:
        place.put(path, b"mine")
    place.put(f"{CACHE}/flights/0123456789abcdef/manifest", b"of a run that was cut off")
    put_table(place, REFERENCE, seed=3)
    found(place)
    assert mine < set(place.below(CACHE))
    assert len(folders(place)) == 3
