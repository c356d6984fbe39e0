"""Thresholds of many p-values, against statsmodels; the verdict follows them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from support.builders import InMemory, a_monitor

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.analysis.drift.correction import corrected
from drift_monitor.config.methods import METHODS
from drift_monitor.results.drift import ColumnDrift, Status

STATSMODELS = {"bonferroni": "bonferroni", "benjamini_hochberg": "fdr_bh"}
P_VALUES = st.lists(st.integers(0, 997).map(lambda n: n**2 / 997**2), min_size=1, max_size=30)


@pytest.mark.parametrize("correction", STATSMODELS)
@settings(max_examples=100, deadline=None)
@given(p_values=P_VALUES, threshold=st.sampled_from([0.01, 0.05, 0.1, 0.5]))
def test_what_is_rejected_is_what_statsmodels_rejects(
    correction: str, p_values: list[float], threshold: float
) -> None:
    thresholds = corrected(p_values, [threshold] * len(p_values), correction)
    rejected, _, _, _ = multipletests(p_values, threshold, STATSMODELS[correction])
    ours = [p <= bound for p, bound in zip(p_values, thresholds, strict=True)]
    assert ours == rejected.tolist()


@pytest.mark.parametrize("correction", STATSMODELS)
@settings(max_examples=100, deadline=None)
@given(data=st.data(), p_values=P_VALUES)
def test_where_thresholds_differ_each_p_value_counts_by_its_share_of_its_own(
    correction: str, data: st.DataObject, p_values: list[float]
) -> None:
    own = [data.draw(st.sampled_from([0.25, 0.5, 1.0])) for _ in p_values]
    thresholds = corrected(p_values, own, correction)
    # Scaled by powers of two, hence exactly, to one threshold for all: a quarter.
    scaled = [p * 0.25 / threshold for p, threshold in zip(p_values, own, strict=True)]
    rejected, _, _, _ = multipletests(scaled, 0.25, STATSMODELS[correction])
    ours = [p <= bound for p, bound in zip(p_values, thresholds, strict=True)]
    assert ours == rejected.tolist()


@settings(max_examples=60, deadline=None)
@given(p_values=P_VALUES)
def test_thresholds_only_fall_and_benjamini_hochbergs_least(p_values: list[float]) -> None:
    own = [0.05] * len(p_values)
    least = corrected(p_values, own, "benjamini_hochberg")
    most = corrected(p_values, own, "bonferroni")
    assert corrected(p_values, own, "none") == own
    assert all(low <= high <= 0.05 for low, high in zip(most, least, strict=True))
    assert most == pytest.approx([0.05 / len(p_values)] * len(p_values))


@pytest.mark.parametrize("correction", STATSMODELS)
def test_a_threshold_of_zero_stays_and_costs_no_other_its_alarm(correction: str) -> None:
    assert corrected([0.0, 0.3], [0.0, 0.5], correction)[0] == 0
    assert corrected([], [], correction) == []


def _columns(correction: str) -> dict[str, ColumnDrift]:
    """Compare ten columns by ks, of which one moved a lot, one a little; and three distances."""
    random = np.random.default_rng(5)
    reference = {f"ks {number}": random.normal(size=400) for number in range(10)}
    current = {name: random.normal(size=400) for name in reference}
    current["ks 3"] = reference["ks 3"] + 0.2
    current["ks 7"] = random.normal(0.9, size=400)
    for number in range(3):
        reference[f"psi {number}"] = random.normal(size=400)
        current[f"psi {number}"] = random.normal(number / 2, size=400)
    reference["text"] = current["text"] = ["a", "b", "c", "d"] * 100
    tables = InMemory(reference), InMemory(current | {"words": ["a"] * 400})
    rules = {"psi *": {"method": "psi"}, "ks 9": {"threshold": 0.2}}
    monitor = a_monitor(drift={"judge": "evidently", "correction": correction, "columns": rules})
    return {column.column: column for column in compare(*tables, monitor).columns}


@pytest.mark.parametrize("correction", STATSMODELS)
def test_only_thresholds_of_p_values_move_and_the_verdict_follows(correction: str) -> None:
    plain, moved = _columns("none"), _columns(correction)
    assert {name: (c.method, c.score) for name, c in plain.items()} == {
        name: (c.method, c.score) for name, c in moved.items()
    }
    tested = [
        name
        for name, column in plain.items()
        if column.method and METHODS[column.method].is_p_value
    ]
    assert len(tested) == 11
    expected = corrected(
        [plain[name].score or 0 for name in tested],
        [plain[name].threshold or 0 for name in tested],
        correction,
    )
    for name, column in moved.items():
        if name in tested:
            assert column.threshold == pytest.approx(expected[tested.index(name)], rel=1e-12)
        else:
            assert column == plain[name]
        if column.method is not None:
            drifted = METHODS[column.method].has_drifted(column.score or 0, column.threshold or 0)
            assert column.status == ("drifted" if drifted else "ok")


def test_a_chance_alarm_falls_and_a_true_one_stays() -> None:
    status = {
        correction: {name: column.status for name, column in _columns(correction).items()}
        for correction in ("none", "bonferroni", "benjamini_hochberg")
    }
    assert {of["ks 7"] for of in status.values()} == {Status.DRIFTED}
    assert {of["psi 2"] for of in status.values()} == {Status.DRIFTED}
    assert status["none"]["ks 3"] == Status.DRIFTED
    assert status["bonferroni"]["ks 3"] == Status.OK


def test_drifted_columns_still_come_first_after_a_correction() -> None:
    states = [column.status is not Status.DRIFTED for column in _columns("bonferroni").values()]
    assert states == sorted(states)
