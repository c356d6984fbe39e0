"""What is kept of a part of a column's categories: the drift methods need no more of them."""

from dataclasses import dataclass

import numpy as np

from drift_monitor.drift.outline import Integers
from drift_monitor.drift.profile import FREQUENT_VALUES, SMALLEST_GROUP
from drift_monitor.results import CategoryChange, ColumnProfile, FrequentValue
from drift_monitor.spark.bands import Pairs, pairs_of
from drift_monitor.spark.tally import Tally

Frequent = list[tuple[str, int]]
"""Categories and how often they occur, the most frequent first."""


@dataclass(frozen=True)
class Change:
    """Categories that only one side has.

    Attributes:
        categories: how many.
        rows: how often they occur.
        frequent: the most frequent of them.
    """

    categories: int
    rows: int
    frequent: Frequent


@dataclass(frozen=True)
class TextSide:
    """One side's categories.

    Attributes:
        size: how many values.
        distinct: how many categories.
        frequent: the most frequent of them.
        only_here: those that the other side does not have.
    """

    size: int
    distinct: int
    frequent: Frequent
    only_here: Change


@dataclass(frozen=True)
class Texts:
    """Some categories of a column, or all of them.

    Attributes:
        sides: reference and current.
        pairs: how many categories there are, by how often they occur on each side.
        smallest: the first category, and how often it occurs on each side.
    """

    sides: tuple[TextSide, TextSide]
    pairs: Pairs
    smallest: tuple[str, int, int]

    @property
    def distinct(self) -> int:
        """How many categories there are."""
        return sum(often for _, _, often in self.pairs)

    @classmethod
    def of(cls, tally: Tally) -> "Texts":
        """Describe a tally that has a value."""
        sides = tuple(_side(tally, counts) for counts in (tally.counts, tally.counts[::-1]))
        first = tally.distinct[0].as_py(), int(tally.reference[0]), int(tally.current[0])
        return cls((sides[0], sides[1]), pairs_of(tally), first)


def together(parts: list[Texts], *, are_codes: bool) -> Texts:
    """Put the parts of a column's categories together."""
    pairs: dict[tuple[int, int], int] = {}
    for part in parts:
        for before, after, often in part.pairs:
            pairs[before, after] = pairs.get((before, after), 0) + often
    sides = tuple(_joined([part.sides[number] for part in parts], are_codes) for number in (0, 1))
    return Texts(
        (sides[0], sides[1]),
        [(*pair, often) for pair, often in sorted(pairs.items())],
        min(
            (part.smallest for part in parts),
            key=lambda each: _place(each[0], are_codes),
            default=("", 0, 0),
        ),
    )


def profile_of(side: TextSide, rows: int) -> ColumnProfile:
    """Return what a result says of a side of so many rows."""
    return ColumnProfile(
        values=side.size,
        nulls=rows - side.size,
        distinct=side.distinct,
        frequent=[
            FrequentValue(value=text, share=count / side.size) for text, count in side.frequent
        ],
    )


def category_change(side: TextSide) -> CategoryChange:
    """Return what a result says of the categories that only this side has."""
    only = side.only_here
    return CategoryChange(
        categories=only.categories,
        share=only.rows / side.size if side.size else 0.0,
        examples=[text for text, _ in only.frequent],
    )


def _side(tally: Tally, counts: tuple[Integers, Integers]) -> TextSide:
    """Describe the side whose counts come first."""
    own, other = counts
    only = np.where(other == 0, own, 0)
    return TextSide(
        int(own.sum()),
        int((own > 0).sum()),
        _frequent(tally, own),
        Change(int((only > 0).sum()), int(only.sum()), _frequent(tally, only)),
    )


def _frequent(tally: Tally, counts: Integers) -> Frequent:
    """List the most frequent categories; of equals the first."""
    order = (-counts).argsort(kind="stable")[:FREQUENT_VALUES]
    return [
        (tally.distinct[int(place)].as_py(), int(counts[place]))
        for place in order
        if counts[place] >= SMALLEST_GROUP
    ]


def _joined(sides: list[TextSide], are_codes: bool) -> TextSide:  # noqa: FBT001 - as in its caller
    def most(lists: list[Frequent]) -> Frequent:
        every = [found for each in lists for found in each]
        return sorted(every, key=lambda found: (-found[1], _place(found[0], are_codes)))[
            :FREQUENT_VALUES
        ]

    only = [side.only_here for side in sides]
    return TextSide(
        sum(side.size for side in sides),
        sum(side.distinct for side in sides),
        most([side.frequent for side in sides]),
        Change(
            sum(change.categories for change in only),
            sum(change.rows for change in only),
            most([change.frequent for change in only]),
        ),
    )


def _place(text: str, are_codes: bool) -> tuple[float, str]:  # noqa: FBT001 - as in its caller
    """Return what categories are in order by: codes by their numbers."""
    return (float(text) if are_codes else 0.0), text
