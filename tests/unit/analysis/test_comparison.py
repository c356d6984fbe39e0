"""Every column of either table comes back with a status; no column ends the run."""

from collections.abc import Iterator

import pyarrow as pa
import pytest
from support.builders import InMemory, a_monitor
from support.zoo import COUNTS, MOVED, SAME, SETTLED, WORDS

from drift_monitor.analysis.columns.source import SAMPLE_ROWS
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import ColumnError, DriftMonitorError
from drift_monitor.results.drift import ColumnDrift, Status

pytestmark = pytest.mark.xdist_group("evidently")


def _compare(
    reference: object, current: object, monitor: Monitor | None = None
) -> dict[str, ColumnDrift]:
    monitor = monitor or a_monitor()
    columns = compare(InMemory(reference), InMemory(current), monitor).columns
    assert len({column.column for column in columns}) == len(columns)
    return {column.column: column for column in columns}


@pytest.fixture(scope="module")
def unchanged() -> dict[str, ColumnDrift]:
    ids = {"all strings distinct": {}, "index": {}}  # which are compared where they are named
    return _compare(SAME, SAME, a_monitor(drift={"columns": ids}))


@pytest.mark.parametrize("name", SAME, ids=ascii)
def test_a_column_of_numbers_or_categories_that_stays_the_same_is_ok(
    unchanged: dict[str, ColumnDrift], name: str
) -> None:
    column = unchanged[name]
    assert (column.status, column.reason) == (Status.OK, None)
    assert None not in (column.kind, column.method, column.score, column.threshold)


@pytest.mark.parametrize("name", MOVED)
def test_a_column_that_moved_has_drifted(name: str) -> None:
    reference, current = MOVED[name]
    column = _compare({name: reference}, {name: current})[name]
    assert (column.status, column.reason) == (Status.DRIFTED, None)


@pytest.mark.parametrize("name", SETTLED)
def test_a_column_that_cannot_be_scored_says_why(name: str) -> None:
    reference, current, status, reason = SETTLED[name]
    column = _compare({name: reference}, {name: reference if current is None else current})[name]
    assert column.status == status
    assert column.reason is not None
    assert column.reason.startswith(reason)
    assert (column.method, column.score, column.threshold) == (None, None, None)


def test_a_score_beyond_all_numbers_is_not_published_as_a_score_without_one() -> None:
    far = [1.7976931348623157e308] * 2000  # a marker that some writers use for "missing"
    column = _compare({"x": [n % 7 / 7 for n in range(2000)]}, {"x": far})["x"]
    read_back = ColumnDrift.model_validate_json(column.model_dump_json())
    assert read_back == column
    assert read_back.is_scored or read_back.reason


def test_the_whole_zoo_at_once_leaves_no_column_out() -> None:
    reference = SAME | {name: sides[0] for name, sides in (MOVED | SETTLED).items()}
    current = {
        name: array
        if (sides := (MOVED | SETTLED).get(name)) is None or sides[1] is None
        else sides[1]
        for name, array in reference.items()
    }
    result = _compare({**reference, "gone": COUNTS}, {**current, "added": COUNTS})
    assert set(result) == {*reference, "gone", "added"}
    assert all(column.reason for column in result.values() if not column.is_scored)
    assert (result["gone"].status, result["gone"].reason) == (
        Status.MISSING,
        "in reference, but not in current",
    )
    assert (result["added"].status, result["added"].reason) == (
        Status.NEW,
        "in current, but not in reference",
    )


def test_what_the_monitor_leaves_out_is_not_read_but_listed() -> None:
    class Unreadable(InMemory):
        def read(self, column: str) -> Iterator[pa.Array]:
            raise AssertionError(column)

    table = Unreadable({"out": COUNTS, "row": COUNTS, "when": COUNTS})
    roles = {"id": ["row"], "timestamp": "when"}
    monitor = a_monitor(columns={"exclude": ["out"], "roles": roles})
    columns = compare(table, table, monitor).columns
    assert [(column.column, column.role, column.status, column.reason) for column in columns] == [
        ("out", "covariate", "skipped", "left out by the monitor"),
        ("row", "id", "skipped", "names a row"),
        ("when", "timestamp", "skipped", "says when a row happened"),
    ]


def test_a_column_that_the_monitor_names_but_neither_table_has_is_missing() -> None:
    monitor = a_monitor(
        columns={"roles": {"target": "y"}, "importance": {"x": 1, "carier": 1}},
        drift={"columns": {"typo": {}}},
    )
    result = _compare({"x": COUNTS}, {"x": COUNTS}, monitor)
    assert {name: each.status for name, each in result.items() if name != "x"} == dict.fromkeys(
        ("y", "typo", "carier"), "missing"
    )
    assert result["y"].reason == "named by the monitor, but in neither table"


def test_prediction_and_target_are_scored() -> None:
    monitor = a_monitor(columns={"roles": {"prediction": "p", "target": "y"}})
    result = _compare({"p": COUNTS, "y": COUNTS}, {"p": COUNTS, "y": COUNTS}, monitor)
    assert {name: (column.role, column.status) for name, column in result.items()} == {
        "p": ("prediction", "ok"),
        "y": ("target", "ok"),
    }


def test_numbers_that_are_codes_are_compared_as_categories() -> None:
    monitor = a_monitor(columns={"categorical": ["code*"]})
    result = _compare({"code": COUNTS, "x": COUNTS}, {"code": COUNTS, "x": COUNTS}, monitor)
    assert {name: column.kind for name, column in result.items()} == {
        "code": "categorical",
        "x": "numeric",
    }


def test_a_method_that_does_not_fit_a_columns_kind_costs_that_column_only() -> None:
    monitor = a_monitor(drift={"columns": {"*": {"method": "ks"}}})
    result = _compare({"x": COUNTS, "w": WORDS}, {"x": COUNTS, "w": WORDS}, monitor)
    assert result["x"].method == "ks"
    assert (result["w"].status, result["w"].reason) == (
        Status.ERROR,
        "ks does not score categorical columns",
    )


class Failing(InMemory):
    """A table one of whose columns cannot be read."""

    def __init__(self, error: Exception) -> None:
        super().__init__({"bad": COUNTS, "good": COUNTS})
        self._error = error

    def read(self, column: str) -> Iterator[pa.Array]:
        if column == "bad":
            raise self._error
        return super().read(column)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ColumnError("2 columns have this name"), "2 columns have this name"),
        (ValueError("secret value"), "could not be compared (ValueError): the log says more"),
        (pa.ArrowInvalid("secret"), "could not be compared (ArrowInvalid): the log says more"),
        (KeyError("secret"), "could not be compared (KeyError): the log says more"),
    ],
)
def test_one_bad_column_ends_no_run_and_tells_no_value(error: Exception, reason: str) -> None:
    comparison = compare(Failing(error), InMemory({"bad": COUNTS, "good": COUNTS}), a_monitor())
    found = {column.column: (column.status, column.reason) for column in comparison.columns}
    assert found == {"bad": (Status.ERROR, reason), "good": (Status.OK, None)}
    assert list(comparison.samples) == ["good"]


def test_a_file_that_cannot_be_read_ends_the_run() -> None:
    with pytest.raises(DriftMonitorError, match="cannot be read"):
        compare(
            Failing(DriftMonitorError("x.parquet cannot be read")),
            InMemory({"bad": COUNTS, "good": COUNTS}),
            a_monitor(),
        )


def test_drifted_columns_come_first_then_all_by_name() -> None:
    reference = {"d": COUNTS, "c": COUNTS, "b": COUNTS, "a": COUNTS}
    current = reference | {"b": [n + 99 for n in COUNTS], "d": [n + 99 for n in COUNTS]}
    assert list(_compare(reference, current)) == ["b", "d", "a", "c"]


def test_progress_counts_every_column() -> None:
    told: list[tuple[int, int]] = []
    tables = InMemory({"a": COUNTS, "b": COUNTS}), InMemory({"a": COUNTS, "c": COUNTS})
    compare(*tables, a_monitor(), progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_pictures_have_the_same_rows_of_each_column_at_each_run() -> None:
    table = InMemory({"a": range(SAMPLE_ROWS * 2), "b": range(SAMPLE_ROWS * 2)})
    first, again = (compare(table, table, a_monitor()) for _ in range(2))
    assert first.sampled_rows == (SAMPLE_ROWS, SAMPLE_ROWS)
    pictures = [
        [value for chunk in chunks for value in chunk.to_pylist()]
        for samples in (first.samples["a"], first.samples["b"], again.samples["a"])
        for chunks in (samples.reference, samples.current)
    ]
    assert len(pictures[0]) == SAMPLE_ROWS
    assert all(picture == pictures[0] for picture in pictures)


def test_pictures_of_a_wide_table_have_fewer_rows() -> None:
    wide = InMemory({f"column_{number:02}": range(SAMPLE_ROWS) for number in range(100)})
    assert compare(wide, wide, a_monitor()).sampled_rows == (2_000, 2_000)
