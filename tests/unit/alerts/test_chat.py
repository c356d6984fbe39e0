"""The chat message: in the format that Amazon Q Developer in chat applications shows."""

import json
from typing import Any

import pytest
from support.builders import (
    MONDAY,
    WEEK,
    a_column,
    a_decision,
    a_result,
    a_whole_table,
    without_data,
)

from drift_monitor.alerts.chat import compose_chat
from drift_monitor.alerts.decision import AlertState
from drift_monitor.results.run import DriftResult

SITE = "https://example.com/site/"
RUN = "20130624T093000Z"


def _notification(result: DriftResult, **decision: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return json.loads(compose_chat(result, a_decision(**decision), SITE).json)


def test_it_is_a_custom_notification() -> None:
    columns = [a_column("dep_delay", "drifted", 0.31), a_column("carrier")]
    before = a_result([a_column("dep_delay", "ok", 0.25)], scheduled_at=MONDAY - WEEK)
    found = _notification(
        a_result(columns), state=AlertState.DRIFT, severity="critical", previous=before
    )
    assert found == {
        "version": "1.0",
        "source": "custom",
        "id": f"flights-{RUN}",
        "content": {
            "textType": "client-markdown",
            "title": "Critical drift: flights",
            "description": (
                "Critical drift: 1 of 2 columns drifted (50%), "
                "17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC\n"
                "6,789 rows against 12,345 of reference\n"
                "• dep_delay: 0.31 ≥ 0.1 (wasserstein), was 0.25\n"
                "Newly drifted: dep_delay"
            ),
            "nextSteps": [
                f"Report: {SITE}reports/flights/{RUN}/index.html",
                f"History: {SITE}monitors/flights/history.html",
            ],
            "keywords": ["flights", "critical"],
        },
        "metadata": {
            "threadId": "drift-monitor-flights",
            "summary": "Critical drift: 1 of 2 columns drifted (50%)",
            "eventType": "drift",
            "relatedResources": ["flights"],
            "additionalContext": {
                "run": RUN,
                "state": "drift",
                "status": "drifted",
                "result": f"{SITE}monitors/flights/runs/{RUN}/drift.json",
            },
        },
    }


def test_no_data_is_told_with_its_reason() -> None:
    found = _notification(without_data(), state=AlertState.NO_DATA)
    assert found["content"]["title"] == "No data: flights"
    lines = found["content"]["description"].splitlines()
    assert lines == [
        "No data: nothing was compared, 17 Jun 2013 09:30 to 24 Jun 2013 09:30 UTC",
        "12 rows against 12,345 of reference",
        "current has 12 rows, fewer than minimum_rows (500)",
    ]
    assert found["metadata"]["additionalContext"]["status"] == "no_data"


def test_a_monitors_runs_are_one_thread_and_two_monitors_are_two() -> None:
    threads = [
        _notification(a_result(monitor=monitor, scheduled_at=MONDAY + week * WEEK))["metadata"][
            "threadId"
        ]
        for monitor, week in [("flights", 0), ("flights", 1), ("weather", 0)]
    ]
    assert threads[0] == threads[1] != threads[2]


def test_each_run_is_a_notification_of_its_own_and_again_the_same() -> None:
    ids = [_notification(a_result(scheduled_at=MONDAY + week * WEEK))["id"] for week in (0, 1, 0)]
    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize(
    "name", ["<!channel>", "@here", "<https://example.net|x>", "[x](https://example.net)", "*x*"]
)
def test_a_columns_name_is_text_and_calls_nobody(name: str) -> None:
    before = a_result([], scheduled_at=MONDAY - WEEK)
    result = a_result([a_column(name, "drifted")])
    description = _notification(result, previous=before)["content"]["description"]
    assert not set("<@*[]`~") & set(description)


def test_it_stays_short_however_many_columns_drifted_and_whatever_their_names() -> None:
    columns = [a_column(f"{n} " + "long name " * 50, "drifted") for n in range(500)]
    before = a_result([], scheduled_at=MONDAY - WEEK)
    message = compose_chat(a_result(columns), a_decision(previous=before), SITE)
    assert len(json.loads(message.json)["content"]["description"]) <= 3_000
    assert len(message.json.encode()) < 20_000


def test_it_says_its_channel_so_that_subscriptions_can_tell_it_from_the_email() -> None:
    message = compose_chat(a_result(), a_decision(AlertState.DRIFT, severity="warn"), SITE)
    assert message.attributes == {
        "monitor": "flights",
        "status": "ok",
        "severity": "warn",
        "channel": "chat",
    }


def test_it_says_what_all_columns_show_together() -> None:
    result = a_result().model_copy(update={"whole_table": a_whole_table()})
    description = _notification(result)["content"]["description"]
    assert (
        "\nTogether: AUC 0.714 ≥ 0.55 (chance up to 0.53); told apart by price 80%" in description
    )
