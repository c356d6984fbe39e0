"""Profiles: what each table holds in a column, and the categories that only one of them has."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.columns.arrays import as_numpy
from drift_monitor.analysis.columns.values import Categories, ColumnValues, Numbers
from drift_monitor.results.drift import CategoryChange, ColumnProfile, FrequentValue

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
FREQUENT_VALUES = 10
_SPELLING = "blanks, case or Unicode form"
SMALLEST_GROUP = 10
"""A value is shown only if it occurs so often: a rarer one could be a person's."""


def profile(column: ColumnValues) -> ColumnProfile:
    """Describe one table's values of a column; what is beyond a float's reach is left out."""
    if isinstance(column, Categories):
        return ColumnProfile(
            values=column.size,
            nulls=column.nulls,
            distinct=len(column.values),
            frequent=_frequent(column),
        )
    if not column.size:
        return ColumnProfile(values=0, nulls=column.nulls)
    return ColumnProfile(
        values=column.size,
        nulls=column.nulls,
        mean=_finite(column.mean),
        std=_finite(column.std),
        quantiles=_quantiles(column),
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


def _quantiles(numbers: Numbers) -> dict[str, float]:
    """Interpolate between the two nearest values, as numpy does; only those are read."""
    positions = np.array(QUANTILES) * (numbers.size - 1)
    below = positions.astype(np.int64)
    low, high = numbers.values[np.array([below, np.minimum(below + 1, numbers.size - 1)])]
    values = low + (high - low) * (positions - below)
    return {f"{share:g}": float(value) for share, value in zip(QUANTILES, values, strict=True)}


def only_in(column: Categories, other: Categories) -> CategoryChange:
    """Return the categories that the other table does not have."""
    is_new = pc.invert(pc.is_in(column.values, value_set=other.values))
    mask = as_numpy(pc.cast(is_new, pa.int8())).astype(bool)
    only = Categories(column.values.filter(is_new), column.counts[mask], 0)
    return CategoryChange(
        categories=len(only.values),
        share=only.size / column.size if column.size else 0.0,
        examples=[frequent.value for frequent in _frequent(only)],
    )


def spelled_otherwise(new: pa.Array, known: pa.Array) -> str | None:
    """Say how many new categories are known ones, but for their spelling; None if none is."""
    places = pc.index_in(_folded(new), value_set=pc.unique(_folded(known)))
    same = len(places) - places.null_count
    if not same:
        return None
    if len(new) == 1:
        return f"the new category differs only in {_SPELLING} from one of reference"
    verb = "differs" if same == 1 else "differ"
    return f"{same} of {len(new)} new categories {verb} only in {_SPELLING} from one of reference"


def _folded(categories: pa.Array) -> pa.Array:
    composed = pc.utf8_lower(pc.utf8_normalize(categories, form="NFKC"))
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(composed, r"\s+", " "))


def _frequent(column: Categories) -> list[FrequentValue]:
    """List the most frequent values with their share; of equals the first by name."""
    order = (-column.counts).argsort(kind="stable")[:FREQUENT_VALUES]
    return [
        FrequentValue(
            value=column.values[int(i)].as_py(), share=int(column.counts[i]) / column.size
        )
        for i in order
        if column.counts[i] >= SMALLEST_GROUP
    ]
