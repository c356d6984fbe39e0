"""A user's transform: found and looked at before, run on both sides, its failures in a sentence."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

import pyarrow as pa
import pytest
from builders import MONDAY, a_monitor, whole
from pydantic import ValidationError

from drift_monitor import transform_file
from drift_monitor.errors import DriftMonitorError
from drift_monitor.monitor_file import InvalidMonitorError, load_monitor
from drift_monitor.run import run
from drift_monitor.sides import open_sides
from drift_monitor.store import FolderStore, Site
from drift_monitor.tables import transformed
from drift_monitor.tables.table import Table

pytestmark = pytest.mark.xdist_group("evidently")

WriteTable = Callable[..., str]
WriteTransform = Callable[[str], str]


@pytest.fixture(autouse=True)
def _transforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a folder of transforms of its own, and another to work in."""
    (tmp_path / "transforms").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(transform_file, "TRANSFORMS", tmp_path / "transforms")
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def write_transform(tmp_path: Path) -> WriteTransform:
    """Write a transform's file; return its name. Line 1 of the text is line 1 of the file."""

    def write(text: str) -> str:
        (tmp_path / "transforms" / "t.py").write_text(dedent(text), encoding="utf-8")
        return "t.py"

    return write


@contextmanager
def _sides(reference: str, current: str, transform: str) -> Iterator[tuple[Table, Table]]:
    monitor = a_monitor(
        reference={"location": reference}, current={"location": current}, transform=transform
    )
    with open_sides(monitor, MONDAY) as sides:
        yield sides.reference, sides.current


def _after(table: str, transform: str) -> dict[str, list[object]]:
    """Return what becomes of a table."""
    with _sides(table, table, transform) as (_, current):
        return {name: whole(current, name).to_pylist() for name in current.columns}


def _failure(table: str, transform: str) -> str:
    with pytest.raises(DriftMonitorError) as failed, _sides(table, table, transform):
        pass
    return str(failed.value)


# Before a run


@pytest.mark.parametrize(
    "name",
    [
        *("../t.py", "/t.py", "a/../t.py", "./t.py", "a//t.py", ".t.py", "a/.t.py"),
        *("t", "t.txt", "t.py\n", r"a\t.py", "~/t.py", "", "t.py;", "C:/t.py"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="should be a Python file in lambda_src/transforms"):
        a_monitor(transform=name)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = (\n", "t.py:1: '(' was never closed"),
        ("\nreturn 1\n", "t.py:2: 'return' outside function"),
        ("x = 1\n", "t.py: has no function transform: write def transform(table): …"),
        ("class transform: pass\n", "t.py: has no function transform"),
        ("async def transform(table): return table\n", "t.py: has no function transform"),
        ("def f():\n  def transform(t): return t\n", "t.py: has no function transform"),
        ("\ndef transform(): pass\n", "t.py:2: transform is given the table alone"),
        ("def transform(a, b): pass\n", "t.py:1: transform is given the table alone"),
        ("def transform(a, *, b): pass\n", "t.py:1: transform is given the table alone"),
        ("x = '\0'\n", "t.py"),
    ],
)
def test_a_file_that_is_no_transform_is_a_mistake_of_the_monitor(
    write_transform: WriteTransform, tmp_path: Path, text: str, problem: str
) -> None:
    write_transform(text)
    file = tmp_path / "m.yaml"
    file.write_text(
        "name: m\nreference: {location: r.csv}\ncurrent: {location: c.csv}\ntransform: t.py\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidMonitorError) as mistakes:
        load_monitor(file)
    (mistake,) = str(mistakes.value).splitlines()
    assert mistake.startswith(f"{file}:4: transform: {tmp_path}/transforms/{problem}")


def test_a_file_that_is_not_there_is_a_mistake_of_the_monitor(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(
        "name: m\nreference: {location: r.csv}\ncurrent: {location: c.csv}\ntransform: t.py\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidMonitorError, match=r"yaml:4: transform: t\.py is neither in"):
        load_monitor(file)


@pytest.mark.parametrize(
    "parameters",
    ["table", "table, /", "table, more=1", "table, *, more=1", "*tables", "table=None"],
)
def test_what_can_be_called_with_a_table_is_a_transform(
    write_transform: WriteTransform, parameters: str
) -> None:
    transform_file.check_transform(write_transform(f"def transform({parameters}): return 1\n"))


def test_looking_at_a_file_does_not_execute_it(write_transform: WriteTransform) -> None:
    name = write_transform(
        """\
        from pathlib import Path
        Path("executed").touch()
        def transform(table): return table
        """
    )
    transform_file.check_transform(name)
    assert not Path("executed").exists()


def test_the_files_of_the_image_come_before_those_of_the_working_folder(
    write_transform: WriteTransform, tmp_path: Path
) -> None:
    Path("own").mkdir()
    Path("own/t.py").touch()
    assert transform_file.find_transform("own/t.py") == Path("own/t.py")
    Path("t.py").touch()
    assert transform_file.find_transform("t.py") == Path("t.py")
    write_transform("")
    assert transform_file.find_transform("t.py") == tmp_path / "transforms/t.py"


# In a run


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
    result = run(monitor, MONDAY, site=Site(FolderStore(tmp_path), ""), notifier=None)
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
    after = _after(write_table("t.parquet", {"x": range(10)}), name)
    assert after == {"x": list(range(10)), "part": [4] * 8 + [2] * 2}


def test_of_a_wide_table_it_is_given_fewer_rows(
    write_table: WriteTable, write_transform: WriteTransform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transformed, "_PART_CELLS", 6)
    name = write_transform("def transform(table): return table.assign(part=len(table))\n")
    wide = {column: range(3) for column in "abc"}
    assert _after(write_table("t.parquet", wide), name)["part"] == [2, 2, 1]


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
    with _sides(table, table, name) as (_, current):
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
    with _sides(table, table, name) as (_, current):
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
    after = _after(str(tmp_path / "t.csv"), name)
    assert after["y"] == [1.5, 2.5]
    assert after["day"] == [datetime(2013, 1, 1), datetime(2013, 1, 2)]  # noqa: DTZ001 - it has none


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
    with open_sides(monitor, MONDAY) as sides:
        assert whole(sides.current, "n").to_pylist() == [1, 3, 5, 6]
        assert sides.current.rows == 4
        assert sides.reference.rows == 7


def test_another_transform_is_another_state_of_the_table(
    write_table: WriteTable, write_transform: WriteTransform
) -> None:
    table = write_table("t.parquet", {"x": range(3)})
    digests = []
    for factor in (1, 1, 2):
        name = write_transform(f"def transform(table): return table * {factor}\n")
        with _sides(table, table, name) as (reference, _):
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
        result = run(monitor, MONDAY, site=Site(FolderStore(tmp_path), ""), notifier=None)
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
    assert _after(write_table("t.parquet", {"x": [1]}), name) == {"x": [2]}


# Failures

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
        failure = _failure(table, name)
    assert failure.endswith(
        "/t.py:5: transform failed on reference (ValueError): the log says more"
    )
    assert PERSON not in failure
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
    assert sentence in _failure(write_table("t.parquet", {"x": range(3)}), name)


def test_a_failure_on_current_says_current(
    write_table: WriteTable, write_transform: WriteTransform
) -> None:
    name = write_transform("def transform(table): return table[['x']]\n")
    tables = write_table("r.parquet", {"x": [1]}), write_table("c.parquet", {"y": [1]})
    with (
        pytest.raises(
            DriftMonitorError, match=r"t\.py:1: transform failed on current \(KeyError\)"
        ),
        _sides(*tables, name),
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
    failure = _failure(write_table("t.parquet", {"x": [1]}), name)
    assert failure.endswith(
        "/t.py:2 cannot be executed: ModuleNotFoundError: No module named 'no_such_package'"
    )


def test_files_that_disagree_on_a_type_cannot_be_given_to_it(
    write_table: WriteTable, write_transform: WriteTransform, tmp_path: Path
) -> None:
    name = write_transform("def transform(table): return table\n")
    write_table("t/1.parquet", {"x": [1]})
    write_table("t/2.parquet", {"x": ["a"]})
    assert "reference cannot be given to" in (failure := _failure(str(tmp_path / "t"), name))
    assert "x: its files disagree on its type: int64, string: mend its files" in failure
