"""The drift methods that Evidently 0.7.23 offers for numeric and categorical columns.

A plain table, so that a monitor's file can be checked without importing Evidently (which takes
seconds). A test compares it with Evidently's own registry.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a column is read."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    TIMESTAMP = "timestamp"
    OTHER = "other"


@dataclass(frozen=True)
class Method:
    """A drift method.

    Attributes:
        title: what Evidently calls it on its page.
        kinds: the kinds of column it scores.
        threshold: Evidently's default.
        is_p_value: the score is a p-value, and low means drift; otherwise it is a distance.
        drifts_at: whether a score that equals the threshold means drift.
    """

    title: str
    kinds: frozenset[Kind]
    threshold: float
    is_p_value: bool
    drifts_at: bool

    def has_drifted(self, score: float, threshold: float) -> bool:
        """Tell whether a score means drift."""
        if score == threshold:
            return self.drifts_at
        return (score < threshold) is self.is_p_value


def _p_value(
    title: str, kinds: frozenset[Kind], threshold: float, *, drifts_at: bool = False
) -> Method:
    return Method(title, kinds, threshold, is_p_value=True, drifts_at=drifts_at)


def _distance(title: str, kinds: frozenset[Kind], *, drifts_at: bool = True) -> Method:
    return Method(title, kinds, 0.1, is_p_value=False, drifts_at=drifts_at)


_NUMERIC = frozenset({Kind.NUMERIC})
_CATEGORICAL = frozenset({Kind.CATEGORICAL})
_BOTH = _NUMERIC | _CATEGORICAL

METHODS: dict[str, Method] = {
    "anderson": _p_value("Anderson-Darling", _NUMERIC, 0.1),
    "chisquare": _p_value("chi-square p_value", _CATEGORICAL, 0.05),
    "cramer_von_mises": _p_value("Cramer-von Mises", _NUMERIC, 0.1, drifts_at=True),
    "ed": _distance("Energy-distance", _NUMERIC, drifts_at=False),
    "empirical_mmd": _p_value("empirical_mmd", _NUMERIC, 0.1),
    "es": _p_value("Epps-Singleton", _NUMERIC, 0.05),
    "fisher_exact": _p_value("Fisher's Exact test", _CATEGORICAL, 0.1),
    "g_test": _p_value("g_test", _CATEGORICAL, 0.1),
    "hellinger": _distance("Hellinger distance", _BOTH),
    "jensenshannon": _distance("Jensen-Shannon distance", _BOTH),
    "kl_div": _distance("Kullback-Leibler divergence", _BOTH),
    "ks": _p_value("K-S p_value", _NUMERIC, 0.05, drifts_at=True),
    "mannw": _p_value("Mann-Whitney U-rank test", _NUMERIC, 0.05),
    "psi": _distance("PSI", _BOTH),
    "t_test": _p_value("t_test", _NUMERIC, 0.05),
    "TVD": _p_value("Total-Variation-Distance", _CATEGORICAL, 0.1),
    "wasserstein": _distance("Wasserstein distance (normed)", _NUMERIC),
    "z": _p_value("Z-test p_value", _CATEGORICAL, 0.05),
}
