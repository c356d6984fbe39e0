"""Columns of times, of every type that Arrow has for them."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

DAYS = [int(day) for day in np.random.default_rng(1).integers(0, 900, 1200)]
LATER = [day + 40 for day in DAYS[:1100]]
TIMES = [
    pa.timestamp("s"),
    pa.timestamp("ms"),
    pa.timestamp("us"),
    pa.timestamp("ns"),
    pa.timestamp("us", "UTC"),
    pa.timestamp("ns", "Europe/Zurich"),
    pa.date32(),
    pa.date64(),
]


def make_times(days: list[int], data_type: pa.DataType) -> pa.Array:
    if pa.types.is_date(data_type):
        return pa.array([date(2013, 1, 1) + timedelta(days=day) for day in days], data_type)
    zone = UTC if data_type.tz else None
    start = datetime(2013, 1, 1, tzinfo=zone)
    return pa.array([start + timedelta(days=day) for day in days], data_type)
