from datetime import UTC, datetime

import pytest

from drift_monitor.results import WindowSummary
from drift_monitor.words import window_words


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


def test_no_window_is_all_rows() -> None:
    assert window_words(None) == "all rows there"
