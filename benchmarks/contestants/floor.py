"""The floor: decode each Parquet column, one at a time, and sort its values once with numpy.

Of categories, the dictionary's codes are sorted. Nothing is compared.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq


def values_of(chunk: pa.Array) -> np.ndarray:
    """Return a chunk's values without its nulls; ChunkedArray.to_numpy would import pandas."""
    present = chunk.drop_null()
    return np.from_dlpack(present.indices if pa.types.is_dictionary(chunk.type) else present)


def sort_column(job: tuple[str, str]) -> int:
    """Decode and sort a column of a file; return how many values it has."""
    path, name = job
    with pq.ParquetFile(path, read_dictionary=[name]) as file:
        column = file.read(columns=[name], use_threads=False).column(0)
    present = np.empty(len(column) - column.null_count, values_of(column.chunk(0)).dtype)
    end = 0
    for chunk in column.chunks:
        start, end = end, end + len(chunk) - chunk.null_count
        present[start:end] = values_of(chunk)
    del column
    present.sort()
    return len(present)


def jobs() -> Iterator[tuple[str, str]]:
    """List each column of both files."""
    for name in pq.read_schema(sys.argv[1]).names:
        yield sys.argv[1], name
        yield sys.argv[2], name


def run_floor(threads: int) -> None:
    """Sort every column, on so many threads."""
    with ThreadPoolExecutor(threads) as pool:
        print(sum(pool.map(sort_column, jobs())), "values on", threads, "of", os.cpu_count())


if __name__ == "__main__":
    run_floor(1)
