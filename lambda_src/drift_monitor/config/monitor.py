"""What a monitor's YAML file says, for the CDK app, the Lambda function and the command line.

Importing this module is cheap: no pandas, no Evidently, no boto3.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from drift_monitor.config.checks import Checks
from drift_monitor.config.drift import Drift
from drift_monitor.config.importance import Importance
from drift_monitor.config.model import ConfigModel
from drift_monitor.config.patterns import ColumnPattern, pattern_for
from drift_monitor.config.quality import QualityRules
from drift_monitor.config.schedule import Schedule
from drift_monitor.config.slices import SliceRules
from drift_monitor.config.tables import CurrentTable, ReferenceTable, places_of
from drift_monitor.config.transforms import TransformName

EVERY_MONDAY = "cron(30 9 ? * MON *)"

Role = Literal["covariate", "prediction", "target", "id", "timestamp"]
"""What a column is to the model."""


def _schedule(expression: str) -> str:
    Schedule(expression)
    return expression


def _email(address: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+", address):
        raise ValueError(f"{address} is not an email address")
    return address


EmailAddress = Annotated[str, AfterValidator(_email)]


class Roles(ConfigModel):
    """Columns with a role of their own."""

    prediction: str | None = None
    """The model's prediction. Scored like a covariate."""
    target: str | None = None
    """What the model is trained to predict. Scored like a covariate."""
    id: list[str] = []
    """Columns that identify a row. Not scored."""
    timestamp: str | None = None
    """The time of a row's event. Not scored."""


class Columns(ConfigModel):
    """Which columns are compared, and as what."""

    include: list[ColumnPattern] = ["*"]
    """The columns to compare."""
    exclude: list[ColumnPattern] = []
    """Of those, the columns to leave out."""
    categorical: list[ColumnPattern] = []
    """Columns of numbers that are codes, not quantities: compared as categories."""
    roles: Roles = Roles()
    importance: Importance = None
    """What each covariate weighs in the verdict: by column, or a file: docs/model-quality.md."""

    def includes(self, column: str) -> bool:
        """Return whether a column is to be compared."""
        is_included = pattern_for(column, self.include) is not None
        return is_included and pattern_for(column, self.exclude) is None

    def is_categorical(self, column: str) -> bool:
        """Return whether a column's numbers are codes."""
        return pattern_for(column, self.categorical) is not None

    def role_of(self, column: str) -> Role:
        """Return a column's role in the table."""
        if column in self.roles.id:
            return "id"
        for role in ("prediction", "target", "timestamp"):
            if column == getattr(self.roles, role):
                return role
        return "covariate"


class Alerts(ConfigModel):
    """Who gets messages, and when: docs/alerts.md."""

    emails: list[EmailAddress] = []
    """Where the email goes. Left empty, to the addresses in the deployment's settings."""
    when: Literal["always", "on_drift", "on_change"] = "always"
    """always: each run; on_drift: when an alert begins, goes on, ends; on_change: on any change."""
    after: Annotated[int, Field(ge=1, le=100)] = 1
    """How many runs in a row the table or a column must exceed its threshold for an alert."""
    remind_every: Annotated[int, Field(ge=1, le=100)] | None = None
    """A reminder of an alert is due every so many runs. Default: on_drift 1, on_change none."""
    chat: bool = False
    """Also publish a message for Amazon Q Developer in chat applications (Slack, Teams)."""


class Monitor(ConfigModel):
    """One monitored table: what is compared, when, how, and who gets messages."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$")]
    """Lower-case letters, digits and hyphens, 48 at most; it is a folder on the site."""
    schedule: Annotated[str, AfterValidator(_schedule)] = EVERY_MONDAY
    """An EventBridge cron expression, in UTC."""
    reference: ReferenceTable
    current: CurrentTable
    minimum_rows: Annotated[int, Field(ge=1)] = 100
    """A window with fewer rows is a run without data; another table with fewer fails the run. The
    default is where only shifts of a third of a standard deviation and more can be told from
    chance: docs/verdicts.md."""
    columns: Columns = Columns()
    drift: Drift = Drift()
    checks: Checks | None = None
    """What current must be like, beside the reference and its baseline: docs/checks.md. Left out,
    the default checks run."""
    model_quality: QualityRules | None = None
    """How the predictions are compared with the labels: docs/model-quality.md."""
    transform: TransformName | None = None
    """A Python file of lambda_src/transforms that both tables' rows go through before they are
    compared: docs/transform.md."""
    slices: SliceRules | None = None
    """By which columns the rows are sliced, to compare each slice by itself: docs/slices.md."""
    engine: Annotated[
        Literal["columns", "spark"], Field(exclude_if=lambda engine: engine == "columns")
    ] = "columns"
    """What compares the tables. columns: the function, for what fits it; spark: a job on EMR
    Serverless, for tables beyond it: docs/spark.md."""
    alerts: Alerts = Alerts()
    column_metrics: bool = False
    """Whether each column's score is a CloudWatch metric too, at up to 0.30 $ a month each."""

    @field_validator("current")
    @classmethod
    def _reference_fits(cls, current: CurrentTable, others: ValidationInfo) -> CurrentTable:
        if "reference" in others.data:
            others.data["reference"].require_fit(current)
        return current

    @field_validator("model_quality")
    @classmethod
    def _columns_are_named(
        cls, quality: QualityRules | None, others: ValidationInfo
    ) -> QualityRules | None:
        if quality is not None and {"columns", "current"} <= others.data.keys():
            roles = others.data["columns"].roles
            quality.require_columns(
                prediction=roles.prediction,
                target=roles.target,
                ids=roles.id,
                has_window=others.data["current"].window is not None,
            )
        return quality

    @property
    def locations(self) -> dict[str, str]:
        """Where the monitor reads, by the field that says so."""
        importance, quality = self.columns.importance, self.model_quality
        labels = quality.labels if quality else None
        said = {
            **{f"reference.{field}": place for field, place in places_of(self.reference).items()},
            **{f"current.{field}": place for field, place in places_of(self.current).items()},
            "columns.importance": importance if isinstance(importance, str) else None,
            "model_quality.labels.location": labels.location if labels else None,
        }
        return {field: location for field, location in said.items() if location is not None}

    @property
    def named_columns(self) -> set[str]:
        """The columns that the monitor names exactly, without a wildcard."""
        roles = self.columns.roles
        patterns = [
            *self.columns.include,
            *self.columns.categorical,
            *self.drift.columns,
            *(self.checks.columns if self.checks else ()),
            *(self.columns.importance if isinstance(self.columns.importance, dict) else ()),
            *(self.slices.by if self.slices else ()),
            *roles.id,
            *(name for name in (roles.prediction, roles.target, roles.timestamp) if name),
        ]
        return {pattern for pattern in patterns if not re.search(r"[*?\[]", pattern)}
