"""Who reads what, and how columns are cut: decided from the tables, whatever Spark has at hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from drift_monitor.drift.outline import Floats
from drift_monitor.spark.passes import Looked
from drift_monitor.spark.portions import Portion, portions_of
from drift_monitor.spark.tasks import Errand, Wanted
from drift_monitor.tables.table import Table

_LOOKED_AT, _FEWEST = 16, 2
"""One portion in so many is looked at, but no fewer than so many of a table."""
DISK_PER_VALUE = 80
"""Up to 30 bytes, twice: what a wave has left goes while the next one comes. And some room."""
_LARGEST_WAVE = 1 << 38
"""More would be too much for the driver, which keeps a line for each band."""
_SAMPLED = 128
"""Values looked at for each band there will be: bands then differ little in size."""


@dataclass(frozen=True)
class Sizes:
    """How much is handled together; scores do not depend on it, but for their last digits.

    Attributes:
        portion: rows that are read together.
        errand: values that a task reads.
        band: values that are put in order together, and counted.
        wave: values that are on their way, sorted and kept at one time: up to 30 bytes each, on the
            disks of all machines together.
    """

    portion: int = 1 << 20
    errand: int = 1 << 23
    band: int = 1 << 21
    wave: int = 1 << 32


def sizes_for(executors: str | None, disk: str | None) -> Sizes:
    """Return the sizes for a cluster: waves as large as its disks hold.

    Args:
        executors: how many there are at most, as Spark's configuration says it.
        disk: each one's, such as 100g; None where nobody knows.
    """
    if executors is None or disk is None:
        return Sizes()
    room = int(executors) * int(disk.lower().rstrip("gb")) * 10**9
    return replace(Sizes(), wave=min(room // DISK_PER_VALUE, _LARGEST_WAVE))


def cut_into_portions(reference: Table, current: Table, sizes: Sizes) -> list[Portion]:
    """Cut both tables into portions."""
    return [
        portion
        for side, table in enumerate((reference, current))
        for portion in portions_of(table.files, side, sizes.portion)
    ]


def errands(portions: Iterable[Portion], columns: list[int], sizes: Sizes) -> tuple[Errand, ...]:
    """Have some columns of some portions read: a few columns at a time where portions are large."""
    found: list[Errand] = []
    for portion in portions:
        step = max(1, sizes.errand // max(portion.rows, 1))
        found += [
            Errand(portion, tuple(columns[start : start + step]))
            for start in range(0, len(columns), step)
        ]
    return tuple(found)


def looked_at(portions: list[Portion]) -> list[Portion]:
    """Choose the portions to look at: spread over each table, and always the same."""
    chosen: list[Portion] = []
    for side in (0, 1):
        own = [portion for portion in portions if portion.side == side]
        count = min(len(own), max(_FEWEST, ceil(len(own) / _LOOKED_AT)))
        # One of each stretch, at random: a rhythm in the table is not met by a rhythm here.
        stretches = np.array_split(np.arange(len(own)), count) if count else []
        random = np.random.default_rng(0)
        chosen += [own[int(random.choice(stretch))] for stretch in stretches]
    return chosen


@dataclass(frozen=True)
class Cuts:
    """How columns are cut, by their numbers.

    Attributes:
        bands: the bounds between bands of numbers, or how many bands of texts.
        volumes: about how many values there are, each counted once per portion.
        steps: what the values of some are rounded to.
    """

    bands: dict[int, Floats | int]
    volumes: dict[int, int]
    steps: dict[int, float]

    @classmethod
    def none(cls, columns: list[Wanted], rows: int) -> "Cuts":
        """Cut nothing."""
        numbers = range(len(columns))
        return cls(
            {number: 1 if columns[number].is_text else np.array([]) for number in numbers},
            dict.fromkeys(numbers, rows),
            {},
        )

    @classmethod
    def of(
        cls,
        columns: list[Wanted],
        looks: dict[int, Looked],
        share: float,
        sizes: Sizes,
        steps: dict[int, float],
    ) -> "Cuts":
        """Cut columns into bands.

        Args:
            columns: all that are scored.
            looks: what was found in some portions.
            share: how much of the rows these are.
            sizes: how large a band should be.
            steps: what the values of some are rounded to.
        """
        bands: dict[int, Floats | int] = {}
        volumes: dict[int, int] = {}
        for number, wanted in enumerate(columns):
            look = looks.get(number, Looked())
            distinct = look.distinct
            if number in steps and len(look.sample):
                distinct = min(distinct, look.portions * _multiples(look.sample, steps[number]))
            volumes[number] = ceil(distinct / share)
            count = max(1, ceil(volumes[number] / sizes.band))
            bands[number] = count if wanted.is_text else _bounds(look.sample, count)
        return cls(bands, volumes, steps)


def stride_of(share: float, sizes: Sizes) -> int:
    """Return which of a portion's values to sample: every so manieth."""
    return max(1, int(sizes.band * share / _SAMPLED))


def _multiples(sample: Floats, step: float) -> int:
    """Return how many multiples of a step lie between the smallest and the largest value."""
    with np.errstate(over="ignore"):
        return int(min(np.ptp(sample) / step, _LARGEST_WAVE)) + 1


def _bounds(sample: Floats, count: int) -> Floats:
    """Return the values that begin the second and each later band."""
    if count == 1 or not len(sample):
        return np.array([])
    ordered = np.sort(sample)
    bounds: Floats = np.unique(ordered[np.arange(1, count) * len(ordered) // count])
    return bounds


def in_waves(cuts: Cuts, sizes: Sizes) -> Iterator[list[int]]:
    """Put columns together that are handled at one time: at least one, and as many as fit."""
    wave: list[int] = []
    together = 0
    for number, volume in cuts.volumes.items():
        if wave and together + volume > sizes.wave:
            yield wave
            wave, together = [], 0
        wave.append(number)
        together += volume
    if wave:
        yield wave
