"""A user's transform: run on both pair, part by part, before anything is compared."""

import logging
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest
from support.builders import MONDAY, a_monitor, whole
from support.user_transforms import (
    WriteTable,
    WriteTransform,
    after,
    failure,
    transformed_sides,
    write_transform,
)

from drift_monitor.engines.table_pair import open_pair
from drift_monitor.errors import DriftMonitorError
from drift_monitor.run import run
from drift_monitor.site.store import Site
from drift_monitor.storage import Folder
from drift_monitor.tables import transformed

__all__ = ["write_transform"]  # the fixture
pytestmark = pytest.mark.xdist_group("evidently")


def test_both_sides_go_through_it(
    write_table: WriteTable, write_transform: WriteTransform, tmp_path: Path
) -> None:
    name = write_transform("def transform(table): return table[['x']] * 2\n")
    monitor = a_monitor(
        reference={"location": write_table("r.parquet", {"x": range(40), "y": range(40)})},
        current={"location": write_table("c.parquet", {"x": range(20, 60), "z": range(40)})},
        minimum_rows=40,
        transform=name,
    )
    result = run(monitor, MONDAY, site=Site(Folder(tmp_path), ""), notifier=None)
    (column,) = result.columns
    assert column.column == "x"
    assert column.reference is not None
    assert column.current is not None
    assert (column.reference.mean, column.current.mean) == (39, 79)
    text = (tmp_path / "transforms/t.py").read_bytes()
    assert result.transform is not None
    assert result.transform.model_dump() == {"file": "t.py", "sha256": sha256(text).hexdigest()}


def test_it_is_given_parts_of_which_all_rows_count_in_their_order(
    write_table: WriteTable, write_transform: WriteTransform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transformed, "PART_ROWS", 4)
    name = write_transform("def transform(table): return table.assign(part=len(table))\n")
    found = after(write_table("t.parquet", {"x": range(10)}), name)
    assert found == {"x": list(range(10)), "part": [4] * 8 + [2] * 2}


def test_of_a_wide_table_it_is_given_fewer_rows(
    write_table: WriteTable, write_transform: WriteTransform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transformed, "_PART_CELLS", 6)
    name = write_transform("def transform(table): return table.assign(part=len(table))\n")
    wide = {column: range(3) for column in "abc"}
    assert after(write_table("t.parquet", wide), name)["part"] == [2, 2, 1]


def test_parts_may_differ_in_columns_and_types(
    write_table: WriteTable, write_transform: WriteTransform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transformed, "PART_ROWS", 2)
    name = write_transform(
        """\
        def transform(table):
            first = table["n"].iloc[0]
            changed = {0: {"late": None}, 2: {"late": "a", "x": 1.5}, 4: {"x": "text"}}[first]
            return table.assign(**changed)
        """
    )
    table = write_table("t.parquet", {"n": range(6), "x": [1, None, 3, 4, 5, 6]})
    with transformed_sides(table, table, name) as (_, current):
        assert whole(current, "n").to_pylist() == list(range(6))
        assert whole(current, "late").to_pylist() == [None, None, "a", "a", None, None]
        with pytest.raises(Exception, match="its files disagree on its type: double, string"):
            current.type_of("x")


TYPED = pa.table(
    {
        "integer": pa.array([1, 2], pa.int32()),
        "gaps": pa.array([1, None]),
        "text": pa.array(["a", None]).dictionary_encode(),
        "truth": pa.array([True, None]),
        "moment": pa.array([datetime(2013, 1, 1, tzinfo=UTC), None]),
        "list": pa.array([[1], None]),
        "address": pa.array([{"city": "Bern"}, None]),
    }
)


def test_types_come_through_and_nested_columns_by_their_paths(
    write_table: WriteTable, write_transform: WriteTransform
) -> None:
    name = write_transform(
        """\
        def transform(table):
            assert list(table.columns)[-1] == "address.city"
            table["made"] = [{"a": 1, "b": {"c": "x"}}] * len(table)
            return table
        """
    )
    table = write_table("t.parquet", TYPED)
    with transformed_sides(table, table, name) as (_, current):
        types = {column: str(current.type_of(column)) for column in current.columns}
    assert types == {
        "integer": "int32",
        "gaps": "double",
        "text": "string",
        "truth": "bool",
        "moment": "timestamp[us, tz=UTC]",
        "list": "list<element: null>",
        "address.city": "string",
        "made.a": "int64",
        "made.b.c": "string",
    }


def test_of_csv_it_is_given_the_types_that_were_found(
    write_transform: WriteTransform, tmp_path: Path
) -> None:
    name = write_transform("def transform(table): return table.assign(y=table['x'] + 0.5)\n")
    (tmp_path / "t.csv").write_text("x,day\n1,2013-01-01\n2,2013-01-02\n", encoding="utf-8")
    found = after(str(tmp_path / "t.csv"), name)
    assert found["y"] == [1.5, 2.5]
    assert found["day"] == [datetime(2013, 1, 1), datetime(2013, 1, 2)]  # noqa: DTZ001 - it has none


def test_a_window_by_timestamp_chooses_the_rows_before(
    write_table: WriteTable, write_transform: WriteTransform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transformed, "PART_ROWS", 3)
    name = write_transform("def transform(table): return table.drop(columns='at')\n")
    days = [datetime(2013, 6, day, tzinfo=UTC) for day in (1, 23, 2, 22, 3, 21, 20)]
    table = write_table("t.parquet", {"n": range(7), "at": days})
    monitor = a_monitor(
        reference={"location": table},
        current={"location": table, "window": "7d", "timestamp": "at"},
        transform=name,
    )
    with open_pair(monitor, MONDAY) as pair:
        assert whole(pair.current, "n").to_pylist() == [1, 3, 5, 6]
        assert pair.current.rows == 4
        assert pair.reference.rows == 7


def test_a_window_of_which_it_leaves_no_row_has_no_data(
    write_table: WriteTable, write_transform: WriteTransform, tmp_path: Path
) -> None:
    name = write_transform("def transform(table): return table[table['x'] > 9]\n")
    days = [datetime(2013, 6, day, tzinfo=UTC) for day in (18, 19, 20)]
    monitor = a_monitor(
        reference={"location": write_table("r.parquet", {"x": range(20)})},
        current={
            "location": write_table("c.parquet", {"x": range(3), "at": days}),
            "window": "7d",
            "timestamp": "at",
        },
        minimum_rows=5,
        transform=name,
    )
    result = run(monitor, MONDAY, site=Site(Folder(tmp_path), ""), notifier=None)
    assert (result.status, result.current.rows, result.reference.rows) == ("no_data", 0, 10)
    assert (result.reason or "").startswith("current has 0 rows after t.py for 17 to 23 Jun 2013")


def test_it_may_write_into_what_it_is_given(
    write_table: WriteTable, write_transform: WriteTransform
) -> None:
    name = write_transform(
        """\
        def transform(table):
            table.loc[table["x"] > 1, "x"] = 0
            table["y"].to_numpy()[0] = 7
            return table
        """
    )
    table = write_table("t.parquet", {"x": [1, 2, 3], "y": [0.5, 0.5, 0.5]})
    assert after(table, name) == {"x": [1, 0, 0], "y": [7, 0.5, 0.5]}


@pytest.mark.parametrize(
    ("made", "values"),
    [
        ("pd.cut(table['x'], [0, 2, 4])", ["(0, 2]", "(0, 2]", "(2, 4]", None]),
        ("pd.cut(table['x'], [0, 2, 4], labels=False)", [0, 0, 1, None]),
        ("pd.cut(table['x'], [0, 2, 4], labels=['low', 'high'])", ["low", "low", "high", None]),
        ("table['x'].astype('category')", [1, 2, 3, 9]),
        ("table['x'].where(table['x'] < 9).astype('category')", [1, 2, 3, None]),
        ("(table['x'] > 2).astype('category')", [False, False, True, True]),
        ("table['x'].astype('Int64').where(table['x'] < 9)", [1, 2, 3, None]),
        ("table['x'].astype('float32')", [1, 2, 3, 9]),
        ("pd.to_datetime(table['x'], unit='D').dt.to_period('M')", ["1970-01"] * 4),
        ("table['x'].astype('string')", ["1", "2", "3", "9"]),
        ("table['x'].astype(pd.SparseDtype('int64', 0))", [1, 2, 3, 9]),
    ],
)
def test_what_pandas_makes_is_stored_as_what_it_means(
    write_table: WriteTable, write_transform: WriteTransform, made: str, values: list[object]
) -> None:
    name = write_transform(
        f"import pandas as pd\ndef transform(table): return table.assign(made={made})\n"
    )
    assert after(write_table("t.parquet", {"x": [1, 2, 3, 9]}), name)["made"] == values


def test_another_transform_is_another_state_of_the_table(
    write_table: WriteTable, write_transform: WriteTransform
) -> None:
    table = write_table("t.parquet", {"x": range(3)})
    digests = []
    for factor in (1, 1, 2):
        name = write_transform(f"def transform(table): return table * {factor}\n")
        with transformed_sides(table, table, name) as (reference, _):
            digests.append(reference.digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_kept_reference_is_made_anew_by_another_transform(
    write_table: WriteTable, write_transform: WriteTransform, tmp_path: Path
) -> None:
    monitor = a_monitor(
        reference={"location": write_table("r.parquet", {"x": range(3)}), "cache": True},
        current={"location": write_table("c.parquet", {"x": range(3)})},
        minimum_rows=1,
        transform="t.py",
    )
    means = []
    for factor in (1, 1, 2):
        write_transform(f"def transform(table): return table * {factor}\n")
        result = run(monitor, MONDAY, site=Site(Folder(tmp_path), ""), notifier=None)
        means.append(result.columns[0].reference and result.columns[0].reference.mean)
    assert means == [1, 1, 2]


def test_dataclasses_and_annotations_work_in_it(
    write_table: WriteTable, write_transform: WriteTransform
) -> None:
    name = write_transform(
        """\
        from __future__ import annotations
        from dataclasses import dataclass
        @dataclass
        class Factor:
            by: ClassVar[int] = 2
        def transform(table): return table * Factor.by
        """
    )
    assert after(write_table("t.parquet", {"x": [1]}), name) == {"x": [2]}


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
