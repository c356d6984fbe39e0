"""False alarms and power of the default verdicts, in seeded tables of many sizes and kinds.

benchmarks/verdicts.py measures the same with more trials, beside other tools.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from support.builders import InMemory, a_monitor, result_of

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.results.drift import Status

Draw = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]

NUMBERS: dict[str, Draw] = {
    "normal": lambda random, rows: random.normal(size=rows),
    "lognormal": lambda random, rows: random.lognormal(0, 3, rows),
    "heavy tails": lambda random, rows: random.standard_t(2, rows),
    "one decimal": lambda random, rows: np.round(random.normal(size=rows), 1),
    "90 % zeros": lambda random, rows: np.where(random.random(rows) < 0.9, 0, random.random(rows)),
    "0.1 % sentinels": lambda random, rows: np.where(
        random.random(rows) < 0.001, -9999, random.normal(size=rows)
    ),
    "5 % sentinels": lambda random, rows: np.where(
        random.random(rows) < 0.05, -9999, random.normal(size=rows)
    ),
    "digits": lambda random, rows: random.integers(0, 10, rows).astype(float),
    "counts": lambda random, rows: random.poisson(0.5, rows).astype(float),
    "tiny": lambda random, rows: random.normal(1, 1e-6, size=rows),
}
SIZES = [(100, 100), (1000, 200), (1001, 200), (5000, 100), (5000, 500), (20_000, 150)]
CATEGORIES = [
    *(
        (number, sizes)
        for number in (2, 50)
        for sizes in ((1000, 1000), (1001, 1001), (1000, 5000))
    ),
    (500, (5000, 5000)),
    (3000, (5000, 5000)),
    (50, (20_000, 150)),
]
TRIALS = 60
"""Tables of one column per cell."""


def _flagged(reference: object, current: object) -> bool:
    tables = [InMemory({"x": pa.array(side)}) for side in (reference, current)]
    (column,) = compare(*tables, a_monitor()).columns
    return column.status is Status.DRIFTED


def _categories(random: np.random.Generator, number: int, rows: int) -> pa.Array:
    shares = 1 / np.arange(1, number + 1) if number == 500 else np.ones(number)
    codes = random.choice(number, size=rows, p=shares / shares.sum())
    return pa.DictionaryArray.from_arrays(codes, [f"w{code}" for code in range(number)])


def test_where_nothing_moved_hardly_a_column_is_said_to_have() -> None:
    """A column's rate is 1 of 1,000: of so many, seven and more are less likely than 1 of 500."""
    alarms = [
        (name, sizes)
        for seed in range(TRIALS)
        for name, draw in NUMBERS.items()
        for sizes in SIZES
        for random in [np.random.default_rng([seed, len(name), *sizes])]
        if _flagged(*(draw(random, rows) for rows in sizes))
    ]
    alarms += [
        (str(number), sizes)
        for seed in range(TRIALS)
        for number, sizes in CATEGORIES
        for random in [np.random.default_rng([seed, number, *sizes])]
        if _flagged(*(_categories(random, number, rows) for rows in sizes))
    ]
    trials = TRIALS * (len(NUMBERS) * len(SIZES) + len(CATEGORIES))
    assert trials > 4_000
    assert len(alarms) <= 11, alarms
    assert all(alarms.count(cell) <= 2 for cell in alarms), alarms


@pytest.mark.parametrize("columns", [5, 20, 100])
def test_where_nothing_moved_hardly_a_table_is_said_to_have(columns: int) -> None:
    runs = 2000 // columns
    random = np.random.default_rng(columns)
    draws = list(NUMBERS.values())
    drifted = 0
    for _ in range(runs):
        tables = [
            InMemory({f"c{n}": draws[n % len(draws)](random, rows) for n in range(columns)})
            for rows in (2000, 150)
        ]
        monitor = a_monitor()
        drifted += result_of(monitor, compare(*tables, monitor).columns).status == "drifted"
    # At 1 of 100, more are less likely than 1 of 200.
    assert drifted <= {400: 9, 100: 4, 20: 2}[runs]


Move = Callable[[np.random.Generator, npt.NDArray[np.float64]], npt.NDArray[np.float64]]
MOVES: dict[str, tuple[tuple[int, int], Move]] = {
    "0.5 standard deviations": ((1000, 1000), lambda _, values: values + 0.5),
    "0.5 of few rows": ((5000, 200), lambda _, values: values + 0.5),
    "1 of very few rows": ((5000, 60), lambda _, values: values + 1),
    "another unit": ((1000, 200), lambda _, values: (values + 3) * 1.8 - 3),
    "half as wide again": ((5000, 1000), lambda _, values: values * 1.5),
    "of tiny numbers": ((1000, 200), lambda _, values: values + 3),
}


@pytest.mark.parametrize("name", MOVES)
def test_what_moved_is_found(name: str) -> None:
    (before, now), move = MOVES[name]
    unit = 1e-6 if name == "of tiny numbers" else 1.0
    found = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        reference, current = random.normal(size=before), move(random, random.normal(size=now))
        found += _flagged(reference * unit, current * unit)
    assert found >= 38


@pytest.mark.parametrize(
    ("before", "now", "rows", "least"),
    [(0.3, 0.4, 1000, 32), (0.3, 0.4, 50_000, 40), (0.01, 0.05, 1000, 38), (0.0, 0.01, 10_000, 37)],
)
def test_a_share_that_moved_is_found(before: float, now: float, rows: int, least: int) -> None:
    random = np.random.default_rng(0)
    found = sum(
        _flagged(random.random(rows) < before, random.random(rows) < now) for _ in range(40)
    )
    assert found >= least
