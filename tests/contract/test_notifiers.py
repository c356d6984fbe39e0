"""What every notifier promises, read back from where it went."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from drift_monitor.alerts.chat import ChatMessage
from drift_monitor.alerts.email import LIMIT, Email
from drift_monitor.alerts.notifiers import ConsoleNotifier, FolderNotifier, Notifier, SnsNotifier


class Channel(NamedTuple):
    """A notifier, and how to read what has come out at its other end."""

    notifier: Notifier
    received: Callable[[], list[str]]


def _email(**parts: str) -> Email:
    words = {
        "name": "flights-20130624T093000Z",
        "subject": "Drift: flights, 1 of 2 columns drifted (2013-06-24)",
        "body": "Drift: 1 of 2\n  [bold]dep_delay[/bold]: 0.31 ≥ 0.1\n  日本 🙂",
        "json": '{\n  "monitor": "flights"\n}',
        "machine_json": '{"monitor":"flights","é":"日本 🙂"}',
    }
    return Email(**{**words, **parts}, attributes={"monitor": "flights", "status": "drifted"})


def _chat() -> ChatMessage:
    attributes = {"monitor": "flights", "status": "drifted", "channel": "chat"}
    json = '{"version": "1.0", "source": "custom", "content": {"description": "≥ 🙂"}}'
    return ChatMessage("flights-20130624T093000Z", "Drift: flights", json, attributes)


def _console() -> Channel:
    screen = io.StringIO()
    return Channel(ConsoleNotifier(Console(file=screen)), lambda: [screen.getvalue()])


def _folder(folder: Path) -> Channel:
    notifier = FolderNotifier(folder / "new" / "emails")
    return Channel(
        notifier,
        lambda: [file.read_text("utf-8") for file in sorted(folder.rglob("*.txt"))],
    )


Policy = Mapping[str, Sequence[object]]


class Queue:
    """A queue that is subscribed to the topic."""

    def __init__(self, filter_policy: Policy | None = None, name: str = "inbox") -> None:
        sqs, sns = boto3.client("sqs"), boto3.client("sns")
        self.topic = sns.create_topic(Name="drift")["TopicArn"]
        self._url = sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint=attributes["Attributes"]["QueueArn"],
            Attributes={"FilterPolicy": json.dumps(filter_policy)} if filter_policy else {},
        )

    def messages(self) -> list[dict[str, object]]:
        found = boto3.client("sqs").receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]


@pytest.fixture(params=["console", "folder"])
def channel(request: pytest.FixtureRequest, tmp_path: Path) -> Channel:
    """Open a notifier of each sort."""
    if request.param == "console":
        return _console()
    return _folder(tmp_path)


def test_an_email_arrives_with_its_subject_and_its_summary(channel: Channel) -> None:
    email = _email()
    channel.notifier.send(email)
    (received,) = channel.received()
    assert received.index(email.subject) < received.index(email.body)


def test_each_run_is_an_email_of_its_own(channel: Channel) -> None:
    for number in (1, 2):
        email = _email(name=f"flights-{number}", body=f"this is run {number}")
        channel.notifier.send(email)
    received = "".join(channel.received())
    assert received.count("this is run 1") == received.count("this is run 2") == 1


def test_a_folder_keeps_the_whole_text(tmp_path: Path) -> None:
    channel = _folder(tmp_path)
    channel.notifier.send(_email())
    (received,) = channel.received()
    assert received.endswith(_email().text)


def test_a_folder_keeps_a_chat_message_beside_the_email(tmp_path: Path) -> None:
    notifier = FolderNotifier(tmp_path)
    notifier.send(_email())
    notifier.send(_chat())
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "flights-20130624T093000Z.chat.json",
        "flights-20130624T093000Z.txt",
    ]
    kept = (tmp_path / "flights-20130624T093000Z.chat.json").read_text("utf-8")
    assert kept == _chat().json


def test_a_terminal_shows_no_chat_message_as_the_email_says_it() -> None:
    channel = _console()
    channel.notifier.send(_chat())
    assert channel.received() == [""]


@pytest.mark.usefixtures("aws")
def test_a_queue_gets_the_json_alone() -> None:
    queue = Queue()
    SnsNotifier(boto3.client("sns"), queue.topic).send(_email())
    (message,) = queue.messages()
    assert message["Message"] == _email().machine_json
    assert message["Subject"] == _email().subject


@pytest.mark.usefixtures("aws")
def test_the_email_part_is_the_text() -> None:
    # moto delivers no email: what it would deliver is the part that is published under that name.
    queue = Queue()
    client = boto3.client("sns")
    published: list[dict[str, str]] = []
    client.meta.events.register(
        "provide-client-params.sns.Publish", lambda params, **_: published.append(params)
    )
    SnsNotifier(client, queue.topic).send(_email())
    (call,) = published
    assert call["MessageStructure"] == "json"
    assert json.loads(call["Message"])["email"] == _email().text


@pytest.mark.usefixtures("aws")
def test_sns_gets_what_subscriptions_filter_on() -> None:
    queue = Queue()
    SnsNotifier(boto3.client("sns"), queue.topic).send(_email())
    (message,) = queue.messages()
    assert message["MessageAttributes"] == {
        "monitor": {"Type": "String", "Value": "flights"},
        "status": {"Type": "String", "Value": "drifted"},
    }


@pytest.mark.parametrize(
    ("policy", "arrives"),
    [({"monitor": ["flights"]}, True), ({"monitor": ["weather"]}, False)],
)
@pytest.mark.usefixtures("aws")
def test_a_subscription_gets_its_own_monitors(
    policy: dict[str, list[str]], *, arrives: bool
) -> None:
    queue = Queue(policy)
    SnsNotifier(boto3.client("sns"), queue.topic).send(_email())
    assert bool(queue.messages()) == arrives


# As the stack filters for an address, and as a chat channel may.
OF_PEOPLE: Policy = {"monitor": ["flights"], "channel": [{"exists": False}]}
OF_CHAT: Policy = {"channel": ["chat"]}


@pytest.mark.usefixtures("aws")
def test_people_get_no_chat_message_and_a_chat_channel_gets_nothing_else() -> None:
    people, chat = Queue(OF_PEOPLE, "people"), Queue(OF_CHAT, "chat")
    notifier = SnsNotifier(boto3.client("sns"), people.topic)
    notifier.send(_email())
    notifier.send(_chat())
    assert [message["Message"] for message in people.messages()] == [_email().machine_json]
    assert [message["Message"] for message in chat.messages()] == [_chat().json]


@pytest.mark.usefixtures("aws")
def test_sns_takes_an_email_at_our_limit() -> None:
    queue = Queue()
    fill = LIMIT - len(_email(json="").message.encode())
    email = _email(json="x" * fill)
    assert len(email.message.encode()) == LIMIT
    SnsNotifier(boto3.client("sns"), queue.topic).send(email)
    (message,) = queue.messages()
    assert message["Message"] == email.machine_json


@pytest.mark.usefixtures("aws")
def test_an_email_that_sns_refuses_is_an_error() -> None:
    notifier = SnsNotifier(boto3.client("sns"), "arn:aws:sns:eu-west-1:123456789012:gone")
    with pytest.raises(ClientError, match="NotFound"):
        notifier.send(_email())


def test_the_same_email_again_is_the_same_file(tmp_path: Path) -> None:
    channel = _folder(tmp_path)
    for _ in range(2):
        channel.notifier.send(_email())
    assert len(channel.received()) == 1
