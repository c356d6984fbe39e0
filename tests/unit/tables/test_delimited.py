"""CSV, gzip CSV and Parquet of the same values are the same table."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from support.builders import whole

from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.tables.table import open_table
from drift_monitor.tables.window import Window

WriteTable = Callable[..., str]


def _read(location: object) -> dict[str, pa.ChunkedArray]:
    with open_table(str(location)) as table:
        return {name: whole(table, name) for name in table.columns}


def _column(folder: Path, *values: str) -> pa.ChunkedArray:
    """Read a column of these values, each on its line."""
    (folder / "t.csv").write_text("\n".join(["x,y", *(f"{v},0" for v in values), ""]), "utf-8")
    return _read(folder / "t.csv")["x"]


def test_csv_gzip_csv_and_parquet_give_the_same_values(
    write_table: WriteTable, tmp_path: Path
) -> None:
    columns = {
        "count": [1, None, -3],
        "ratio": [0.5, 1e-300, None],
        "flag": [True, False, None],
        "word": ["a, b", None, 'quo"te'],
        "when": [datetime(2013, 6, 4, 9, 30, 1), datetime(2013, 6, 5), None],  # noqa: DTZ001
    }
    text = (
        "count,ratio,flag,word,when\n"
        '1,0.5,true,"a, b",2013-06-04 09:30:01\n'
        ",1e-300,false,,2013-06-05\n"
        '-3,,,"quo""te",\n'
    )
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(text.encode()))
    of_parquet = _read(write_table("t.parquet", columns))
    assert {name: column.to_pylist() for name, column in of_parquet.items()} == columns
    assert _read(tmp_path / "t.csv") == _read(tmp_path / "t.csv.gz") == of_parquet


@pytest.mark.parametrize(
    ("values", "data_type"),
    [
        (["1", "2"], pa.int64()),
        (["1", "", "2"], pa.int64()),
        (["1", "2.5"], pa.float64()),
        (["1", "inf"], pa.float64()),
        (["99999999999999999999"], pa.float64()),
        (["true", "False"], pa.bool_()),
        (["1", "x"], pa.string()),
        ([" 1", "2 "], pa.int64()),
        (["1", " 2.5"], pa.float64()),
        ([" a", "1"], pa.string()),
        (["2013-06-04", "2013-06-05T10:00:00"], pa.timestamp("us")),
        (["2013-06-04T00:00:00Z", "2013-06-04T00:00:00+02:00"], pa.timestamp("us", "UTC")),
        ([" 2013-06-04 "], pa.timestamp("us")),
        (["2013-06-04 10:00:00.123456789", "2013-06-04"], pa.timestamp("ns")),
        (["2013-06-04T10:00:00.1234567Z"], pa.timestamp("ns", "UTC")),
        (["2013-06-04", "soon"], pa.string()),
        (["", "NA", "null"], pa.null()),
    ],
)
def test_a_type_is_what_fits_all_values(
    tmp_path: Path, values: list[str], data_type: pa.DataType
) -> None:
    assert _column(tmp_path, *values).type == data_type


def test_a_zone_is_brought_to_utc(tmp_path: Path) -> None:
    (moment,) = _column(tmp_path, "2013-06-04T02:00:00+02:00").to_pylist()
    assert moment == datetime(2013, 6, 4, tzinfo=UTC)


@pytest.mark.parametrize(("odd_one", "data_type"), [("x", pa.string()), ("0.5", pa.float64())])
def test_a_value_far_down_decides_the_type_as_one_at_the_top_does(
    tmp_path: Path, odd_one: str, data_type: pa.DataType
) -> None:
    numbers = [str(number) for number in range(300_000)]  # more than one block of the reader
    assert _column(tmp_path, *numbers, odd_one).type == data_type
    assert _column(tmp_path, odd_one, *numbers).type == data_type


def test_the_type_is_that_of_the_windows_rows(tmp_path: Path) -> None:
    days = "2013-06-01,none yet\n2013-06-03,1\n2013-06-03,2\n"
    (tmp_path / "t.csv").write_text(f"at,x\n{days}", encoding="utf-8")
    start = datetime(2013, 6, 3, tzinfo=UTC)
    window = Window(start, start + timedelta(days=1))
    with open_table(str(tmp_path), window, timestamp="at") as table:
        assert whole(table, "x").type == pa.int64()
    with open_table(str(tmp_path)) as table:
        assert whole(table, "x").type == pa.string()


def test_the_type_is_found_over_all_files_together(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("x,y\n1,1\n", encoding="utf-8")
    (tmp_path / "2.csv").write_text("x\nred\n", encoding="utf-8")
    found = _read(tmp_path)
    assert found["x"].to_pylist() == ["1", "red"]
    assert found["y"].to_pylist() == [1, None]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,2\n", encoding="utf-8-sig")
    assert list(_read(tmp_path / "t.csv")) == ["x", "y"]


def test_windows_line_ends_are_no_part_of_a_value(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"x,y\r\n1,a\r\n2,b\r\n")
    assert _read(tmp_path / "t.csv")["y"].to_pylist() == ["a", "b"]


@pytest.mark.parametrize("rows", [3, 100_000], ids=["small", "several blocks of the reader"])
def test_a_quoted_value_may_have_line_breaks(tmp_path: Path, rows: int) -> None:
    values = [f"{'a' * (row % 7)}\n{'b' * (row % 11)}\n, c" for row in range(rows)]
    (tmp_path / "t.csv").write_text(
        "x,y\n" + "".join(f'1,"{value}"\n' for value in values), encoding="utf-8"
    )
    assert _read(tmp_path / "t.csv")["y"].to_pylist() == values


def test_two_columns_of_one_name_are_a_mistake_of_that_name_only(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,x,y\n1,2,3\n", encoding="utf-8")
    with open_table(str(tmp_path / "t.csv")) as table:
        assert table.columns == ["x", "y"]
        with pytest.raises(ColumnError, match="2 columns have this name"):
            whole(table, "x")
        assert whole(table, "y").to_pylist() == [3]


def test_a_header_alone_is_a_table_of_no_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n", encoding="utf-8")
    with open_table(str(tmp_path / "t.csv")) as table:
        assert (table.rows, table.columns, len(whole(table, "x"))) == (0, ["x", "y"], 0)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("t.csv", b""),
        ("t.csv", b"x,y\n1,2\n3\n"),
        ("t.csv", b"x\n" + b"Bern\n" * 50_000 + b"Z\xfcrich\n"),
        ("t.csv.gz", b"x\n1\n"),
        ("t.csv.gz", gzip.compress(b"x\n" + b"1\n2\n3\n" * 100)[:-30]),
    ],
    ids=["nothing", "a short row", "Latin-1 far down", "not gzip", "gzip cut off"],
)
def test_a_file_that_is_no_csv_is_named(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / "good.csv").write_text("x\n1\n", encoding="utf-8")
    (tmp_path / name).write_bytes(body)
    with (
        pytest.raises(DriftMonitorError, match=rf"{name} cannot be read as CSV: \S") as caught,
        open_table(str(tmp_path)),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_csv_and_parquet_in_one_place_are_refused(write_table: WriteTable, tmp_path: Path) -> None:
    write_table("t/1.parquet", {"x": [1]})
    (tmp_path / "t" / "2.csv").write_text("x\n1\n", encoding="utf-8")
    with (
        pytest.raises(DriftMonitorError, match="holds both Parquet and CSV: keep one format"),
        open_table(str(tmp_path / "t")),
    ):
        pass


def test_a_csv_table_leaves_nothing_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (tmp_path / "t.csv").write_text("x\n1\n", encoding="utf-8")
    with open_table(str(tmp_path / "t.csv")):
        assert list(temporary.iterdir())
    assert not list(temporary.iterdir())
