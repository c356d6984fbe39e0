"""The profiles of each column in each run: a file per year.

For the page about a column, and for what judges a run by those before it.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel

from drift_monitor.config.methods import Kind
from drift_monitor.results.drift import CategoryChange, ColumnDrift, ColumnProfile
from drift_monitor.results.run import DriftResult
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.site.series import Series, place_of, with_cells
from drift_monitor.storage import Files


@dataclass(frozen=True, kw_only=True)
class SideEntry:
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
    top_share: float | None
    """Of the most frequent category, where ten rows have it."""

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
            top_share=profile.frequent[0].share if profile.frequent else None,
        )


_QUANTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True, kw_only=True)
class ProfileEntry:
    """One column in one run: both tables, and what is between them.

    Attributes:
        kind: as what it was read.
        reference: what reference holds.
        current: the same of current.
        new: how many categories are only in current.
        new_share: the share of current's values that have one of them.
        vanished: how many categories are only in reference.
        method: what scored it against the reference.
        score: what that says.
        noise: what chance alone gives, where that is known.
    """

    kind: Kind | None
    reference: SideEntry | None
    current: SideEntry | None
    new: int | None
    new_share: float | None
    vanished: int | None
    method: str | None
    score: float | None
    noise: float | None

    @classmethod
    def of(cls, column: ColumnDrift) -> "ProfileEntry":
        """Return the short form of what a run found."""
        return cls(
            kind=column.kind,
            reference=SideEntry.of(column.reference) if column.reference else None,
            current=SideEntry.of(column.current) if column.current else None,
            new=_count(column.new_categories),
            new_share=None if column.new_categories is None else column.new_categories.share,
            vanished=_count(column.vanished_categories),
            method=(column.against_reference or column).method,
            score=(column.against_reference or column).score,
            noise=column.noise,
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
    top_share: list[float | None]

    def cell(self, position: int) -> SideEntry | None:
        """Return the column in one run; None where it was not read."""
        found: dict[str, Any] = {name: items[position] for name, items in vars(self).items()}
        return SideEntry(**found) if found["null_share"] is not None else None


class ProfileSeries(Series):
    """One column in each run of a year."""

    kind: list[Kind | None]
    reference: SideSeries
    current: SideSeries
    new: list[int | None]
    new_share: list[float | None]
    vanished: list[int | None]
    method: list[str | None]
    score: list[float | None]
    noise: list[float | None]

    def cell(self, position: int) -> ProfileEntry:
        """Return the column in one run; all of it None where the run has no such column."""
        found: dict[str, Any] = {
            name: items.cell(position) if isinstance(items, SideSeries) else items[position]
            for name, items in vars(self).items()
        }
        return ProfileEntry(**found)


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

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read the file; what files of before do not have is None in each run."""
        file = json.loads(body)
        runs = len(file["runs"])
        for column in file["columns"].values():
            _fill(column, ProfileSeries, runs)
            for side in ("reference", "current"):
                _fill(column[side], SideSeries, runs)
        return cls.model_validate(file)


def _fill(series: dict[str, object], kind: type[Series], runs: int) -> None:
    for name in kind.model_fields.keys() - series.keys():
        series[name] = [None] * runs


def read_profiles(store: Files, monitor: str, year: int) -> ProfileYear:
    """Return a year of a monitor's profiles; an empty one where there is none."""
    stored = store.read(MonitorFiles(monitor).profiles(year))
    if stored is None:
        return ProfileYear(monitor=monitor, year=year)
    return ProfileYear.from_json(stored.body)
