"""With a cache the scores, and all else that a run finds, are the same to the last bit."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from math import inf, nan
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq
from support.builders import a_monitor
from support.zoo import MOVED, SAME, SETTLED

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.methods import METHODS
from drift_monitor.engines.table_pair import open_pair
from drift_monitor.site.pages.plot_data import frames

pytestmark = pytest.mark.xdist_group("evidently")

NOW = datetime(2013, 6, 24, 9, 30, tzinfo=UTC)
Found = tuple[list[str], list[str]]


class Tables:
    """A reference and a current table in a folder; what is found of them, with a cache or not."""

    def __init__(self, folder: Path, reference: str = "reference.parquet") -> None:
        self.reference = folder / reference
        self.current = folder / "current.parquet"

    def find(self, *, cache: bool, **parts: object) -> Found:
        """Return each column's result, and the rows for its picture."""
        monitor = a_monitor(
            reference={"location": str(self.reference), "cache": cache},
            current={"location": str(self.current)},
            **parts,
        )
        with open_pair(monitor, NOW) as pair:
            comparison = compare(pair.reference, pair.current, monitor)
        pictures = [
            repr([frame.to_dict("list") for frame in frames([column], comparison)])
            for column in comparison.columns
            if column.column in comparison.samples
        ]
        return [column.model_dump_json() for column in comparison.columns], pictures

    def blind(self) -> None:
        """Make the reference's files unreadable, without a listing that tells."""
        paths = [self.reference] if self.reference.is_file() else sorted(self.reference.iterdir())
        for path in paths:
            listed = path.stat()
            with path.open("r+b") as file:
                file.write(bytes(listed.st_size))
            os.utime(path, ns=(listed.st_atime_ns, listed.st_mtime_ns))


def same_thrice(tables: Tables, **parts: object) -> None:
    """Check what is found without a cache, when it is made, and from it without the reference."""
    plain = tables.find(cache=False, **parts)
    assert tables.find(cache=True, **parts) == plain
    tables.blind()
    assert tables.find(cache=True, **parts) == plain


def _zoo() -> tuple[dict[str, object], dict[str, object]]:
    pairs = {name: (array, array) for name, array in SAME.items()} | MOVED | SETTLED
    reference = {name: pair[0] for name, pair in pairs.items()}
    current = {name: (pair[0] if pair[1] is None else pair[1]) for name, pair in pairs.items()}
    return {**reference, "gone": range(40)}, {**current, "added": range(40)}


@pytest.mark.parametrize("times", [1, 40], ids=["40 rows", "1,600 rows"])
def test_the_zoo_of_types_is_the_same(tmp_path: Path, times: int) -> None:
    tables = Tables(tmp_path)
    for path, columns in zip((tables.reference, tables.current), _zoo(), strict=True):
        pq.write_table(pa.concat_tables([pa.table(columns)] * times), path, row_group_size=170)
    moments = {name: {"method": "wasserstein"} for name in ("timestamps", "zoned", "dates")}
    same_thrice(tables, drift={"columns": moments})


def test_codes_are_the_same_and_what_counts_as_codes_may_change(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    codes = {"int": range(2000), "float": np.arange(2000) % 7 / 2, "text": ["a", "b"] * 1000}
    pq.write_table(pa.table(codes), tables.reference)
    pq.write_table(pa.table({**codes, "int": range(1000, 3000)}), tables.current)
    tables.find(cache=True)
    categorical = {"categorical": ["int", "float"]}
    same_thrice(tables, columns=categorical)


def test_files_that_differ_in_their_columns_are_the_same(tmp_path: Path) -> None:
    tables = Tables(tmp_path, "reference")
    tables.reference.mkdir()
    parts = [{"x": [1.5, None]}, {"w": ["a", None, "b"], "x": [1, 2, 3]}, {"w": ["b"], "y": [True]}]
    for number, part in enumerate(parts):
        pq.write_table(pa.table(part), tables.reference / f"{number}.parquet")
    pq.write_table(pa.table({"w": ["b", "c"], "x": [1, 2], "y": [None, True]}), tables.current)
    same_thrice(tables, minimum_rows=1)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("reference.csv", "x;w;when\n1,5;a;2013-01-01\n-0,0;b;2013-01-02\n;a;\n"),
        ("reference.jsonl", '{"x": 1.5, "w": "a", "a": {"b": 2}}\n{"x": null, "w": "b"}\n'),
    ],
)
def test_formats_that_must_be_copied_to_be_read_are_the_same(
    tmp_path: Path, name: str, body: str
) -> None:
    tables = Tables(tmp_path, name)
    tables.reference.write_text(body, encoding="utf-8")
    pq.write_table(pa.table({"x": [1.0, 2.0], "w": ["b", "c"], "a.b": [1, 2]}), tables.current)
    same_thrice(tables)


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("rows", [300, 5_000])
def test_each_method_gives_the_same(tmp_path: Path, method: str, rows: int) -> None:
    if method in {"TVD", "empirical_mmd"} and rows > 300:
        pytest.skip("many permutations: few rows show as much")
    random = np.random.default_rng(rows)
    tables = Tables(tmp_path)
    for path, shift in ((tables.reference, 0.0), (tables.current, 0.1)):
        columns = {
            "normal": random.normal(shift, size=rows),
            "tied": np.round(random.normal(shift, size=rows), 1),
            "whole": random.integers(0, 40, size=rows),
            "word": random.choice(["a", "b"], size=rows, p=[0.5 - shift, 0.5 + shift]),
        }
        pq.write_table(pa.table(columns), path)
    kinds = {kind: {"method": method} for kind in METHODS[method].kinds}
    plain = tables.find(cache=False, drift=kinds)
    for _ in range(2):
        assert tables.find(cache=True, drift=kinds) == plain


@pytest.mark.parametrize("rows", [255, 256, 257, 70_001, 600_000])
def test_long_columns_are_the_same(tmp_path: Path, rows: int) -> None:
    random = np.random.default_rng(rows)
    tables = Tables(tmp_path)
    for path, shift in ((tables.reference, 0.0), (tables.current, 0.01)):
        columns = {
            "same": random.normal(size=rows),
            "moved": random.normal(10 * shift, size=rows),
            "far from zero": random.normal(1e9 + shift, size=rows),
            "tied": np.round(random.normal(shift, size=rows), 1),
            "zeros": random.choice([0.0, -0.0, 1.0], size=rows),
            "gaps": np.where(random.random(rows) < 0.3, nan, random.lognormal(shift, size=rows)),
        }
        pq.write_table(pa.table(columns).slice(0, rows - int(1_000 * shift)), path)
    same_thrice(tables)


SOME_NUMBERS = st.lists(
    st.one_of(st.none(), st.floats(width=64), st.sampled_from([0.0, -0.0, 1.0, nan, inf, -inf])),
    min_size=1,
    max_size=40,
)
SOME_TEXTS = st.lists(st.one_of(st.none(), st.sampled_from("ab"), st.text()), min_size=40)


@settings(max_examples=25, deadline=None)
@given(
    numbers=st.tuples(SOME_NUMBERS, SOME_NUMBERS),
    whole=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=40, max_size=40),
    texts=SOME_TEXTS,
    times=st.sampled_from([1, 40]),
)
def test_whatever_is_in_a_table_is_the_same(
    numbers: tuple[Sequence[float | None], ...],
    whole: list[int],
    texts: list[str | None],
    times: int,
) -> None:
    with TemporaryDirectory() as folder:
        tables = Tables(Path(folder))
        for path, some in zip((tables.reference, tables.current), numbers, strict=True):
            size = len(some)
            columns = {
                "number": pa.array(some, pa.float64()),
                "whole": whole[:size],
                "text": pa.array(texts[:size], pa.string()),
            }
            pq.write_table(pa.concat_tables([pa.table(columns)] * times), path)
        same_thrice(tables)
