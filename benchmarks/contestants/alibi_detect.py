"""alibi-detect's TabularDrift: KS for numbers, chi-square for categories, on matrices of numbers.

It takes no missing value: numbers are filled with the mean, categories are coded with their nulls.
"""

import sys

import numpy as np
import pyarrow as pa
from alibi_detect.cd import TabularDrift
from pyarrow import compute as pc
from pyarrow import parquet as pq


def to_matrices(reference: pa.Table, current: pa.Table) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return both sides as matrices, and which of their columns are categories."""
    matrices = tuple(np.empty(table.shape) for table in (reference, current))
    categorical = []
    for number, name in enumerate(reference.column_names):
        sides = [table.column(name) for table in (reference, current)]
        if pa.types.is_string(sides[0].type):
            categorical.append(number)
            words = pc.unique(pa.chunked_array([*sides[0].chunks, *sides[1].chunks]))
            sides = [pc.index_in(side, words) for side in sides]
        for side, matrix in zip(sides, matrices, strict=True):
            filled = side.cast(pa.float64()).fill_null(pc.mean(side).as_py())
            matrix[:, number] = filled.to_numpy()
    return *matrices, categorical


reference_matrix, current_matrix, categories = to_matrices(
    pq.read_table(sys.argv[1]), pq.read_table(sys.argv[2])
)
detector = TabularDrift(reference_matrix, categories_per_feature=dict.fromkeys(categories))
print(detector.predict(current_matrix, drift_type="feature"))
