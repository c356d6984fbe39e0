"""A stack with a queue of dead letters; Lambda's end is a small server."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from support.command_line import CommandLine, Done

STACK = "DriftMonitor-test"
THIS_WEEK = "2013-07-01T09:30:00Z"


class Lambda(HTTPServer):
    """Takes invocations as Lambda does, and keeps them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Invoke)
        self.invoked: list[dict[str, Any]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Invoke(BaseHTTPRequestHandler):
    server: Lambda

    def do_POST(self) -> None:
        status = self.server.answers.pop(0) if self.server.answers else 202
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/2015-03-31/functions/detector/invocations"
        assert self.headers["X-Amz-Invocation-Type"] == "Event"
        if status == 202:
            self.server.invoked.append(json.loads(body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class Deployed:
    """A stack with a queue, and a way to run the command on it."""

    def __init__(self, function: Lambda, command_line: CommandLine) -> None:
        self._function = function
        self._command_line = command_line
        self._sqs = boto3.client("sqs")
        self.queue = create_stack(STACK, ["DeadLetterQueueUrl", "FunctionName"])

    def send(self, body: object, attributes: dict[str, str] | None = None) -> None:
        self._sqs.send_message(
            QueueUrl=self.queue,
            MessageBody=body if isinstance(body, str) else json.dumps(body),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in (attributes or {}).items()
            },
        )

    def redrive(self, *options: str, stack: str = STACK) -> Done:
        return self._command_line("redrive", "--stack", stack, *options)

    @property
    def invoked(self) -> list[dict[str, Any]]:
        return self._function.invoked

    @property
    def answers(self) -> list[int]:
        return self._function.answers

    @property
    def waiting(self) -> tuple[int, int]:
        """Return how many messages can be received, and how many somebody holds."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self.queue,
            AttributeNames=names,
        )["Attributes"]
        return int(attributes[names[0]]), int(attributes[names[1]])


def create_stack(name: str, outputs: list[str]) -> str:
    """Create a stack with a queue and some of our outputs; return the queue's URL."""
    values = {"DeadLetterQueueUrl": {"Ref": "Queue"}, "FunctionName": "detector"}
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {output: {"Value": values[output]} for output in outputs},
    }
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return stack["Outputs"][0]["OutputValue"]


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """Serve Lambda's Invoke on loopback."""
    server = Lambda()
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def deployed(
    aws: str,  # noqa: ARG001 - the account that the stack is in
    function: Lambda,
    drift_monitor: CommandLine,
) -> Deployed:
    return Deployed(function, drift_monitor)
