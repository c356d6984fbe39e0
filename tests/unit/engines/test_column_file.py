"""What is kept of a column: it comes back as it was."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from support.builders import InMemory

from drift_monitor.analysis.columns.source import SampledColumn, read_column
from drift_monitor.analysis.columns.values import Categories, Numbers
from drift_monitor.config.methods import Kind
from drift_monitor.engines.cache.column_file import pack, unpack

ROWS = np.arange(0, 1_000, 7)
NUMERIC, CATEGORICAL = Kind.NUMERIC, Kind.CATEGORICAL
COLUMNS: dict[str, tuple[Kind, pa.Array]] = {
    "numbers": (NUMERIC, pa.array([None, 1e30, *(n * -0.1 for n in range(998))])),
    "equal numbers": (NUMERIC, pa.array([n % 7 for n in range(1_000)])),
    "decimals": (NUMERIC, pa.array([Decimal(n) / 4 for n in range(1_000)])),
    "moments": (Kind.TIMESTAMP, pa.array(range(1_000), pa.timestamp("ms", "UTC"))),
    "nothing": (NUMERIC, pa.nulls(1_000, pa.float32())),
    "texts": (CATEGORICAL, pa.array(["b", None, "ä", ""] * 250)),
    "flags": (CATEGORICAL, pa.array([True, None] * 500)),
    "codes": (CATEGORICAL, pa.array([n % 13 - 2.5 for n in range(1_000)])),
    "decimal codes": (CATEGORICAL, pa.array([Decimal(n % 9) / 2 for n in range(1_000)])),
}


def _side(name: str) -> SampledColumn:
    kind, values = COLUMNS[name]
    return read_column(InMemory({name: values}, chunk_rows=300), name, kind, ROWS)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_bit_by_bit(name: str) -> None:
    column = _side(name)
    packed = pack(column)
    back = unpack(packed.head, lambda _size, _checksums: packed.values)
    if isinstance(column.values, Categories):
        assert isinstance(back.values, Categories)
        assert back.values.values.equals(column.values.values)
        assert back.values.counts.tolist() == column.values.counts.tolist()
        facts = [(each.values.nulls, each.values.are_codes) for each in (back, column)]
        assert facts[0] == facts[1]
        return
    assert isinstance(back.values, Numbers)
    assert back.values.sorted.tobytes() == column.values.sorted.tobytes()
    assert repr(back.values.blocks) == repr(column.values.blocks)
    facts = [(each.values.nulls, each.values.is_integer) for each in (back, column)]
    assert facts[0] == facts[1]


def test_only_numbers_that_differ_take_eight_bytes_each() -> None:
    kept = {name for name in COLUMNS if pack(_side(name)).values is not None}
    assert kept == {"numbers", "decimals", "moments"}
