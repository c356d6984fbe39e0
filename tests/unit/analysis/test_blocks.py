"""What an outline tells of sorted numbers is what the numbers themselves tell."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from support.builders import side_of

from drift_monitor.analysis.columns.blocks import BLOCK, SortedBlocks
from drift_monitor.analysis.columns.values import Numbers
from drift_monitor.analysis.drift.earth_mover import earth_movers_distance
from drift_monitor.config.methods import Kind

Floats = npt.NDArray[np.float64]
Sample = Callable[[np.random.Generator, int], Floats]

SIZES = st.sampled_from([1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 20 * BLOCK + 7])
SAMPLES: dict[str, Sample] = {
    "normal": lambda random, size: random.normal(size=size),
    "heavy tails": lambda random, size: random.standard_cauchy(size=size),
    "tied": lambda random, size: np.round(random.normal(size=size), 1),
    "few": lambda random, size: random.choice([0.0, 1.0, 5.0], size=size),
    "constant": lambda random, size: np.full(size, random.integers(-3, 3), float),
    "far from zero": lambda random, size: random.normal(1e9, size=size),
}


def _numbers(values: Floats) -> Numbers:
    side = side_of(values, Kind.NUMERIC)
    assert isinstance(side, Numbers)
    return side


class OnlyParts:
    """Sorted numbers of which nobody may ask for more than a share at once."""

    def __init__(self, values: Floats, share: float) -> None:
        self._values, self._most = values, int(share * len(values))
        self.read = 0

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, wanted: slice | npt.NDArray[np.int64]) -> Floats:
        found = self._values[wanted]
        self.read += found.size
        assert self.read <= self._most
        return found


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=20, deadline=None)
@given(size=SIZES, seed=st.integers(0, 99))
def test_mean_and_deviation_are_numpys(name: str, size: int, seed: int) -> None:
    values = SAMPLES[name](np.random.default_rng(seed), size)
    side = _numbers(values)
    assert side.mean == pytest.approx(values.mean(), rel=1e-12, abs=1e-12)
    assert side.std == pytest.approx(values.std(), rel=1e-9, abs=1e-12)


@pytest.mark.filterwarnings("error")
def test_a_deviation_beyond_a_floats_reach_is_infinite_without_a_warning() -> None:
    assert _numbers(np.array([-1.0e200, 0.0, 1.0e200])).std == np.inf


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=20, deadline=None)
@given(size=SIZES, seed=st.integers(0, 99))
def test_ranks_are_numpys(name: str, side: Literal["left", "right"], size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = np.sort(SAMPLES[name](random, size))
    wanted = np.concatenate([random.choice(values, 20), [values[0] - 1, values[-1] + 1, 0.05]])
    found = _numbers(values).rank(wanted, side)
    assert found.tolist() == np.searchsorted(values, wanted, side).tolist()


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=40, deadline=None)
@given(
    sizes=st.tuples(SIZES, SIZES),
    shift=st.sampled_from([0.0, 0.01, 0.5, -20.0]),
    seed=st.integers(0, 99),
)
def test_the_earth_movers_distance_is_scipys_however_far_the_samples(
    name: str, sizes: tuple[int, int], shift: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    first, second = (SAMPLES[name](random, size) for size in sizes)
    second = second + shift
    expected = stats.wasserstein_distance(first, second)
    found = earth_movers_distance(_numbers(first), _numbers(second))
    # As scipy adds up in another order, digits beyond the sixteenth of a value may differ.
    rounding = 1e-14 * max(np.abs(first).max(), np.abs(second).max())
    assert found == pytest.approx(expected, rel=1e-10, abs=rounding)


def test_of_a_reference_that_lies_apart_little_is_read() -> None:
    random = np.random.default_rng(0)
    reference, current = random.normal(size=200_000), random.normal(0.2, size=170_000)
    whole = _numbers(reference)
    parts = OnlyParts(whole.sorted, share=0.05)
    outlined = Numbers(parts, SortedBlocks.of(whole.sorted), whole.nulls, whole.is_integer)
    expected = stats.wasserstein_distance(reference, current)
    assert earth_movers_distance(outlined, _numbers(current)) == pytest.approx(expected, rel=1e-9)
    assert parts.read > 0
