"""When people are told of a run."""

import pytest
from support.builders import MONDAY, WEEK, a_column, a_result
from support.weeks import LEVELS, a_week, decisions_on, results_of, told_of

from drift_monitor.alerts.decision import LOOKED_PAST, REMINDERS, State, decide
from drift_monitor.config.monitor import Alerts
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
        ("w", {"when": "on_drift", "after": 3}, "drift alarms after 3 runs in a row"),
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
    assert decisions_on(weeks, **alerts)[-1].why == why


@pytest.mark.parametrize("letter", ["e", "n"])
def test_runs_that_could_not_be_scored_or_had_no_data_are_looked_past(letter: str) -> None:
    past = letter * LOOKED_PAST
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
    assert {decision.state for decision in decisions} == {State.NO_DATA}
    assert {decision.severity for decision in decisions} == {None}
    assert all(decision.is_told for decision in decisions)


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
    assert decide(Alerts(when="on_change"), result, recent).is_told is is_told


def test_a_change_of_score_alone_is_no_change() -> None:
    result = a_result([a_column("x", "ok", 0.01)])
    assert not decide(Alerts(when="on_change"), result, [_before("ok", x="ok")]).is_told


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
        ("-wc-", 1, [State.QUIET, State.QUIET, State.DRIFT, State.RECOVERED]),
        ("ccwc", 1, [State.DRIFT, State.STILL, State.RECOVERED, State.DRIFT]),
        ("ccc-", 3, [State.UNCONFIRMED, State.UNCONFIRMED, State.DRIFT, State.RECOVERED]),
    ],
)
def test_a_critical_column_alarms_though_the_table_is_well(
    weeks: str, after: int, states: list[State]
) -> None:
    results = [_columns_week(number, x=level, y="-") for number, level in enumerate(weeks)]
    decisions = decisions_on(results, when="on_drift", after=after)
    assert [decision.state for decision in decisions] == states
    assert {decision.severity for decision in decisions} <= {None, "critical"}


def test_after_counts_for_each_column_by_itself() -> None:
    turns = [_columns_week(0, x="c", y="-"), _columns_week(1, x="-", y="c")]
    assert [each.is_told for each in decisions_on(turns, when="on_drift", after=2)] == [
        False,
        False,
    ]


def test_on_change_a_column_that_has_drifted_counts_once_it_has_lasted() -> None:
    weeks = [_columns_week(number, x=level) for number, level in enumerate("-w-www-")]
    told = [decision.is_told for decision in decisions_on(weeks, when="on_change", after=2)]
    assert told == [True, False, False, False, True, False, True]


def test_history_from_before_there_were_severities_counts_as_warn() -> None:
    old = a_result([a_column("x", "drifted")], scheduled_at=MONDAY - WEEK, status="drifted")
    assert old.severity is None
    (now,) = [a_week("w", 0)]
    assert decide(Alerts(), now, [RunEntry.of(old)]).state is State.STILL


def test_the_run_before_is_the_one_to_compare_with_scored_or_not() -> None:
    entries = [RunEntry.of(week) for week in results_of("w-e")]
    decision = decide(Alerts(), a_week("-", 3), entries)
    assert decision.previous == entries[-1]
    assert decide(Alerts(), a_week("-", 0), []).previous is None


def test_a_run_again_is_not_compared_with_itself_or_with_later_ones() -> None:
    earlier, again, later = map(RunEntry.of, results_of("-ww"))
    decision = decide(Alerts(when="on_drift"), a_week("w", 1), [earlier, again, later])
    assert (decision.state, decision.previous) == (State.DRIFT, earlier)
