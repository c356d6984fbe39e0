"""Corrections of p-values' thresholds: many columns are many chances of a false alarm.

A column's score stays what it is; its threshold moves. So the page, which compares the two, agrees.
"""

import math
from collections.abc import Sequence

from drift_monitor.config.drift import Correction


def corrected(
    p_values: Sequence[float], thresholds: Sequence[float], correction: Correction
) -> list[float]:
    """Return the threshold of each p-value, corrected for how many there are.

    Bonferroni (1936) divides each by their number m: the chance of any false alarm stays below
    the threshold. Benjamini and Hochberg (1995) multiply each by k/m, where k is the largest
    number of p-values at most k/m of their thresholds: the expected share of false ones among
    the alarms stays below it.

    Args:
        p_values: one per column.
        thresholds: the columns' own; where they differ, a p-value counts by its share of its own.
        correction: which of them, or none.
    """
    if correction == "none" or not p_values:
        return list(thresholds)
    number = len(p_values)
    alarms = 1
    if correction == "benjamini_hochberg":
        shares = sorted(
            _share(p, threshold) for p, threshold in zip(p_values, thresholds, strict=True)
        )
        within = [k for k, share in enumerate(shares, start=1) if share <= k / number]
        alarms = max(within, default=1)
    return [threshold * (alarms / number) for threshold in thresholds]


def _share(p_value: float, threshold: float) -> float:
    if threshold:
        return p_value / threshold
    return math.inf if p_value else 0.0
