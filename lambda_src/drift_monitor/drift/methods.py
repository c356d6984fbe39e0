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
    """

    title: str
    kinds: frozenset[Kind]
    threshold: float
    is_p_value: bool


_NUMERIC = frozenset({Kind.NUMERIC})
_CATEGORICAL = frozenset({Kind.CATEGORICAL})
_BOTH = _NUMERIC | _CATEGORICAL

METHODS: dict[str, Method] = {
    "anderson": Method("Anderson-Darling", _NUMERIC, 0.1, is_p_value=True),
    "chisquare": Method("chi-square p_value", _CATEGORICAL, 0.05, is_p_value=True),
    "cramer_von_mises": Method("Cramer-von Mises", _NUMERIC, 0.1, is_p_value=True),
    "ed": Method("Energy-distance", _NUMERIC, 0.1, is_p_value=False),
    "empirical_mmd": Method("empirical_mmd", _NUMERIC, 0.1, is_p_value=True),
    "es": Method("Epps-Singleton", _NUMERIC, 0.05, is_p_value=True),
    "fisher_exact": Method("Fisher's Exact test", _CATEGORICAL, 0.1, is_p_value=True),
    "g_test": Method("g_test", _CATEGORICAL, 0.1, is_p_value=True),
    "hellinger": Method("Hellinger distance", _BOTH, 0.1, is_p_value=False),
    "jensenshannon": Method("Jensen-Shannon distance", _BOTH, 0.1, is_p_value=False),
    "kl_div": Method("Kullback-Leibler divergence", _BOTH, 0.1, is_p_value=False),
    "ks": Method("K-S p_value", _NUMERIC, 0.05, is_p_value=True),
    "mannw": Method("Mann-Whitney U-rank test", _NUMERIC, 0.05, is_p_value=True),
    "psi": Method("PSI", _BOTH, 0.1, is_p_value=False),
    "t_test": Method("t_test", _NUMERIC, 0.05, is_p_value=True),
    "TVD": Method("Total-Variation-Distance", _CATEGORICAL, 0.1, is_p_value=True),
    "wasserstein": Method("Wasserstein distance (normed)", _NUMERIC, 0.1, is_p_value=False),
    "z": Method("Z-test p_value", _CATEGORICAL, 0.05, is_p_value=True),
}
