"""What goes wrong in a task costs a column, or ends the run in a sentence; never half a result.

The tasks run in two executors of their own, so that one can be lost.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from drift_monitor.engines.spark import job

HERE = Path(__file__).parent
COLUMNS = 12
ROWS = 3_000
LOST = "its process ended, most likely for want of memory"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write two tables of twelve columns, of which x7 has drifted, and one that takes most room."""
    for name, shift in (("r", 0.0), ("c", 1.0)):
        random = np.random.default_rng(len(name) + int(shift))
        columns = {f"x{n}": random.normal(shift * (n == 7), size=ROWS) for n in range(COLUMNS)}
        columns["tall"] = [f"{number:>200}" for number in random.integers(0, 10**9, ROWS)]
        columns["label"] = random.choice(["a", "b"], ROWS)
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet", row_group_size=ROWS // 3)
    (tmp_path / "faults").mkdir()
    return tmp_path


def _run(folder: Path, **monitor: object) -> subprocess.CompletedProcess[str]:
    """Submit the job to a cluster of two workers."""
    event = {
        "monitor": {
            "name": "m",
            "engine": "spark",
            "reference": {"location": f"{folder}/r.parquet"},
            "current": {"location": f"{folder}/c.parquet"},
            **monitor,
        },
        "scheduled_at": "2013-06-24T09:30:00Z",
        "event_id": "by-hand",
    }
    (folder / "event.json").write_text(json.dumps(event), encoding="utf-8")
    settings = {
        "spark.ui.enabled": "false",
        "spark.task.maxFailures": "2",
        "spark.executor.memory": "512m",
        "spark.executorEnv.PYTHONPATH": f"{HERE}:{os.environ.get('PYTHONPATH', '')}",
        "spark.executorEnv.FAULTS": str(folder / "faults"),
        "spark.executorEnv.PYSPARK_PYTHON": sys.executable,
    }
    return subprocess.run(
        [
            Path(sys.executable).with_name("spark-submit"),
            *("--master", "local-cluster[2,1,512]"),
            *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
            *(job.__file__, "--event", str(folder / "event.json"), "--output", str(folder)),
        ],
        env={**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )


def _result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    return dict(found["result"])


def _columns(folder: Path) -> dict[str, dict[str, Any]]:
    return {column["column"]: column for column in _result(folder)["columns"]}


def _statuses(folder: Path) -> dict[str, object]:
    return {name: column["status"] for name, column in _columns(folder).items()}


WHOLE = {f"x{n}": "drifted" if n == 7 else "ok" for n in range(COLUMNS)}
WHOLE |= {"label": "ok", "tall": "drifted"}


def test_what_is_lost_costs_a_column_or_a_part_and_the_rest_is_whole(folder: Path) -> None:
    """A worker in the middle, a process for want of memory, memory itself; and what needs them."""
    faults = {"x3": "kill the worker once", "tall": "kill", "x5": "memory"}
    for column, fault in faults.items():
        (folder / "faults" / column).write_text(fault)
    done = _run(
        folder,
        columns={"roles": {"prediction": "tall", "target": "label"}},
        model_quality={"task": "classification"},
        slices={"by": ["tall"]},
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert not (folder / "faults" / "x3").exists()
    assert _statuses(folder) == WHOLE | {"tall": "error", "x5": "error"}
    columns, result = _columns(folder), _result(folder)
    assert columns["tall"]["reason"] == f"could not be compared: {LOST}"
    assert "MemoryError" in columns["x5"]["reason"]
    (told,) = result["slices"]
    assert told["status"] == "error"
    assert told["reason"] == f"the tables could not be sliced: {LOST}"
    assert result["model_quality"]["reasons"] == [
        f"{side}: could not be done: {LOST}" for side in ("reference", "current")
    ]


def test_a_column_that_ends_every_worker_costs_itself(folder: Path) -> None:
    (folder / "faults" / "tall").write_text("kill the worker")
    done = _run(folder)
    assert done.returncode == 0, done.stdout[-3000:]
    assert _statuses(folder) == WHOLE | {"tall": "error"}
    assert "its worker was lost" in _columns(folder)["tall"]["reason"]


def test_a_run_of_which_nothing_is_left_fails(folder: Path) -> None:
    (folder / "faults" / "x1").write_text("kill")
    done = _run(folder, columns={"include": ["x1"]})
    assert done.returncode == 1
    assert f"no column could be compared: {LOST}" in done.stdout
    assert not (folder / "scores.json").exists()


def test_a_file_that_breaks_ends_the_run_in_a_sentence(folder: Path) -> None:
    file = folder / "c.parquet"
    broken = bytearray(file.read_bytes())
    broken[4:4000] = b"\xff" * 3996
    file.write_bytes(broken)  # but for its footer, which is read first
    done = _run(folder)
    assert done.returncode == 1
    said = [line for line in done.stdout.splitlines() if line.startswith(f"{file} cannot be read")]
    assert len(said) == 1
    assert not (folder / "scores.json").exists()
