"""One table, whatever format it is written in, gives one comparison."""

import bz2
import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv, feather, ipc
from pyarrow import parquet as pq
from support.builders import a_monitor, whole

from drift_monitor.analysis.drift.comparison import Comparison, compare
from drift_monitor.config.formats import TableFormat
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.tables.table import open_table

START = datetime(2013, 6, 4)  # noqa: DTZ001 - a table's times may have no zone


def _zstd(body: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(body, asbytes=True))


PACKINGS = {"": bytes, ".gz": gzip.compress, ".zst": _zstd, ".bz2": bz2.compress}


def _write_csv(table: pa.Table, stem: Path, end: str, delimiter: str = ",") -> None:
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink, csv.WriteOptions(delimiter=delimiter))
    body = sink.getvalue().to_pybytes()
    suffix = ".tsv" if delimiter == "\t" else ".csv"
    stem.with_suffix(suffix + end).write_bytes(PACKINGS[end](body))


def _write_json(table: pa.Table, stem: Path, end: str) -> None:
    lines = "".join(json.dumps(row, default=str) + "\n" for row in table.to_pylist())
    stem.with_suffix(".jsonl" + end).write_bytes(PACKINGS[end](lines.encode()))


def _write_stream(table: pa.Table, stem: Path) -> None:
    with ipc.new_stream(stem.with_suffix(".arrows"), table.schema) as stream:
        stream.write_table(table, max_chunksize=7)


WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    **{
        f"parquet {codec}": lambda table, stem, codec=codec: pq.write_table(
            table, stem.with_suffix(".parquet"), compression=codec
        )
        for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4")
    },
    **{f"csv{end}": lambda table, stem, end=end: _write_csv(table, stem, end) for end in PACKINGS},
    **{
        f"csv by {sign}": lambda table, stem, sign=sign: _write_csv(table, stem, "", sign)
        for sign in (";", "\t", "|")
    },
    **{
        f"json{end}": lambda table, stem, end=end: _write_json(table, stem, end) for end in PACKINGS
    },
    "feather": lambda table, stem: feather.write_feather(table, stem.with_suffix(".feather")),
    "arrow stream": _write_stream,
}


def _compared(reference: Path, current: Path) -> Comparison:
    with open_table(str(reference)) as before, open_table(str(current)) as now:
        return compare(before, now, a_monitor())


ROW = st.fixed_dictionaries(
    {
        "count": st.none() | st.integers(-1000, 1000),
        "ratio": st.none() | st.floats(-1e9, 1e9, allow_subnormal=False),
        "flag": st.none() | st.booleans(),
        "word": st.none() | st.sampled_from(["a, b", 'quo"te', "naïve", "x;y|z", "2 lines\n"]),
        "when": st.none() | st.integers(0, 10**6).map(lambda s: START + timedelta(seconds=s)),
    }
)
SCHEMA = pa.schema(
    [
        ("count", pa.int64()),
        ("ratio", pa.float64()),
        ("flag", pa.bool_()),
        ("word", pa.string()),
        ("when", pa.timestamp("us")),
    ]
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROW, min_size=2, max_size=30), more=st.lists(ROW, min_size=2, max_size=30))
@pytest.mark.parametrize("name", WRITERS)
def test_a_table_gives_the_same_comparison_in_every_format(
    name: str,
    rows: list[dict[str, object]],
    more: list[dict[str, object]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("t")
    for side, values in (("reference", rows), ("current", more)):
        # The first row has every value, so that a type is to be seen in the text formats too.
        full = {"count": 1, "ratio": 0.5, "flag": True, "word": "x", "when": START}
        table = pa.Table.from_pylist([full, *values], SCHEMA)
        for form in ("plain", "other"):
            (folder / form / side).mkdir(parents=True)
        pq.write_table(table, folder / "plain" / side / "t.parquet")
        WRITERS[name](table, folder / "other" / side / "t")
    plain = _compared(folder / "plain" / "reference", folder / "plain" / "current")
    other = _compared(folder / "other" / "reference", folder / "other" / "current")
    assert other.columns == plain.columns
    mixed = _compared(folder / "plain" / "reference", folder / "other" / "current")
    assert mixed.columns == plain.columns


@pytest.mark.parametrize("name", WRITERS)
def test_parts_may_order_their_columns_differently_and_lack_some(name: str, tmp_path: Path) -> None:
    WRITERS[name](pa.table({"x": [1], "y": ["a"]}), tmp_path / "1")
    WRITERS[name](pa.table({"y": ["b"], "z": [0.5], "x": [2]}), tmp_path / "2")
    WRITERS[name](pa.table({"x": [3]}), tmp_path / "3")
    with open_table(str(tmp_path)) as table:
        assert table.columns == ["x", "y", "z"]
        assert (table.rows, table.summary.files) == (3, 3)
        assert whole(table, "x").to_pylist() == [1, 2, 3]
        assert whole(table, "y").to_pylist() == ["a", "b", None]
        assert whole(table, "z").to_pylist() == [None, 0.5, None]


NESTED = [
    {"id": 1, "address": {"city": "Bern", "at": {"lat": 46.9}}, "tags": ["a", "b"]},
    {"id": 2, "address": None, "tags": []},
    {"id": 3, "address": {"city": None, "at": None}, "tags": None},
]


@pytest.mark.parametrize("name", ["parquet snappy", "json", "feather", "arrow stream"])
def test_a_struct_is_columns_by_their_paths(name: str, tmp_path: Path) -> None:
    WRITERS[name](pa.Table.from_pylist(NESTED), tmp_path / "t")
    with open_table(str(tmp_path)) as table:
        assert table.columns == ["id", "address.city", "address.at.lat", "tags"]
        assert whole(table, "address.city").to_pylist() == ["Bern", None, None]
        assert whole(table, "address.at.lat").to_pylist() == [46.9, None, None]
        tags = table.type_of("tags")
    assert pa.types.is_list(tags)
    compared = _compared(tmp_path, tmp_path)
    (tags_column,) = [column for column in compared.columns if column.column == "tags"]
    assert (tags_column.status, tags_column.reason) == ("skipped", "lists are not scored")


@pytest.mark.parametrize("name", ["parquet snappy", "json", "feather"])
def test_a_name_that_is_also_a_path_is_a_mistake_of_that_column_only(
    name: str, tmp_path: Path
) -> None:
    WRITERS[name](pa.table({"a.b": [1], "a": [{"b": 2, "c": 3}]}), tmp_path / "t")
    with open_table(str(tmp_path)) as table:
        assert table.columns == ["a.b", "a.c"]
        with pytest.raises(ColumnError, match=r"2 columns have this name.*: rename one"):
            whole(table, "a.b")
        assert whole(table, "a.c").to_pylist() == [3]


@pytest.mark.parametrize("name", ["parquet snappy", "json", "feather"])
def test_a_struct_that_is_null_in_one_part_is_no_column_there(name: str, tmp_path: Path) -> None:
    WRITERS[name](pa.table({"x": [1], "a": pa.nulls(1)}), tmp_path / "1")
    WRITERS[name](pa.table({"x": [2], "a": [{"b": 5}]}), tmp_path / "2")
    with open_table(str(tmp_path)) as table:
        assert table.columns == ["x", "a.b"]
        assert whole(table, "a.b").to_pylist() == [None, 5]


ARROWS_OWN = {
    "dictionary": pa.array(["a", "b", "a"]).dictionary_encode(),
    "view": pa.array(["a", "b", "a"], pa.string_view()),
    "runs": pa.array([1, 1, 2], pa.run_end_encoded(pa.int32(), pa.int64())),
    "half": pa.array([0.5, 1, 2], pa.float16()),
    "union": pa.UnionArray.from_sparse(
        pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, 3]), pa.array(["a", "b", "c"])]
    ),
    "interval": pa.array([(1, 2, 3)] * 3, pa.month_day_nano_interval()),
}


def test_types_that_only_arrow_has_cost_no_other_column(tmp_path: Path) -> None:
    WRITERS["feather"](pa.table(ARROWS_OWN), tmp_path / "t")
    with open_table(str(tmp_path)) as table:
        assert table.columns == list(ARROWS_OWN)
        assert whole(table, "dictionary").to_pylist() == ["a", "b", "a"]
        assert whole(table, "view").to_pylist() == ["a", "b", "a"]
        assert whole(table, "runs").to_pylist() == [1, 1, 2]
        assert whole(table, "half").to_pylist() == [0.5, 1, 2]
        assert pa.types.is_list(table.type_of("union"))
        assert pa.types.is_list(table.type_of("interval"))


@pytest.mark.parametrize("name", WRITERS)
def test_a_type_named_by_the_monitor_reads_files_of_any_name(name: str, tmp_path: Path) -> None:
    WRITERS[name](pa.table({"x": [1, 2], "y": [3, 4]}), tmp_path / "t")
    (file,) = tmp_path.iterdir()
    end = next((end for end in PACKINGS if end and file.name.endswith(end)), "")
    (tmp_path / "spark").mkdir()
    file.rename(tmp_path / "spark" / f"part-00000{end}")
    (tmp_path / "spark" / "_SUCCESS").touch()
    kind = {"c": "csv", "p": "parquet", "j": "jsonl", "f": "arrow", "a": "arrow"}[name[0]]
    table_format = TableFormat.model_validate({"type": kind})
    with open_table(str(tmp_path / "spark"), table_format=table_format) as table:
        assert whole(table, "x").to_pylist() == [1, 2]


@pytest.mark.parametrize("name", WRITERS)
def test_a_relative_path_with_a_colon_is_no_uri(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my: t").mkdir()
    WRITERS[name](pa.table({"x": [1, 2], "y": [3, 4]}), tmp_path / "my: t" / "t")
    monkeypatch.chdir(tmp_path)
    with open_table("my: t/") as table:
        assert whole(table, "x").to_pylist() == [1, 2]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("t.arrow", b"ARROW1 and no more"),
        ("t.arrow", b""),
        ("t.arrows", b"nothing of the sort"),
        ("t.jsonl.gz", b'{"x": 1}\n'),
        ("t.jsonl", b'{"x": 1}\n{"x": \n'),
        ("t.jsonl", b'{"x": 1}\n[2]\n'),
        ("t.json", b'[{"x": 1}]'),
        ("t.jsonl", b'{"x": "Z\xfcrich"}\n'),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_named(
    tmp_path: Path, name: str, body: bytes
) -> None:
    (tmp_path / name).write_bytes(body)
    with (
        pytest.raises(DriftMonitorError, match=rf"{name}(:\d)? cannot be read as \w+.*: \S") as it,
        open_table(str(tmp_path)),
    ):
        pass
    assert "\n" not in str(it.value)


@pytest.mark.parametrize("names", [("1.jsonl", "2.csv"), ("1.feather", "2.parquet")])
def test_two_formats_in_one_place_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with (
        pytest.raises(DriftMonitorError, match=r"holds both .* and .*: keep one format there"),
        open_table(str(tmp_path)),
    ):
        pass


def test_an_option_of_csv_is_a_mistake_beside_another_format(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").touch()
    with (
        pytest.raises(DriftMonitorError, match="JSON Lines, and only CSV has the format's decimal"),
        open_table(str(tmp_path), table_format=TableFormat(decimal=",")),
    ):
        pass
