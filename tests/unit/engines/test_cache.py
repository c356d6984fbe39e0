"""With a cache the scores, and all else that a run finds, are the same to the last bit."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
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
from support.command_line import CommandLine, drift_monitor
from support.zoo import MOVED, SAME, SETTLED

from drift_monitor import errors
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.methods import METHODS, OF_THE_JUDGE
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


PERMUTING = {"TVD", "empirical_mmd"}
"""Methods of so many permutations that few rows must show as much."""


@pytest.mark.parametrize(
    ("method", "rows"),
    [
        (method, rows)
        for method in sorted({*METHODS} - OF_THE_JUDGE)
        for rows in ([300] if method in PERMUTING else [300, 5_000])
    ],
)
def test_each_method_gives_the_same(tmp_path: Path, method: str, rows: int) -> None:
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


__all__ = ["drift_monitor"]  # the fixture

WriteTable = Callable[..., str]
RUN = ("run", "m.yaml", "--as-of", "2013-06-24T09:30Z")
RANDOM = re.compile(rb"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
MONITOR = """\
name: flights
reference: {location: reference.parquet, cache: true}
current: {location: current.parquet}
columns: {roles: {prediction: p, target: y}}
model_quality: {task: classification}
slices: {by: [w]}
transform: t.py
"""
TRANSFORM = """\
def transform(table):
    return table.assign(double=table["x"] * 2, p=table["p"] == "a")
"""
CACHE = Path("_reference.parquet.cache")


@pytest.fixture(autouse=True)
def monitor(write_table: WriteTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a monitor that keeps its reference's cache."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for name, shift in (("reference", 0.0), ("current", 0.3)):
        numbers = random.normal(shift, size=9_000)
        words = random.choice(["a", "b", "c"], size=9_000)
        write_table(f"{name}.parquet", {"x": numbers, "y": numbers > 0, "p": words, "w": words})
    (tmp_path / "t.py").write_text(TRANSFORM, encoding="utf-8")
    file = tmp_path / "m.yaml"
    file.write_text(MONITOR, encoding="utf-8")
    return file


def published() -> dict[str, bytes]:
    """Return the site's files, without Evidently's random names, and make way for the next one."""
    files = [path for path in Path("site").rglob("*") if path.is_file()]
    found = {str(path): RANDOM.sub(b"", path.read_bytes()) for path in files if path.name[0] != "."}
    shutil.rmtree("site")
    return found


def test_the_site_has_the_same_bytes_with_a_cache_and_without(
    monitor: Path, drift_monitor: CommandLine
) -> None:
    for _ in ("the cache is made", "and read"):
        assert drift_monitor(*RUN).code == 0
        with_cache = published()
    assert CACHE.is_dir()
    monitor.write_text(monitor.read_text(encoding="utf-8").replace("cache: true", "cache: false"))
    assert drift_monitor(*RUN).code == 0
    assert published() == with_cache
    assert any(name.endswith("drift.json") for name in with_cache)


def test_a_cache_that_cannot_be_written_is_told_on_the_terminal() -> None:
    CACHE.write_bytes(b"no folder")
    command = [str(Path(sys.executable).with_name("drift-monitor")), *RUN]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"the reference's cache {CACHE}/flights/" in done.stderr
    assert "cannot be written, so the next run reads the reference again" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert Path("site/index.html").is_file()


COMPARE = """
from datetime import UTC, datetime
from pathlib import Path

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.load import load_monitor
from drift_monitor.engines.table_pair import open_pair

monitor = load_monitor(Path("m.yaml"))
with open_pair(monitor, datetime.now(UTC)) as pair:
    columns = compare(pair.reference, pair.current, monitor).columns
print(*(column.reference.mean for column in columns if column.column == "x"))
"""


def mean_of_reference(package: Path) -> float:
    """Compare with the package that lies in a folder; return what it says of reference."""
    environment = {**os.environ, "PYTHONPATH": str(package)}
    command = [sys.executable, "-c", COMPARE]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)


def test_what_another_version_of_the_code_kept_is_not_used(monitor: Path, tmp_path: Path) -> None:
    text = monitor.read_text(encoding="utf-8")
    monitor.write_text(text[: text.index("columns:")], encoding="utf-8")
    installed, other = Path(errors.__file__).parent, tmp_path / "other" / "drift_monitor"
    shutil.copytree(installed, other, ignore=shutil.ignore_patterns("__pycache__"))
    before = mean_of_reference(installed.parent)
    assert mean_of_reference(other.parent) == before
    (before_it,) = Path(CACHE, "flights").iterdir()
    module = other / "analysis" / "columns" / "values.py"
    source = module.read_text(encoding="utf-8")
    changed = source.replace("    values.sort()\n", "    values.sort()\n    values += 1\n")
    assert changed != source
    module.write_text(changed, encoding="utf-8")
    assert mean_of_reference(other.parent) == pytest.approx(before + 1)
    assert not before_it.exists()
