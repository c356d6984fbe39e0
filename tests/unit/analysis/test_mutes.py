"""Mutes: drift that is expected is shown, counted apart, and tells nobody."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from support.builders import MONDAY, a_check, a_column, a_monitor, a_result

from drift_monitor.alerts.decision import AlertState, decide
from drift_monitor.alerts.summary import body
from drift_monitor.analysis.drift.verdict import judged_again, verdict_of, with_mutes
from drift_monitor.config.drift import Drift
from drift_monitor.config.monitor import Alerts
from drift_monitor.results.drift import RoleDrift, Status
from drift_monitor.results.run import DriftResult
from drift_monitor.results.words import role_words
from drift_monitor.site.history import HistoryYear, RunEntry

DAY = timedelta(days=1)
UNTIL = "2013-07-01"


def _mutes(*mutes: dict[str, object]) -> Drift:
    return Drift.model_validate({"mute": list(mutes)})


def _result(*statuses: str, **mute: object) -> DriftResult:
    """Return a run of columns a, b, c … judged under one mute."""
    columns = [a_column(name, status) for name, status in zip("abc", statuses, strict=False)]
    rule = {"until": UNTIL, "reason": "summer sale", **mute}
    return judged_again(a_result(columns), columns, a_monitor(drift={"mute": [rule]}))


@pytest.mark.parametrize(
    ("day", "is_muted"),
    [(-8, False), (-7, True), (0, True), (6, True), (7, False), (400, False)],
)
def test_a_mute_holds_from_its_first_day_and_up_to_its_end(day: int, is_muted: bool) -> None:  # noqa: FBT001
    drift = _mutes({"columns": ["x"], "since": "2013-06-17", "until": UNTIL, "reason": "sale"})
    moment = MONDAY + day * DAY
    assert (drift.mute_of("x", moment) is not None) is is_muted
    assert drift.mute_of("y", moment) is None


def test_days_are_those_of_utc() -> None:
    drift = _mutes({"until": UNTIL, "reason": "sale"})
    last = datetime(2013, 6, 30, 23, 59, tzinfo=UTC)
    assert drift.mute_of("x", last) is not None
    assert drift.mute_of("x", last + timedelta(minutes=1)) is None


def test_a_muted_column_is_shown_with_its_reason_and_does_not_count() -> None:
    result = _result("drifted", "ok", "skipped", columns=["a"])
    muted = {column.column: column for column in result.columns}["a"]
    assert (muted.status, muted.severity, muted.is_scored) == (Status.MUTED, None, True)
    assert muted.reason is not None
    assert muted.reason.endswith("muted until 1 Jul 2013: summer sale")
    assert (result.status, result.drifted_columns, result.scored_columns) == ("ok", 0, 2)
    assert result.verdict == "No drift: 0 of 2 columns drifted, 1 more is muted"


def test_what_is_not_muted_counts_as_ever() -> None:
    result = _result("drifted", "drifted", columns=["a"])
    assert (result.status, result.drifted_columns) == ("drifted", 1)
    assert result.verdict == "Drift: 1 of 2 columns drifted, 1 more is muted"


def test_a_broken_column_is_told_as_broken_and_not_as_muted() -> None:
    result = _result("drifted", "drifted", columns=["a", "b"])
    constant = a_check("a", check="constant", severity="critical")
    result = result.model_copy(update={"checks": [constant], "broken_columns": 1})
    assert result.outcome == (
        "Broken: 1 of 2 columns. No drift: 0 of 1 others drifted, 1 more is muted"
    )


def test_the_history_counts_what_is_muted() -> None:
    for statuses, said in (("drifted", "ok"), "no drift, 1 muted"), (("ok", "ok"), "no drift"):
        run = RunEntry.of(_result(*statuses, columns=["a"]))
        year = HistoryYear(monitor="flights", year=2013)
        year.add(run)
        (again,) = HistoryYear.from_json(year.to_json()).runs
        assert again.verdict == run.verdict == said


def test_only_drift_is_muted() -> None:
    statuses = ["ok", "unsure", "missing"]
    found = {column.status.value for column in _result(*statuses).columns}
    assert found == set(statuses)


def test_a_mute_of_all_columns_sends_no_alert_and_ends_one() -> None:
    alerts = Alerts(when="on_drift")
    before = a_result([a_column("a", "drifted")], scheduled_at=MONDAY - 7 * DAY)
    before = before.model_copy(update={"status": "drifted", "severity": "warn"})
    muted = RunEntry.of(_result("drifted"))
    assert not decide(alerts, muted, []).send
    ended = decide(alerts, muted, [RunEntry.of(before)])
    assert ended.state is AlertState.RECOVERED


def test_the_email_names_it() -> None:
    result = _result("drifted", "drifted", columns=["a"])
    text = body(result, decide(Alerts(), RunEntry.of(result), []), "https://example.com/")
    assert "columns drifted (50%), 1 more is muted" in " ".join(text.split())
    assert "muted until 1 Jul 2013: summer sale" in " ".join(text.split())


def test_the_email_says_how_many_more_are_muted_than_it_describes() -> None:
    columns = [a_column(f"c{n:02}", "muted") for n in range(23)]
    result = a_result(columns)
    text = body(result, decide(Alerts(), RunEntry.of(result), []), "https://example.com/")
    assert "and 3 more are muted: c20, c21, c22" in text


@pytest.mark.parametrize(
    ("mute", "said"),
    [
        ({"reason": "sale"}, "until\n  Field required"),
        ({"until": UNTIL}, "reason\n  Field required"),
        ({"until": UNTIL, "reason": ""}, "at least 1 character"),
        ({"until": UNTIL, "since": UNTIL, "reason": "x"}, "until: 2013-07-01 is not after since"),
        ({"until": "2014-07-03", "since": UNTIL, "reason": "x"}, "more than a year after since"),
        ({"until": "soon", "reason": "x"}, "until"),
    ],
)
def test_a_mute_needs_an_end_and_a_reason(mute: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _mutes(mute)


def test_a_monitor_without_mutes_sends_none_to_the_function() -> None:
    assert "mute" not in a_monitor().model_dump(mode="json")["drift"]


def test_a_share_counts_a_muted_column_among_the_scored() -> None:
    columns = [a_column(name, "drifted") for name in "abcd"]
    monitor = a_monitor(
        drift={
            "drifted_share": 0.6,
            "mute": [{"columns": ["a", "b"], "until": UNTIL, "reason": "x"}],
        }
    )
    muted = with_mutes(columns, monitor.drift, MONDAY)
    verdict = verdict_of(muted, monitor)
    assert (verdict.status, verdict.share) == ("ok", pytest.approx(np.mean([0, 0, 1, 1])))


def test_a_muted_prediction_is_said_to_be_muted() -> None:
    role = RoleDrift(column="p", status=Status.MUTED)
    assert role_words("Prediction", role) == "Prediction: muted"
