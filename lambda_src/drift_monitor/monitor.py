"""What a monitor's YAML file says. The CDK app, the Lambda function and the command line share it.

Importing this module is cheap: no pandas, no Evidently, no boto3.
"""

import re
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from drift_monitor.config_model import ConfigModel
from drift_monitor.drift_rules import ColumnPattern, Drift
from drift_monitor.monitored_tables import CurrentTable, ReferenceTable
from drift_monitor.schedule import Schedule

EVERY_MONDAY = "cron(30 9 ? * MON *)"


def _schedule(expression: str) -> str:
    Schedule(expression)
    return expression


def _email(address: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+", address):
        raise ValueError(f"{address} is not an email address")
    return address


EmailAddress = Annotated[str, AfterValidator(_email)]


class Roles(ConfigModel):
    """Columns with a part of their own."""

    prediction: str | None = None
    """What the model answers. Scored like a covariate."""
    target: str | None = None
    """What the model is trained to answer. Scored like a covariate."""
    id: list[str] = []
    """Columns that name a row. Not scored."""
    timestamp: str | None = None
    """When a row happened. Not scored."""


class Columns(ConfigModel):
    """Which columns are compared, and as what."""

    include: list[ColumnPattern] = ["*"]
    """The columns to compare."""
    exclude: list[ColumnPattern] = []
    """Of those, the columns to leave out."""
    categorical: list[ColumnPattern] = []
    """Columns of numbers that are codes, not quantities: compared as categories."""
    roles: Roles = Roles()

    def includes(self, column: str) -> bool:
        """Tell whether a column is to be compared."""
        return _matches(column, self.include) and not _matches(column, self.exclude)

    def is_categorical(self, column: str) -> bool:
        """Tell whether a column's numbers are codes."""
        return _matches(column, self.categorical)

    def role_of(
        self, column: str
    ) -> Literal["covariate", "prediction", "target", "id", "timestamp"]:
        """Return a column's part in the table."""
        if column in self.roles.id:
            return "id"
        for role in ("prediction", "target", "timestamp"):
            if column == getattr(self.roles, role):
                return role
        return "covariate"


class Alerts(ConfigModel):
    """Who is told, and when: docs/alerts.md."""

    emails: list[EmailAddress] = []
    """Where the email goes. Left empty, to the addresses in the deployment's settings."""
    when: Literal["always", "on_drift", "on_change"] = "always"
    """always: each run; on_drift: when an alarm begins, goes on, ends; on_change: on any change."""
    after: Annotated[int, Field(ge=1, le=100)] = 1
    """How many runs in a row the table or a column must exceed its threshold before it alarms."""
    remind_every: Annotated[int, Field(ge=1, le=100)] | None = None
    """Tell of drift that goes on every so many runs. Default: on_drift every run, on_change never.
    """
    chat: bool = False
    """Also publish a message for Amazon Q Developer in chat applications (Slack, Teams)."""


class Monitor(ConfigModel):
    """One monitored table: what is compared, when, how, and who is told."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$")]
    """Lower-case letters, digits and hyphens, 48 at most; it is a folder on the site."""
    schedule: Annotated[str, AfterValidator(_schedule)] = EVERY_MONDAY
    """An EventBridge cron expression, in UTC."""
    reference: ReferenceTable
    current: CurrentTable
    minimum_rows: Annotated[int, Field(ge=1)] = 100
    """A table with fewer rows, on either side, fails the run."""
    columns: Columns = Columns()
    drift: Drift = Drift()
    alerts: Alerts = Alerts()
    column_metrics: bool = False
    """Whether each column's score is a CloudWatch metric too, at up to 0.30 $ a month each."""

    @property
    def named_columns(self) -> set[str]:
        """The columns that the monitor names exactly, without a wildcard."""
        roles = self.columns.roles
        patterns = [
            *self.columns.include,
            *self.columns.categorical,
            *self.drift.columns,
            *roles.id,
            *(name for name in (roles.prediction, roles.target, roles.timestamp) if name),
        ]
        return {pattern for pattern in patterns if not re.search(r"[*?\[]", pattern)}


def run_event(monitor: Monitor, scheduled_at: str, event_id: str) -> dict[str, object]:
    """Return the JSON with which the Lambda function runs a monitor: its whole configuration.

    Args:
        monitor: what to run.
        scheduled_at: the run's time (RFC 3339), or EventBridge's placeholder for it.
        event_id: names what asked for the run, or EventBridge's placeholder for it.
    """
    return {
        "monitor": monitor.model_dump(mode="json", exclude_none=True),
        "scheduled_at": scheduled_at,
        "event_id": event_id,
    }


def _matches(column: str, patterns: list[str]) -> bool:
    return any(column == pattern or fnmatchcase(column, pattern) for pattern in patterns)
