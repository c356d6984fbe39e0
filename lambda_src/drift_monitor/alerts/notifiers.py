"""Notifiers: they send messages to an SNS topic, a folder or the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rich.console import Console

from drift_monitor.alerts.chat import ChatMessage
from drift_monitor.alerts.email import Email
from drift_monitor.storage import make_folder

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

Message = Email | ChatMessage


class Notifier(Protocol):
    """Sends a message, or raises."""

    def send(self, message: Message) -> None:
        """Send it."""


class SnsNotifier:
    """Publishes to a topic; SNS passes it on to its subscribers, as each one's filter says."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        """Use an existing topic."""
        self._client = client
        self._topic_arn = topic_arn

    def send(self, message: Message) -> None:
        """Publish it: an email in two parts, of which SNS gives each subscriber its own."""
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in message.attributes.items()
        }
        if isinstance(message, Email):
            self._client.publish(
                TopicArn=self._topic_arn,
                Subject=message.subject,
                Message=message.message,
                MessageStructure="json",
                MessageAttributes=attributes,
            )
        else:
            self._client.publish(
                TopicArn=self._topic_arn, Message=message.json, MessageAttributes=attributes
            )


class FolderNotifier:
    """Writes each email to a text file, each chat message to a JSON file."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if it is not there."""
        self._folder = folder
        make_folder(folder)

    def send(self, message: Message) -> None:
        """Write it to NAME.txt, subject first, or to NAME.chat.json."""
        if isinstance(message, Email):
            name, text = "txt", f"Subject: {message.subject}\n\n{message.text}"
        else:
            name, text = "chat.json", message.json
        (self._folder / f"{message.name}.{name}").write_text(text, encoding="utf-8")


class ConsoleNotifier:
    """Prints an email's subject and body; the JSON is on the site, and a chat says the same."""

    def __init__(self, console: Console) -> None:
        """Print to this console."""
        self._console = console

    def send(self, message: Message) -> None:
        """Print it."""
        if isinstance(message, Email):
            text = f"{message.subject}\n\n{message.body}"
            self._console.print(text, markup=False, highlight=False)
