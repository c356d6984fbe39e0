"""Columns that no comparison can judge: recognized, skipped, and compared where they are named."""

import numpy as np
import pytest
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.results.drift import ColumnDrift

ROWS = 400
OWN = "nearly every row has a value of its own"
RNG = np.random.default_rng(3)
EPOCH = 1_700_000_000


def _compared(name: str, before: object, now: object, **parts: object) -> ColumnDrift:
    monitor = a_monitor(**parts)
    return compare(InMemory({name: before}), InMemory({name: now}), monitor).columns[0]


def _texts(word: str) -> list[str]:
    return [f"{word} {number}" for number in range(ROWS)]


SKIPPED = {
    "order_id": (
        range(ROWS),
        range(5_000, 5_000 + ROWS),
        "nearly every row has a value of its own",
    ),
    "Unnamed: 0": (range(ROWS), range(300), "it numbers the rows"),
    "customerId": (np.arange(6_000) // 3, np.arange(600) // 3, "by its name"),
    "comment": (_texts("was"), _texts("is"), OWN),
    "note": (_texts("a")[:220] + ["a"] * 180, _texts("b"), "221 different texts in 400 rows"),
    "event_time": (EPOCH + np.arange(ROWS), EPOCH + 9_999 + np.arange(ROWS), "times as numbers"),
    "day": ([20_231_101] * ROWS, [20_231_102] * ROWS, "times as numbers"),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_what_no_comparison_can_judge_is_skipped_with_its_reason(name: str) -> None:
    before, now, why = SKIPPED[name]
    found = _compared(name, before, now)
    assert found.status == "skipped"
    assert (found.reason or "").startswith(why)
    assert "name it in columns.include, columns.categorical or drift.columns" in found.reason


@pytest.mark.parametrize(
    "named",
    [
        {"columns": {"include": ["order_id", "*"]}},
        {"columns": {"categorical": ["order_*"]}},
        {"drift": {"columns": {"order_id": {"threshold": 0.2}}}},
        {"columns": {"roles": {"prediction": "order_id"}}},
        {"drift": {"judge": "evidently"}},
    ],
)
def test_what_is_asked_for_is_compared_whatever_it_holds(named: dict[str, object]) -> None:
    assert _compared("order_id", range(ROWS), range(5_000, 5_000 + ROWS), **named).is_scored


COMPARED = {
    "x": (RNG.normal(size=ROWS), RNG.normal(size=ROWS)),  # every float distinct
    "price": (range(ROWS), range(ROWS)),
    "station_id": (np.arange(ROWS) % 30, np.arange(ROWS) % 30),
    "code": (["a", "b"] * (ROWS // 2), _texts("turned into ids")),
    "comment": (_texts("free"), ["stuck"] * ROWS),
    "daytime": (RNG.normal(size=ROWS), 100 + RNG.normal(size=ROWS)),
    "event_time": (EPOCH + np.arange(ROWS), EPOCH + 200 + np.arange(ROWS)),  # the same times
}


@pytest.mark.parametrize("name", COMPARED)
def test_an_ordinary_feature_is_compared(name: str) -> None:
    assert _compared(name, *COMPARED[name]).is_scored


def test_a_known_category_in_another_spelling_is_said_to_be_one() -> None:
    known, new = ["Zürich", "Bern"] * 200, ["zürich ", "Zu\u0308rich", "Genf", "Bern"] * 100
    assert (_compared("city", known, new).reason or "").endswith(
        "2 of 3 new categories differ only in blanks, case or Unicode form from one of reference"
    )
