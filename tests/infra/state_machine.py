"""Step Functions as moto interprets it, with what moto leaves out.

That is the wait for a Spark job's end, and a JSON object as the content of a file in S3.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zipfile import ZipFile

import boto3
import pytest
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (  # noqa: E501
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_unsupported import (  # noqa: E501
    StateTaskServiceUnsupported,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

if TYPE_CHECKING:
    from infra.synthesis import Template

# Two real Spark jobs on a machine that is busy with other things, too.
_ENDS_WITHIN = 600
_STATE_MACHINE = "AWS::StepFunctions::StateMachine"


class FailedError(Exception):
    """A job that failed or was given up, or a function that raised: error's name and cause."""


@dataclass
class Machine:
    """A state machine in an account of its own, and what its states did.

    Attributes:
        arn: the state machine's.
        ids: what CloudFormation has made, by logical id, or by that and an attribute.
        job: does what a Spark job does with its parameters, or raises FailedError.
        function: does what the function does with its event, or raises FailedError.
        jobs: the parameters of each job that was started.
        events: each event that the function got.
        pauses: the seconds before each repetition.
    """

    arn: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    job: Callable[[dict[str, Any]], None] = lambda _: None
    function: Callable[[dict[str, Any]], object] = lambda _: {"status": "ok"}
    jobs: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def run(self, event: dict[str, Any]) -> dict[str, Any]:
        """Run an execution to its end; return what Step Functions says of it."""
        # As EventBridge names them.
        started = boto3.client("stepfunctions").start_execution(
            stateMachineArn=self.arn, name=f"{uuid4()}_{uuid4()}", input=json.dumps(event)
        )
        return _ended(started["executionArn"])

    def ended(self) -> list[dict[str, Any]]:
        """Wait for the end of all executions; return what Step Functions says of them."""
        listed = boto3.client("stepfunctions").list_executions(stateMachineArn=self.arn)
        ended = [_ended(each["executionArn"]) for each in listed["executions"]]
        return sorted(ended, key=lambda execution: execution["startDate"])


def _ended(arn: str) -> dict[str, Any]:
    deadline, client = time.monotonic() + _ENDS_WITHIN, boto3.client("stepfunctions")
    while time.monotonic() < deadline:
        found = client.describe_execution(executionArn=arn)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{arn} does not end")


def resolved(value: Any, ids: dict[str, str]) -> str:  # noqa: ANN401 - JSON
    """Return a text of a template as CloudFormation fills it in."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        separator, parts = argument
        return separator.join(resolved(part, ids) for part in parts)
    return ids[argument if function == "Ref" else ".".join(argument)]


@contextmanager
def deployed(
    template: "Template", endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    """Make a template's state machine and what its states use, in moto."""
    machine = Machine()
    monkeypatch.setenv("MOTO_PORT", endpoint.rpartition(":")[2])
    monkeypatch.setitem(default_user_config, "stepfunctions", {"execute_state_machine": True})
    monkeypatch.setitem(default_user_config, "lambda", {"use_docker": False})
    monkeypatch.setattr(LambdaSimpleBackend, "invoke", _invoking(machine))
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=machine.pauses.append))
    services = state_task_factory.state_task_service_for
    ours = {"aws-sdk": _Sdk, "emr-serverless": lambda: _Job(machine)}
    monkeypatch.setattr(
        state_task_factory,
        "state_task_service_for",
        lambda service_name: (
            ours[service_name]() if service_name in ours else services(service_name)
        ),
    )
    machine.ids = _made(template)
    machine.arn = boto3.client("stepfunctions").create_state_machine(
        name="run",
        definition=resolved(template.properties(_STATE_MACHINE)["DefinitionString"], machine.ids),
        roleArn=machine.ids["role"],
    )["stateMachineArn"]
    yield machine


def _made(template: "Template") -> dict[str, str]:
    """Make what the states use; return the names that CloudFormation would have put in."""
    (function,) = template.of_type("AWS::Lambda::Function")
    (queue,) = template.of_type("AWS::SQS::Queue")
    (application,) = template.of_type("AWS::EMRServerless::Application")
    scratch = next(name for name in template.of_type("AWS::S3::Bucket") if "Scratch" in name)
    job_roles = [name for name in template.of_type("AWS::IAM::Role") if "JobRole" in name]
    role = boto3.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")
    boto3.client("s3").create_bucket(
        Bucket="scratch", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    emr = boto3.client("emr-serverless")
    label = template.properties("AWS::EMRServerless::Application")["ReleaseLabel"]
    with ZipFile(code := BytesIO(), "w") as archive:
        archive.writestr("code.py", "")
    made = boto3.client("lambda").create_function(
        FunctionName="function",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": code.getvalue()},
        Runtime="python3.13",
        Handler="code.handler",
    )
    return {
        "AWS::Partition": "aws",
        "role": role["Role"]["Arn"],
        scratch: "scratch",
        queue: boto3.client("sqs").create_queue(QueueName="letters")["QueueUrl"],
        f"{function}.Arn": made["FunctionArn"],
        **{f"{name}.Arn": f"arn:aws:iam::123456789012:role/{name}" for name in job_roles},
        f"{application}.ApplicationId": emr.create_application(
            name="any", releaseLabel=label, type="SPARK"
        )["applicationId"],
    }


def _invoking(machine: Machine) -> Callable[..., bytes]:
    """Return what moto's Lambda calls in place of a function."""

    def invoke(
        _backend: object, _name: str, _qualifier: str, body: str, _headers: object, said: dict
    ) -> bytes:
        event = json.loads(body)
        machine.events.append(event)
        try:
            return json.dumps(machine.function(event)).encode()
        except FailedError as error:
            said["x-amz-function-error"] = "Unhandled"
            name, message = error.args
            return json.dumps({"errorType": name, "errorMessage": message}).encode()

    return invoke


class _Sdk(StateTaskServiceAwsSdk):
    """A call of any service."""

    def _normalise_parameters(self, parameters: dict[str, Any], *_: object, **__: object) -> None:
        if isinstance(parameters.get("Body"), dict):
            parameters["Body"] = json.dumps(parameters["Body"])


class _Job(StateTaskServiceUnsupported):
    """`emr-serverless:startJobRun.sync`: moto starts the job, this waits for it."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine
        self._supported_integration_patterns = {ResourceCondition.Sync}

    def _eval_service_task(
        self, env: Environment, *, normalised_parameters: dict[str, Any], **_: object
    ) -> None:
        # As AWS checks them: each name and type is the service's.
        started = boto3.client("emr-serverless").start_job_run(
            **_in_the_services_case(normalised_parameters)
        )
        self._machine.jobs.append(normalised_parameters)
        env.stack.append({"JobRunId": started["jobRunId"]})

    def _eval_integration_pattern(
        self, env: Environment, *, normalised_parameters: dict[str, Any], **_: object
    ) -> None:
        env.stack.pop()
        try:
            self._machine.job(normalised_parameters)
        except FailedError as error:
            name, cause = error.args
            details = TaskFailedEventDetails(error=name, cause=cause)
            raise FailureEventException(
                FailureEvent(
                    env,
                    StatesErrorName.from_name(name),
                    HistoryEventType.TaskFailed,
                    EventDetails(taskFailedEventDetails=details),
                )
            ) from error
        env.stack.append({"State": "SUCCESS"})


def _in_the_services_case(parameters: Any) -> Any:  # noqa: ANN401 - JSON
    """Write names as the service does, which begins them in lower case."""
    if not isinstance(parameters, dict):
        return parameters
    return {
        name[0].lower() + name[1:]: _in_the_services_case(value)
        for name, value in parameters.items()
    }
