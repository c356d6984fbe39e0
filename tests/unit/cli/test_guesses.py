"""What `drift-monitor init` takes columns for, by their names and their values."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from support.builders import InMemory

from drift_monitor.analysis.columns.recognized import ColumnPreview
from drift_monitor.cli.first_monitor.guesses import guess
from drift_monitor.cli.first_monitor.preview import (
    PREVIEWED_ROWS,
    preview_columns,
)

ROWS = 4000
CHANCE = np.random.default_rng(0)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIMES = [NOON - n * HOUR for n in range(ROWS)]
SECONDS = [1_700_000_000 + 3600 * n for n in range(ROWS)]
TEXTS = [f"{number:x}" for number in CHANCE.choice(10**9, ROWS, replace=False)]
FAR_APART = CHANCE.choice(10**9, ROWS, replace=False)
FLOATS = CHANCE.normal(size=ROWS)


def few(distinct: int) -> list[int]:
    return [number % distinct for number in range(ROWS)]


def previews_of(columns: dict[str, object]) -> list[ColumnPreview]:
    return preview_columns(InMemory(columns), lambda _done, _of: None)


def guessed(name: str, values: object) -> list[str]:
    """Return what a column is taken for."""
    found = guess(previews_of({name: values}), [])
    lists = {"id": found.ids, "categorical": found.categorical, "exclude": found.exclude}
    ones = {
        "timestamp": found.timestamp,
        "prediction": found.prediction,
        "target": found.target,
    }
    return [what for what, one in [*ones.items(), *lists.items()] if one]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("passenger_id", FAR_APART, ["id"]),
        ("passengerId", FAR_APART, ["id"]),
        ("ID", TEXTS, ["id"]),
        ("customer_id", few(1500), ["id"]),
        ("customer_id", few(300), ["categorical"]),
        ("customer_id", [float(number) for number in few(1500)], ["id"]),
        ("session", TEXTS, ["id"]),
        ("tailnum", TEXTS[:2500] + TEXTS[:1500], ["id"]),
        ("carrier", [f"c{number}" for number in few(16)], []),
        ("row", range(ROWS), ["id"]),
        ("price", FAR_APART, []),
        ("price", FLOATS, []),
        ("valid", FAR_APART, []),
        ("grid", FAR_APART, []),
        ("customer_id", FLOATS, []),
        ("weekday", few(7), ["categorical"]),
        ("zip_code", few(800), ["categorical"]),
        ("zip_code", few(1600), []),
        ("pclass", few(3), ["categorical"]),
        ("pclass", [None if number % 9 == 0 else number % 3 for number in range(ROWS)],
         ["categorical"]),
        ("sibling_count", few(8), []),
        ("has_items", few(2), ["categorical"]),
        ("age", few(90), []),
        ("rating", [number / 2 for number in few(10)], []),
        ("is_member", [True, False] * (ROWS // 2), []),
        ("year", few(2), ["exclude"]),
        ("Month", few(12), ["exclude"]),
        ("model_year", few(11), ["categorical"]),
        ("created_at", SECONDS, ["exclude"]),
        ("createdAt", [1000 * second for second in SECONDS], ["exclude"]),
        ("event_time", [second + 0.5 for second in SECONDS], ["exclude"]),
        ("date_key", [20261101 + number for number in few(30)], ["exclude"]),
        ("account", SECONDS, []),
        ("time_taken", FLOATS, []),
        ("booked", [f"{time:%Y-%m-%d %H:%M}" for time in TIMES], ["exclude"]),
        ("booked", [*(f"{time:%Y-%m-%d}" for time in TIMES[1:]), "later"], []),
        ("time_hour", TIMES, ["timestamp"]),
        ("prediction", FLOATS, ["prediction"]),
        ("y_hat", FLOATS, ["prediction"]),
        ("predicted_delay", FLOATS, ["prediction"]),
        ("churn_pred", few(2), ["prediction", "categorical"]),
        ("credit_score", FLOATS, []),
        ("label", few(2), ["target", "categorical"]),
        ("sales_target", FLOATS, ["target"]),
        ("target", TIMES, ["timestamp"]),
        ("nothing", pa.nulls(ROWS), []),
        ("tags", [["a"]] * ROWS, []),
    ],
)  # fmt: skip
def test_a_column_is_taken_for(name: str, values: object, expected: list[str]) -> None:
    assert guessed(name, values) == expected


def test_a_guess_says_why() -> None:
    found = guess(previews_of({"code": few(3), "customer_id": FAR_APART, "flag": few(1)}), [])
    assert [(code.column, code.why) for code in found.categorical] == [
        ("code", "3 different whole numbers, and a code by its name"),
        ("flag", "one number, and a code by its name"),
    ]
    assert found.ids[0].why == "nearly every row has a value of its own"


def test_the_best_name_wins_and_no_column_is_both() -> None:
    found = guess(previews_of({"score": FLOATS, "prediction": FLOATS, "label": few(2)}), [])
    assert found.prediction is not None
    assert found.prediction.column == "prediction"
    both = guess(previews_of({"predicted_label": few(2)}), [])
    assert both.prediction is not None
    assert both.target is None


def test_of_several_times_the_one_by_name_is_when_it_happened() -> None:
    found = guess(previews_of({"updated": TIMES, "event_time": TIMES, "arrived_at": TIMES}), [])
    assert found.timestamp is not None
    assert found.timestamp.column == "event_time"
    unnamed = guess(previews_of({"from": TIMES, "until": TIMES}), [])
    assert unnamed.timestamp is not None
    assert (unnamed.timestamp.column, unnamed.timestamp.why) == (
        "from",
        "the first column of times",
    )


def test_a_target_that_only_the_reference_has_is_named() -> None:
    found = guess(
        previews_of({"x": FLOATS}), previews_of({"churned": few(2), "customer_id": FAR_APART})
    )
    assert found.target is not None
    assert found.target.column == "churned"
    assert found.ids == found.categorical == []


def test_few_rows_say_nothing_by_their_values() -> None:
    columns = {"a": ["x", "y"], "b": [1, 2], "customer_id": [7, 8]}
    found = guess(previews_of(columns), [])
    assert [each.column for each in found.ids] == ["customer_id"]
    assert found.categorical == []


def test_only_the_first_rows_are_looked_at() -> None:
    rows = 2 * PREVIEWED_ROWS
    table = InMemory({"x": range(rows)}, chunk_rows=PREVIEWED_ROWS - 1)
    (column,) = preview_columns(table, lambda _done, _of: None)
    assert column.values == PREVIEWED_ROWS
