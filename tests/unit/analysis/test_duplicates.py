"""The share of rows that repeat an earlier row's ids."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import InMemory

from drift_monitor.analysis.checks.duplicates import repeated_share
from drift_monitor.errors import ColumnError

TEXTS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "ab", "é", "a\x00"]), st.text())
NUMBERS = st.one_of(st.none(), st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))


def _counted(rows: list[tuple[object, ...]]) -> float:
    return (len(rows) - len(set(rows))) / len(rows) if rows else 0.0


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, NUMBERS, TEXTS)), st.integers(1, 5))
def test_it_is_what_counting_the_ids_gives(
    rows: list[tuple[str | None, int | None, str | None]], chunk_rows: int
) -> None:
    table = pa.table(
        {
            "text": pa.array([row[0] for row in rows], pa.string()),
            "number": pa.array([row[1] for row in rows], pa.int64()),
            "other": pa.array([row[2] for row in rows], pa.string()).dictionary_encode(),
        }
    )
    source = InMemory(table, chunk_rows)
    assert repeated_share(source, ["text", "number", "other"]) == _counted(rows)
    assert repeated_share(source, ["number"]) == _counted([row[1:2] for row in rows])


def test_ids_that_only_look_alike_together_are_different() -> None:
    table = InMemory({"a": ["1", "12"], "b": ["23", "3"], "c": ["x", "x"], "d": ["x", "x"]})
    assert repeated_share(table, ["a", "b"]) == 0
    assert repeated_share(table, ["c", "d"]) == 0.5


def test_columns_that_swap_their_values_are_different() -> None:
    assert repeated_share(InMemory({"a": ["x", "y"], "b": ["y", "x"]}), ["a", "b"]) == 0


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1, 2, 1, None], pa.int32()),
        pa.array([1, 2, 1, None], pa.uint64()),
        pa.array([1.5, 2.5, 1.5, None]),
        pa.array([True, False, True, None]),
        pa.array([Decimal("1.10"), Decimal("2.20"), Decimal("1.10"), None]),
        pa.array([datetime(2013, 1, day, tzinfo=UTC) if day else None for day in (1, 2, 1, 0)]),
        pa.array([b"x", b"y", b"x", None]),
        pa.array(["x", "y", "x", None], pa.large_string()),
    ],
    ids=lambda values: str(values.type),
)
def test_any_type_can_name_a_row(values: pa.Array) -> None:
    assert repeated_share(InMemory(pa.table({"id": values})), ["id"]) == 0.25


class OfTwoWidths:
    """A table whose files write one column in integers of two widths."""

    rows = 5
    columns = ("id",)

    def type_of(self, _column: str) -> pa.DataType:
        return pa.int64()

    def read(self, _column: str) -> Iterator[pa.Array]:
        return iter([pa.array([-1, 2, 3], pa.int32()), pa.array([-1, 2], pa.int64())])


def test_an_id_is_the_same_in_files_of_other_widths() -> None:
    assert repeated_share(OfTwoWidths(), ["id"]) == 2 / 5  # type: ignore[arg-type]


def test_what_names_no_row_is_said_by_name() -> None:
    with pytest.raises(ColumnError, match=r"tags holds list<.*>, which names no row"):
        repeated_share(InMemory({"tags": [["a"], ["b"]]}), ["tags"])
