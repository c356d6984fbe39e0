"""`drift-monitor redrive` over a stack and its queue."""

import json
from typing import Any

from infra.synthesis import template_of
from support.command_line import drift_monitor
from support.dead_letters import STACK, THIS_WEEK, Deployed, create_stack, deployed, function

__all__ = ["deployed", "drift_monitor", "function"]  # the fixtures
NEXT_WEEK = "2013-07-08T09:30:00Z"


def run_of(monitor: str, scheduled_at: str = THIS_WEEK, **fields: object) -> dict[str, Any]:
    """Return what a rule sends."""
    return {
        "monitor": {"name": monitor, "minimum_rows": 7, **fields},
        "scheduled_at": scheduled_at,
        "event_id": "7bf73129-1428-4cd3-a780-95db273d1602",
    }


LOOK = {
    "watch": [{"name": "flights", "schedule": "cron(30 9 ? * MON *)"}],
    "looked_at": THIS_WEEK,
}


def failed(event: object, error: str | None = "reference.parquet has no file") -> dict[str, Any]:
    """Return what Lambda writes of an event, as its documentation shows it."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": "2013-07-01T09:34:12.071Z",
        "requestContext": {
            "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
            "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:detector:$LATEST",
            "condition": "RetriesExhausted" if error else "EventAgeExceeded",
            "approximateInvokeCount": 3 if error else 0,
        },
        "requestPayload": event,
    }
    if error:
        record["responseContext"] = {"statusCode": 200, "functionError": "Unhandled"}
        record["responsePayload"] = {"errorMessage": error, "errorType": "DriftMonitorError"}
    return record


UNDELIVERED = {
    "RULE_ARN": "arn:aws:events:eu-west-1:111122223333:rule/weekly",
    "TARGET_ARN": "arn:aws:lambda:eu-west-1:111122223333:function:detector",
    "ERROR_CODE": "NO_PERMISSIONS",
    "ERROR_MESSAGE": "Access denied",
}


def test_the_stack_says_where_its_dead_letters_are() -> None:
    outputs = template_of("defaults").body["Outputs"]
    assert outputs.keys() >= {"DeadLetterQueueUrl", "FunctionName"}


def test_both_shapes_of_dead_letters_are_replayed_as_they_were_sent(deployed: Deployed) -> None:
    deployed.send(failed(run_of("flights")))
    deployed.send(run_of("weather"), UNDELIVERED)
    done = deployed.redrive()
    assert (done.code, done.err) == (0, "")
    assert sorted(deployed.invoked, key=str) == sorted(
        [run_of("flights"), run_of("weather")], key=str
    )
    assert deployed.waiting == (0, 0)
    assert "flights  2013-07-01 09:30  replayed" in done.out
    assert "Failed with: reference.parquet has no file" in done.out
    assert "weather  2013-07-01 09:30  replayed" in done.out
    assert "NO_PERMISSIONS, Access denied, arn:aws:events" in done.out


def test_an_event_that_waited_too_long_says_so(deployed: Deployed) -> None:
    deployed.send(failed(run_of("flights"), error=None))
    assert "Failed with: EventAgeExceeded" in deployed.redrive().out
    assert deployed.invoked == [run_of("flights")]


def test_an_empty_queue_is_nothing_to_do(deployed: Deployed) -> None:
    assert deployed.redrive() == (0, f"{STACK} has no dead letters\n", "")


def test_more_than_one_batch_is_replayed_each_once(deployed: Deployed) -> None:
    names = [f"monitor-{number}" for number in range(23)]
    for name in names:
        deployed.send(failed(run_of(name)))
    assert deployed.redrive().code == 0
    assert sorted(event["monitor"]["name"] for event in deployed.invoked) == sorted(names)
    assert deployed.waiting == (0, 0)


def test_each_is_sent_once_the_oldest_first_even_of_the_same_run(deployed: Deployed) -> None:
    first = run_of("flights", NEXT_WEEK)
    second = run_of("flights", minimum_rows=1)
    third = run_of("flights", "2013-07-01T11:30:00+02:00", minimum_rows=2)
    for event in (first, second, third):
        deployed.send(failed(event))
    done = deployed.redrive()
    assert deployed.invoked == [first, second, third]
    assert done.out.count("flights  2013-07-01 09:30  replayed") == 2
    assert deployed.waiting == (0, 0)


def test_one_monitor_is_replayed_and_the_others_stay_within_reach(deployed: Deployed) -> None:
    for event in (run_of("flights"), run_of("weather"), LOOK, None):
        deployed.send(failed(event))
    done = deployed.redrive("--monitor", "weather")
    assert done.code == 0
    assert deployed.invoked == [run_of("weather")]
    assert deployed.waiting == (3, 0)
    assert "flights" not in done.out
    assert deployed.redrive("--monitor", "weather") == (
        0,
        f"{STACK} has no dead letters of weather\n",
        "",
    )


def test_a_look_is_dropped_as_the_next_one_sees_the_same(deployed: Deployed) -> None:
    deployed.send(failed(LOOK))
    done = deployed.redrive()
    assert "Look for overdue monitors  deleted: the next look" in done.out
    assert deployed.invoked == []
    assert deployed.waiting == (0, 0)


UNREADABLE = (
    "no JSON",
    "[1]",
    "{}",
    {"requestContext": 1, "requestPayload": 2, "responsePayload": 3},
    {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events"},
    failed(None),
    failed({"monitor": {"name": "flights"}}),
    failed({"monitor": {"name": "flights"}, "scheduled_at": "on Monday"}),
    failed({"monitor": {"name": "flights"}, "scheduled_at": "2013-07-01T09:30:00"}),
    failed({"watch": "flights", "looked_at": None}),
)


def test_what_names_no_run_is_left_and_fails_the_command(deployed: Deployed) -> None:
    for body in (*UNREADABLE, failed(run_of("weather"))):
        deployed.send(body, UNDELIVERED)
    done = deployed.redrive()
    assert done.code == 1
    assert deployed.invoked == [run_of("weather")]
    assert deployed.waiting == (10, 0)
    assert done.out.count("left: it names no monitor") == 10
    assert done.err == (
        f"10 of 11 dead letters cannot be replayed, and are still in {deployed.queue}: "
        "read them there, then delete them\n"
    )


def test_a_dry_run_lists_and_changes_nothing(deployed: Deployed) -> None:
    for event in (run_of("flights"), run_of("flights"), LOOK):
        deployed.send(failed(event))
    done = deployed.redrive("--dry-run")
    assert done.code == 0
    assert done.out.count("flights  2013-07-01 09:30  would be replayed") == 2
    assert "Look for overdue monitors  would be deleted" in done.out
    assert deployed.invoked == []
    assert deployed.waiting == (3, 0)


def test_json_is_for_a_pipe_and_counts_receipts(deployed: Deployed) -> None:
    deployed.send(failed(run_of("flights")))
    deployed.redrive("--dry-run")
    done = deployed.redrive("--json")
    (letter,) = json.loads(done.out)
    assert (
        letter.items()
        >= {
            "monitor": "flights",
            "scheduled_at": "2013-07-01T09:30:00+00:00",
            "reason": "reference.parquet has no file",
            "received": 2,
            "action": "replay",
        }.items()
    )


def test_json_of_an_empty_queue_is_an_empty_list(deployed: Deployed) -> None:
    assert json.loads(deployed.redrive("--json").out) == []


def test_what_lambda_refuses_stays_in_the_queue_and_can_be_replayed_again(
    deployed: Deployed,
) -> None:
    names = ["a", "b", "c"]
    for name in names:
        deployed.send(failed(run_of(name)))
    deployed.answers[:] = [202, 403]
    done = deployed.redrive()
    assert done.code == 1
    assert done.err.startswith("AWS said no: ")
    assert len(deployed.invoked) == 1
    assert deployed.waiting == (2, 0)

    assert deployed.redrive().code == 0
    assert sorted(event["monitor"]["name"] for event in deployed.invoked) == names
    assert deployed.waiting == (0, 0)


def test_a_message_is_kept_unless_lambda_accepted_it(deployed: Deployed) -> None:
    deployed.send(failed(run_of("flights")))
    deployed.answers[:] = [200]
    done = deployed.redrive()
    assert (done.code, done.err) == (
        1,
        "detector did not accept the run: Lambda answered 200\n",
    )
    assert deployed.waiting == (1, 0)


def test_another_apps_stack_or_none_is_one_sentence(deployed: Deployed) -> None:
    gone = deployed.redrive(stack="gone")
    assert (gone.code, gone.out) == (1, "")
    assert gone.err.startswith("gone is no stack in eu-west-1: ")
    create_stack("other", ["DeadLetterQueueUrl"])
    other = deployed.redrive(stack="other")
    assert (other.code, other.out) == (1, "")
    assert other.err == "other has no output 'FunctionName': it is not a stack of Drift Monitor\n"
