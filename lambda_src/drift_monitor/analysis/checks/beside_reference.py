"""What the checks find in a column of current beside reference, beyond what chance alone gives."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift_monitor.analysis.checks.findings import Finding
from drift_monitor.analysis.columns.arrays import as_arrow, as_numpy
from drift_monitor.analysis.columns.blocks import BLOCK, Floats
from drift_monitor.analysis.columns.chance import share_p_value
from drift_monitor.analysis.columns.profile import SMALLEST_GROUP, spelled_otherwise
from drift_monitor.analysis.columns.recognized import moves_with_time
from drift_monitor.analysis.columns.values import Categories, ColumnValues, Counts, Numbers
from drift_monitor.config.checks import CheckName
from drift_monitor.config.methods import Kind
from drift_monitor.text import count, fine_percent, quoted

OF_VALUES: tuple[CheckName, ...] = (
    "no_values",
    "constant",
    "null_share",
    "infinite_values",
    "spike",
    "unseen_categories",
)
"""The checks that need the values of both tables."""

_BY_CHANCE = 1e-5
"""How often a check may find something in a column by chance alone: six checks of 20 columns do so
in about one of 1,000 tables."""
_TIMES_AS_OFTEN = 10
"""A spike is so many times as frequent as in reference."""
_OTHERS_AS_FREQUENT = 3
"""Amid reference's numbers at most so many of them are half as frequent as a spike: where many
numbers repeat, as times of a timetable do, one more that does is nothing to look at."""

LimitOf = Callable[[CheckName], float]


def beside_reference(
    name: str, kind: Kind, reference: ColumnValues, current: ColumnValues, limit_of: LimitOf
) -> Iterator[Finding]:
    """Find what is wrong with a column of current; nothing where chance alone may have done it.

    Args:
        name: the column's.
        kind: how it is compared.
        reference: its values in reference.
        current: its values in current.
        limit_of: returns the limit of a check: what does not exceed it need not be found; infinite
            where it is off.
    """
    rows = reference.size + reference.nulls, current.size + current.nulls
    if not all(rows):
        return
    if not current.size:
        if share_p_value(reference.size, rows[0], 0, rows[1]) <= _BY_CHANCE:
            none = "no finite value" if _infinite(current) else "no value"
            share = fine_percent(reference.size / rows[0])
            yield Finding("no_values", name, 1, f"{none}, {share} of rows in reference have one")
        return
    yield from _of_rows_without_value(name, reference, current, rows)
    moves = kind is Kind.TIMESTAMP or moves_with_time(name, reference, current)
    if not reference.size or moves:
        return
    if constant := _constant(name, reference, current):
        yield constant
    elif isinstance(reference, Numbers) and isinstance(current, Numbers):
        yield from _of_spike(name, reference, current, limit_of("spike"))
    elif isinstance(reference, Categories) and isinstance(current, Categories):
        yield from _of_unseen(name, reference, current, limit_of("unseen_categories"))


def _of_rows_without_value(
    name: str, reference: ColumnValues, current: ColumnValues, rows: tuple[int, int]
) -> Iterator[Finding]:
    infinite = _infinite(reference), _infinite(current)
    nulls = reference.nulls - infinite[0], current.nulls - infinite[1]
    moved = _moved(nulls, rows)
    if moved:
        shares = [fine_percent(some / of) for some, of in zip(nulls, rows, strict=True)]
        reason = f"{shares[1]} of rows have no value, {shares[0]} in reference"
        yield Finding("null_share", name, abs(moved), reason, "{} more or less")
    moved = _moved(infinite, rows)
    if moved > 0:
        shares = [fine_percent(some / of) for some, of in zip(infinite, rows, strict=True)]
        reason = f"{shares[1]} of rows are infinite, {shares[0]} in reference"
        yield Finding("infinite_values", name, moved, reason, "{} more")


def _infinite(column: ColumnValues) -> int:
    return column.infinite if isinstance(column, Numbers) else 0


def _moved(some: tuple[int, int], rows: tuple[int, int]) -> float:
    """Return by how much a share of rows moved; 0 where that may be chance."""
    if share_p_value(some[0], rows[0], some[1], rows[1]) > _BY_CHANCE:
        return 0.0
    return round(some[1] / rows[1] - some[0] / rows[0], 12)


def _constant(name: str, reference: ColumnValues, current: ColumnValues) -> Finding | None:
    """Return a finding where current has one value alone, and reference several."""
    value = _only_value(current)
    if value is None or _only_value(reference) is not None:
        return None
    before = _rows_of(reference, value)
    if share_p_value(before, reference.size, current.size, current.size) > _BY_CHANCE:
        return None
    said = f"{value:.12g}" if isinstance(value, float) else quoted(value)
    rows = count(current.size, "value")
    which = f"all of its {rows} are {said}" if current.size >= SMALLEST_GROUP else "one value alone"
    return Finding("constant", name, 1, f"{which}, several values in reference")


def _only_value(column: ColumnValues) -> float | str | None:
    if isinstance(column, Numbers):
        first, last = float(column.blocks.lowest[0]), float(column.blocks.highest[-1])
        return first if first == last else None
    only: str | None = column.values[0].as_py() if len(column.values) == 1 else None
    return only


def _rows_of(column: ColumnValues, value: float | str) -> int:
    if isinstance(column, Numbers):
        return int(_counts_of(column, np.array([value]))[0])
    place = pc.index(column.values, pa.scalar(value, pa.large_string())).as_py()
    return 0 if place < 0 else int(column.counts[place])


def _counts_of(numbers: Numbers, values: Floats) -> Counts:
    counts: Counts = numbers.rank(values, "right") - numbers.rank(values, "left")
    return counts


def _of_spike(name: str, reference: Numbers, current: Numbers, limit: float) -> Iterator[Finding]:
    """Find the number that is most frequent among those that were at most a tenth as frequent."""
    if math.isinf(limit):
        return
    rows = reference.size + reference.nulls, current.size + current.nulls
    fewest = max(SMALLEST_GROUP, int(limit * rows[1]) + 1)
    values = _frequent(current, fewest)
    if not len(values):
        return
    counts = _counts_of(current, values)
    # Of numbers that are frequent in reference too, its blocks show that without a read.
    lowest = reference.blocks.lowest
    blocks = np.searchsorted(lowest, values, "right") - np.searchsorted(lowest, values, "left")
    at_least = (blocks - 1).clip(0) * BLOCK
    ratio = _TIMES_AS_OFTEN * rows[1] / rows[0]
    may_be = (counts >= fewest) & (counts >= at_least * ratio)
    values, counts = values[may_be], counts[may_be]
    before = _counts_of(reference, values) if len(values) else counts
    tests = sum(rows) / fewest  # no more numbers can have so many rows of both tables
    for place in np.argsort(-counts, kind="stable"):
        after, earlier = int(counts[place]), int(before[place])
        p_value = share_p_value(earlier, rows[0], after, rows[1])
        is_news = after >= earlier * ratio and p_value * tests <= _BY_CHANCE
        if is_news and _stands_out(float(values[place]), after / rows[1] * rows[0], reference):
            share, was = after / rows[1], fine_percent(earlier / rows[0])
            reason = (
                f"{fine_percent(share)} of rows are exactly {values[place]:.12g}, {was} in "
                "reference"
            )
            yield Finding("spike", name, share, reason, "{}")
            return


def _stands_out(value: float, rows: float, reference: Numbers) -> bool:
    """Tell whether few of reference's numbers have half as many rows, or none is that far out."""
    if not reference.blocks.lowest[0] <= value <= reference.blocks.highest[-1]:
        return True
    fewest = max(2, math.ceil(rows / 2))
    counts = _counts_of(reference, _frequent(reference, fewest))
    return int((counts >= fewest).sum()) <= _OTHERS_AS_FREQUENT


def _frequent(numbers: Numbers, fewest: int) -> Floats:
    """Return the numbers that so many rows have, and maybe some that fewer have.

    Their rows lie side by side, so at least two of any that are half as far apart are equal.
    """
    picked = numbers.values[np.arange(0, numbers.size, max(1, fewest // 2))]
    frequent: Floats = np.unique(picked[1:][picked[1:] == picked[:-1]])
    return frequent


def _of_unseen(
    name: str, reference: Categories, current: Categories, limit: float
) -> Iterator[Finding]:
    """Find the most frequent category that reference does not have."""
    places = np.flatnonzero(current.counts > limit * current.size)
    frequent = current.values.take(as_arrow(places))
    is_known = pc.is_in(frequent, value_set=reference.values)
    unseen = places[~as_numpy(pc.cast(is_known, pa.int8())).astype(bool)]
    if not len(unseen):
        return
    tests = len(current.values) + len(reference.values)
    rows = int(current.counts[unseen].max())
    if share_p_value(0, reference.size, rows, current.size) * tests > _BY_CHANCE:
        return
    share = rows / current.size
    most = current.values[int(unseen[current.counts[unseen].argmax()])].as_py()
    which = quoted(most) if rows >= SMALLEST_GROUP else "one category"
    reason = f"{fine_percent(share)} of values are {which}, which reference does not have"
    if len(unseen) > 1:
        reason += f", and {count(len(unseen) - 1, 'more such category', 'more such categories')}"
    if spelling := spelled_otherwise(current.values.take(as_arrow(unseen)), reference.values):
        reason += f"; {spelling}"
    yield Finding("unseen_categories", name, share, reason, "{}")
