"""The command, as somebody with a laptop types it."""

import json
from pathlib import Path

import pyarrow as pa
from e2e.conftest import ROOT, drift_monitor, flights
from pyarrow import parquet as pq

from drift_monitor.results.run import DriftResult

__all__ = ["flights"]  # the fixture


def test_a_run_on_spark_is_the_run_without_it(flights: Path, tmp_path: Path) -> None:
    monitor, results = str(ROOT / "examples" / "flights.yaml"), []
    for engine in ("spark", "columns"):
        when = ["--as-of", "2013-07-01T09:30Z", "--site", str(tmp_path / engine)]
        done = drift_monitor("run", monitor, *when, "--engine", engine, "--json", cwd=flights)
        assert done.returncode == 0, done.stderr
        assert "WARN" not in done.stderr
        results.append(DriftResult.model_validate_json(done.stdout))
    spark, columns = results
    assert spark == columns
    pages = [tmp_path / engine / "index.html" for engine in ("spark", "columns")]
    assert all(page.stat().st_size > 1_000_000 for page in pages)
    said = json.loads((tmp_path / "spark/monitors/flights/drift.json").read_bytes())
    assert DriftResult.model_validate(said) == spark


def test_what_fails_in_a_task_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    for name in ("r.parquet", "c.parquet"):
        pq.write_table(pa.table({"x": range(1000)}), tmp_path / name)
    broken = bytearray((tmp_path / "c.parquet").read_bytes())
    broken[4:200] = b"\xff" * 196
    (tmp_path / "c.parquet").write_bytes(broken)
    (tmp_path / "m.yaml").write_text(
        "name: m\nreference: {location: r.parquet}\ncurrent: {location: c.parquet}\n",
        encoding="utf-8",
    )
    done = drift_monitor("run", "m.yaml", "--engine", "spark", cwd=tmp_path)
    assert done.returncode == 1
    said = done.stderr.strip()
    assert said.startswith("c.parquet cannot be read: ")
    assert "\n" not in said
