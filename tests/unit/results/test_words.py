from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from support.builders import a_column, a_whole_table

from drift_monitor.config.methods import Kind
from drift_monitor.results.drift import CategoryChange, ColumnDrift, ColumnProfile, FrequentValue
from drift_monitor.results.tables import WindowSummary
from drift_monitor.results.words import direction, whole_table_words, window_words
from drift_monitor.text import number, percent


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((2013, 6, 17), (2013, 6, 24), "17 to 23 Jun 2013"),
        ((2013, 6, 24), (2013, 7, 1), "24 to 30 Jun 2013"),
        ((2013, 6, 27), (2013, 7, 4), "27 Jun to 3 Jul 2013"),
        ((2013, 12, 30), (2014, 1, 6), "30 Dec 2013 to 5 Jan 2014"),
        ((2013, 12, 25), (2014, 1, 1), "25 to 31 Dec 2013"),
        ((2013, 6, 17), (2013, 6, 18), "17 Jun 2013"),
        ((2013, 6, 1), (2013, 6, 3), "1 to 2 Jun 2013"),
        ((2013, 6, 17, 7), (2013, 6, 17, 9), "17 Jun 2013 07:00 to 17 Jun 2013 09:00 UTC"),
        ((2013, 6, 17), (2013, 6, 17, 9), "17 Jun 2013 00:00 to 17 Jun 2013 09:00 UTC"),
    ],
)
def test_a_window_is_said_as_people_say_it(
    start: tuple[int, ...], end: tuple[int, ...], words: str
) -> None:
    window = WindowSummary(start=datetime(*start, tzinfo=UTC), end=datetime(*end, tzinfo=UTC))
    assert window_words(window) == words


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((2013, 10, 27), (2013, 10, 28), "27 Oct 2013"),  # a day of 25 hours
        ((2013, 3, 31), (2013, 4, 1), "31 Mar 2013"),  # a day of 23
        ((2013, 10, 21), (2013, 10, 28), "21 to 27 Oct 2013"),
        (
            (2013, 10, 27, 9),
            (2013, 10, 28, 9),
            "27 Oct 2013 09:00 to 28 Oct 2013 09:00 Europe/Berlin",
        ),
    ],
)
def test_a_window_is_said_as_its_own_clock_shows_it(
    start: tuple[int, ...], end: tuple[int, ...], words: str
) -> None:
    window = WindowSummary(
        start=datetime(*start, tzinfo=BERLIN),
        end=datetime(*end, tzinfo=BERLIN),
        timezone="Europe/Berlin",
    )
    assert window_words(window) == words
    assert window_words(WindowSummary.model_validate_json(window.model_dump_json())) == words


def test_no_window_is_all_rows() -> None:
    assert window_words(None) == "all rows there"


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0%"), (0.001, "<1%"), (0.0051, "1%"), (0.46, "46%"), (1, "100%")],
)
def test_a_share_that_is_there_is_not_nothing(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (12.123, "12.1"),
        (1516.4, "1,516"),
        (-1402.0, "-1,402"),
        (0.00012, "0.00012"),
        (3e12, "3e+12"),
    ],
)
def test_a_number_is_said_in_few_digits(value: float, words: str) -> None:
    assert number(value) == words


def _side(values: int = 100, nulls: int = 0, **more: object) -> ColumnProfile:
    return ColumnProfile.model_validate({"values": values, "nulls": nulls, **more})


def _moved(reference: ColumnProfile, current: ColumnProfile, **more: object) -> ColumnDrift:
    sides = {"kind": Kind.NUMERIC, "reference": reference, "current": current}
    return a_column("x", "drifted").model_copy(update={**sides, **more})


def _change(categories: int, share: float, *examples: str) -> CategoryChange:
    return CategoryChange(categories=categories, share=share, examples=list(examples))


def _frequent(**shares: float) -> ColumnProfile:
    values = [FrequentValue(value=value, share=share) for value, share in shares.items()]
    return _side(frequent=values)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (_moved(_side(mean=12.1), _side(mean=15.3)), ["mean 12.1 → 15.3"]),
        (_moved(_side(mean=12.1, std=1), _side(mean=12.11, std=3.5)), ["std 1 → 3.5"]),
        (_moved(_side(100, 0), _side(96, 4)), ["nulls 0% → 4%"]),
        (_moved(_side(1000, 2), _side(1000, 9)), []),
        (_moved(_side(0, 0), _side(0, 9)), ["nulls 0% → 100%"]),
        (
            _moved(_side(), _side(), new_categories=_change(1, 0.04, "X\nY")),
            ['new category "X Y" (4% of rows)'],
        ),
        (
            _moved(_side(), _side(), vanished_categories=_change(1, 0.002)),
            ["vanished category (<1% of rows)"],
        ),
        (
            _moved(_side(), _side(), new_categories=_change(3, 0.1, "a" * 99, "b")),
            [f'3 new categories (10% of rows), such as "{"a" * 29}…"'],
        ),
        (_moved(_frequent(A=0.5, B=0.3), _frequent(A=0.45, B=0.4)), ['"B" 30% → 40%']),
        (_moved(_frequent(A=0.5), _frequent(A=0.501)), []),
        (_moved(_frequent(A=0.5), _frequent(B=0.5)), []),
        (a_column("x", "missing"), []),
    ],
)
def test_the_way_a_column_moved_is_said(column: ColumnDrift, words: list[str]) -> None:
    assert direction(column) == words


def test_all_columns_together_are_said_with_what_chance_gives_and_what_gives_them_away() -> None:
    said = "Together: AUC 0.714 ≥ 0.55 (chance up to 0.53)"
    assert whole_table_words(a_whole_table()) == f"{said}; told apart by price 80%"
    assert whole_table_words(a_whole_table().model_copy(update={"columns": []})) == said
    unsure = a_whole_table("unsure").model_copy(update={"reason": "0.714 ≥ 0.55, but few"})
    assert whole_table_words(unsure) == "Together: unsure, AUC 0.714 ≥ 0.55, but few"
    failed = a_whole_table("error").model_copy(update={"auc": None, "reason": "no"})
    assert whole_table_words(failed) == "Together: no"
