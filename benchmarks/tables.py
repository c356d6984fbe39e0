"""The benchmark's tables: seeded Parquet files, made once, a row group at a time.

    python benchmarks/tables.py 1m20

A table has two sides, reference.parquet and current.parquet, in benchmarks/data/SIZE/. Its columns
take turns: normal, lognormal, integer, and categories of Zipf's law, each with 2 % nulls. Current
differs by a known amount, the same for each tour of five columns: 0, 5, 10, 15 or 20 % (SHIFTS) of
a standard deviation, or of the rows, which take the most frequent category.
"""

import argparse
import runpy
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq
from sizes import DATA, GENERATED, table_folder

SEED = 20130701
GROUP_ROWS = 2**18
NULLS = 0.02
SHIFTS = (0.0, 0.05, 0.1, 0.15, 0.2)
KINDS = ("normal", "lognormal", "integer", "category")
CATEGORIES = (3, 10, 50, 200, 1000)
INTEGERS = 10_000
FLIGHT_DAYS = [f"2013-06-{day}" for day in range(24, 31)]
NOT_IN_FLIGHTS = ["year", "month", "day", "flight", "tailnum", "time_hour"]


def column_names(columns: int) -> list[str]:
    """Name the columns after their kinds."""
    return [f"{KINDS[number % len(KINDS)]}_{number:03}" for number in range(columns)]


def make_values(number: int, rows: int, shift: float, random: np.random.Generator) -> pa.Array:
    """Make some rows of a column, shifted by a share of a standard deviation."""
    kind = KINDS[number % len(KINDS)]
    nulls = random.random(rows) < NULLS
    if kind == "normal":
        return pa.array(random.normal(shift, 1, rows), mask=nulls)
    if kind == "lognormal":
        return pa.array(np.exp(random.normal(shift, 1, rows)), mask=nulls)
    if kind == "integer":
        integers = random.integers(0, INTEGERS, rows) + round(shift * INTEGERS / np.sqrt(12))
        return pa.array(integers, mask=nulls)
    count = CATEGORIES[number // len(KINDS) % len(CATEGORIES)]
    return make_categories(count, rows, shift, random, nulls)


def make_categories(
    count: int, rows: int, shift: float, random: np.random.Generator, nulls: np.ndarray
) -> pa.Array:
    """Make words by Zipf's law; a share of the rows takes the most frequent one instead."""
    weights = 1 / np.arange(1, count + 1)
    bounds = np.cumsum(weights / weights.sum())[:-1]
    codes = np.searchsorted(bounds, random.random(rows), side="right").astype(np.int32)
    codes[random.random(rows) < shift] = 0
    words = pa.array([f"category {code}" for code in range(count)])
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=nulls), words).cast(pa.string())


def write_side(path: Path, side: int, rows: int, columns: int) -> None:
    """Write one side; each column of each row group has a seed of its own."""
    names = column_names(columns)
    types = {"integer": pa.int64(), "category": pa.string()}
    schema = pa.schema([(name, types.get(name[:-4], pa.float64())) for name in names])
    unfinished = path.with_suffix(".unfinished")
    with pq.ParquetWriter(unfinished, schema) as writer:
        for start in range(0, rows, GROUP_ROWS):
            group = min(GROUP_ROWS, rows - start)
            arrays = []
            for number in range(columns):
                random = np.random.default_rng([SEED, side, number, start])
                shift = side * SHIFTS[number % len(SHIFTS)]
                arrays.append(make_values(number, group, shift, random))
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=group)
    unfinished.rename(path)


def write_flights(folder: Path) -> None:
    """Lay out a week of the demo's flights beside their first quarter."""
    demo = DATA / "demo"
    laid_out = runpy.run_path(str(Path(__file__).parent.parent / "examples" / "flights.py"))
    demo.mkdir(parents=True, exist_ok=True)
    laid_out["write_tables"](laid_out["read_flights"](), demo)
    days = [pq.read_table(demo / "daily" / f"{day}.parquet") for day in FLIGHT_DAYS]
    for side, table in {
        "reference": pq.read_table(demo / "reference.parquet"),
        "current": pa.concat_tables(days, promote_options="permissive"),
    }.items():
        pq.write_table(table.drop_columns(NOT_IN_FLIGHTS), folder / f"{side}.parquet")


def make_table(size: str) -> None:
    """Make what is not there yet of a table."""
    folder = table_folder(size)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "reference.parquet", folder / "current.parquet"]
    if all(path.exists() for path in paths):
        return
    if size not in GENERATED:
        write_flights(folder)
        return
    for side, path in enumerate(paths):
        write_side(path, side, *GENERATED[size])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="+", choices=[*GENERATED, "flights"])
    for wanted in parser.parse_args().sizes:
        make_table(wanted)
