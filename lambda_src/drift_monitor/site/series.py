"""Series: what each run found of a column, as lists with an item per run, compact in JSON."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from inspect import isclass
from typing import Self, TypeVar

from pydantic import BaseModel


class Series(BaseModel):
    """Lists with an item per run, and series of them; None where a run has no such column."""

    @classmethod
    def blank(cls, runs: int) -> Self:
        """Return the series of a column that none of so many runs has."""
        parts = {name: field.annotation for name, field in cls.model_fields.items()}
        return cls(
            **{
                name: part.blank(runs)
                if isclass(part) and issubclass(part, Series)
                else [None] * runs
                for name, part in parts.items()
            }
        )

    @property
    def is_blank(self) -> bool:
        """Whether no run has the column."""
        return all(
            part.is_blank if isinstance(part, Series) else all(item is None for item in part)
            for _, part in self
        )

    def put(self, place: slice, cell: object) -> None:
        """Set a place of the lists to the attributes of one run's cell (None: no such column)."""
        for name, part in self:
            value = getattr(cell, name, None)
            if isinstance(part, Series):
                part.put(place, value)
            else:
                part[place] = [value]


AnySeries = TypeVar("AnySeries", bound=Series)


def place_of(run_id: str, run_ids: Sequence[str]) -> slice:
    """Return the place of a run among others in order, or the place to insert it."""
    start = bisect_left(run_ids, run_id)
    return slice(start, start + (run_id in run_ids[start : start + 1]))


def with_cells(
    columns: Mapping[str, AnySeries],
    blank: AnySeries,
    place: slice,
    cells: Mapping[str, object],
) -> dict[str, AnySeries]:
    """Set one run's cells, by column, in their series; return the series of the columns there are.

    Args:
        columns: the series by column. They are changed.
        blank: the series of a column that is new.
        place: the run's.
        cells: an object with the series' attributes per column.
    """
    new = {name: blank.model_copy(deep=True) for name in cells if name not in columns}
    every = {**columns, **new}
    for name, series in every.items():
        series.put(place, cells.get(name))
    return {name: every[name] for name in sorted(every) if not every[name].is_blank}
