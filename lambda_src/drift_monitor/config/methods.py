"""The facts of each drift method: Evidently 0.7.23's for numbers and categories, and our own.

Written down here, so that a monitor's file can be checked without importing Evidently (which takes
seconds). A test compares Evidently's with its own registry. What computes a method is in
analysis/drift/score.py.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kind of values that a column is read as."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    TIMESTAMP = "timestamp"
    OTHER = "other"


class MethodName(StrEnum):
    """The name of a drift method: Evidently's own, or one of ours that Evidently does not have."""

    ANDERSON = "anderson"
    CHISQUARE = "chisquare"
    CHISQUARE_HOMOGENEITY = "chisquare_homogeneity"
    CRAMER_VON_MISES = "cramer_von_mises"
    ED = "ed"
    EMPIRICAL_MMD = "empirical_mmd"
    ES = "es"
    FISHER_EXACT = "fisher_exact"
    G_TEST = "g_test"
    HELLINGER = "hellinger"
    HISTORY = "history"
    JENSENSHANNON = "jensenshannon"
    KL_DIV = "kl_div"
    KS = "ks"
    MANNW = "mannw"
    PSI = "psi"
    ROBUST_WASSERSTEIN = "robust_wasserstein"
    SHARE_CHANGE = "share_change"
    T_TEST = "t_test"
    TVD = "TVD"
    WASSERSTEIN = "wasserstein"
    Z = "z"


@dataclass(frozen=True)
class Method:
    """A drift method.

    Attributes:
        title: what it is called on Evidently's page.
        kinds: the kinds of column it scores.
        threshold: the default.
        is_p_value: the score is a p-value, and low means drift; otherwise it is a distance.
        drifts_at: whether a score that equals the threshold means drift.
    """

    title: str
    kinds: frozenset[Kind]
    threshold: float
    is_p_value: bool
    drifts_at: bool

    def has_drifted(self, score: float, threshold: float) -> bool:
        """Return whether a score means drift."""
        if score == threshold:
            return self.drifts_at
        return (score < threshold) is self.is_p_value


def _p_value(
    title: str, kinds: frozenset[Kind], threshold: float, *, drifts_at: bool = False
) -> Method:
    return Method(title, kinds, threshold, is_p_value=True, drifts_at=drifts_at)


def _distance(
    title: str, kinds: frozenset[Kind], *, threshold: float = 0.1, drifts_at: bool = True
) -> Method:
    return Method(title, kinds, threshold, is_p_value=False, drifts_at=drifts_at)


_NUMERIC = frozenset({Kind.NUMERIC})
_CATEGORICAL = frozenset({Kind.CATEGORICAL})
_BOTH = _NUMERIC | _CATEGORICAL

METHODS: dict[str, Method] = {
    MethodName.ANDERSON: _p_value("Anderson-Darling", _NUMERIC, 0.1),
    MethodName.CHISQUARE: _p_value("chi-square p_value", _CATEGORICAL, 0.05),
    MethodName.CHISQUARE_HOMOGENEITY: _p_value(
        "Chi-square test of homogeneity", _CATEGORICAL, 0.05
    ),
    MethodName.CRAMER_VON_MISES: _p_value("Cramer-von Mises", _NUMERIC, 0.1, drifts_at=True),
    MethodName.ED: _distance("Energy-distance", _NUMERIC, drifts_at=False),
    MethodName.EMPIRICAL_MMD: _p_value("empirical_mmd", _NUMERIC, 0.1),
    MethodName.ES: _p_value("Epps-Singleton", _NUMERIC, 0.05),
    MethodName.FISHER_EXACT: _p_value("Fisher's Exact test", _CATEGORICAL, 0.1),
    MethodName.G_TEST: _p_value("g_test", _CATEGORICAL, 0.1),
    MethodName.HELLINGER: _distance("Hellinger distance", _BOTH),
    MethodName.HISTORY: _distance("Distance from earlier runs", _BOTH, threshold=1.0),
    MethodName.JENSENSHANNON: _distance("Jensen-Shannon distance", _BOTH),
    MethodName.KL_DIV: _distance("Kullback-Leibler divergence", _BOTH),
    MethodName.KS: _p_value("K-S p_value", _NUMERIC, 0.05, drifts_at=True),
    MethodName.MANNW: _p_value("Mann-Whitney U-rank test", _NUMERIC, 0.05),
    MethodName.PSI: _distance("PSI", _BOTH),
    MethodName.ROBUST_WASSERSTEIN: _distance("Robust Wasserstein distance", _NUMERIC),
    MethodName.SHARE_CHANGE: _distance("Change of a share", _BOTH, threshold=0.05),
    MethodName.T_TEST: _p_value("t_test", _NUMERIC, 0.05),
    MethodName.TVD: _p_value("Total-Variation-Distance", _CATEGORICAL, 0.1),
    MethodName.WASSERSTEIN: _distance("Wasserstein distance (normed)", _NUMERIC),
    MethodName.Z: _p_value("Z-test p_value", _CATEGORICAL, 0.05),
}

OF_THE_JUDGE = frozenset(
    {MethodName.ROBUST_WASSERSTEIN, MethodName.SHARE_CHANGE, MethodName.HISTORY}
)
"""The judges' own methods, which a monitor's file does not name: docs/verdicts.md."""
