"""What is true of Delta and Iceberg tables alike."""

import sys
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyarrow import parquet as pq
from support.lake_tables import FIRST, START, make_iceberg, read

from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.window import Window


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
@pytest.mark.parametrize("data_type", [pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.date32()])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_window_of_whatever_times_has_the_rows_that_parquet_has(
    kind: str, data_type: pa.DataType, zone: str, aws: str, tmp_path: Path
) -> None:
    at = [START + timedelta(hours=6 * step) for step in range(-12, 20)]
    clock = at if data_type == pa.timestamp("us", "UTC") else [t.replace(tzinfo=None) for t in at]
    table = pa.table({"x": range(len(at)), "at": pa.array(clock, data_type)})
    (tmp_path / "plain").mkdir()
    pq.write_table(table, tmp_path / "plain" / "t.parquet")
    if kind == "delta":
        write_deltalake(tmp_path / "lake", table)
        location = str(tmp_path / "lake")
    else:
        location = make_iceberg(str(tmp_path / "lake"), aws, table).location()
    local = ZoneInfo(zone)
    start = START.replace(tzinfo=local)
    window = Window(start.astimezone(UTC), (start + timedelta(days=2)).astimezone(UTC), zone=local)
    found = read(location, "x", window=window, type=kind)
    assert found == read(str(tmp_path / "plain"), "x", window=window, type="parquet")
    assert len(found) == 8


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_a_relative_path_with_a_colon_is_no_uri(
    kind: str, aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "delta":
        (tmp_path / "my: lake").mkdir()
        write_deltalake(tmp_path / "my: lake", pa.table(FIRST))
        location = tmp_path / "my: lake"
    else:
        location = Path(make_iceberg(str(tmp_path / "my: lake"), aws, pa.table(FIRST)).location())
    monkeypatch.chdir(tmp_path)
    assert read(f"{location.relative_to(tmp_path)}/", "x", type=kind) == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("kind", "library", "module"),
    [("delta", "deltalake", "deltalake"), ("iceberg", "pyiceberg", "pyiceberg.catalog.noop")],
)
def test_without_the_library_a_sentence_says_how_to_get_it(
    kind: str, library: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, f"drift_monitor.tables.lakes.{kind}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    sentence = rf"^t cannot be read: {library} is not installed; .* name {kind} under extras"
    with pytest.raises(DriftMonitorError, match=sentence):
        read("t", "x", type=kind)
