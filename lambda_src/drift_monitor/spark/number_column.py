"""A column of numbers, put together from what its bands say."""

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pyarrow as pa

from drift_monitor.drift.distances import FEW_VALUES, sturges_edges
from drift_monitor.drift.profile import interpolated, positions_for, profile_of_numbers
from drift_monitor.results import ColumnProfile
from drift_monitor.spark.bands import Answer, Band, Moments, Place, Question

_OF_VALUES = {"psi", "jensenshannon", "kl_div"}
"""Methods that compare the shares of values where there are few, and else those of bins."""
_ONLY_OF_VALUES = {"chisquare", "z"}


@dataclass(frozen=True)
class Numbers:
    """A column of numbers; of two sides, reference comes first.

    Attributes:
        bands: by their numbers, ascending.
        gaps: how many values of each side do not count.
        are_whole: whether each side is of whole numbers without a gap.
    """

    bands: dict[int, Band]
    gaps: tuple[int, int]
    are_whole: tuple[bool, bool]

    @classmethod
    def of(
        cls,
        bands: dict[int, Band],
        types: tuple[pa.DataType, pa.DataType],
        rows: tuple[int, int],
    ) -> "Numbers":
        """Put the bands of a column together, of these types and so many rows."""
        ordered = {number: bands[number] for number in sorted(bands)}
        sizes = cls(ordered, (0, 0), (False, False)).sizes
        gaps = rows[0] - sizes[0], rows[1] - sizes[1]
        before, after = (
            pa.types.is_integer(data_type) and not lacking
            for data_type, lacking in zip(types, gaps, strict=True)
        )
        return cls(ordered, gaps, (before, after))

    @property
    def sizes(self) -> tuple[int, int]:
        """How many values of each side count."""
        first, second = (sum(moments.size for moments in side) for side in self._moments)
        return first, second

    @property
    def distinct(self) -> int:
        """How many values there are, each counted once."""
        return sum(band.distinct for band in self.bands.values())

    @property
    def distinct_in_reference(self) -> int:
        """The same, of reference alone."""
        return sum(band.of_side[0] for band in self.bands.values())

    @property
    def moments(self) -> tuple[Moments, Moments]:
        """Where each side's values lie, and how far apart."""
        first, second = map(_together, self._moments)
        return first, second

    @property
    def _moments(self) -> tuple[list[Moments], list[Moments]]:
        bands = self.bands.values()
        return [band.moments[0] for band in bands], [band.moments[1] for band in bands]

    @property
    def places(self) -> dict[int, Place]:
        """Where each band is, by its number."""
        numbers = list(self.bands)
        before = (0, 0)
        places: dict[int, Place] = {}
        for number, following in zip_longest(numbers, numbers[1:]):
            next_one = None if following is None else self.bands[following].lowest
            places[number] = Place(before, next_one)
            reference, current = self.bands[number].moments
            before = before[0] + reference.size, before[1] + current.size
        return places

    def question(self, method: str | None) -> Question:
        """Return what a method, if any, and the quantiles ask of the bands."""
        few = self.distinct_in_reference <= FEW_VALUES
        are_values_few = method in _ONLY_OF_VALUES or (method in _OF_VALUES and few)
        first, second = (_positions(size) for size in self.sizes)
        edges = [] if are_values_few else self._edges(method)
        return Question(method, self.sizes, edges, (first, second), are_values_few)

    def _edges(self, method: str | None) -> list[float]:
        bands = list(self.bands.values())
        reference_is_whole, current_is_whole = self.are_whole
        if method == "hellinger":
            values = self.distinct
            # As in the column engine: where reference has all the values, its type counts.
            all_known = values == self.distinct_in_reference
            whole = reference_is_whole and (current_is_whole or all_known)
        elif method in _OF_VALUES:
            values, whole = sum(self.sizes), reference_is_whole and current_is_whole
        else:
            return []
        edges = sturges_edges(bands[0].lowest, bands[-1].highest, values, whole=whole)
        return [float(edge) for edge in edges]

    def profile(self, side: int, answers: list[Answer]) -> ColumnProfile:
        """Describe a side."""
        size, moments = self.sizes[side], self.moments[side]
        if not size:
            return ColumnProfile(values=0, nulls=self.gaps[side])
        values = np.array([value for answer in answers for value in answer.at[side]])
        places = np.searchsorted(_positions(size), positions_for(size))
        quantiles = interpolated(size, values[places])
        with np.errstate(invalid="ignore"):
            return profile_of_numbers(size, self.gaps[side], moments.mean, moments.std, quantiles)


def _positions(size: int) -> list[int]:
    """Return the positions of the values that the quantiles of so many lie between."""
    found: list[int] = np.unique(positions_for(size)).tolist() if size else []
    return found


def _together(bands: list[Moments]) -> Moments:
    """Put moments together (Chan, Golub and LeVeque 1979)."""
    filled = [moments for moments in bands if moments.size]
    if not filled:
        return Moments(0)
    sizes = np.array([moments.size for moments in filled])
    size = int(sizes.sum())
    origin = filled[len(filled) // 2].origin
    with np.errstate(over="ignore", invalid="ignore"):
        origins = np.array([moments.origin for moments in filled]) - origin
        distances = origins + np.array([moments.distance for moments in filled])
        distance = float((distances * sizes).sum()) / size
        between = np.square(distances - distance) * sizes
        squares = np.array([moments.squares for moments in filled]) + between
        return Moments(size, origin, distance, float(squares.sum()))
