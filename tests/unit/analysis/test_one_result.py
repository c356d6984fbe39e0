"""However the same rows are stored, cut and read, the result is the same."""

import gzip
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv
from pyarrow import parquet as pq
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.columns.source import SAMPLE_ROWS
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.tables.table import open_table

pytestmark = pytest.mark.xdist_group("evidently")

Write = Callable[[pa.Table, Path], Path]
METHODS = {"psi": "psi", "hellinger": "hellinger", "count": "wasserstein", "rare": "mannw"}


def _table(rows: int, seed: int) -> pa.Table:
    """Make rows whose values CSV can say exactly."""
    random = np.random.default_rng(seed)
    words = random.choice(["red", "green", "a, b", "日本"], rows)
    return pa.table(
        {
            "ratio": random.normal(seed / 10, size=rows),
            "psi": pa.array(random.lognormal(size=rows), mask=random.random(rows) < 0.1),
            "hellinger": random.integers(0, 40, rows),
            "count": pa.array(random.integers(0, 900, rows), mask=random.random(rows) < 0.1),
            "rare": random.normal(seed / 10, size=rows),
            "word": pa.array(words.tolist(), mask=random.random(rows) < 0.1),
            "flag": random.random(rows) < 0.5,
            "emptied": pa.array([None] * rows, pa.float64()),
        }
    )


def _parts(table: pa.Table) -> list[pa.Table]:
    cuts = [0, 1, 700, 701, table.num_rows]
    return [table.slice(start, stop - start) for start, stop in pairwise(cuts)]


def _one_parquet(table: pa.Table, folder: Path) -> Path:
    pq.write_table(table, folder / "t.parquet")
    return folder / "t.parquet"


def _row_groups(table: pa.Table, folder: Path) -> Path:
    pq.write_table(table, folder / "t.parquet", row_group_size=97, use_dictionary=False)
    return folder


def _many_parquet(table: pa.Table, folder: Path) -> Path:
    for number, part in enumerate(_parts(table)):
        pq.write_table(part, folder / f"{number}.parquet")
    return folder


def _of_other_types(table: pa.Table, folder: Path) -> Path:
    """Write a file's words as a dictionary, its integers narrower, its columns the other way."""
    for number, part in enumerate(_parts(table)):
        schema = part.schema
        if number % 2:
            for name, data_type in [
                ("word", pa.dictionary(pa.int8(), pa.string())),
                ("hellinger", pa.int8()),
                ("count", pa.int16()),
            ]:
                index = schema.get_field_index(name)
                schema = schema.set(index, pa.field(name, data_type))
        cast = pa.table(
            [
                column.combine_chunks().dictionary_encode()
                if pa.types.is_dictionary(field.type)
                else column.cast(field.type)
                for column, field in zip(part.columns, schema, strict=True)
            ],
            names=schema.names,
        )
        names = schema.names[::-1] if number % 2 else schema.names
        pq.write_table(cast.select(names), folder / f"{number}.parquet")
    return folder


def _one_csv(table: pa.Table, folder: Path) -> Path:
    csv.write_csv(table, folder / "t.csv")
    return folder / "t.csv"


def _many_csv(table: pa.Table, folder: Path) -> Path:
    for number, part in enumerate(_parts(table)):
        csv.write_csv(part, folder / f"{number}.csv")
    return folder


def _gzip_csv(table: pa.Table, folder: Path) -> Path:
    csv.write_csv(table, folder / "t.csv")
    body = (folder / "t.csv").read_bytes()
    (folder / "t.csv").unlink()
    (folder / "t.csv.gz").write_bytes(gzip.compress(body))
    return folder


def _compared(reference: object, current: object, **how: int) -> dict[str, ColumnDrift]:
    rules = {name: {"method": method} for name, method in METHODS.items()}
    comparison = compare(reference, current, a_monitor(drift={"columns": rules}), **how)
    return {column.column: column for column in comparison.columns}


REFERENCE, CURRENT = _table(1200, seed=1), _table(1003, seed=2)


@pytest.mark.parametrize(
    "write",
    [
        _one_parquet,
        _row_groups,
        _many_parquet,
        _of_other_types,
        _one_csv,
        _many_csv,
        _gzip_csv,
    ],
)
def test_how_a_table_is_stored_changes_nothing(write: Write, tmp_path: Path) -> None:
    expected = _compared(InMemory(REFERENCE), InMemory(CURRENT))
    places = []
    for name, table in (("reference", REFERENCE), ("current", CURRENT)):
        (tmp_path / name).mkdir()
        places.append(str(write(table, tmp_path / name)))
    with open_table(places[0]) as reference, open_table(places[1]) as current:
        found = _compared(reference, current)
    if "csv" in write.__name__:  # of no value at all, CSV cannot say a type
        expected.pop("emptied")
        assert found.pop("emptied").reason == "no value in either table"
    else:
        assert expected["emptied"].reason == "no value in reference"
    assert found == expected


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 1300), memory=st.sampled_from([0, 1, 1 << 16, 1 << 40]))
def test_chunks_and_memory_change_nothing(rows: int, memory: int) -> None:
    sides = InMemory(REFERENCE, chunk_rows=rows), InMemory(CURRENT, chunk_rows=rows)
    assert _compared(*sides, memory=memory) == _compared(InMemory(REFERENCE), InMemory(CURRENT))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_no_score_and_no_profile(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(REFERENCE.num_rows)
    one = _compared(InMemory(REFERENCE), InMemory(CURRENT))
    other = _compared(InMemory(REFERENCE.take(order)), InMemory(CURRENT))
    for name, column in one.items():
        assert other[name].model_copy(update={"score": column.score}) == column
        assert column.is_scored == (name != "emptied")
        if column.score is not None:
            assert other[name].score == pytest.approx(column.score, rel=1e-12, abs=1e-13)


def test_pictures_show_the_same_rows_whatever_the_chunks() -> None:
    table = pa.table({"x": np.arange(3 * SAMPLE_ROWS), "y": np.arange(3 * SAMPLE_ROWS) % 7.0})

    def samples(chunk_rows: int | None) -> dict[str, list[object]]:
        side = InMemory(table, chunk_rows)
        return {
            name: [value for chunk in columns.reference for value in chunk.to_pylist()]
            for name, columns in compare(side, side, a_monitor()).samples.items()
        }

    found = samples(None)
    assert len(found["x"]) == SAMPLE_ROWS
    assert [x % 7 for x in found["x"]] == found["y"]
    assert samples(1000) == samples(7919) == found


def test_a_result_read_back_from_its_json_is_the_same_result() -> None:
    for column in _compared(InMemory(REFERENCE), InMemory(CURRENT)).values():
        text = column.model_dump_json()
        json.loads(text, parse_constant=pytest.fail)
        assert ColumnDrift.model_validate_json(text) == column
