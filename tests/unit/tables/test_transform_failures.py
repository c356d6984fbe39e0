"""A user's transform that fails: which sentence is told, with the file and the line."""

import logging
from pathlib import Path

import pytest
from support.user_transforms import (
    WriteTable,
    WriteTransform,
    failure,
    transformed_sides,
    write_transform,
)

from drift_monitor.errors import DriftMonitorError

__all__ = ["write_transform"]  # the fixture

PERSON = "Ms Secret"


def test_an_exception_is_told_by_line_and_class_and_its_text_is_only_logged(
    write_table: WriteTable, write_transform: WriteTransform, caplog: pytest.LogCaptureFixture
) -> None:
    name = write_transform(
        """\
        def transform(table):
            return check(table)

        def check(table):
            return table["name"].astype(float)
        """
    )
    table = write_table("t.parquet", {"name": [PERSON]})
    with caplog.at_level(logging.ERROR):
        told = failure(table, name)
    assert told.endswith("/t.py:5: transform failed on reference (ValueError): the log says more")
    assert PERSON not in told
    assert PERSON in caplog.text


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("None", "t.py: transform returned NoneType for reference: return a pandas DataFrame"),
        ("table['x']", "t.py: transform returned Series for reference"),
        ("table[table['x'] > 9]", "t.py: transform left none of reference's 3 rows: return those"),
        ("table.drop(columns='x')", "t.py: transform returned no column for reference"),
        ("table.rename(columns={'x': 0})", "the column 0 has a name that is no text: rename it"),
        ("table[['x', 'x']]", "two columns are named x: rename one"),
        ("table.assign(x=[1, 'a', []])", "the column x is not of one type: the log says more"),
        ("table.assign(x=[object()] * 3)", "the column x is not of one type"),
        ("table.assign(x=[2**70] * 3)", "the column x is not of one type"),
        ("exit()", "t.py:1: transform failed on reference (SystemExit): the log says more"),
        ("table.gone", "t.py:1: transform failed on reference (AttributeError)"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    write_table: WriteTable, write_transform: WriteTransform, body: str, sentence: str
) -> None:
    name = write_transform(f"def transform(table): return {body}\n")
    assert sentence in failure(write_table("t.parquet", {"x": range(3)}), name)


def test_a_failure_on_current_says_current(
    write_table: WriteTable, write_transform: WriteTransform
) -> None:
    name = write_transform("def transform(table): return table[['x']]\n")
    tables = write_table("r.parquet", {"x": [1]}), write_table("c.parquet", {"y": [1]})
    with (
        pytest.raises(
            DriftMonitorError, match=r"t\.py:1: transform failed on current \(KeyError\)"
        ),
        transformed_sides(*tables, name),
    ):
        pass


def test_a_file_that_cannot_be_executed_is_told_by_its_line(
    write_table: WriteTable, write_transform: WriteTransform
) -> None:
    name = write_transform(
        """\
        import pandas
        import no_such_package
        def transform(table): return table
        """
    )
    told = failure(write_table("t.parquet", {"x": [1]}), name)
    assert told.endswith(
        "/t.py:2: cannot be executed (ModuleNotFoundError: No module named 'no_such_package'): "
        "mend the file"
    )


def test_files_that_disagree_on_a_type_cannot_be_given_to_it(
    write_table: WriteTable, write_transform: WriteTransform, tmp_path: Path
) -> None:
    name = write_transform("def transform(table): return table\n")
    write_table("t/1.parquet", {"x": [1]})
    write_table("t/2.parquet", {"x": ["a"]})
    assert "reference cannot be given to" in (told := failure(str(tmp_path / "t"), name))
    assert "x: its files disagree on its type: int64, string: mend its files" in told
