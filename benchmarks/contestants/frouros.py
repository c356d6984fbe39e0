"""frouros, column by column: earth mover's distance for numbers, chi-square for categories."""

import sys

import pyarrow as pa
from frouros.detectors.data_drift import EMD, ChiSquareTest
from pyarrow import parquet as pq

reference = pq.read_table(sys.argv[1])
current = pq.read_table(sys.argv[2])
for field in reference.schema:
    detector = ChiSquareTest() if pa.types.is_string(field.type) else EMD()
    detector.fit(X=reference.column(field.name).drop_null().to_numpy())
    result, _ = detector.compare(X=current.column(field.name).drop_null().to_numpy())
    print(field.name, result)
