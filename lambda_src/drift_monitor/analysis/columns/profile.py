"""What tells a person which way a column moved: of each side, and between them."""

import math

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import as_numpy
from drift_monitor.analysis.columns.blocks import Floats, Integers
from drift_monitor.analysis.columns.values import Categories, ColumnValues, Numbers
from drift_monitor.results.drift import CategoryChange, ColumnProfile, FrequentValue

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
FREQUENT_VALUES = 10
SMALLEST_GROUP = 10
"""A value is shown only if it occurs so often: a rarer one could be a person's."""


def profile(side: ColumnValues) -> ColumnProfile:
    """Describe one side of a column."""
    if isinstance(side, Categories):
        return ColumnProfile(
            values=side.size,
            nulls=side.nulls,
            distinct=len(side.values),
            frequent=_frequent(side),
        )
    if not side.size:
        return ColumnProfile(values=0, nulls=side.nulls)
    return profile_of_numbers(side.size, side.nulls, side.mean, side.std, _quantiles(side))


def profile_of_numbers(
    size: int, nulls: int, mean: float, std: float, quantiles: dict[str, float]
) -> ColumnProfile:
    """Describe numbers; what is beyond a float's reach is left out."""
    return ColumnProfile(
        values=size, nulls=nulls, mean=_finite(mean), std=_finite(std), quantiles=quantiles
    )


def new_and_vanished(
    reference: ColumnValues, current: ColumnValues
) -> tuple[CategoryChange, CategoryChange] | tuple[None, None]:
    """Return the categories only in current, and those only in reference; None of numbers."""
    if isinstance(reference, Categories) and isinstance(current, Categories):
        return only_in(current, reference), only_in(reference, current)
    return None, None


def _finite(number: float) -> float | None:
    """Leave out what is beyond a float's reach: JSON has no word for it."""
    return number if math.isfinite(number) else None


def _quantiles(side: Numbers) -> dict[str, float]:
    return interpolated(side.size, side.values[positions_for(side.size)])


def positions_for(size: int) -> Integers:
    """Return the positions of the sorted values that the quantiles lie between: two each."""
    below = _exact_positions(size).astype(np.int64)
    return np.array([below, np.minimum(below + 1, size - 1)])


def interpolated(size: int, between: Floats) -> dict[str, float]:
    """Interpolate quantiles between the two nearest values, as numpy does."""
    positions = _exact_positions(size)
    low, high = between
    values = low + (high - low) * (positions - positions.astype(np.int64))
    return {f"{share:g}": float(value) for share, value in zip(QUANTILES, values, strict=True)}


def _exact_positions(size: int) -> Floats:
    return np.array(QUANTILES) * (size - 1)


def only_in(side: Categories, other: Categories) -> CategoryChange:
    """Return the categories that the other side does not have."""
    is_new = pc.invert(pc.is_in(side.values, value_set=other.values))
    only = Categories(side.values.filter(is_new), side.counts[_as_mask(is_new)], 0)
    return CategoryChange(
        categories=len(only.values),
        share=only.size / side.size if side.size else 0.0,
        examples=[frequent.value for frequent in _frequent(only)],
    )


def _as_mask(mask: pa.Array) -> npt.NDArray[np.bool]:
    return as_numpy(pc.cast(mask, pa.int8())).astype(bool)


def _frequent(side: Categories) -> list[FrequentValue]:
    """List the most frequent values with their share; of equals the first by name."""
    order = (-side.counts).argsort(kind="stable")[:FREQUENT_VALUES]
    return [
        FrequentValue(value=side.values[int(i)].as_py(), share=int(side.counts[i]) / side.size)
        for i in order
        if side.counts[i] >= SMALLEST_GROUP
    ]
