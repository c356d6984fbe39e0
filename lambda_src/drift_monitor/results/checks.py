"""The results of checks: `checks` in drift.json."""

from collections.abc import Iterable
from typing import get_args

from pydantic import BaseModel, ConfigDict

from drift_monitor.config.checks import CheckName
from drift_monitor.config.drift import Severity
from drift_monitor.text import count


class CheckResult(BaseModel):
    """One check, of one column or of the table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: CheckName
    column: str | None = None
    """None where the check is of the whole table."""
    value: float | None = None
    """What was found, to compare with limit; None where it could not be checked."""
    limit: float
    """The check fails above it."""
    severity: Severity
    """How bad it is if it fails."""
    passed: bool | None = None
    """None: it could not be checked, see reason."""
    reason: str | None = None
    """What failed, or why it could not be checked; no single row's value, no rare category."""

    @property
    def failed(self) -> bool:
        """Whether it was checked and failed."""
        return self.passed is False


class FailedChecks(BaseModel):
    """How many checks failed in a run."""

    model_config = ConfigDict(frozen=True)

    critical: int = 0
    warn: int = 0

    @classmethod
    def among(cls, checks: Iterable[CheckResult]) -> "FailedChecks":
        """Count the failed ones."""
        severities = [check.severity for check in checks if check.failed]
        return cls(critical=severities.count("critical"), warn=severities.count("warn"))

    @property
    def total(self) -> int:
        """Their number, critical or not."""
        return self.critical + self.warn

    @property
    def words(self) -> str:
        """Their number, such as `3 checks failed, 1 of them critical`; empty where none failed."""
        if not self.total:
            return ""
        if self.critical == self.total:
            return f"{count(self.total, 'critical check')} failed"
        critical = f", {self.critical} of them critical" if self.critical else ""
        return f"{count(self.total, 'check')} failed{critical}"

    def before(self, verdict: str) -> str:
        """Return their number before the verdict on drift; the verdict alone where none failed."""
        if not self.total:
            return verdict
        return f"{count(self.total, 'check')} failed, {verdict}"


def broken_among(checks: Iterable[CheckResult]) -> set[str]:
    """Return the columns that are broken: a critical check of each failed, and it is no new one."""
    return {
        check.column
        for check in checks
        if check.failed
        and check.severity == "critical"
        and check.column is not None
        and check.check != "new_columns"
    }


def failed_first(check: CheckResult) -> tuple[int, int, str]:
    """Return a key that sorts failed checks first, critical before warn, then those not made."""
    rank = {True: 3, None: 2, False: 0 if check.severity == "critical" else 1}[check.passed]
    return rank, get_args(CheckName).index(check.check), check.column or ""
