"""The contract: the checks of current against reference, and against its baseline if it has one.

Only the ids are read for it: the other checks use the columns that the comparison reads anyway.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from drift_monitor.analysis.checks.baseline import Baseline, DigestedTable
from drift_monitor.analysis.checks.beside_reference import OF_VALUES as BESIDE_REFERENCE
from drift_monitor.analysis.checks.beside_reference import beside_reference
from drift_monitor.analysis.checks.findings import (
    AGAIN,
    OF_VALUES,
    Finding,
    of_ids,
    of_kinds,
    of_missing,
    of_new,
    of_types,
    of_values,
)
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.columns.values import ColumnValues
from drift_monitor.config.checks import CheckName, CheckRule, Checks, Rule
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.checks import CheckResult
from drift_monitor.text import fine_percent

_OF_LABELS: tuple[CheckName, ...] = ("missing_columns", "no_values", "constant", "null_share")
"""What is not checked of the target: labels come late, those of one class often before others."""
_OF_BASELINE: tuple[CheckName, ...] = ("range", "duplicate_ids")
"""The checks that only a baseline makes possible."""


@dataclass(frozen=True)
class Observations:
    """What the checks saw of the columns that the comparison has read.

    Attributes:
        columns: their names.
        findings: what was found in their values.
    """

    columns: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


class Contract:
    """What current must be like, and what was found of it so far.

    Attributes:
        observations: the columns that were observed so far.
    """

    def __init__(self, monitor: Monitor, baseline: Baseline | None) -> None:
        """Hold current against reference, by a monitor's rules or the default ones.

        Where there is a baseline, what it knows is held against it.
        """
        self._monitor = monitor
        self._columns = monitor.columns
        self._rules = monitor.checks or Checks()
        self._baseline = baseline
        self.observations = Observations()

    def observe(
        self, column: str, kind: Kind, reference: ColumnValues, current: ColumnValues
    ) -> None:
        """Check a column by what the comparison has read of it; any thread may."""
        self.observations.columns.add(column)
        known = self._baseline.columns.get(column) if self._baseline else None
        findings: list[Finding] = []
        if known is not None:
            findings += of_values(column, known, current)
            if known.kind is Kind.TIMESTAMP and not self._rules.names("range", column):
                # Later times are no failure, unless the monitor has a rule for this column.
                findings = [finding for finding in findings if finding.check != "range"]
        by_baseline = {finding.check for finding in findings}
        for finding in beside_reference(column, kind, reference, current, self._limit_of(column)):
            result = self._judged(finding)
            if finding.check not in by_baseline and result is not None and result.failed:
                findings.append(finding)
        self.observations.findings.extend(findings)

    def add(self, observations: Observations) -> None:
        """Take over what was seen of columns elsewhere."""
        self.observations.columns.update(observations.columns)
        self.observations.findings.extend(observations.findings)

    def check_ids(self, current: ColumnSource) -> Sequence[Finding]:
        """Count the ids of current that repeat; an empty list where that check is off."""
        ids = self._columns.roles.id
        if self._baseline is None or not ids or self._rules.rule_for("duplicate_ids") is None:
            return []
        return [of_ids(ids, self._baseline, current)]

    def results(
        self,
        reference: DigestedTable,
        current: ColumnSource,
        of_ids: Sequence[Finding] | None = None,
    ) -> list[CheckResult]:
        """Return what every check found, once all columns were observed.

        A check of columns has a result per column that fails it, or one that all passed; beside a
        baseline, a check of values has one per column.

        Args:
            reference: its columns and types, and the state of its files.
            current: its columns and types.
            of_ids: what `check_ids` found; left out, the ids are read now.
        """
        seen = {finding.check for finding in self.observations.findings}
        findings = [
            *self._of_schema(reference, current),
            *self.observations.findings,
            *(Finding(check, None, 0, "") for check in BESIDE_REFERENCE if check not in seen),
            *self._of_unread(reference, current),
            *self._of_baseline(reference),
            *(self.check_ids(current) if of_ids is None else of_ids),
        ]
        judged = (self._judged(finding) for finding in findings)
        return [result for result in judged if result is not None]

    def _of_schema(self, reference: ColumnSource, current: ColumnSource) -> Iterator[Finding]:
        """Check names and types: a finding per column that fails, or one that none does."""
        known = self._baseline.columns if self._baseline else reference.columns
        where = "the baseline" if self._baseline else "reference"
        of_neither = (
            Finding("missing_columns", name, 1, "named by the monitor, but in neither table")
            for name in sorted(self._monitor.named_columns.difference(known, current.columns))
            if name not in reference.columns
        )
        types = (
            of_types(self._baseline, current) if self._baseline else of_kinds(reference, current)
        )
        checks: dict[CheckName, Iterator[Finding]] = {
            "missing_columns": chain(of_missing(known, where, current), of_neither),
            "new_columns": of_new(known, where, current),
            "changed_types": types,
        }
        for check, findings in checks.items():
            found = [
                finding
                for finding in findings
                if self._columns.includes(finding.column or "")
                and self._rule_for(check, finding.column)
            ]
            yield from found or [Finding(check, None, 0, "")]

    def _of_unread(self, reference: ColumnSource, current: ColumnSource) -> Iterator[Finding]:
        """Say what the monitor asks of columns by their names, and the comparison did not read."""
        reason = "the column is not compared, so its values were not read"
        for column in self._rules.columns:
            if column in self.observations.columns or column not in current.columns:
                continue
            if column in (self._baseline.columns if self._baseline else reference.columns):
                for check in dict.fromkeys((*BESIDE_REFERENCE, *OF_VALUES)):
                    if self._rules.names(check, column):
                        yield Finding(check, column, None, reason)

    def _of_baseline(self, reference: DigestedTable) -> Iterator[Finding]:
        """Tell whether the baseline is stale; where there is none, what cannot be checked so."""
        if self._baseline is not None:
            yield _of_reference(self._baseline, reference.digest)
            return
        can_have_one = self._monitor.reference.location is not None
        advice = "write it with drift-monitor baseline" if can_have_one else "the reference moves"
        reason = f"there is no baseline: {advice}"
        for check in _OF_BASELINE:
            if getattr(self._rules, check) != CheckRule():
                yield Finding(check, None, None, reason)
        for column in self._rules.columns:
            if column in self.observations.columns and self._rules.names("range", column):
                yield Finding("range", column, None, reason)

    def _limit_of(self, column: str) -> Callable[[CheckName], float]:
        def limit_of(check: CheckName) -> float:
            rule = self._rule_for(check, column)
            return math.inf if rule is None else rule.limit

        return limit_of

    def _rule_for(self, check: CheckName, column: str | None) -> Rule | None:
        """Return what a check allows; None where it is off, or not asked of the target."""
        is_of_label = column == self._columns.roles.target and check in _OF_LABELS
        if column is not None and is_of_label and not self._rules.names(check, column):
            return None
        return self._rules.rule_for(check, column)

    def _judged(self, finding: Finding) -> CheckResult | None:
        """Compare a finding with its limit; None where the check is off."""
        rule = self._rule_for(finding.check, finding.column)
        if rule is None:
            return None
        passed = None if finding.value is None else finding.value <= rule.limit
        reason = finding.reason
        if passed is False and finding.limit:
            reason += f" (limit: {finding.limit.format(fine_percent(rule.limit))})"
        return CheckResult(
            check=finding.check,
            column=finding.column,
            value=finding.value,
            limit=rule.limit,
            severity=rule.severity,
            passed=passed,
            reason=None if passed else reason,
        )


def _of_reference(baseline: Baseline, digest: str) -> Finding:
    is_stale = digest != baseline.digest
    reason = f"the reference is not the one that its baseline was written of: {AGAIN}"
    return Finding("baseline_is_stale", None, int(is_stale), reason)
