"""The dead letters of a deployed stack: events of runs that failed for good, and why each did."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Time enough to read the queue and to send; after a crash the messages are gone for as long.
_HIDDEN_SECONDS = 120
_OBJECT = TypeAdapter(dict[str, Any])
_TIME = TypeAdapter(AwareDatetime)


class DeadLetter(BaseModel):
    """A message of the queue, and what it says of the event that could not be done."""

    message_id: str
    monitor: str | None = None
    """Whose run the event asks for; None where it asks for none."""
    scheduled_at: datetime | None = None
    """The run's time."""
    sent_at: datetime
    received: int
    """How often somebody has taken it out of the queue, this time among them."""
    reason: str
    """Why the event was given up."""
    action: Literal["replay", "drop", "unreadable"] = "unreadable"
    """A run is replayed. A look for overdue monitors is dropped: it would name what is gone."""
    event: Any = Field(exclude=True)
    receipt: str = Field(exclude=True)


class Queue:
    """A queue of dead letters. What is received and not deleted goes back when it is closed."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        """Use a queue that is there."""
        self._client = client
        self._url = url
        self._held: list[DeadLetter] = []

    def receive(self) -> list[DeadLetter]:
        """Receive all that is there, the oldest first, and hide it from others for a while."""
        while messages := self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,  # the most that SQS gives at once
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=1,  # asks all of SQS's servers; 0 asks a few
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            MessageAttributeNames=["All"],
        ).get("Messages"):
            self._held += map(_read, messages)
        return sorted(self._held, key=lambda letter: letter.sent_at)

    def delete(self, letter: DeadLetter) -> None:
        """Delete a message for good."""
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
        self._held.remove(letter)

    def close(self) -> None:
        """Let others receive at once what was not deleted."""
        for letter in self._held:
            with suppress(self._client.exceptions.MessageNotInflight):  # it is back already
                self._client.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                )


def _read(message: "MessageTypeDef") -> DeadLetter:
    body = _object(message["Body"])
    letter = DeadLetter(
        message_id=message["MessageId"],
        sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
        received=int(message["Attributes"]["ApproximateReceiveCount"]),
        reason=_reason(body, message),
        event=body.get("requestPayload", body),  # EventBridge keeps the event alone
        receipt=message["ReceiptHandle"],
    )
    match letter.event:
        case {"monitor": {"name": str(name)}, "scheduled_at": str(time)}:
            with suppress(ValidationError):
                letter.scheduled_at = _TIME.validate_python(time)
                letter.monitor, letter.action = name, "replay"
        case {"watch": list(), "looked_at": str()}:
            letter.action = "drop"
    return letter


def _reason(body: dict[str, Any], message: "MessageTypeDef") -> str:
    """Return why the state machine, Lambda or EventBridge gave up."""
    match body:
        case {"failure": {"Error": error, **more}}:
            cause = str(more.get("Cause", ""))
            said = _object(cause)  # where a job or the function has words of its own
            why = said.get("StateDetails") or said.get("errorMessage") or cause
            return f"{error}: {why}" if why else str(error)
        case {"responsePayload": {"errorMessage": why}} if why:
            return str(why)
        case {"requestContext": {"condition": why}} if why:
            return str(why)
    attributes = message.get("MessageAttributes", {})
    names = ("ERROR_CODE", "ERROR_MESSAGE", "RULE_ARN")
    words = [attributes[name]["StringValue"] for name in names if name in attributes]
    return ", ".join(words) or "it does not say why"


def _object(text: str) -> dict[str, Any]:
    """Read a JSON object; whatever else it is, an empty one."""
    try:
        return _OBJECT.validate_json(text)
    except ValidationError:
        return {}
