"""What a run has read, in short: its tables, the time that they cover, their transform."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from drift_monitor.results.model import ResultModel


class TableSummary(ResultModel):
    """One of the two tables."""

    location: str
    files: int
    missing_files: list[str] = []
    """The dated files or folders of the window that are not there."""
    rows: int


class SeasonSummary(ResultModel):
    """A part of a window: from start up to but without end."""

    start: datetime
    end: datetime


class WindowSummary(ResultModel):
    """The time that a table covers: from start up to but without end."""

    start: datetime
    end: datetime
    timezone: str = "UTC"
    """The time zone by whose calendar it was counted, and in which start and end are given."""
    seasons: Annotated[list[SeasonSummary], Field(exclude_if=lambda seasons: not seasons)] = []
    """The parts of it that count, the oldest first; none where all of it does."""


class TransformSummary(ResultModel):
    """The Python file that both tables' rows were transformed by."""

    file: str
    sha256: str
