"""The contract: the checks of current against the baseline.

Only the ids are read for it: the other checks use the columns that the comparison reads anyway.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from drift_monitor.analysis.checks.baseline import Baseline
from drift_monitor.analysis.checks.findings import (
    AGAIN,
    OF_VALUES,
    Finding,
    of_ids,
    of_missing,
    of_new,
    of_types,
    of_values,
)
from drift_monitor.analysis.columns.source import ColumnSource
from drift_monitor.analysis.columns.values import ColumnValues
from drift_monitor.config.checks import CheckName, Checks
from drift_monitor.config.methods import Kind
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.checks import CheckResult
from drift_monitor.text import fine_percent

_LIMITS = {
    "null_share": "{} more",
    "range": "{}",
    "unseen_categories": "{}",
    "duplicate_ids": "{} more",
}
"""How the limit of a check is written."""


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
        """Hold current against a baseline, by a monitor's rules or the default ones.

        Without a baseline nothing is checked.
        """
        self._columns = monitor.columns
        self._rules = monitor.checks or Checks()
        self._baseline = baseline
        self.observations = Observations()

    def observe(self, column: str, side: ColumnValues) -> None:
        """Check a column of current by what the comparison has read of it; any thread may."""
        self.observations.columns.add(column)
        known = self._baseline.columns.get(column) if self._baseline else None
        if known is None:
            return
        findings = of_values(column, known, side)
        if known.kind is Kind.TIMESTAMP and not self._rules.names("range", column):
            # Later times are no failure, unless the monitor has a rule for this column.
            findings = (finding for finding in findings if finding.check != "range")
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
        self, reference_digest: str, current: ColumnSource, of_ids: Sequence[Finding] | None = None
    ) -> list[CheckResult]:
        """Return what every check found, once all columns were observed.

        Args:
            reference_digest: names the state of the reference's files in this run.
            current: its columns and types.
            of_ids: what `check_ids` found; left out, the ids are read now.
        """
        if self._baseline is None:
            return []
        findings = [
            _of_reference(self._baseline, reference_digest),
            *self._of_schema(self._baseline, current),
            *self.observations.findings,
            *self._of_unread(self._baseline, current),
            *(self.check_ids(current) if of_ids is None else of_ids),
        ]
        judged = (self._judged(finding) for finding in findings)
        return [result for result in judged if result is not None]

    def _of_schema(self, baseline: Baseline, current: ColumnSource) -> Iterator[Finding]:
        """Check names and types: a finding per column that fails, or one that none does."""
        checks: dict[CheckName, Iterator[Finding]] = {
            "missing_columns": of_missing(baseline, current),
            "new_columns": of_new(baseline, current),
            "changed_types": of_types(baseline, current),
        }
        for check, findings in checks.items():
            found = [
                finding
                for finding in findings
                if self._columns.includes(finding.column or "")
                and self._rules.rule_for(check, finding.column)
            ]
            yield from found or [Finding(check, None, 0, "")]

    def _of_unread(self, baseline: Baseline, current: ColumnSource) -> Iterator[Finding]:
        """Say what the monitor asks of columns by their names, and the comparison did not read."""
        reason = "the column is not compared, so its values were not read"
        for column in self._rules.columns:
            if column in baseline.columns and column in current.columns:
                for check in OF_VALUES:
                    if column not in self.observations.columns and self._rules.names(check, column):
                        yield Finding(check, column, None, reason)

    def _judged(self, finding: Finding) -> CheckResult | None:
        """Compare a finding with its limit; None where the check is off."""
        rule = self._rules.rule_for(finding.check, finding.column)
        if rule is None:
            return None
        passed = None if finding.value is None else finding.value <= rule.limit
        reason = finding.reason
        if passed is False and finding.check in _LIMITS:
            reason += f" (limit: {_LIMITS[finding.check].format(fine_percent(rule.limit))})"
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
