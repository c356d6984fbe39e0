"""Where emails go: an SNS topic, a folder, or the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rich.console import Console

from drift_monitor.email import Email
from drift_monitor.store import make_folder

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Notifier(Protocol):
    """Sends an email, or raises."""

    def send(self, email: Email) -> None:
        """Send it."""


class SnsNotifier:
    """Publishes to a topic; SNS emails its subscribers, each as its filter policy says."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        """Use a topic that is there."""
        self._client = client
        self._topic_arn = topic_arn

    def send(self, email: Email) -> None:
        """Publish it."""
        self._client.publish(
            TopicArn=self._topic_arn,
            Subject=email.subject,
            Message=email.text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in email.attributes.items()
            },
        )


class FolderNotifier:
    """Writes each email to a text file."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if it is not there."""
        self._folder = folder
        make_folder(folder)

    def send(self, email: Email) -> None:
        """Write it to NAME.txt, subject first."""
        path = self._folder / f"{email.name}.txt"
        path.write_text(f"Subject: {email.subject}\n\n{email.text}", encoding="utf-8")


class ConsoleNotifier:
    """Prints what a person reads first; the JSON is on the site."""

    def __init__(self, console: Console) -> None:
        """Print to this console."""
        self._console = console

    def send(self, email: Email) -> None:
        """Print it."""
        self._console.print(f"{email.subject}\n\n{email.summary}", markup=False, highlight=False)
