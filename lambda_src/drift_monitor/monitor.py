"""What a monitor's YAML file says. The CDK app, the Lambda function and the command line share it.

Importing this module is cheap: no pandas, no Evidently, no boto3.
"""

import re
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from drift_monitor.drift.correction import Correction
from drift_monitor.drift.methods import METHODS, Kind
from drift_monitor.location import Location
from drift_monitor.schedule import Schedule

EVERY_MONDAY = "cron(30 9 ? * MON *)"

_WINDOW_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def _location(text: str) -> str:
    Location.parse(text)
    return text


def _schedule(expression: str) -> str:
    Schedule(expression)
    return expression


def _email(address: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+", address):
        raise ValueError(f"{address} is not an email address")
    return address


LocationText = Annotated[
    str,
    AfterValidator(_location),
    Field(
        description="An s3:// URI or a path relative to the working folder: a Parquet or CSV file "
        "(.gz too), a folder of them, or a glob.",
        examples=["s3://bucket/table/reference.parquet"],
    ),
]
EmailAddress = Annotated[str, AfterValidator(_email)]
# Written out, as a type checker wants it; a test compares it with METHODS.
MethodName = Literal[
    "anderson",
    "chisquare",
    "cramer_von_mises",
    "ed",
    "empirical_mmd",
    "es",
    "fisher_exact",
    "g_test",
    "hellinger",
    "jensenshannon",
    "kl_div",
    "ks",
    "mannw",
    "psi",
    "t_test",
    "TVD",
    "wasserstein",
    "z",
]
ColumnPattern = Annotated[str, Field(description="A column's name, or a glob such as *_delay.")]


class _Model(BaseModel):
    """A part of a monitor: unknown keys are mistakes, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReferenceTable(_Model):
    """The table that the model was trained on."""

    location: LocationText

    @field_validator("location")
    @classmethod
    def _is_pinned(cls, text: str) -> str:
        if Location.parse(text).is_dated:
            raise ValueError("the reference is pinned: its location takes no {date:…}")
        return text


class CurrentTable(_Model):
    """The table that the model sees now.

    With `{date:…}` in the location there is a file or a folder per day or hour, and the window says
    how far back from the scheduled time to read.
    """

    location: LocationText
    window: (
        Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}[hdw]$"), Field(examples=["7d"])]
        | None
    ) = None
    """How much time to read before the scheduled time: hours, days or weeks: 24h, 7d, 4w."""

    @property
    def span(self) -> timedelta | None:
        """The window as a duration."""
        if self.window is None:
            return None
        return timedelta(**{_WINDOW_UNITS[self.window[-1]]: int(self.window[:-1])})

    @model_validator(mode="after")
    def _window_fits_location(self) -> Self:
        location = Location.parse(self.location)
        if location.is_dated and self.span is None:
            raise ValueError("a location with {date:…} needs a window, such as window: 7d")
        if self.span is not None:
            if not location.is_dated:
                raise ValueError("a window needs {date:…} in the location, such as {date:%Y-%m-%d}")
            if self.span < location.partition:
                raise ValueError(f"a window of {self.window} is shorter than one {{date:…}} covers")
        return self


class Roles(_Model):
    """Columns with a part of their own."""

    prediction: str | None = None
    """What the model answers. Scored like a covariate."""
    target: str | None = None
    """What the model is trained to answer. Scored like a covariate."""
    id: list[str] = []
    """Columns that name a row. Not scored."""
    timestamp: str | None = None
    """When a row happened. Not scored."""


class Columns(_Model):
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


class DriftRule(_Model):
    """How drift is scored. What is left out comes from the next wider rule, then from Evidently."""

    method: MethodName | None = None
    """Evidently's name of the method. Left out, Evidently's own choice by rows, kind and values."""
    threshold: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Drift begins here: at or above it for a distance, below it for a p-value."""


class Drift(_Model):
    """Methods and thresholds: by column, else by kind, else by default, else Evidently's."""

    drifted_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """The table has drifted when at least this share of its scored columns has."""
    correction: Correction = "none"
    """bonferroni or benjamini_hochberg: lower p-values' thresholds for the number of columns."""
    default: DriftRule = DriftRule()
    numeric: DriftRule = DriftRule()
    categorical: DriftRule = DriftRule()
    columns: dict[ColumnPattern, DriftRule] = {}
    """By column. An exact name wins over a glob, an earlier glob over a later one."""

    @model_validator(mode="after")
    def _methods_fit_kinds(self) -> Self:
        wants = {
            "default": {Kind.NUMERIC, Kind.CATEGORICAL},
            "numeric": {Kind.NUMERIC},
            "categorical": {Kind.CATEGORICAL},
        }
        for part, kinds in wants.items():
            method = getattr(self, part).method
            unfit = kinds - METHODS[method].kinds if method else set()
            if unfit:
                raise ValueError(f"{part}.method: {method} does not score {min(unfit)} columns")
        return self

    def rule_for(self, column: str, kind: Kind) -> DriftRule:
        """Return the method and threshold for a column; None where Evidently's are to be used.

        A threshold counts for the method it was written beside or for a wider rule's method, never
        for the method of a narrower rule: 0.1 meant for a distance is no bound for a p-value.
        """
        threshold = None
        for rule in self._rules_for(column, kind):
            threshold = rule.threshold if threshold is None else threshold
            if rule.method is not None:
                return DriftRule(method=rule.method, threshold=threshold)
        return DriftRule(threshold=threshold)

    def _rules_for(self, column: str, kind: Kind) -> list[DriftRule]:
        """List the rules that speak of a column, the narrowest first."""
        globs = [rule for glob, rule in self.columns.items() if fnmatchcase(column, glob)]
        exact = [self.columns[column]] if column in self.columns else []
        own = exact or globs[:1]
        if kind is Kind.TIMESTAMP:  # scored only where a method is asked for, by column
            return own
        by_kind = self.numeric if kind is Kind.NUMERIC else self.categorical
        return [*own, by_kind, self.default]


class Alerts(_Model):
    """Who is told, and when."""

    emails: list[EmailAddress] = []
    """Where the email goes. Left empty, to the addresses in the deployment's settings."""
    when: Literal["always", "on_drift", "on_change"] = "always"
    """always: each run; on_drift: when the table drifted; on_change: when a status changed."""


class Monitor(_Model):
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
    """Whether each column's score is a CloudWatch metric too: 0.30 $ a month for every column."""

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
