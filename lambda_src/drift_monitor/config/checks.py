"""What a monitor's file says of its checks: docs/checks.md."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from drift_monitor.config.drift import Severity
from drift_monitor.config.model import ConfigModel
from drift_monitor.config.patterns import ColumnPattern, pattern_for

_WORDS = ["warn", "critical", "off"]

CheckName = Literal[
    "missing_columns",
    "new_columns",
    "changed_types",
    "no_values",
    "constant",
    "null_share",
    "infinite_values",
    "spike",
    "range",
    "unseen_categories",
    "duplicate_ids",
    "baseline_is_stale",
    "model_quality",
]


@dataclass(frozen=True)
class Rule:
    """What a check allows.

    Attributes:
        limit: the value above which it fails.
        severity: how bad that is.
    """

    limit: float
    severity: Severity


DEFAULTS: dict[CheckName, Rule] = {
    "missing_columns": Rule(0, "critical"),
    "new_columns": Rule(0, "warn"),
    "changed_types": Rule(0, "critical"),
    "no_values": Rule(0, "critical"),
    "constant": Rule(0, "critical"),
    "null_share": Rule(0.05, "warn"),
    "infinite_values": Rule(0, "warn"),
    "spike": Rule(0.001, "warn"),
    "range": Rule(0.01, "warn"),
    "unseen_categories": Rule(0.01, "warn"),
    "duplicate_ids": Rule(0, "warn"),
    "baseline_is_stale": Rule(0, "warn"),
}


def _word(given: object) -> object:
    """Accept `off` as YAML 1.1 reads it: as false."""
    return "off" if given is False else given


def _long_form(given: object) -> object:
    """Accept a severity alone as a rule."""
    given = _word(given)
    return {"severity": given} if isinstance(given, str) else given


class _OrWord:
    """Lets the schema accept a severity alone, where the file has one in place of a rule."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(core_schema), {"enum": [*_WORDS, False]}]}


class _Word:
    """Lets the schema accept `off` as YAML 1.1 reads it."""

    def __get_pydantic_json_schema__(
        self, _core_schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"enum": [*_WORDS, False]}


Level = Annotated[Literal["warn", "critical", "off"], BeforeValidator(_word), _Word()]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class CheckRule(ConfigModel):
    """What a check allows; what is left out comes from the table's rule, then from the default."""

    limit: Share | None = None
    """The check fails above this share."""
    severity: Level | None = None
    """How bad that is: warn, critical, or off: it is not checked."""


LimitedCheck = Annotated[CheckRule, BeforeValidator(_long_form), _OrWord()]


class ColumnChecks(ConfigModel):
    """What the checks allow for some columns."""

    missing_columns: Level | None = None
    """Whether the column may be missing in current."""
    new_columns: Level | None = None
    """Whether the column may be new in current."""
    changed_types: Level | None = None
    """Whether the column may be of another type."""
    no_values: Level | None = None
    """Whether the column may be without any value."""
    constant: Level | None = None
    """Whether the column may have the same value in every row."""
    null_share: LimitedCheck | None = None
    """How far the share of rows without a value may move; beside a baseline, how far up."""
    infinite_values: LimitedCheck | None = None
    """How much higher the share of infinite numbers may be."""
    spike: LimitedCheck | None = None
    """The share of rows that may have one number which is rare in reference."""
    range: LimitedCheck | None = None
    """The share of numbers that may lie outside the baseline's."""
    unseen_categories: LimitedCheck | None = None
    """The share of values that may be of a category which reference does not have; beside a
    baseline, of all such categories together."""


class Checks(ConfigModel):
    """What current must be like, beside reference, and beside its baseline if it has one."""

    missing_columns: Level = "critical"
    """Columns of reference that current lacks."""
    new_columns: Level = "warn"
    """Columns of current that reference lacks."""
    changed_types: Level = "critical"
    """Columns that hold another kind of value than in reference."""
    no_values: Level = "critical"
    """Columns that have values in reference, and none in current."""
    constant: Level = "critical"
    """Columns that have several values in reference, and the same one in all rows of current."""
    null_share: LimitedCheck = CheckRule()
    """How far a column's share of rows without a value moved, up or down; beside a baseline, how
    far up. Default 0.05."""
    infinite_values: LimitedCheck = CheckRule()
    """How much the share of infinite numbers is above reference's. Default 0."""
    spike: LimitedCheck = CheckRule()
    """The share of rows that have exactly one number, at least ten times as many as in reference.
    Default 0.001."""
    range: LimitedCheck = CheckRule()
    """The share of a column's numbers that lie outside the baseline's. Default 0.01."""
    unseen_categories: LimitedCheck = CheckRule()
    """The share of a column's values whose category reference does not have, of the most frequent
    such category; beside a baseline, of all of them. Default 0.01."""
    duplicate_ids: LimitedCheck = CheckRule()
    """How much the share of rows that repeat an earlier row's ids, all columns of roles.id
    together, is above the baseline's. Default 0."""
    baseline_is_stale: Level = "warn"
    """The reference has changed since its baseline was written."""
    columns: dict[ColumnPattern, ColumnChecks] = {}
    """By column. An exact name wins over a glob, an earlier glob over a later one."""

    def rule_for(self, check: CheckName, column: str | None = None) -> Rule | None:
        """Return what a check allows; None where it is off."""
        own = getattr(self._own(column), check, None) if column is not None else None
        wanted = [_as_rule(each) for each in (own, getattr(self, check)) if each is not None]
        default = DEFAULTS[check]
        severity = next((rule.severity for rule in wanted if rule.severity), default.severity)
        if severity == "off":
            return None
        limit = next((rule.limit for rule in wanted if rule.limit is not None), default.limit)
        return Rule(limit, severity)

    def names(self, check: CheckName, column: str) -> bool:
        """Return whether the file has a rule for this check by column."""
        return getattr(self._own(column), check, None) is not None

    def _own(self, column: str) -> ColumnChecks | None:
        pattern = pattern_for(column, self.columns)
        return None if pattern is None else self.columns[pattern]


def _as_rule(given: CheckRule | Level) -> CheckRule:
    return given if isinstance(given, CheckRule) else CheckRule(severity=given)
