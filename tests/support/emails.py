"""What the tests of the email write, and of what."""

from typing import Literal

from support.builders import a_column, a_decision

from drift_monitor.alerts.email import LIMIT, Email, compose
from drift_monitor.results.drift import ColumnDrift
from drift_monitor.results.run import DriftResult

SITE = "https://example.com/site/"
RUN = "20130624T093000Z"


def compose_quietly(result: DriftResult, limit: int = LIMIT) -> Email:
    return compose(result, a_decision(), SITE, limit)


def moved_column(name: str, status: str, score: float, **more: object) -> ColumnDrift:
    return a_column(name, status, score).model_copy(update=more)


def with_missing_files(
    result: DriftResult, count: int, *sides: Literal["reference", "current"]
) -> DriftResult:
    missing = [f"s3://bucket/table/{number:05}/00.parquet" for number in range(count)]
    tables = {
        side: getattr(result, side).model_copy(update={"missing_files": missing}) for side in sides
    }
    return result.model_copy(update=tables)
