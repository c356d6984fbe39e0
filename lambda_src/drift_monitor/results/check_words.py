"""How the messages say which checks failed, before they say what drifted."""

from collections.abc import Sequence
from textwrap import wrap

from drift_monitor.results.checks import CheckResult
from drift_monitor.text import one_line

TOLD = 10
"""Failed checks that a message describes; the JSON has the others."""


def failed_lines(checks: Sequence[CheckResult], width: int) -> list[str]:
    """Describe the failed checks, the critical ones first, each line no wider than this."""
    failed = [check for check in checks if check.failed]
    lines = ["", "Failed checks"] if failed else []
    for check in failed[:TOLD]:
        critical = " (critical)" if check.severity == "critical" else ""
        lines += wrap(f"{subject_of(check)}{critical}", width)
        lines += wrap(
            one_line(check.reason or ""), width, initial_indent="  ", subsequent_indent="  "
        )
    if len(failed) > TOLD:
        lines.append(f"and {len(failed) - TOLD} more")
    return lines


def subject_of(check: CheckResult) -> str:
    """Name a check, and the column that it is of."""
    return check.check if check.column is None else f"{one_line(check.column)}: {check.check}"
