"""Dead letters: runs that failed for good, and how they are run again.

A message is deleted once Lambda, or Step Functions for a run on Spark, has accepted its run.
Whatever happens before that, the message comes back to the queue: at once where we can say so, else
after its visibility timeout.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from drift_monitor.cli.deployed.stack import stack_outputs
from drift_monitor.errors import DriftMonitorError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Time enough to read the queue and to invoke; after a crash the messages are gone for as long.
_HIDDEN_SECONDS = 120
_BATCH = 10  # the most that SQS takes at once
_BODY = TypeAdapter(dict[str, Any])

_WHY_UNDELIVERED = ("ERROR_CODE", "ERROR_MESSAGE", "RULE_ARN")
_JSON = TypeAdapter(dict[str, Any])


class Action(StrEnum):
    """What becomes of a dead letter."""

    REPLAY = "replay"
    DUPLICATE = "duplicate"
    """A newer dead letter is the same run's: only that one is replayed."""
    DROP = "drop"
    """A look for overdue monitors, which happens twice a day anyway."""
    SKIP = "skip"
    """Another monitor's than the one that was asked for."""
    UNREADABLE = "unreadable"


class Deployed(NamedTuple):
    """What a stack's outputs name."""

    queue_url: str
    function: str
    state_machine: str | None
    """What runs monitors with `engine: spark`; None where no monitor asks for it."""


class Run(NamedTuple):
    """What names a run."""

    monitor: str
    scheduled_at: datetime


@dataclass(frozen=True)
class DeadLetter:
    """A message, and what it says of the event that the function could not do."""

    id: str
    receipt: str
    sent_at: datetime
    received: int
    """How often somebody has taken it out of the queue, this time among them."""
    reason: str
    """Why it failed."""
    event: dict[str, Any] | None = None
    """What the function is invoked with; None where the message holds no such thing."""
    run: Run | None = None
    """None for a look for overdue monitors, too."""


class Planned(NamedTuple):
    """A dead letter, and what becomes of it."""

    letter: DeadLetter
    action: Action


class _Named(BaseModel):
    name: str


class _RunEvent(BaseModel):
    """What is needed of an event that asks for a run."""

    monitor: _Named
    scheduled_at: AwareDatetime


class _WatchEvent(BaseModel):
    """What is needed of an event that asks for a look for overdue monitors."""

    watch: list[_Named]
    looked_at: AwareDatetime


_EVENT: TypeAdapter[_RunEvent | _WatchEvent] = TypeAdapter(_RunEvent | _WatchEvent)


def find_deployed(cloudformation: "CloudFormationClient", stack: str) -> Deployed:
    """Find a stack's dead letters and its function.

    Raises:
        DriftMonitorError: there is no such stack, or it is another app's.
    """
    outputs = stack_outputs(cloudformation, stack)
    try:
        return Deployed(
            outputs["DeadLetterQueueUrl"],
            outputs["FunctionName"],
            outputs.get("SparkStateMachineArn"),
        )
    except KeyError as error:
        raise DriftMonitorError(
            f"{stack} has no output {error}: it is not a stack of Drift Monitor"
        ) from error


class Queue:
    """A queue of dead letters."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """Use a queue that is there."""
        self._client = client
        self._url = url

    def receive(self) -> list[DeadLetter]:
        """Receive all that is there, each once, and hide it from others for a while."""
        letters: dict[str, DeadLetter] = {}
        while True:
            messages = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=1,  # asks all of SQS's servers; 0 asks a few
                MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            received = {message["MessageId"]: _read(message) for message in messages}
            if received.keys() <= letters.keys():
                return list(letters.values())
            letters |= received

    def delete(self, letter: DeadLetter) -> None:
        """Delete it for good."""
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def give_back(self, letters: Iterable[DeadLetter]) -> None:
        """Let others receive these at once."""
        for letter in letters:
            with suppress(self._client.exceptions.MessageNotInflight):  # it is back already
                self._client.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                )


def plan(letters: Iterable[DeadLetter], monitor: str | None) -> list[Planned]:
    """Say what becomes of each dead letter, the newest first.

    Args:
        letters: all that wait.
        monitor: the one whose runs are replayed; None for every monitor's.
    """
    replayed: set[Run] = set()
    planned = []
    for letter in sorted(letters, key=lambda letter: letter.sent_at, reverse=True):
        action = _action(letter, monitor, replayed)
        if action is Action.REPLAY and letter.run is not None:
            replayed.add(letter.run)
        planned.append(Planned(letter, action))
    return planned


def carry_out(
    planned: Sequence[Planned], queue: Queue, start: Callable[[dict[str, Any]], None]
) -> Iterator[Planned]:
    """Do what was planned, and say so of each when it is done; what is left goes back.

    Args:
        planned: what to do. A duplicate comes after the run that it is a duplicate of.
        queue: where the dead letters are.
        start: starts a run, or raises: then nothing more is done.
    """
    kept = {each.letter.id: each.letter for each in planned}
    try:
        for letter, action in planned:
            if action is Action.REPLAY and letter.event is not None:
                start(letter.event)
            if action in {Action.REPLAY, Action.DUPLICATE, Action.DROP}:
                queue.delete(letter)
                del kept[letter.id]
            yield Planned(letter, action)
    finally:
        queue.give_back(kept.values())


def starter(
    client: "LambdaClient", start_execution: Callable[..., object], deployed: Deployed
) -> Callable[[dict[str, Any]], None]:
    """Return what starts a run, without waiting for its end.

    Args:
        client: invokes the function.
        start_execution: that of Step Functions' client.
        deployed: the function, and what runs monitors on Spark.
    """

    def start(event: dict[str, Any]) -> None:
        if event["monitor"].get("engine") != "spark":
            _invoke(client, deployed.function, event)
        elif deployed.state_machine is None:
            raise DriftMonitorError(
                f"{event['monitor']['name']} runs on Spark, and the stack has none any more: put "
                "engine: spark into a monitor's file and deploy, or delete the dead letter"
            )
        else:
            start_execution(stateMachineArn=deployed.state_machine, input=json.dumps(event))

    return start


def _invoke(client: "LambdaClient", function: str, event: dict[str, Any]) -> None:
    answer = client.invoke(
        FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode()
    )
    if answer["StatusCode"] != HTTPStatus.ACCEPTED:
        raise DriftMonitorError(
            f"{function} did not accept the run: Lambda answered {answer['StatusCode']}"
        )


def _action(letter: DeadLetter, monitor: str | None, replayed: set[Run]) -> Action:
    if letter.event is None:
        return Action.UNREADABLE
    if monitor is not None and (letter.run is None or letter.run.monitor != monitor):
        return Action.SKIP
    if letter.run is None:
        return Action.DROP
    return Action.DUPLICATE if letter.run in replayed else Action.REPLAY


def _read(message: "MessageTypeDef") -> DeadLetter:
    """Read an event, which EventBridge writes as it is and the others within a record."""
    attributes = message["Attributes"]
    letter = DeadLetter(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        sent_at=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
        received=int(attributes["ApproximateReceiveCount"]),
        reason=undelivered(message),
    )
    try:
        body = _BODY.validate_json(message["Body"])
        letter = replace(letter, reason=failed(body) or letter.reason)
        event = body.get("requestPayload", body)
        names = _EVENT.validate_python(event)
    except ValidationError:
        return letter
    run = Run(names.monitor.name, names.scheduled_at) if isinstance(names, _RunEvent) else None
    return replace(letter, event=event, run=run)


class _Failure(BaseModel):
    """What Step Functions says of a state that failed."""

    Error: str
    Cause: str = ""


def failed(record: dict[str, Any]) -> str | None:
    """Say why Lambda or the state machine gave up: the run's error, or that its event was late."""
    if "failure" in record:
        return _failed_on_spark(_Failure.model_validate(record["failure"]))
    for part, field in (("responsePayload", "errorMessage"), ("requestContext", "condition")):
        said = record.get(part)
        if isinstance(said, dict) and said.get(field):
            return str(said[field])
    return None


def undelivered(message: "MessageTypeDef") -> str:
    """Say why EventBridge gave up, and which rule it was for."""
    attributes = message.get("MessageAttributes", {})
    said = [attributes[name]["StringValue"] for name in _WHY_UNDELIVERED if name in attributes]
    return ", ".join(said) or "it does not say why"


def _failed_on_spark(failure: _Failure) -> str:
    """Pick the job's or the function's own words, where a cause is JSON that has them."""
    try:
        cause = _JSON.validate_json(failure.Cause)
    except ValidationError:
        cause = {}
    why = cause.get("StateDetails") or cause.get("errorMessage") or failure.Cause
    return f"{failure.Error}: {why}" if why else failure.Error
