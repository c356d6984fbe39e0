"""Tests for what the user reads in place of a library's error."""

import pytest

from drift_monitor.errors import DriftMonitorError, as_user_error


def test_a_librarys_error_becomes_a_sentence_with_its_first_line() -> None:
    with (
        pytest.raises(DriftMonitorError, match=r"^a\.csv cannot be read: no such file$") as raised,
        as_user_error("a.csv cannot be read", OSError),
    ):
        raise OSError("no such file\n/opt/library.cc:12: Open(path)")
    assert isinstance(raised.value.__cause__, OSError)


def test_an_error_that_is_for_the_user_already_stays() -> None:
    with (
        pytest.raises(DriftMonitorError, match=r"^b\.csv is empty: write it again$"),
        as_user_error("a.csv cannot be read", Exception),
    ):
        raise DriftMonitorError("b.csv is empty: write it again")


def test_an_error_that_nobody_expected_stays() -> None:
    with pytest.raises(KeyError), as_user_error("a.csv cannot be read", OSError):
        raise KeyError("x")
