"""What holds of every history: who is told follows from the runs alone."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.weeks import a_week, decisions_on, results_of, told_of

from drift_monitor.alerts.decision import REMINDERS, State, decide, runs_needed
from drift_monitor.config.monitor import Alerts
from drift_monitor.site.history import RunEntry

WEEKS = st.text("-wc", min_size=1, max_size=40)
ANY_WEEKS = st.lists(
    st.sampled_from(["-", "w", "c", "e", "n", "-x", "-y", "wx", "ex"]), min_size=1, max_size=60
)
AFTER = st.integers(1, 4)


@settings(deadline=None)
@given(WEEKS, AFTER)
def test_always_tells_each_run(weeks: str, after: int) -> None:
    assert all(each.is_told for each in decisions_on(weeks, when="always", after=after))


@settings(deadline=None)
@given(WEEKS, AFTER, st.sampled_from(["on_drift", "on_change"]), st.none() | st.integers(1, 5))
def test_recovered_is_told_once_for_each_alarm_that_ended(
    weeks: str, after: int, when: str, every: int | None
) -> None:
    told = told_of(weeks, when=when, after=after, remind_every=every)
    turns = [letter for letter in told if letter in "DR"]
    assert turns == ["D", "R"] * (len(turns) // 2) + ["D"] * (len(turns) % 2)
    # Independently: an alarm begins with each stretch that is long enough, and ends with it.
    stretches = [part for part in weeks.replace("c", "w").split("-") if len(part) >= after]
    assert turns.count("D") == len(stretches)
    ended = len(stretches) - (weeks[-1] != "-" and bool(stretches) and _ends_alarmed(weeks, after))
    assert turns.count("R") == ended


def _ends_alarmed(weeks: str, after: int) -> bool:
    return len(weeks.replace("c", "w").split("-")[-1]) >= after


@settings(deadline=None)
@given(WEEKS, AFTER, st.integers(2, 5), st.sampled_from(["on_drift", "on_change"]))
def test_no_reminder_comes_sooner_than_asked_for(
    weeks: str, after: int, every: int, when: str
) -> None:
    told = told_of(weeks, when=when, after=after, remind_every=every)
    for place, letter in enumerate(told):
        just_before = told[max(0, place - every + 1) : place]
        if letter == "s":
            assert not set(just_before) & set("sDW")
        if letter in "DR":
            assert letter not in just_before or set(just_before) & set("DR") == {"D", "R"}


@settings(deadline=None)
@given(WEEKS, AFTER, st.integers(1, 5))
def test_drift_that_goes_on_is_never_left_unsaid_for_longer_than_asked(
    weeks: str, after: int, every: int
) -> None:
    decisions = decisions_on(weeks, when="on_drift", after=after, remind_every=every)
    silent = 0
    for decision in decisions[: REMINDERS * every]:
        silent = silent + 1 if decision.state is State.STILL and not decision.is_told else 0
        assert silent < every


@settings(deadline=None)
@given(
    ANY_WEEKS,
    AFTER,
    st.none() | st.integers(1, 3),
    st.sampled_from(["always", "on_drift", "on_change"]),
    st.randoms(use_true_random=False),
)
def test_a_run_decides_the_same_whenever_and_in_whatever_order_runs_come(
    weeks: list[str], after: int, every: int | None, when: str, shuffle: random.Random
) -> None:
    alerts = Alerts.model_validate({"when": when, "after": after, "remind_every": every})
    results = results_of(weeks)
    entries = [RunEntry.of(result) for result in results]
    then = [decide(alerts, result, entries[:number]) for number, result in enumerate(results)]
    shuffle.shuffle(entries)
    assert [decide(alerts, result, entries) for result in results] == then


@settings(deadline=None)
@given(ANY_WEEKS, AFTER, st.none() | st.integers(1, 3), st.sampled_from(["on_drift", "on_change"]))
def test_runs_further_back_than_needed_decide_nothing(
    weeks: list[str], after: int, every: int | None, when: str
) -> None:
    alerts = Alerts.model_validate({"when": when, "after": after, "remind_every": every})
    *recent, last = results_of(weeks)
    entries = [RunEntry.of(result) for result in recent]
    needed = entries[-runs_needed(alerts) :]
    assert decide(alerts, last, entries) == decide(alerts, last, needed)


@pytest.mark.parametrize(("after", "every"), [(1, None), (3, None), (2, 4)])
def test_as_many_runs_as_needed_know_an_alarm_that_began_long_ago(
    after: int, every: int | None
) -> None:
    alerts = Alerts(when="on_drift", after=after, remind_every=every)
    weeks = "-" + "w" * (2 * runs_needed(alerts) + 5)
    entries = [RunEntry.of(week) for week in results_of(weeks)]
    for number in range(after + 2, len(weeks)):
        recent = entries[max(0, number - runs_needed(alerts)) : number]
        assert decide(alerts, a_week("w", number), recent).state is State.STILL
        assert decide(alerts, a_week("-", number), recent).state is State.RECOVERED
        assert decide(alerts, a_week("c", number), entries[:number]) == decide(
            alerts, a_week("c", number), recent
        )
