"""Tests for how numbers and names are written."""

import pytest

from drift_monitor.text import count, names, shorten


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12_000, "12,000 rows")]
)
def test_a_noun_is_in_the_plural_but_for_one(number: int, words: str) -> None:
    assert count(number, "row") == words


def test_a_plural_may_be_a_word_of_its_own() -> None:
    assert count(1, "category", "categories") == "1 category"
    assert count(3, "category", "categories") == "3 categories"


@pytest.mark.parametrize(
    ("most", "words"), [(1, "a and 2 more"), (2, "a, b and 1 more"), (3, "a, b, c")]
)
def test_names_beyond_the_most_are_counted(most: int, words: str) -> None:
    assert names(["a", "b", "c"], most) == words


def test_a_text_that_is_too_long_ends_where_it_was_cut() -> None:
    assert shorten("12345", 5) == "12345"
    assert shorten("123456", 5) == "1234…"
