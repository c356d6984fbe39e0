"""A sketch: how values are rounded, and that its score is no further off than it says."""

import numpy as np
import pytest
from builders import a_monitor
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import wasserstein_distance

from drift_monitor.drift.columns import as_arrow
from drift_monitor.drift.distances import SMALLEST_STD
from drift_monitor.monitor import Monitor
from drift_monitor.spark.sketch import MANY, error_of, rounded, spread_of, step_for
from drift_monitor.spark.tally import Tally

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
NUMBERS = st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=2, max_size=60)
TAILS = st.lists(st.sampled_from([0.0, 1e-3, 1.0, 1.1, 1.2, 7.0, 1e8]), min_size=2, max_size=60)


def tally(values: list[float]) -> Tally:
    distinct, counts = np.unique(np.array(values), return_counts=True)
    return Tally(as_arrow(distinct), counts, np.zeros_like(counts))


def values_of(found: Tally) -> Floats:
    return np.repeat(found.numbers, found.reference)


def score(reference: Floats, current: Floats) -> float:
    return float(wasserstein_distance(reference, current)) / max(reference.std(), SMALLEST_STD)


@given(NUMBERS | TAILS, NUMBERS | TAILS, st.sampled_from([0.1, 0.01, 0.001]))
def test_score_is_no_further_off_than_is_said(
    before: list[float], after: list[float], most: float
) -> None:
    reference = np.array(before)
    step = step_for(most, float(reference.std()))
    assume(step)
    sides = [values_of(rounded(tally(values), step)) for values in (before, after)]
    found = score(*sides)
    exact = score(reference, np.array(after))
    error = error_of(found, float(sides[0].std()), step)
    assert abs(found - exact) <= error * (1 + 1e-9) + 1e-12


@given(st.sampled_from([0.1, 0.001]), st.floats(0.01, 1e12), st.floats(0, 2))
def test_error_is_no_more_than_is_allowed(most: float, spread: float, found: float) -> None:
    assert error_of(found, spread, step_for(most, spread)) <= most * 1.06


@given(NUMBERS, st.integers(-20, 20))
def test_rounding_keeps_the_counts_and_moves_no_value_by_more_than_half_a_step(
    values: list[float], exponent: int
) -> None:
    step = 2.0**exponent
    found = rounded(tally(values), step)
    assert (np.diff(found.numbers) > 0).all()
    assert found.reference.sum() == len(values)
    assert np.abs(values_of(found) - np.sort(values)).max() <= step / 2


def test_values_whose_multiple_is_no_number_stay_as_they_are() -> None:
    assert rounded(tally([-1e308, 0.1, 1e308]), 2.0**-40).numbers.tolist() == pytest.approx(
        [-1e308, 0.1, 1e308], abs=2.0**-41
    )


def test_no_value_is_nothing_to_round() -> None:
    assert len(rounded(tally([]), 1.0)) == 0


@pytest.mark.parametrize("spread", [0.0, 1e-300, np.inf, np.nan])
def test_values_without_a_spread_are_not_rounded(spread: float) -> None:
    assert step_for(0.001, spread) == 0.0


def test_portion_of_few_values_has_no_spread_to_go_by() -> None:
    values = np.arange(MANY, dtype=np.float64)
    once = np.ones(MANY, np.int64)
    assert spread_of(values, once) == 0.0
    more, once = np.append(values, 1e3), np.append(once, 1)
    assert spread_of(more, once) == pytest.approx(more.std())


def test_sketch_is_for_spark() -> None:
    monitor = a_monitor().model_dump() | {"sketch": 0.001}
    with pytest.raises(ValidationError, match="only engine: spark takes a sketch"):
        Monitor.model_validate(monitor)
    assert Monitor.model_validate(monitor | {"engine": "spark"}).sketch == 0.001
