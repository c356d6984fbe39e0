"""When people are told of a run."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import MONDAY, WEEK, a_column, a_result
from support.weeks import LEVELS, a_week, decisions_on, results_of, told_of

from drift_monitor.alerts.decision import REMINDERS, SKIPPED_RUNS, AlertState, decide, runs_needed
from drift_monitor.config.monitor import Alerts
from drift_monitor.results.drift import Status
from drift_monitor.results.run import DriftResult
from drift_monitor.site.history import RunEntry


@pytest.mark.parametrize(
    ("when", "weeks", "told"),
    [
        ("always", "--ww-c", "qqDsRD"),
        ("on_drift", "--ww-c", "..DsRD"),
        ("on_change", "--ww-c", "q.D.RD"),
        ("always", "wcw-", "DWsR"),
        ("on_drift", "wcw-", "DWsR"),
        ("on_change", "wcw-", "DW.R"),
        ("on_drift", "e-ewe", "e.eDe"),
        ("on_change", "ee-e-", "eeqe."),
        ("on_drift", "n-nwn", "n.nDn"),
        ("on_change", "nn-n-", "nnqn."),
        ("always", "wnnwe-", "DnnseR"),
    ],
)
def test_who_asked_is_told(when: str, weeks: str, told: str) -> None:
    assert told_of(weeks, when=when) == told


@pytest.mark.parametrize(
    ("after", "weeks", "told"),
    [
        (2, "w-ww-", "...DR"),
        (3, "wwwwww", "..Dsss"),
        (3, "ww-ww-", "......"),
        (2, "wccwww", ".DWsss"),
        (2, "cwccc-", ".DsWsR"),
        (2, "cc", ".D"),
    ],
)
def test_drift_alarms_once_it_has_lasted(after: int, weeks: str, told: str) -> None:
    assert told_of(weeks, when="on_drift", after=after) == told


def test_drift_that_has_yet_to_last_is_told_as_such_to_those_who_are_always_told() -> None:
    assert told_of("-ww", when="always", after=3) == "quu"


@pytest.mark.parametrize("when", ["on_drift", "on_change"])
@pytest.mark.parametrize(
    ("every", "weeks", "told"),
    [
        (1, "wwww-", "DsssR"),
        (2, "wwwww-", "D.s.sR"),
        (3, "wwwcwwwc", "D..W..sW"),
        (3, "wwww-wwww", "D..sRD..s"),
    ],
)
def test_drift_that_goes_on_is_reminded_of(when: str, every: int, weeks: str, told: str) -> None:
    ours = told_of("-" + weeks, when=when, remind_every=every)
    assert ours[1:] == told


@pytest.mark.parametrize("every", [1, 2, 5])
def test_a_dozen_reminders_is_the_end_of_them_until_something_happens(every: int) -> None:
    weeks = "w" * (20 * every)
    told = told_of(weeks + "c-", when="on_drift", remind_every=every)
    assert told.count("s") == REMINDERS
    assert told[: 12 * every + 1].count("s") == REMINDERS
    assert told.endswith("WR")


@pytest.mark.parametrize(
    ("weeks", "alerts", "why"),
    [
        ("-", {"when": "always"}, "when is always"),
        ("-", {"when": "on_drift"}, "there is no drift"),
        ("--", {"when": "on_change"}, "nothing has changed"),
        ("-", {"when": "on_change"}, "it is the first run"),
        ("w", {"when": "on_drift"}, "drift has begun"),
        ("w", {"when": "on_drift", "after": 3}, "drift is an alert after 3 runs in a row"),
        ("wc", {"when": "on_drift"}, "drift has become critical"),
        ("ww", {"when": "on_drift"}, "drift goes on"),
        ("ww", {"when": "on_change"}, "drift goes on, and remind_every is not set"),
        ("w" * 6, {"when": "on_drift", "remind_every": 5}, "drift goes on: reminder 1 of 12"),
        (
            "w" * 4,
            {"when": "on_drift", "remind_every": 5},
            "drift goes on, and the next reminder is due in 2 runs",
        ),
        (
            "w" * 27,
            {"when": "on_drift", "remind_every": 2},
            "drift goes on, and 12 reminders have been sent",
        ),
        (
            "w" * 26,
            {"when": "on_drift", "remind_every": 2},
            "drift goes on, and 12 reminders have been sent",
        ),
        ("w-", {"when": "on_drift"}, "drift has ended"),
        ("e", {"when": "on_drift"}, "no column could be scored"),
        ("n", {"when": "on_drift"}, "there is no data"),
    ],
)
def test_why_people_are_told_or_not_is_said(
    weeks: str, alerts: dict[str, object], why: str
) -> None:
    assert decisions_on(weeks, **alerts)[-1].reason == why


@pytest.mark.parametrize("letter", ["e", "n"])
def test_runs_that_could_not_be_scored_or_had_no_data_are_looked_past(letter: str) -> None:
    past = letter * SKIPPED_RUNS
    assert told_of(f"w{past}w-", when="on_drift", remind_every=1)[-2:] == "sR"
    assert told_of(f"w{past}-", when="on_drift")[-1] == "R"
    expected = ".e.eDe".replace("e", letter)
    assert told_of(f"w{letter}" * 3, when="on_drift", after=3) == expected


def test_a_run_is_compared_with_the_last_one_that_had_data() -> None:
    before, compared = decisions_on("-wnnw")[-2:]
    for decision in (before, compared):
        assert decision.previous is not None
        assert (decision.previous.run_id, decision.previous.status) == (
            "20130701T093000Z",
            "drifted",
        )


def test_no_data_is_no_drift_however_long_it_lasts() -> None:
    decisions = decisions_on("n" * 20, after=2, remind_every=1)
    assert {decision.state for decision in decisions} == {AlertState.NO_DATA}
    assert {decision.severity for decision in decisions} == {None}
    assert all(decision.send for decision in decisions)


def _before(status: str, **columns: str) -> RunEntry:
    of_columns = [a_column(name, column) for name, column in columns.items()]
    return RunEntry.of(a_result(of_columns, scheduled_at=MONDAY - WEEK, status=status))


@pytest.mark.parametrize(
    ("status", "previous", "is_told"),
    [
        ("ok", None, True),
        ("ok", _before("ok", x="ok"), False),
        ("ok", _before("drifted", x="ok"), True),
        ("drifted", _before("ok", x="ok"), True),
        ("ok", _before("ok", x="drifted"), True),
        ("ok", _before("ok", x="ok", y="ok"), True),
        ("ok", _before("ok"), True),
        ("ok", _before("ok", x="missing"), True),
        ("error", _before("error", x="ok"), True),
    ],
)
def test_on_change_tells_of_any_other_status(
    status: str, previous: RunEntry | None, *, is_told: bool
) -> None:
    result = a_result([a_column("x", "ok")], status=status)
    recent = [previous] if previous else []
    assert decide(Alerts(when="on_change"), RunEntry.of(result), recent).send is is_told


def test_a_change_of_score_alone_is_no_change() -> None:
    result = a_result([a_column("x", "ok", 0.01)])
    assert not decide(Alerts(when="on_change"), RunEntry.of(result), [_before("ok", x="ok")]).send


def _columns_week(number: int, **columns: str) -> DriftResult:
    """Return a week whose table is well, with a column at each of these levels."""
    found = [
        a_column(name, LEVELS[level][1]).model_copy(update={"severity": LEVELS[level][0]})
        for name, level in columns.items()
    ]
    return a_result(found, scheduled_at=MONDAY + number * WEEK, status="ok")


@pytest.mark.parametrize(
    ("weeks", "after", "states"),
    [
        ("-wc-", 1, [AlertState.QUIET, AlertState.QUIET, AlertState.DRIFT, AlertState.RECOVERED]),
        ("ccwc", 1, [AlertState.DRIFT, AlertState.STILL, AlertState.RECOVERED, AlertState.DRIFT]),
        (
            "ccc-",
            3,
            [
                AlertState.UNCONFIRMED,
                AlertState.UNCONFIRMED,
                AlertState.DRIFT,
                AlertState.RECOVERED,
            ],
        ),
    ],
)
def test_a_critical_column_alarms_though_the_table_is_well(
    weeks: str, after: int, states: list[AlertState]
) -> None:
    results = [_columns_week(number, x=level, y="-") for number, level in enumerate(weeks)]
    decisions = decisions_on(results, when="on_drift", after=after)
    assert [decision.state for decision in decisions] == states
    assert {decision.severity for decision in decisions} <= {None, "critical"}


def test_after_counts_for_each_column_by_itself() -> None:
    turns = [_columns_week(0, x="c", y="-"), _columns_week(1, x="-", y="c")]
    assert [each.send for each in decisions_on(turns, when="on_drift", after=2)] == [
        False,
        False,
    ]


def test_on_change_a_column_that_becomes_unsure_is_no_change() -> None:
    columns = a_column("x"), a_column("x").model_copy(update={"status": Status.UNSURE})
    runs = [a_result([columns[week % 2]], scheduled_at=MONDAY + week * WEEK) for week in range(3)]
    for week, result in enumerate(runs[1:], 1):
        earlier = [RunEntry.of(run) for run in runs[:week]]
        assert not decide(Alerts(when="on_change"), RunEntry.of(result), earlier).send


def test_on_change_a_column_that_has_drifted_counts_once_it_has_lasted() -> None:
    weeks = [_columns_week(number, x=level) for number, level in enumerate("-w-www-")]
    told = [decision.send for decision in decisions_on(weeks, when="on_change", after=2)]
    assert told == [True, False, False, False, True, False, True]


def test_history_from_before_there_were_severities_counts_as_warn() -> None:
    old = a_result([a_column("x", "drifted")], scheduled_at=MONDAY - WEEK, status="drifted")
    assert old.severity is None
    (now,) = [a_week("w", 0)]
    assert decide(Alerts(), RunEntry.of(now), [RunEntry.of(old)]).state is AlertState.STILL


def test_the_run_before_is_the_one_to_compare_with_scored_or_not() -> None:
    entries = [RunEntry.of(week) for week in results_of("w-e")]
    decision = decide(Alerts(), RunEntry.of(a_week("-", 3)), entries)
    assert decision.previous == entries[-1]
    assert decide(Alerts(), RunEntry.of(a_week("-", 0)), []).previous is None


def test_a_run_again_is_not_compared_with_itself_or_with_later_ones() -> None:
    earlier, again, later = map(RunEntry.of, results_of("-ww"))
    decision = decide(Alerts(when="on_drift"), RunEntry.of(a_week("w", 1)), [earlier, again, later])
    assert (decision.state, decision.previous) == (AlertState.DRIFT, earlier)


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
        ("always", "- -b -", "qXq"),
        ("on_drift", "- -b -bd -b -", ".XXXq"),  # it begins, changes, goes on or changes, and ends
        ("on_change", "- -b -b -bd wb w", "qX.XXs"),
        ("on_change", "- -x -xb -x", "qBXB"),  # beside a check of the table
    ],
)
def test_who_asked_is_told_of_failed_checks(when: str, weeks: str, told: str) -> None:
    assert told_of(weeks.split(), when=when) == told


def test_a_critical_check_is_told_at_once_whatever_drift_has_to_last() -> None:
    assert told_of(["wx", "w", "-", "-"], when="on_drift", after=3) == "Bu.."
    (decision,) = decisions_on(["-x"], when="on_drift", after=3)
    assert (decision.severity, decision.reason) == ("critical", "a critical check fails")


def test_drift_that_begins_while_a_check_fails_is_told_of_it() -> None:
    told = decisions_on(["-x", "wx", "wx"], when="on_change")
    assert [decision.send for decision in told] == [True, True, False]
    assert told[1].reason == "drift has begun"
    assert told[2].reason == "a critical check still fails, and remind_every is not set"


@pytest.mark.parametrize("when", ["on_drift", "on_change"])
def test_a_check_that_goes_on_failing_is_reminded_of_a_dozen_times(when: str) -> None:
    told = told_of(["-", *["-x"] * 30], when=when, remind_every=2)
    assert told[1:6] == "B.B.B"
    assert told.count("B") == 1 + REMINDERS
    assert told.endswith(".....")


WEEKS = st.text("-wc", min_size=1, max_size=40)
ANY_WEEKS = st.lists(
    st.sampled_from(["-", "w", "c", "e", "n", "-x", "-y", "wx", "ex", "-b", "wbd", "eb"]),
    min_size=1,
    max_size=60,
)
AFTER = st.integers(1, 4)


@settings(deadline=None)
@given(WEEKS, AFTER)
def test_always_tells_each_run(weeks: str, after: int) -> None:
    assert all(each.send for each in decisions_on(weeks, when="always", after=after))


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
        silent = silent + 1 if decision.state is AlertState.STILL and not decision.send else 0
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
    then = [
        decide(alerts, RunEntry.of(result), entries[:number])
        for number, result in enumerate(results)
    ]
    shuffle.shuffle(entries)
    assert [decide(alerts, RunEntry.of(result), entries) for result in results] == then


@settings(deadline=None)
@given(ANY_WEEKS, AFTER, st.none() | st.integers(1, 3), st.sampled_from(["on_drift", "on_change"]))
def test_runs_further_back_than_needed_decide_nothing(
    weeks: list[str], after: int, every: int | None, when: str
) -> None:
    alerts = Alerts.model_validate({"when": when, "after": after, "remind_every": every})
    *recent, last = results_of(weeks)
    entries = [RunEntry.of(result) for result in recent]
    needed = entries[-runs_needed(alerts) :]
    assert decide(alerts, RunEntry.of(last), entries) == decide(alerts, RunEntry.of(last), needed)


@pytest.mark.parametrize(("after", "every"), [(1, None), (3, None), (2, 4)])
def test_as_many_runs_as_needed_know_an_alarm_that_began_long_ago(
    after: int, every: int | None
) -> None:
    alerts = Alerts(when="on_drift", after=after, remind_every=every)
    weeks = "-" + "w" * (2 * runs_needed(alerts) + 5)
    entries = [RunEntry.of(week) for week in results_of(weeks)]
    for number in range(after + 2, len(weeks)):
        recent = entries[max(0, number - runs_needed(alerts)) : number]
        assert decide(alerts, RunEntry.of(a_week("w", number)), recent).state is AlertState.STILL
        assert (
            decide(alerts, RunEntry.of(a_week("-", number)), recent).state is AlertState.RECOVERED
        )
        assert decide(alerts, RunEntry.of(a_week("c", number)), entries[:number]) == decide(
            alerts, RunEntry.of(a_week("c", number)), recent
        )
