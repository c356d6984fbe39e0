"""The profiles of each column in each run: a file per year, for the page about a column."""

from typing import Literal

from pydantic import BaseModel

from drift_monitor.config.methods import Kind
from drift_monitor.results.drift import CategoryChange, ColumnDrift, ColumnProfile
from drift_monitor.results.run import DriftResult
from drift_monitor.site.series import Series, place_of, with_cells


class SideEntry(BaseModel):
    """One column of one table in one run."""

    mean: float | None
    std: float | None
    q05: float | None
    q25: float | None
    q50: float | None
    q75: float | None
    q95: float | None
    null_share: float | None
    distinct: int | None

    @classmethod
    def of(cls, profile: ColumnProfile) -> "SideEntry":
        """Return the short form of a profile."""
        rows = profile.values + profile.nulls
        quantiles = profile.quantiles or {}
        return cls(
            mean=profile.mean,
            std=profile.std,
            **{f"q{share:02}": quantiles.get(f"{share / 100:g}") for share in _QUANTILES},
            null_share=profile.nulls / rows if rows else None,
            distinct=profile.distinct,
        )


_QUANTILES = (5, 25, 50, 75, 95)


class ProfileEntry(BaseModel):
    """One column in one run: how many categories are new and vanished, and both tables."""

    kind: Kind | None
    reference: SideEntry | None
    current: SideEntry | None
    new: int | None
    vanished: int | None

    @classmethod
    def of(cls, column: ColumnDrift) -> "ProfileEntry":
        """Return the short form of what a run found."""
        return cls(
            kind=column.kind,
            reference=column.reference and SideEntry.of(column.reference),
            current=column.current and SideEntry.of(column.current),
            new=_count(column.new_categories),
            vanished=_count(column.vanished_categories),
        )


def _count(change: CategoryChange | None) -> int | None:
    return None if change is None else change.categories


class SideSeries(Series):
    """One column of one table in each run of a year."""

    mean: list[float | None]
    std: list[float | None]
    q05: list[float | None]
    q25: list[float | None]
    q50: list[float | None]
    q75: list[float | None]
    q95: list[float | None]
    null_share: list[float | None]
    distinct: list[int | None]


class ProfileSeries(Series):
    """One column in each run of a year."""

    kind: list[Kind | None]
    reference: SideSeries
    current: SideSeries
    new: list[int | None]
    vanished: list[int | None]


class ProfileYear(BaseModel):
    """The columns that were read in the runs of one year, the oldest run first."""

    version: Literal[1] = 1
    monitor: str
    year: int
    runs: list[str] = []
    columns: dict[str, ProfileSeries] = {}

    def add(self, result: DriftResult) -> None:
        """Add a run, in place of an earlier run of the same time."""
        place = place_of(result.run_id, self.runs)
        cells = {column.column: ProfileEntry.of(column) for column in result.columns}
        blank = ProfileSeries.blank(len(self.runs))
        self.columns = with_cells(self.columns, blank, place, cells)
        self.runs[place] = [result.run_id]

    def to_json(self) -> bytes:
        """Return the file."""
        return self.model_dump_json().encode()
