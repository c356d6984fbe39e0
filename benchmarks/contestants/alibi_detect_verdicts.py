"""alibi-detect's TabularDrift on all columns: KS for numbers, chi-square for words, at 5 % each."""

import json
import sys

import numpy as np
import pyarrow as pa
from alibi_detect.cd import TabularDrift
from pyarrow import compute as pc
from pyarrow import parquet as pq

reference, current = (pq.read_table(path) for path in sys.argv[1:3])
sides = [np.empty(table.shape) for table in (reference, current)]
categorical = []
for number, name in enumerate(reference.column_names):
    columns = [table.column(name) for table in (reference, current)]
    if not pa.types.is_floating(columns[0].type):
        categorical.append(number)
        words = pc.unique(pa.chunked_array([*columns[0].chunks, *columns[1].chunks]))
        columns = [pc.index_in(column, words) for column in columns]
    for side, column in zip(sides, columns, strict=True):
        side[:, number] = column.cast(pa.float64()).to_numpy()
detector = TabularDrift(sides[0], categories_per_feature=dict.fromkeys(categorical))
data = detector.predict(sides[1], drift_type="feature")["data"]
said = {
    "drifted": [bool(drift) for drift in data["is_drift"]],
    "scores": [-float(p) for p in data["p_val"]],
}
print(json.dumps(said))
