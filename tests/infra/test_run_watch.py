"""That a run which did not happen is noticed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from synthesis import STACK, Template, delivered

from drift_monitor.config.schedule import Schedule
from stacks.overdue import LOOKS

LOOKED_AT = "2013-06-24T12:00:00Z"


@pytest.mark.parametrize("occasion", ["Scheduled", "Deployed"])
def test_function_is_sent_every_monitor_and_its_schedule(
    two_teams: Template, occasion: str
) -> None:
    assert delivered(two_teams.rule(f"Watch{occasion}"), {"time": LOOKED_AT}) == {
        "watch": [
            {"name": "flights", "schedule": "cron(30 9 ? * MON *)"},
            {"name": "weather", "schedule": "cron(0 6 * * ? *)"},
        ],
        "looked_at": LOOKED_AT,
    }


def test_every_day_of_the_alarm_has_a_look_even_when_one_is_late(template: Template) -> None:
    assert template.rule("WatchScheduled")["ScheduleExpression"] == LOOKS
    period = timedelta(seconds=template.alarm("OverdueMonitors")["Period"])
    day = datetime(2013, 6, 24, tzinfo=UTC)
    looks = Schedule(LOOKS).between(day, day + timedelta(days=7))
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert max(gaps) + timedelta(hours=1) <= period


def test_alarm_watches_what_the_function_of_this_stack_saw(template: Template) -> None:
    alarm = template.alarm("OverdueMonitors")
    assert alarm["Namespace"] == "DriftMonitor"
    assert alarm["Dimensions"] == [{"Name": "service", "Value": STACK}]
    assert alarm["Statistic"] == "Maximum"
    assert alarm["Period"] == 24 * 60 * 60
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)


def test_alarm_speaks_when_nobody_looks_any_more(template: Template) -> None:
    assert template.alarm("OverdueMonitors")["TreatMissingData"] == "breaching"


def test_alarm_stays_within_the_seven_days_that_cloudwatch_looks_back(template: Template) -> None:
    alarm = template.alarm("OverdueMonitors")
    assert alarm["EvaluationPeriods"] == 1
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= 604_800
