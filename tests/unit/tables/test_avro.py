"""Avro is read by its own schema."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import fastavro
import pyarrow as pa
import pytest
from support.builders import whole

from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.table import open_table

SCHEMA = {
    "type": "record",
    "name": "order",
    "fields": [
        {"name": "n", "type": ["null", "long"]},
        {"name": "ratio", "type": ["null", "int", "double"]},
        {"name": "odd", "type": ["string", "int"]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {
            "name": "price",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        },
        {"name": "then", "type": {"type": "long", "logicalType": "timestamp-nanos"}},
        {"name": "key", "type": ["null", {"type": "string", "logicalType": "uuid"}]},
        {
            "name": "wei",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 0},
        },
        {"name": "size", "type": {"type": "enum", "name": "size", "symbols": ["S", "L"]}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "more", "type": {"type": "map", "values": "long"}},
        {
            "name": "to",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "place",
                    "fields": [
                        {"name": "city", "type": "string"},
                        {"name": "size", "type": "size"},
                    ],
                },
            ],
        },
    ],
}
ROW = {
    "n": 1,
    "ratio": 0.5,
    "odd": "x",
    "day": date(2013, 6, 4),
    "at": datetime(2013, 6, 4, 9, 30, tzinfo=UTC),
    "price": Decimal("1.50"),
    "then": 1_370_338_200 * 10**9,
    "key": UUID(int=7),
    "wei": Decimal(10**50),
    "size": "L",
    "tags": ["a"],
    "more": {"k": 1},
    "to": {"city": "Bern", "size": "S"},
}


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_avro_is_read_by_its_schema(tmp_path: Path, codec: str) -> None:
    rows = [ROW, {**ROW, "n": None, "ratio": 2, "odd": 3, "to": None}] * 6_000
    with (tmp_path / "t.avro").open("wb") as file:
        fastavro.writer(file, SCHEMA, rows, codec=codec)
    with open_table(str(tmp_path)) as table:
        kept = ["day", "at", "price", "wei", "size"]
        scored = ["n", "ratio", *kept, "then", "key", "to.city", "to.size"]
        found = {name: whole(table, name).to_pylist() for name in scored}
        types = {name: table.type_of(name) for name in ("odd", "tags", "more")}
        assert (table.rows, set(table.columns)) == (12_000, {*scored, *types})
    assert all(map(pa.types.is_list, types.values()))
    assert found["n"] == [1, None] * 6_000
    assert found["ratio"] == [0.5, 2.0] * 6_000
    assert found["to.city"] == ["Bern", None] * 6_000
    assert found["to.size"] == ["S", None] * 6_000
    assert all(found[name] == [ROW[name]] * 12_000 for name in kept)
    assert found["then"] == found["at"]
    assert found["key"] == [str(ROW["key"])] * 12_000


@pytest.mark.parametrize("body", [b"", b"Obj\x01 and no more", b"nothing of the sort"])
def test_what_is_not_avro_is_named(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "t.avro").write_bytes(body)
    with (
        pytest.raises(DriftMonitorError, match=r"t.avro cannot be read as Avro: \S"),
        open_table(str(tmp_path)),
    ):
        pass


def test_parts_may_order_their_fields_differently_and_lack_some(tmp_path: Path) -> None:
    types = {"x": "long", "y": "string", "z": "double"}
    parts: list[dict[str, object]] = [{"x": 1, "y": "a"}, {"y": "b", "z": 0.5, "x": 2}, {"x": 3}]
    for number, row in enumerate(parts):
        fields = [{"name": name, "type": types[name]} for name in row]
        with (tmp_path / f"{number}.avro").open("wb") as file:
            fastavro.writer(file, {"type": "record", "name": "row", "fields": fields}, [row])
    with open_table(str(tmp_path)) as table:
        assert table.columns == ["x", "y", "z"]
        assert whole(table, "x").to_pylist() == [1, 2, 3]
        assert whole(table, "y").to_pylist() == ["a", "b", None]
        assert whole(table, "z").to_pylist() == [None, 0.5, None]
