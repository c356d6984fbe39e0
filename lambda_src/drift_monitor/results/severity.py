"""The severity of a column, warn or critical, and the order of columns by it."""

import math
from typing import Protocol

from drift_monitor.config.drift import Severity
from drift_monitor.config.methods import METHODS


class Judged(Protocol):
    """A column with its verdict, in a result or in the history."""

    @property
    def severity(self) -> Severity | None:
        """Return how bad its drift is; None where it has not drifted."""

    @property
    def method(self) -> str | None:
        """Return its drift method."""

    @property
    def score(self) -> float | None:
        """Return its score; None where it was not scored."""

    @property
    def threshold(self) -> float | None:
        """Return where drift begins."""


def severity_of(
    method: str, score: float, threshold: float, critical: float | None
) -> Severity | None:
    """Return the severity of a score by its two thresholds; None where it is no drift."""
    if not METHODS[method].has_drifted(score, threshold):
        return None
    if critical is not None and METHODS[method].has_drifted(score, critical):
        return "critical"
    return "warn"


def excess(column: Judged) -> float:
    """Return how far out a score is: 1 at its threshold, more beyond it; 0 where there is no score.

    A distance counts by its share of the threshold, a p-value the other way round.
    """
    if column.score is None or column.threshold is None or column.method is None:
        return 0.0
    far, near = column.score, column.threshold
    if METHODS[column.method].is_p_value:
        far, near = near, far
    return ratio(far, near)


def ratio(far: float, near: float) -> float:
    """Return `far` over `near`; where `near` is 0: 1 if both are, infinity if not."""
    if near:
        return far / near
    return math.inf if far else 1.0


def worst_first(name: str, column: Judged) -> tuple[int, float, str]:
    """Return a key that sorts critical columns first, then warn, then the rest, by excess, name."""
    rank = {"critical": 0, "warn": 1, None: 2}[column.severity]
    return rank, -excess(column), name


def score_against(score: float, threshold: float) -> str:
    """Return a score and its threshold, such as `0.31 ≥ 0.1`."""
    sign = "<" if score < threshold else "≥"
    return f"{score:.3g} {sign} {threshold:g}"
