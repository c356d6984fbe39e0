"""The image, containers of it, and an account that they reach through a proxy of the tests'."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

# Read when the CDK's engine starts: template validation costs seconds, and tests/infra has it.
os.environ.setdefault("CDK_VALIDATION", "false")

from container import Function, docker, inspect
from faulty_proxy import FaultyProxy
from infra.synthesis import Scenario, Template, delivered, monitor, synthesize
from published import Site
from tables import as_csv, as_parquet, methods_table, orders_files

from drift_monitor.config.methods import METHODS, OF_THE_JUDGE

CONTEXT = Path(__file__).parents[2] / "lambda_src"
TABLES = "tables"  # as infra.synthesis.monitor has it
SITE = "site"
EARLIER_RUN, RUN = "20260309T093000Z", "20260316T093000Z"
VERSION, REVISION = "v1-test", "0123456789abcdef0123456789abcdef01234567"

Event = dict[str, Any]
EventOf = Callable[[str, str], Event]
MakeFunction = Callable[..., Function]


def build(context: Path, tag: str, extras: str = "") -> str:
    """Build the image of a context; the engine keeps what has not changed since the last time."""
    base = os.environ.get("PYTHON_VERSION")
    docker(
        *("build", "--quiet", "--tag", tag),
        *("--build-arg", f"VERSION={VERSION}", "--build-arg", f"REVISION={REVISION}"),
        *(("--build-arg", f"PYTHON_VERSION={base}") if base else ()),
        *(("--build-arg", f"EXTRAS={extras}") if extras else ()),
        str(context),
    )
    return tag


@pytest.fixture(scope="session")
def image() -> str:
    """Build the image; return its tag."""
    return build(CONTEXT, "drift_monitor:test")


@pytest.fixture(scope="session")
def network() -> Iterator[str]:
    """Make a network with this machine on it and no way out."""
    name = f"drift-monitor-{os.getpid()}"
    docker("network", "create", "--internal", name)
    yield name
    docker("network", "rm", name)


@pytest.fixture(scope="session")
def _proxy(_moto: str, network: str) -> Iterator[FaultyProxy]:
    gateway = inspect(network)["IPAM"]["Config"][0]["Gateway"]
    proxy = FaultyProxy(gateway, _moto)
    yield proxy
    proxy.close()


@pytest.fixture
def proxy(_proxy: FaultyProxy) -> Iterator[FaultyProxy]:
    """Return what stands between the function and the account, without a fault as yet."""
    _proxy.mend()
    yield _proxy
    _proxy.mend()


@pytest.fixture(scope="session")
def method_columns() -> list[tuple[str, str]]:
    """Return each method with each kind of column that it scores."""
    named = {name: found for name, found in METHODS.items() if name not in OF_THE_JUDGE}
    return [(name, str(kind)) for name, found in named.items() for kind in sorted(found.kinds)]


@pytest.fixture(scope="session")
def template(method_columns: list[tuple[str, str]]) -> Template:
    """Return the stack of two monitors, and of one that uses every method."""
    every_method = {f"{method}_{kind}": {"method": method} for method, kind in method_columns}
    monitors = (
        monitor("orders", columns={"roles": {"id": ["customer"]}}, drift={"drifted_share": 0.1}),
        monitor(
            "returns",
            reference={"location": "s3://tables/orders/reference.parquet"},
            current={"location": "s3://tables/orders/daily/2026-03-15.parquet"},
        ),
        monitor(
            "methods",
            reference={"location": "s3://tables/methods/reference.csv"},
            current={"location": "s3://tables/methods/current.parquet"},
            drift={"columns": every_method},
            column_metrics=True,
        ),
    )
    return synthesize(Scenario(monitors))


@pytest.fixture(scope="session")
def event_of(template: Template) -> EventOf:
    """Return what a monitor's deployed rule sends at a time."""

    def event(name: str, time: str) -> Event:
        occasion = {"time": time, "id": "7bf73129-1428-4cd3-a780-95db273d1602"}
        return delivered(template.rule(f"Schedule{name}Scheduled"), occasion)

    return event


@pytest.fixture(scope="session")
def earlier(event_of: EventOf) -> Event:
    """Return the event of the first week."""
    return event_of("orders", "2026-03-09T09:30:00Z")


@pytest.fixture(scope="session")
def event(event_of: EventOf) -> Event:
    """Return the event of the second week."""
    return event_of("orders", "2026-03-16T09:30:00Z")


@pytest.fixture(scope="session")
def _files(method_columns: list[tuple[str, str]]) -> dict[str, bytes]:
    return {
        **orders_files(),
        "methods/reference.csv": as_csv(methods_table(method_columns, 0)),
        "methods/current.parquet": as_parquet(methods_table(method_columns, 1)),
    }


@pytest.fixture
def account(aws: str, _files: dict[str, bytes], proxy: FaultyProxy) -> str:  # noqa: ARG001
    """Put the tables and what the stack deploys into an empty account; return the topic."""
    s3 = boto3.client("s3")
    for bucket in (TABLES, SITE):
        region = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
    for key, body in _files.items():
        s3.put_object(Bucket=TABLES, Key=key, Body=body)
    topic: str = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    return topic


@pytest.fixture
def site(account: str) -> Site:  # noqa: ARG001 - where the bucket is
    """Return the site's bucket."""
    return Site(SITE)


@pytest.fixture(scope="session")
def _earlier_files() -> dict[str, dict[str, Any]]:
    return {}


@pytest.fixture
def earlier_site(
    site: Site,
    function: Function,
    earlier: Event,
    proxy: FaultyProxy,
    _earlier_files: dict[str, dict[str, Any]],
) -> Site:
    """Return the site with the first week's run on it; the run is run once."""
    if _earlier_files:
        site.put(_earlier_files)
    else:
        function.invoke(earlier)
        proxy.mend()  # its requests are not the test's
        _earlier_files.update(site.files())
    return site


class Inbox:
    """A queue that is subscribed to the topic."""

    def __init__(self, topic: str) -> None:
        self._sqs = boto3.client("sqs")
        self._queue = self._sqs.create_queue(QueueName="inbox")["QueueUrl"]
        named = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = named["Attributes"]["QueueArn"]
        boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self._received: list[dict[str, Any]] = []

    def messages(self) -> list[dict[str, Any]]:
        """Return every message that has come."""
        while True:
            some = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
            if not some.get("Messages"):
                return self._received
            for message in some["Messages"]:
                self._received.append(json.loads(message["Body"]))
                self._sqs.delete_message(
                    QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"]
                )

    def runs(self) -> list[str]:
        """Return the run that each message is about."""
        return sorted(json.loads(message["Message"])["run_id"] for message in self.messages())


@pytest.fixture
def inbox(account: str) -> Inbox:
    """Subscribe a queue to the topic."""
    return Inbox(account)


@pytest.fixture(scope="session")
def _start(
    image: str, network: str, template: Template, _proxy: FaultyProxy
) -> Callable[..., Function]:
    """Start a container with the deployed function's environment, and what Lambda adds to it."""
    deployed = template.properties("AWS::Lambda::Function")["Environment"]["Variables"]
    generated = {
        "SITE_BUCKET": SITE,
        "SITE_URL": "http://site.example.com",
        "TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:alerts",
    }
    environment = {
        **{name: value for name, value in deployed.items() if isinstance(value, str)},
        **generated,
        **{name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")},
        "AWS_SESSION_TOKEN": "testing",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "300",
        "AWS_ENDPOINT_URL": _proxy.url,
    }
    assert environment.keys() >= deployed.keys()

    def start(*, memory: str = "1024m", timeout: int = 300) -> Function:
        limits = {"AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout)}
        return Function(image, network, {**environment, **limits}, memory=memory)

    return start


@pytest.fixture
def make_function(_start: Callable[..., Function]) -> Iterator[MakeFunction]:
    """Start containers of the test's own: a cold start each."""
    made: list[Function] = []

    def make(**limits: Any) -> Function:  # noqa: ANN401 - as _start has them
        made.append(_start(**limits))
        return made[-1]

    yield make
    for function in made:
        function.remove()


@pytest.fixture(scope="session")
def function(_start: Callable[..., Function]) -> Iterator[Function]:
    """Start a container that serves test after test, as Lambda keeps one warm."""
    started = _start()
    yield started
    started.remove()


@pytest.fixture(scope="session")
def other_function(_start: Callable[..., Function]) -> Iterator[Function]:
    """Start a second one, as Lambda does when events overlap."""
    started = _start()
    yield started
    started.remove()
