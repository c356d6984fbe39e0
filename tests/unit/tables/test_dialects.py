"""CSV as people write it: delimiter and encoding found from the file, or said by the monitor."""

import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from support.builders import whole

from drift_monitor.config.formats import TableFormat
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.table import open_table

ROWS = [
    ["name", "stadt; und, land", "betrag"],
    ["Müller", "Zürich", "1,5"],
    ["Jäger, K.", "Köln | Süd", "2,25"],
    ['"Ä"', "Çankaya\n2", "-3"],
]


def _text(delimiter: str, quote: str = '"') -> str:
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter, quotechar=quote).writerows(ROWS)
    return sink.getvalue()


def _read(file: Path, **table_format: object) -> dict[str, list[object]]:
    options = TableFormat.model_validate(table_format)
    with open_table(str(file), table_format=options) as table:
        return {name: whole(table, name).to_pylist() for name in table.columns}


def _column(folder: Path, values: list[str], **table_format: object) -> pa.ChunkedArray:
    file = folder / "t.csv"
    file.write_text("x;y\n" + "".join(f"{value};0\n" for value in values), encoding="utf-8")
    with open_table(str(file), table_format=TableFormat.model_validate(table_format)) as table:
        return whole(table, "x")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_delimiter_and_encoding_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(_text(delimiter).encode(encoding))
    header, *rows = ROWS
    expected = {name: [row[n] for row in rows] for n, name in enumerate(header)}
    assert _read(file, decimal=".") == expected


def test_what_is_given_is_not_looked_for(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes("a:b\nñ;1:'x:y'\n".encode("cp1252"))
    assert _read(file, delimiter=":", quote="'", encoding="cp1252") == {"a": ["ñ;1"], "b": ["x:y"]}


def test_a_line_may_end_in_a_carriage_return_alone(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"x;y\r1;a\r2;b\r")
    assert _read(tmp_path / "t.csv") == {"x": [1, 2], "y": ["a", "b"]}


@pytest.mark.parametrize(
    ("encoding", "end", "rows"),
    [("utf-8", "", 1), ("utf-8", "\n", 1), ("utf-16", "\r\n", 1), ("utf-8", "\n", 300_000)],
)
def test_a_quote_that_is_not_closed_loses_no_rows_without_a_word(
    tmp_path: Path, encoding: str, end: str, rows: int
) -> None:
    file = tmp_path / "t.csv"
    text = "x,y\n1,a\n2,'b\n" + "3,c\n" * rows + "4,d"
    file.write_text(text + end, encoding, newline="")
    with pytest.raises(DriftMonitorError, match=r"t\.csv cannot be read as CSV: its last value is"):
        _read(file, quote="'")
    file.write_text(f"{text}'{end}", encoding, newline="")
    assert _read(file, quote="'")["x"] == [1, 2]
    file.write_text(text + end, encoding, newline="")
    assert len(_read(file)["x"]) == rows + 3


def test_one_column_has_no_delimiter(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x\n1\n2\n", encoding="utf-8")
    assert _read(tmp_path / "t.csv") == {"x": [1, 2]}


def test_a_text_full_of_commas_does_not_hide_the_semicolons(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id;name, first;n\n1;Doe, J;2\n", encoding="utf-8")
    assert _read(tmp_path / "t.csv") == {"id": [1], "name, first": ["Doe, J"], "n": [2]}


def test_a_header_longer_than_the_block_that_is_looked_at_is_read(tmp_path: Path) -> None:
    names = [f"{'a_rather_long_name_of_a_column' * 25}_{number}" for number in range(100)]
    body = ";".join(names) + "\n" + ";".join(["07"] * 100) + "\n"
    (tmp_path / "t.csv").write_text(body + "x;" * 99 + "x\n", encoding="utf-8")
    found = _read(tmp_path / "t.csv")
    assert list(found) == names
    assert found[names[-1]] == ["07", "x"]


def test_letters_far_down_that_are_not_of_the_encoding_found_say_what_to_write(
    tmp_path: Path,
) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(b"x,y\n" + b"Bern,1\n" * 50_000 + "Zürich,1\n".encode("latin-1"))
    with pytest.raises(DriftMonitorError, match=r"UTF8.*; name its encoding by format: {encoding"):
        _read(file)
    assert _read(file, encoding="latin-1")["x"][-1] == "Zürich"


def test_an_encoding_that_does_not_fit_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes("x,y\nZürich,1\n".encode("latin-1"))
    with pytest.raises(DriftMonitorError, match=r"t\.csv cannot be read as CSV: "):
        _read(file, encoding="utf-16-le")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1,5", "-2,25", "3"], [1.5, -2.25, 3.0]),
        (["1,5", "2.500"], ["1,5", "2.500"]),
        (["1", "2"], [1, 2]),
        (["1,5e3", "inf"], [1500.0, float("inf")]),
    ],
)
def test_a_decimal_comma_makes_numbers(
    tmp_path: Path, values: list[str], expected: list[object]
) -> None:
    assert _column(tmp_path, values, decimal=",", delimiter=";").to_pylist() == expected


def test_a_decimal_comma_is_text_unless_the_monitor_says_so(tmp_path: Path) -> None:
    assert _column(tmp_path, ["1,5"], delimiter=";").to_pylist() == ["1,5"]


def test_null_values_are_those_and_no_others(tmp_path: Path) -> None:
    values = ["NA", "-999", "DE", ""]
    assert _column(tmp_path, values).to_pylist() == [None, "-999", "DE", None]
    found = _column(tmp_path, values, null_values=["-999"])
    assert found.to_pylist() == ["NA", None, "DE", ""]
