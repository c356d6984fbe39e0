"""What the page about a column draws: each run's tables, as lists with an item per run."""

import json

from support.builders import MONDAY, WEEK, a_column, a_result

from drift_monitor.results.drift import CategoryChange, ColumnDrift, ColumnProfile
from drift_monitor.results.run import DriftResult
from drift_monitor.site.profiles import ProfileYear

QUANTILES = {"0.01": -9, "0.05": 1, "0.25": 2, "0.5": 3, "0.75": 4, "0.95": 5, "0.99": 9}
NUMBERS = ColumnProfile(values=30, nulls=10, mean=3.5, std=1.5, quantiles=QUANTILES)
CATEGORIES = ColumnProfile(values=20, nulls=0, distinct=4)
NOTHING = ColumnProfile(values=0, nulls=0)


def _profiled(name: str, reference: ColumnProfile, current: ColumnProfile) -> ColumnDrift:
    return a_column(name).model_copy(update={"reference": reference, "current": current})


def _columns(*results: DriftResult) -> dict[str, dict[str, object]]:
    year = ProfileYear(monitor="flights", year=2013)
    for result in results:
        year.add(result)
    assert ProfileYear.from_json(year.to_json()) == year
    columns: dict[str, dict[str, object]] = json.loads(year.to_json())["columns"]
    return columns


def _at(week: int, *columns: ColumnDrift) -> DriftResult:
    return a_result(list(columns), scheduled_at=MONDAY + week * WEEK)


def test_a_numeric_column_has_its_mean_spread_quantiles_and_nulls() -> None:
    column = _columns(_at(0, _profiled("x", NOTHING, NUMBERS)))["x"]
    assert column["kind"] == ["numeric"]
    assert column["current"] == {
        "mean": [3.5],
        "std": [1.5],
        "q05": [1.0],
        "q25": [2.0],
        "q50": [3.0],
        "q75": [4.0],
        "q95": [5.0],
        "null_share": [0.25],
        "distinct": [None],
        "top_share": [None],
    }
    assert set(map(str, column["reference"].values())) == {"[None]"}  # type: ignore[attr-defined]


def test_a_categorical_column_has_its_distinct_new_and_vanished_categories() -> None:
    new = CategoryChange(categories=3, share=0.5, examples=[])
    gone = CategoryChange(categories=0, share=0, examples=[])
    changes = {"new_categories": new, "vanished_categories": gone}
    column = _columns(_at(0, _profiled("x", CATEGORIES, CATEGORIES).model_copy(update=changes)))[
        "x"
    ]
    assert (column["new"], column["vanished"]) == ([3], [0])
    assert column["current"]["distinct"] == [4]  # type: ignore[index]


def test_a_column_that_comes_and_goes_has_gaps() -> None:
    x = _profiled("x", NUMBERS, NUMBERS)
    y = _profiled("y", CATEGORIES, NUMBERS)
    columns = _columns(_at(2, x), _at(0, x, y), _at(1, y))
    assert columns["x"]["kind"] == ["numeric", None, "numeric"]
    assert columns["y"]["kind"] == ["numeric", "numeric", None]
    assert columns["y"]["reference"]["distinct"] == [4, 4, None]  # type: ignore[index]


def test_a_run_again_takes_the_place_of_the_first() -> None:
    first = _at(0, _profiled("x", CATEGORIES, CATEGORIES), _profiled("typo", NUMBERS, NUMBERS))
    again = _at(0, _profiled("x", NUMBERS, NUMBERS))
    assert _columns(first, again) == _columns(again)


def test_a_column_that_was_not_read_is_left_out() -> None:
    assert list(_columns(_at(0, a_column("x"), a_column("id", "skipped")))) == ["x"]
