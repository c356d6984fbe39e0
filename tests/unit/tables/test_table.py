"""A table is the rows of its files, whatever the files look like."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq
from support.builders import whole

from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.tables.table import open_table

WriteTable = Callable[..., str]


def _read(location: object, column: str) -> list[object]:
    with open_table(str(location)) as table:
        return whole(table, column).to_pylist()


def test_many_files_are_one_table_in_the_order_of_their_paths(
    write_table: WriteTable, tmp_path: Path
) -> None:
    write_table("t/b.parquet", {"x": [3]})
    write_table("t/a/z.parquet", {"x": [1, 2]})
    with open_table(str(tmp_path / "t")) as table:
        assert whole(table, "x").to_pylist() == [1, 2, 3]
        assert (table.rows, table.summary.files, table.summary.rows) == (3, 2, 3)
        assert table.summary.location == str(tmp_path / "t")


def test_files_may_order_their_columns_differently(write_table: WriteTable, tmp_path: Path) -> None:
    write_table("t/1.parquet", {"x": [1], "y": ["a"]})
    write_table("t/2.parquet", {"y": ["b"], "x": [2]})
    assert _read(tmp_path / "t", "x") == [1, 2]
    assert _read(tmp_path / "t", "y") == ["a", "b"]


def test_a_column_that_a_file_lacks_is_null_there(write_table: WriteTable, tmp_path: Path) -> None:
    write_table("t/1.parquet", {"x": [1, 2]})
    write_table("t/2.parquet", {"x": [3], "new": [0.5]})
    with open_table(str(tmp_path / "t")) as table:
        assert table.columns == ["x", "new"]
        assert whole(table, "new").to_pylist() == [None, None, 0.5]


@pytest.mark.parametrize(
    ("types", "together"),
    [
        ((pa.int8(), pa.int64()), pa.int64()),
        ((pa.int32(), pa.float64()), pa.float64()),
        ((pa.float32(), pa.float64()), pa.float64()),
        ((pa.null(), pa.int16()), pa.int16()),
        ((pa.decimal128(5, 2), pa.decimal128(9, 2)), pa.decimal128(9, 2)),
        ((pa.uint8(), pa.int16()), pa.int16()),
    ],
)
def test_files_whose_types_are_alike_are_read_as_the_wider(
    write_table: WriteTable, tmp_path: Path, types: tuple[pa.DataType, ...], together: pa.DataType
) -> None:
    for number, data_type in enumerate(types):
        write_table(f"t/{number}.parquet", {"x": pa.array([None, None], data_type)})
    with open_table(str(tmp_path / "t")) as table:
        column = whole(table, "x")
        assert (column.type, column.null_count) == (together, 4)


@pytest.mark.parametrize(
    "types", [(pa.int64(), pa.string()), (pa.bool_(), pa.int8()), (pa.date32(), pa.float64())]
)
def test_files_that_disagree_on_a_type_cost_that_column_only(
    write_table: WriteTable, tmp_path: Path, types: tuple[pa.DataType, ...]
) -> None:
    for number, data_type in enumerate(types):
        columns = {"x": pa.array([None], data_type), "y": [number]}
        write_table(f"t/{number}.parquet", columns)
    with open_table(str(tmp_path / "t")) as table:
        with pytest.raises(ColumnError) as caught:
            whole(table, "x")
        assert str(caught.value) == (
            f"its files disagree on its type: {', '.join(sorted(map(str, types)))}"
        )
        assert whole(table, "y").to_pylist() == [0, 1]


def test_a_number_that_the_common_type_cannot_hold_names_its_column(
    write_table: WriteTable, tmp_path: Path
) -> None:
    write_table("t/1.parquet", {"x": [2**60 + 1], "y": [1]})
    write_table("t/2.parquet", {"x": [0.5], "y": [2]})
    with open_table(str(tmp_path / "t")) as table:
        assert whole(table, "y").to_pylist() == [1, 2]
        with pytest.raises(ColumnError) as caught:
            list(table.read_rows(10))
        assert str(caught.value) == (
            "x: its files disagree on its type: double cannot hold all that is int64"
        )


def test_two_columns_of_one_name_are_a_mistake_of_that_name_only(
    write_table: WriteTable,
) -> None:
    columns = pa.table([[1], [2], [3]], names=["x", "x", "y"])
    with open_table(write_table("t.parquet", columns)) as table:
        assert table.columns == ["x", "y"]
        with pytest.raises(ColumnError, match="2 columns have this name"):
            whole(table, "x")
        assert whole(table, "y").to_pylist() == [3]


def test_two_structs_of_one_name_are_a_mistake_of_that_name_only(write_table: WriteTable) -> None:
    columns = pa.table([[1], [{"b": 2}], [3]], names=["a", "a", "y"])
    with open_table(write_table("t.parquet", columns)) as table:
        assert table.columns == ["a", "y"]
        with pytest.raises(ColumnError, match="2 columns have this name"):
            whole(table, "a")
        assert whole(table, "y").to_pylist() == [3]


def test_a_dot_in_a_name_is_part_of_the_name(write_table: WriteTable) -> None:
    columns = {"a": [1], "a.b": [2], "a.b.c": [3], "s.f": [4], ".": [6]}
    with open_table(write_table("t.parquet", columns)) as table:
        found = {name: whole(table, name).to_pylist() for name in table.columns}
    assert found == columns


@pytest.mark.parametrize(
    "name", ["", " ", "<b>&amp;</b>", "日本", "x\ny", "0", "*", '"', "a/b", "🙂"]
)
def test_any_name_can_be_read(write_table: WriteTable, name: str) -> None:
    assert _read(write_table("t.parquet", {"x": [0], name: [1]}), name) == [1]


@pytest.mark.parametrize("value_type", [pa.string(), pa.int64(), pa.large_string()])
def test_a_dictionary_is_read_as_its_values(
    write_table: WriteTable, tmp_path: Path, value_type: pa.DataType
) -> None:
    values = pa.array(["1", None, "2"]).cast(value_type)
    write_table("t/1.parquet", {"x": values.dictionary_encode()})
    write_table("t/2.parquet", {"x": values})
    with open_table(str(tmp_path / "t")) as table:
        column = whole(table, "x")
    assert not pa.types.is_dictionary(column.type)
    assert column.to_pylist() == values.to_pylist() * 2


def test_a_table_of_no_rows_has_columns(write_table: WriteTable) -> None:
    with open_table(write_table("t.parquet", {"x": pa.array([], pa.int64())})) as table:
        assert (table.rows, table.columns, whole(table, "x").to_pylist()) == (0, ["x"], [])


def test_a_truncated_file_is_named(write_table: WriteTable, tmp_path: Path) -> None:
    write_table("t/good.parquet", {"x": [1]})
    broken = Path(write_table("t/broken.parquet", {"x": [1]}))
    broken.write_bytes(broken.read_bytes()[:-20])
    with (
        pytest.raises(DriftMonitorError, match=r"t/broken.parquet cannot be read: .*; write the"),
        open_table(str(tmp_path / "t")),
    ):
        pass


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").touch()
    with (
        pytest.raises(DriftMonitorError, match=r"t.parquet cannot be read: .*; write the file"),
        open_table(str(tmp_path / "t.parquet")),
    ):
        pass


def test_a_file_with_broken_pages_is_named_when_they_are_read(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": [f"value {n}" for n in range(1000)]}), file, use_dictionary=False)
    body = bytearray(file.read_bytes())
    body[40:2000] = b"\xff" * 1960
    file.write_bytes(body)
    with (
        open_table(str(file)) as table,
        pytest.raises(DriftMonitorError, match=r"t.parquet cannot be read: .*; write the file"),
    ):
        whole(table, "x")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), min_size=1, max_size=40),
    cuts=st.sets(st.integers(0, 40), max_size=4),
    row_group_size=st.integers(1, 40),
)
def test_how_rows_are_split_into_files_and_row_groups_changes_nothing(
    values: list[float | None],
    cuts: set[int],
    row_group_size: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("t")
    edges = [0, *sorted(cuts), len(values)]
    for number, (start, stop) in enumerate(pairwise(edges)):
        part = pa.table({"x": pa.array(values[start:stop], pa.float64())})
        pq.write_table(part, folder / f"{number}.parquet", row_group_size=row_group_size)
    assert _read(folder, "x") == values
