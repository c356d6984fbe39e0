"""Why a run became a dead letter, in the words of who gave it up."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_WHY_UNDELIVERED = ("ERROR_CODE", "ERROR_MESSAGE", "RULE_ARN")
_JSON = TypeAdapter(dict[str, Any])


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
