"""What goes wrong in a task costs a column, or ends the run in a sentence; never half a result.

The tasks run in two executors of their own, so that one can be lost.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from drift_monitor.spark import job

HERE = Path(__file__).parent
COLUMNS = 12
ROWS = 3_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write two tables of twelve columns, of which x7 has drifted, and one that takes most room."""
    for name, shift in (("r", 0.0), ("c", 1.0)):
        random = np.random.default_rng(len(name) + int(shift))
        columns = {f"x{n}": random.normal(shift * (n == 7), size=ROWS) for n in range(COLUMNS)} | {
            "tall": [f"{number:>200}" for number in random.integers(0, 10**9, ROWS)]
        }
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


def _columns(folder: Path) -> dict[str, dict[str, object]]:
    found = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    return {column["column"]: column for column in found["result"]["columns"]}


def _statuses(folder: Path) -> dict[str, object]:
    return {name: column["status"] for name, column in _columns(folder).items()}


WHOLE = {f"x{n}": "drifted" if n == 7 else "ok" for n in range(COLUMNS)} | {"tall": "drifted"}


def test_a_worker_that_is_lost_in_the_middle_costs_nothing(folder: Path) -> None:
    (folder / "faults" / "x3").write_text("kill the worker once")
    done = _run(folder)
    assert done.returncode == 0, done.stderr[-3000:]
    assert not (folder / "faults" / "x3").exists()
    assert _statuses(folder) == WHOLE


@pytest.mark.parametrize("fault", ["kill", "kill the worker"])
def test_a_column_that_ends_every_process_costs_itself(folder: Path, fault: str) -> None:
    (folder / "faults" / "tall").write_text(fault)
    done = _run(folder)
    assert done.returncode == 0, done.stderr[-3000:]
    assert _statuses(folder) == WHOLE | {"tall": "error"}
    reason = _columns(folder)["tall"]["reason"]
    assert reason is not None
    assert str(reason).startswith("could not be compared: its ")
    assert "want of memory" in str(reason)


def test_a_column_without_memory_costs_itself(folder: Path) -> None:
    (folder / "faults" / "tall").write_text("memory")
    assert _run(folder).returncode == 0
    assert _statuses(folder) == WHOLE | {"tall": "error"}
    assert "MemoryError" in str(_columns(folder)["tall"]["reason"])


def test_slices_and_quality_say_what_was_lost(folder: Path) -> None:
    (folder / "faults" / "tall").write_text("kill")
    quality = {"task": "classification"}
    roles = {"roles": {"prediction": "tall", "target": "tall"}}
    slices = {"by": ["tall"]}
    done = _run(folder, columns=roles, model_quality=quality, slices=slices)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads((folder / "scores.json").read_text(encoding="utf-8"))["result"]
    assert [each["status"] for each in result["slices"]] == ["error"]
    assert "want of memory" in result["slices"][0]["reason"]
    assert all("want of memory" in reason for reason in result["model_quality"]["reasons"])
    assert result["status"] == "ok"


def test_a_run_of_which_nothing_is_left_fails(folder: Path) -> None:
    for column in WHOLE:
        (folder / "faults" / column).write_text("kill")
    done = _run(folder)
    assert done.returncode == 1
    assert "not one column could be compared" in done.stderr
    assert not (folder / "scores.json").exists()


def test_a_file_that_breaks_ends_the_run_in_a_sentence(folder: Path) -> None:
    file = folder / "c.parquet"
    broken = bytearray(file.read_bytes())
    broken[4:4000] = b"\xff" * 3996
    file.write_bytes(broken)  # but for its footer, which is read first
    done = _run(folder)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith(f"{file} cannot be read: ")
    assert not (folder / "scores.json").exists()
