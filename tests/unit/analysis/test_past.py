"""The history judge: a column held against what earlier runs found in it."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.analysis.drift.past import FEWEST_RUNS, PastRun, Unusual, unusual

START = datetime(2021, 1, 4, 9, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
ROWS = 1_000


def measures(values: np.ndarray) -> dict[str, float]:
    present = values[np.isfinite(values)]
    found = {"null_share": 1 - len(present) / len(values), "mean": float(present.mean())}
    std = float(present.std())
    found["log_std"] = math.log(std) if std else -math.inf
    quantiles = np.quantile(present, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist()
    return found | dict(zip(("q05", "q25", "q50", "q75", "q95"), quantiles, strict=True))


def seasonal(weeks: int, seed: int, rows: int = ROWS) -> list[np.ndarray]:
    """Return weeks of a quantity with a season as large as its spread, and good and bad weeks."""
    rng = np.random.default_rng(seed)
    level = 0.0
    found = []
    for week in range(weeks):
        level = 0.6 * level + 0.1 * rng.normal()
        season = np.sin(2 * np.pi * week / 52.18)
        found.append(season + level + rng.normal(size=rows))
    return found


def judged(past: Sequence[np.ndarray], now: np.ndarray, every: timedelta = WEEK) -> Unusual | None:
    runs = [
        PastRun(START + every * place, {n: v for n, v in measures(each).items() if v > -math.inf})
        for place, each in enumerate(past)
    ]
    return unusual(measures(now), len(now), START + every * len(past), runs)


def test_too_few_runs_say_nothing() -> None:
    weeks = seasonal(FEWEST_RUNS, 1)
    assert judged(weeks[: FEWEST_RUNS - 1], weeks[-1]) is None
    assert judged(weeks[:FEWEST_RUNS], weeks[-1]) is not None


def test_a_season_is_no_drift_though_every_week_is_far_from_a_pinned_reference() -> None:
    flagged = [
        found.times >= 1
        for seed in range(10)
        for weeks in [seasonal(120, seed)]
        for now in range(FEWEST_RUNS, 120, 5)
        if (found := judged(weeks[:now], weeks[now])) is not None
    ]
    assert np.mean(flagged) < 0.05


def _nulls(now: np.ndarray) -> np.ndarray:
    return np.where(np.arange(len(now)) % 10 < 3, np.nan, now)


def _sentinels(now: np.ndarray) -> np.ndarray:
    return np.where(np.arange(len(now)) % 100 == 0, -9999.0, now)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_nulls, "nulls 30%, usually 0% to 5%"),
        (_sentinels, "mean -100, usually -"),
        (lambda now: np.full_like(now, 0.5), "standard deviation 0, usually"),
        (lambda now: now * 1000, "usually"),
        (lambda now: now * 1.8, "standard deviation 1.7"),
        (lambda now: now + 2.0, "usually"),
    ],
)
def test_what_breaks_in_a_week_is_found_amid_a_season(
    change: Callable[[np.ndarray], np.ndarray], said: str
) -> None:
    found = []
    for seed in range(20):
        weeks = seasonal(53, seed)
        result = judged(weeks[:52], change(weeks[52]))
        assert result is not None
        found.append(result.times >= 1)
    assert np.mean(found) >= 0.95
    assert said in result.words
    assert result.words.endswith("(52 runs)")


def test_a_shift_that_stays_is_the_new_usual_after_half_of_the_recent_runs() -> None:
    weeks = seasonal(62, 3)
    weeks[52:] = [each + 4 for each in weeks[52:]]
    flagged = []
    for now in range(50, 62):
        result = judged(weeks[:now], weeks[now])
        assert result is not None
        flagged.append(result.times >= 1)
    assert flagged[:6] == [False] * 2 + [True] * 4
    assert flagged[7:] == [False] * 5


def test_weekends_of_a_daily_run_are_like_weekends() -> None:
    rng = np.random.default_rng(5)
    days = [rng.normal(5 if day % 7 > 4 else 0, 1, ROWS) for day in range(60)]
    saturday = next(day for day in range(40, 60) if day % 7 == 5)
    as_ever = judged(days[:saturday], days[saturday], timedelta(days=1))
    like_a_weekday = judged(days[:saturday], days[0], timedelta(days=1))
    assert as_ever is not None
    assert like_a_weekday is not None
    assert as_ever.times < 1 < like_a_weekday.times


def test_hours_of_an_hourly_run_are_like_the_same_hours_of_other_days() -> None:
    rng = np.random.default_rng(10)
    hours = [rng.normal(5 * np.sin(2 * np.pi * hour / 24), 1, ROWS) for hour in range(24 * 9)]
    for now in range(24 * 8, 24 * 9, 5):
        as_ever = judged(hours[:now], hours[now], timedelta(hours=1))
        shifted = judged(hours[:now], hours[now] + 1.5, timedelta(hours=1))
        assert as_ever is not None
        assert shifted is not None
        assert as_ever.times < 1 < shifted.times


def test_a_day_that_comes_once_a_year_is_like_that_of_the_year_before() -> None:
    weeks = seasonal(105, 6, 200)
    weeks[51] = weeks[51] + 6
    christmas = judged(weeks[:103], weeks[103] + 6)
    other = judged(weeks[:90], weeks[90] + 6)
    assert christmas is not None
    assert other is not None
    assert christmas.times < 1 < other.times


def test_few_rows_are_unusual_only_beyond_chance() -> None:
    rng = np.random.default_rng(7)
    past = [rng.normal(size=ROWS) for _ in range(20)]
    flagged = [judged(past, rng.normal(size=50)) for _ in range(100)]
    assert sum(each is not None and each.times >= 1 for each in flagged) <= 2


def test_a_column_that_always_was_one_number_has_no_usual_spread() -> None:
    past = [np.full(ROWS, 7.0)] * 20
    still = judged(past, np.full(ROWS, 7.0))
    assert still is not None
    assert still.times == 0


@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 20))
def test_the_unit_of_a_column_does_not_matter(scale: float, shift: float, seed: int) -> None:
    weeks = seasonal(20, seed, 60)
    plain = judged(weeks[:19], weeks[19])
    other = judged([(each + shift) * scale for each in weeks[:19]], (weeks[19] + shift) * scale)
    assert plain is not None
    assert other is not None
    assert other.times == pytest.approx(plain.times, rel=1e-5, abs=1e-6)
