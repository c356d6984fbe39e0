"""A process that has imported nothing yet, as each first invocation of the function is."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
from e2e.conftest import drift_monitor
from pyarrow import parquet as pq

MONITOR = """\
name: cold
reference: {location: reference.parquet}
current: {location: current.parquet}
drift:
  numeric: {method: ed}
  categorical: {method: TVD}
  columns:
    tested: {method: t_test}
"""


def test_methods_that_evidently_scores_do_not_stand_in_the_way_of_its_import(
    tmp_path: Path,
) -> None:
    # Evidently is imported for the page while the columns are scored, some by Evidently.
    random = np.random.default_rng(0)
    for side in ("reference", "current"):
        numbers = {name: random.normal(size=200) for name in ("a", "b", "tested")}
        words = {name: [f"word {n % 4}" for n in range(200)] for name in ("c", "d")}
        pq.write_table(pa.table({**numbers, **words}), tmp_path / f"{side}.parquet")
    (tmp_path / "monitor.yaml").write_text(MONITOR)

    ran = drift_monitor("run", "monitor.yaml", "--site", "site", "--json", cwd=tmp_path)

    assert ran.returncode == 0, ran.stderr
    methods = {column["column"]: column["method"] for column in json.loads(ran.stdout)["columns"]}
    assert methods == {"a": "ed", "b": "ed", "tested": "t_test", "c": "TVD", "d": "TVD"}
