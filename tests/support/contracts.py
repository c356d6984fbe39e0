"""Tables held against the baseline of a reference, as a run does."""

from collections.abc import Mapping

import pyarrow as pa
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.checks.baseline import profile_table
from drift_monitor.analysis.checks.contract import Contract
from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.checks import CheckName
from drift_monitor.config.monitor import Monitor
from drift_monitor.results.checks import CheckResult

Columns = Mapping[str, object] | pa.Table


class Reference(InMemory):
    location = "r.parquet"

    def __init__(self, columns: Columns, digest: str = "as it was") -> None:
        super().__init__(columns)
        self.digest = digest


def contract_of(reference: Columns, current: InMemory, monitor: Monitor) -> Contract:
    """Hold a table against a reference."""
    table = Reference(reference)
    contract = Contract(monitor, profile_table(table, monitor, files=1))
    compare(table, current, monitor, on_column=contract.observe)
    return contract


def checked(
    reference: Columns, current: Columns, digest: str = "as it was", **parts: object
) -> list[CheckResult]:
    """Return what all checks found."""
    table = InMemory(current)
    return contract_of(reference, table, a_monitor(**parts)).results(
        Reference(reference, digest), table
    )


def found_by(
    check: CheckName, reference: Columns, current: Columns, **parts: object
) -> dict[str | None, CheckResult]:
    """Return what one check found, by column."""
    found = checked(reference, current, **parts)
    return {each.column: each for each in found if each.check == check}


def found_of_x(
    check: CheckName, reference: object, current: object, **parts: object
) -> CheckResult:
    """Return what one check found of one column."""
    return found_by(check, {"x": reference}, {"x": current}, **parts)["x"]
