"""Small tables with a column of each sort that people have."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import numpy as np
import pyarrow as pa
from pyarrow import csv
from pyarrow import parquet as pq

ROWS = 2_000
ROWS_A_DAY = 300
FIRST_DAY = date(2026, 3, 2)


def orders(rows: int, seed: int, *, dearer: float = 0) -> pa.Table:
    """Make rows of one distribution, but for their prices."""
    random = np.random.default_rng(seed)
    placed = datetime(2026, 1, 1, tzinfo=UTC)
    return pa.table(
        {
            "price": random.gamma(2, 10, rows) + dearer,
            "weight": pa.array(
                random.normal(5, 1, rows).astype("float32"), mask=random.random(rows) < 0.1
            ),
            "items": pa.array(random.poisson(3, rows), pa.uint16()),
            "discount": pa.array([str(n) for n in random.integers(0, 30, rows)]).cast(
                pa.decimal128(8, 2)
            ),
            "gift": pa.array(random.random(rows) < 0.2),
            "country": pa.array(random.choice(["at", "be", "ch", "de"], rows)).dictionary_encode(),
            "customer": [f"c{n}" for n in range(rows)],
            "placed_at": [placed + timedelta(minutes=n) for n in range(rows)],
            "remark": pa.nulls(rows),
        }
    )


def methods_table(columns: list[tuple[str, str]], seed: int) -> pa.Table:
    """Make a column for each method and kind: two values, or a normal distribution."""
    random = np.random.default_rng(seed)
    return pa.table(
        {
            f"{method}_{kind}": random.normal(seed, 1, 500)
            if kind == "numeric"
            else random.choice(["a", "b"], 500)
            for method, kind in columns
        }
    )


def as_parquet(table: pa.Table) -> bytes:
    """Write a table as a Parquet file."""
    file = BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def as_csv(table: pa.Table) -> bytes:
    """Write a table as a CSV file."""
    file = BytesIO()
    csv.write_csv(table, file)
    return file.getvalue()


def orders_files() -> dict[str, bytes]:
    """Return the reference and two weeks of days, by key; in the second week all is dearer."""
    files = {"orders/reference.parquet": as_parquet(orders(ROWS, 0))}
    for number in range(14):
        day = FIRST_DAY + timedelta(days=number)
        table = orders(ROWS_A_DAY, number + 1, dearer=40 if number > 6 else 0)
        files[f"orders/daily/{day}.parquet"] = as_parquet(table)
    return files
