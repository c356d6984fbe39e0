"""What a monitor's file says of drift: methods, and thresholds for warn and critical."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from drift_monitor.config.methods import METHODS, OF_THE_JUDGE, Kind, MethodName
from drift_monitor.config.model import ConfigModel
from drift_monitor.config.patterns import ColumnPattern, pattern_for

Severity = Literal["warn", "critical"]

Judge = Literal["calibrated", "history", "evidently"]

Direction = Literal["up", "down"]

Correction = Literal["none", "bonferroni", "benjamini_hochberg"]


def _can_be_named(method: MethodName) -> MethodName:
    if method in OF_THE_JUDGE:
        raise ValueError(f"{method} is the judge's where no method is named: leave it out")
    return method


_NAMES = sorted({*map(str, MethodName)} - OF_THE_JUDGE)

# Inline in the JSON schema, so that an editor shows the names where one is written.
_Method = Annotated[
    MethodName, AfterValidator(_can_be_named), WithJsonSchema({"enum": _NAMES, "type": "string"})
]


class DriftRule(ConfigModel):
    """How drift is scored. What is left out comes from the next wider rule, then from the judge."""

    method: _Method | None = None
    """The name of the method. Left out, the judge's own."""
    threshold: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Drift (warn) begins here: at or above it for a distance, below it for a p-value. Where no
    method is named, numbers are judged in robust standard deviations (default 0.1), categories and
    numbers of at most five values by the points of a share (default 0.05); with judge: history, in
    multiples of what is unusual (default 1)."""
    critical: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Critical drift begins here, further out: above threshold for a distance, below for a p-value.
    """
    direction: Direction | None = None
    """Count only numbers that became larger (up) or smaller (down) as drift. Left out, both."""


class WholeTableRule(ConfigModel):
    """Whether a classifier tells current's rows from reference's, by all columns together."""

    threshold: Annotated[float, Field(gt=0.5, lt=1)] = 0.55
    """Drift (warn) begins here. It is an AUC: 0.5 where the rows are alike, 1 where each is told.
    """
    critical: Annotated[float, Field(gt=0.5, lt=1)] | None = None
    """Critical drift begins here: above threshold."""

    @model_validator(mode="after")
    def _critical_is_further_out(self) -> Self:
        if self.critical is not None and self.critical <= self.threshold:
            raise ValueError(
                f"critical: {self.critical:g} is not above threshold ({self.threshold:g})"
            )
        return self


LONGEST_MUTE = 366
"""Days: what is muted for longer is forgotten."""


class Mute(ConfigModel):
    """Columns whose drift is shown, and tells nobody, for a known reason and until a known day."""

    columns: list[ColumnPattern] = ["*"]
    """Names or globs. Left out, all columns."""
    since: date | None = None
    """The first day (UTC). Left out, all days before the end."""
    until: date
    """The day (UTC) from which drift counts again, at most a year after since. Runs are muted by
    their scheduled time."""
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    """Why. It is shown beside each muted column."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.since is not None and self.until <= self.since:
            raise ValueError(f"until: {self.until} is not after since ({self.since})")
        if self.since is not None and (self.until - self.since).days > LONGEST_MUTE:
            raise ValueError(f"until: {self.until} is more than a year after since ({self.since})")
        return self

    def covers(self, column: str, moment: datetime) -> bool:
        """Return whether a column is muted in a run of this time (aware)."""
        day = moment.astimezone(UTC).date()
        is_time = day < self.until and (self.since is None or day >= self.since)
        return is_time and pattern_for(column, self.columns) is not None


_SHARE_OF_A_COLUMN = 10
"""A column's own rate of false alarms is at most so much less than the table's."""


class Drift(ConfigModel):
    """Methods and thresholds: by column, else by kind, else by default, else the judge's."""

    judge: Judge = "calibrated"
    """calibrated: a column has drifted where its score is beyond both its threshold and what chance
    alone gives at these rows; history: where it is unlike earlier runs; evidently: by Evidently's
    own rule. See docs/verdicts.md."""
    false_alarm_rate: Annotated[float, Field(ge=1e-6, le=0.2)] = 0.01
    """Of runs in which nothing moved, the calibrated judge says drift in at most this share; of a
    run's columns, in at most a tenth of it."""
    drifted_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """The table has drifted (warn) when at least this share of its scored columns has. Left out,
    for the calibrated judge, when one has; for Evidently's, from 0.5 on."""
    critical_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """The drift is critical from this share on: above drifted_share."""
    correction: Correction = "none"
    """bonferroni or benjamini_hochberg: lower p-values' thresholds for the number of columns."""
    default: DriftRule = DriftRule()
    numeric: DriftRule = DriftRule()
    categorical: DriftRule = DriftRule()
    columns: dict[ColumnPattern, DriftRule] = {}
    """By column. An exact name wins over a glob, an earlier glob over a later one."""
    whole_table: WholeTableRule | None = None
    """What no column shows by itself, such as a correlation that turned: docs/whole-table.md. For
    judge: calibrated."""

    mute: Annotated[list[Mute], Field(exclude_if=lambda mutes: not mutes)] = []
    """Columns and times whose drift is expected: shown and counted apart. See docs/alerts.md."""

    @property
    def needed_share(self) -> float | None:
        """The share of drifted columns from which the table has; None where one column does."""
        if self.drifted_share is None and self.judge == "evidently":
            return 0.5
        return self.drifted_share

    def rate_of_a_column(self, columns: int) -> float:
        """Return in which share of tables one of so many columns may be a false alarm.

        All columns together count as one more.
        """
        tests = columns + (self.whole_table is not None)
        return self.false_alarm_rate / max(_SHARE_OF_A_COLUMN, tests)

    def mute_of(self, column: str, moment: datetime) -> Mute | None:
        """Return what mutes a column in a run of this time (aware); None where nothing does."""
        return next((mute for mute in self.mute if mute.covers(column, moment)), None)

    @model_validator(mode="after")
    def _whole_table_has_a_rate(self) -> Self:
        if self.whole_table is not None and self.judge != "calibrated":
            raise ValueError(
                f"whole_table: not with judge: {self.judge}, as it compares with reference, and by "
                "what chance gives: leave one of them out"
            )
        return self

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

    @model_validator(mode="after")
    def _direction_is_of_numbers(self) -> Self:
        if self.categorical.direction is not None:
            raise ValueError("categorical.direction: categories have no direction: leave it out")
        said = [self.default, self.numeric, *self.columns.values()]
        if self.judge == "history" and any(rule.direction for rule in said):
            raise ValueError("direction: the history judge looks at both sides: leave it out")
        return self

    @model_validator(mode="after")
    def _critical_is_further_out(self) -> Self:
        share, critical_share = self.needed_share, self.critical_share
        if critical_share is not None and share is not None and critical_share <= share:
            raise ValueError(
                f"critical_share: {critical_share:g} is not above drifted_share ({share:g})"
            )
        kinds = {
            "numeric": [self.numeric, self.default],
            "categorical": [self.categorical, self.default],
        }
        _check_critical("default", [[self.default]], self.judge)
        for kind, rules in kinds.items():
            _check_critical(kind, [rules], self.judge)
        for pattern, rule in self.columns.items():
            ways = [[rule, *rules] for rules in kinds.values()]
            _check_critical(f"columns.{pattern}", ways, self.judge)
        return self

    def rule_for(self, column: str, kind: Kind) -> DriftRule:
        """Return the method and thresholds for a column; None where Evidently's are to be used.

        A threshold counts for the method it was written beside or for a wider rule's method, never
        for the method of a narrower rule: 0.1 meant for a distance is no bound for a p-value.
        """
        return _merged(self._rules_for(column, kind))

    def _rules_for(self, column: str, kind: Kind) -> list[DriftRule]:
        """Return the rules that apply to a column, the narrowest first."""
        pattern = pattern_for(column, self.columns)
        own = [] if pattern is None else [self.columns[pattern]]
        if kind is Kind.TIMESTAMP:  # scored only where a method is asked for, by column
            return own
        by_kind = self.numeric if kind is Kind.NUMERIC else self.categorical
        return [*own, by_kind, self.default]


def _merged(rules: list[DriftRule]) -> DriftRule:
    """Merge rules, the narrowest first: thresholds up to the first that names a method."""
    method = threshold = critical = None
    for rule in rules:
        if method is None:
            threshold = rule.threshold if threshold is None else threshold
            critical = rule.critical if critical is None else critical
        method = method or rule.method
    direction = next((rule.direction for rule in rules if rule.direction), None)
    return DriftRule(method=method, threshold=threshold, critical=critical, direction=direction)


def _check_critical(part: str, ways: list[list[DriftRule]], judge: Judge) -> None:
    """Check a part of the file together with the wider rules for each kind that complete it."""
    merged = [rule for rule in map(_merged, ways) if rule.critical is not None]
    if merged and judge == "evidently" and not any(rule.method for rule in merged):
        raise ValueError(
            f"{part}.critical: name a method beside it or in a wider rule, "
            "as the method decides which way is worse"
        )
    for rule in merged:
        # The judge's own methods are distances; of which kind the columns are is not known here.
        method = rule.method or _DISTANCES.get(judge)
        misfit = critical_misfit(method, rule.threshold, rule.critical)
        if misfit:
            raise ValueError(f"{part}: {misfit}")


_DISTANCES = {"calibrated": MethodName.SHARE_CHANGE, "history": MethodName.HISTORY}
"""A distance that stands for what a judge compares by."""


def critical_misfit(
    method_name: str | None, threshold: float | None, critical: float | None
) -> str | None:
    """Return why a critical threshold is not beyond the method's threshold; None if it is.

    Args:
        method_name: Evidently's name; None where it is not known yet, and nothing can be said.
        threshold: where drift begins; None for the method's own.
        critical: where it is critical; None fits always.
    """
    if method_name is None or critical is None:
        return None
    method = METHODS[method_name]
    threshold = method.threshold if threshold is None else threshold
    if critical != threshold and (critical < threshold) is method.is_p_value:
        return None
    side, sort = ("below", "p-values") if method.is_p_value else ("above", "distances")
    return (
        f"critical {critical:g} is not {side} threshold {threshold:g}, "
        f"and {method_name} gives {sort}"
    )
