"""JSON Lines: types found over the whole column, whatever block a value is in."""

import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from support.builders import whole

from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.readers import json_lines
from drift_monitor.tables.table import open_table


@pytest.fixture(params=["one block", "a block to each few lines"])
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "one block":
        monkeypatch.setattr(json_lines, "_BLOCK", 64)


def _column(folder: Path, *values: object) -> pa.ChunkedArray:
    (folder / "t.jsonl").write_text("".join(f"{json.dumps({'x': v})}\n" for v in values), "utf-8")
    with open_table(str(folder / "t.jsonl")) as table:
        return whole(table, "x")


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize(
    ("values", "read", "data_type"),
    [
        ([1, 2], [1, 2], pa.int64()),
        ([1, 2.5, None], [1, 2.5, None], pa.float64()),
        ([1, "x", 2.5, True], ["1", "x", "2.5", "true"], pa.string()),
        ([True, 1], ["true", "1"], pa.string()),
        (["1", "2"], ["1", "2"], pa.string()),
        (["02134", None], ["02134", None], pa.string()),
        (["2013-06-04"], [datetime(2013, 6, 4)], pa.timestamp("us")),  # noqa: DTZ001
        (["2013-06-04", "soon"], ["2013-06-04", "soon"], pa.string()),
        (["2013-06-04", 1], ["2013-06-04", "1"], pa.string()),
        ([10**30, 1], [1e30, 1.0], pa.float64()),
        ([10**30, "x"], ["1e+30", "x"], pa.string()),
        ([None, None], [None, None], pa.null()),
    ],
    ids=str,
)
def test_a_type_is_what_fits_all_values_in_whatever_block(
    tmp_path: Path, values: list[object], read: list[object], data_type: pa.DataType
) -> None:
    found = _column(tmp_path, *values)
    assert (found.type, found.to_pylist()) == (data_type, read)
    found = _column(tmp_path, *values * 20)
    assert (found.type, found.to_pylist()) == (data_type, read * 20)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("odd", [[1], {"y": 1}])
def test_lists_and_objects_among_values_are_told_apart(tmp_path: Path, odd: object) -> None:
    lines = [json.dumps({"x": value}) for value in [1, 2, odd] * 10]
    (tmp_path / "t.jsonl").write_text("\n".join(lines), "utf-8")
    with open_table(str(tmp_path)) as table:
        if isinstance(odd, dict):
            assert table.columns == ["x", "x.y"]
            assert whole(table, "x").to_pylist() == [1, 2, None] * 10
            assert whole(table, "x.y").to_pylist() == [None, None, 1] * 10
        else:
            assert pa.types.is_list(table.type_of("x"))


def test_the_last_line_needs_no_end_and_empty_lines_are_none(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('\ufeff{"x": 1}\r\n\n{"x": 2}', "utf-8")
    with open_table(str(tmp_path)) as table:
        assert whole(table, "x").to_pylist() == [1, 2]


def test_an_empty_file_is_a_table_of_no_rows(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").touch()
    with open_table(str(tmp_path)) as table:
        assert (table.rows, table.columns, table.summary.files) == (0, [], 1)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("bad", ['{"x": ', "[1]", "7", "x" * 500])
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, bad: str) -> None:
    (tmp_path / "t.jsonl").write_text('{"x": 1}\n' * 30 + bad + '\n{"x": 1}\n', "utf-8")
    with (
        pytest.raises(DriftMonitorError, match=r"t\.jsonl:31 cannot be read as JSON Lines: "),
        open_table(str(tmp_path)),
    ):
        pass


def test_a_file_that_is_one_long_line_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "_BLOCK", 64)
    monkeypatch.setattr(json_lines, "_LONGEST_LINE", 1 << 10)
    (tmp_path / "t.json").write_text(json.dumps([{"x": 1}] * 1000), "utf-8")
    with (
        pytest.raises(DriftMonitorError, match="has a line of more than 0 MB: write one object a"),
        open_table(str(tmp_path)),
    ):
        pass
