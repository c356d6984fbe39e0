"""When people are told of checks that fail."""

import pytest
from support.weeks import decisions_on, told_of

from drift_monitor.alerts.decision import REMINDERS


@pytest.mark.parametrize(
    ("when", "weeks", "told"),
    [
        ("always", "- -x -x - -", "qBBqq"),
        ("on_drift", "- -x -x - -", ".BBq."),
        ("on_change", "- -x -x - -", "qB.q."),
        ("on_drift", "-y -yy", ".."),  # a warning alarms nobody
        ("on_change", "-y -y -yy -", "q.qq"),
        ("on_change", "-x -x -xx -xxy", "B.BB"),
        ("on_drift", "ex wx - ", "BBR"),
        ("on_change", "wx wx w w", "B.s."),  # drift goes on, and the check is mended
        ("on_drift", "-x n -x -", "BnBq"),  # a week without data mends nothing
        ("on_change", "-x n -x -", "Bn.q"),
    ],
)
def test_who_asked_is_told(when: str, weeks: str, told: str) -> None:
    assert told_of(weeks.split(), when=when) == told


def test_a_critical_check_is_told_at_once_whatever_drift_has_to_last() -> None:
    assert told_of(["wx", "w", "-", "-"], when="on_drift", after=3) == "Bu.."
    (decision,) = decisions_on(["-x"], when="on_drift", after=3)
    assert (decision.severity, decision.why) == ("critical", "a critical check fails")


def test_drift_that_begins_while_a_check_fails_is_told_of_it() -> None:
    told = decisions_on(["-x", "wx", "wx"], when="on_change")
    assert [decision.is_told for decision in told] == [True, True, False]
    assert told[1].why == "drift has begun"
    assert told[2].why == "a critical check still fails, and remind_every is not set"


@pytest.mark.parametrize("when", ["on_drift", "on_change"])
def test_a_check_that_goes_on_failing_is_reminded_of_a_dozen_times(when: str) -> None:
    told = told_of(["-", *["-x"] * 30], when=when, remind_every=2)
    assert told[1:6] == "B.B.B"
    assert told.count("B") == 1 + REMINDERS
    assert told.endswith(".....")
